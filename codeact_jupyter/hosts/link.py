"""The kernel's end of the connection to the browser tabs that show its notebook.

``%load_ext`` opens the comm ``codeact-ready``, by which a tab with our extension knows
that this kernel has us; each tab then opens a comm ``codeact`` of its own and says hello
(:mod:`codeact_jupyter.protocol`). A :class:`Channel` carries the messages of one turn to
the tab that asked for it, and to the tab that takes its place when that one was reloaded
or closed: what was not acknowledged is sent again.

A turn speaks on its own thread. Tabs are heard on the one that runs cells, or, where they ask
for it and the kernel knows it (ipykernel 7), on one beside it; so everything here may be
called from any thread, and nothing here waits. Nothing is sent while no tab has said hello.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from codeact_jupyter.hosts.tab import Tab
from codeact_jupyter.shared_names import COMM, READY_COMM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeact_jupyter import protocol

NO_TURN = "No turn that is running in this kernel is meant by that."
FROM_ALL = ("stop", "reject", "approve.rest")  # where a tab shows the notebook of another one
NO_MESSAGE = "That is no message that this version of codeact_jupyter knows."
_log = logging.getLogger("codeact_jupyter")


class Link:
    """All tabs of one kernel.

    Args:
        version: Of this package.
        heard: Called when a tab is heard, on the thread that hears it, and before anything is done.
    """

    def __init__(self, version: str, heard: Callable[[], None] = lambda: None) -> None:
        self._version = version
        self._heard = heard
        self._lock = threading.Lock()
        self._tabs: list[Tab] = []
        self._channels: list[Channel] = []
        self._numbers = itertools.count(1)  # a tab takes one that it knows for a repetition
        self._ready: Any = None

    def open(self) -> None:
        """Tell the tabs that this kernel has our package."""
        import comm

        comm.get_comm_manager().register_target(COMM, self._opened)
        self._ready = comm.create_comm(target_name=READY_COMM, data={"version": self._version})

    def close(self) -> None:
        """Leave no comm behind."""
        import comm

        comm.get_comm_manager().unregister_target(COMM, self._opened)
        with self._lock:
            tabs = [*self._tabs]
            self._tabs.clear()
        for tab in tabs:
            tab.close()
        if self._ready is not None:
            self._ready.close()
            self._ready = None

    def channel(self, client: str, turn: str) -> Channel:
        """A channel for a turn to the tab of ``client``, which may say hello later.

        Args:
            client: The session id of the request that asked for the turn.
            turn: The turn's id.
        """
        channel = Channel(client, turn, self._tab_of(client), self._numbers, self._others)
        self._channels = [each for each in self._channels if not each.finished] + [channel]
        return channel

    def _tab_of(self, client: str) -> Tab | None:
        """The tab of this session; where it said hello on more than one comm, the last one."""
        with self._lock:
            found = [tab for tab in self._tabs if tab.client == client]
        return found[-1] if found else None

    def _others(self, own: Tab | None) -> list[Tab]:
        """All tabs of the notebook that ``own`` shows, but that one."""
        with self._lock:
            tabs = [*self._tabs]
        return [
            tab
            for tab in tabs
            if own is not None
            and tab is not own
            and tab.path == own.path
            and tab.version == self._version
        ]

    def successor(self, channel: Channel) -> None:
        """Give a channel whose tab is silent to another tab of the same notebook, if any.

        The one that came last: those of pages that were reloaded may stand here still.
        """
        for tab in reversed(self._others(channel.tab)):
            if tab.open:
                channel.bind(tab)
                return

    def drop(self, tab: Tab) -> None:
        """Count no more on a tab that does not answer; if it speaks again, it is back."""
        with self._lock:
            tab.open = False
            self._tabs = [each for each in self._tabs if each is not tab]

    # --- what the tabs say

    def _opened(self, comm: Any, message: dict[str, Any]) -> None:
        self._heard()
        hello = self._read(message)
        if hello is None or hello.kind != "hello":
            comm.close()
            return
        tab = Tab(comm, hello)
        self._know(tab)
        comm.on_msg(lambda said: self._said(tab, said))
        comm.on_close(lambda _: self._closed(tab))
        self._welcome(tab)

    def _closed(self, tab: Tab) -> None:
        self._heard()
        self.drop(tab)

    def _know(self, tab: Tab) -> None:
        with self._lock:
            tab.open = True
            self._tabs = [*(each for each in self._tabs if each is not tab), tab]

    def _welcome(self, tab: Tab) -> None:
        self._greet(tab)
        if tab.version != self._version:
            return  # it says so to the user, and gets no turn
        for channel in self._channels:
            channel.meet(tab)

    def _greet(self, tab: Tab) -> None:
        """Tell it which turns run."""
        from codeact_jupyter import protocol

        running = tuple(channel.turn for channel in self._channels if channel.goes_on_in(tab))
        tab.send(protocol.Welcome(version=self._version, turns=running))

    def _said(self, tab: Tab, message: dict[str, Any]) -> None:
        self._heard()
        tab.heard = time.monotonic()
        if not tab.open:  # it was only slow: it hears all that it has missed
            self._know(tab)
            for channel in self._channels:
                channel.meet(tab)
        said = self._read(message)
        if said is None:
            self._acknowledge(tab, message["content"]["data"].get("id"), NO_MESSAGE)
        elif said.kind == "hello":
            self._again(tab, said)
        else:
            self._hear(tab, said)

    def _again(self, tab: Tab, hello: protocol.Hello) -> None:
        """A tab says hello again: its notebook was renamed, or its connection was cut.

        Or it sees in a notebook that pages share what another one has begun.
        """
        tab.path = hello.path
        self._greet(tab)
        for channel in self._channels:
            if channel.tab is tab and not channel.finished:
                channel.bind(tab)

    def _hear(self, tab: Tab, said: protocol.TabMessage) -> None:
        number = getattr(said, "id", None)
        if number in tab.done:
            tab.send(tab.done[number])  # the tab was cut off before it heard that
            return
        taken = False
        try:
            for channel in self._channels:
                if channel.tab is tab or channel.saved_by(said):
                    taken = channel.take(said) or taken
                elif said.kind in FROM_ALL and tab in self._others(channel.tab):
                    taken = channel.heard(said) or taken
        finally:
            if said.kind not in {"reply", "hello"}:
                self._acknowledge(tab, number, "" if taken else NO_TURN)

    def _acknowledge(self, tab: Tab, request: object, fault: str) -> None:
        from codeact_jupyter import protocol

        if isinstance(request, int):
            tab.done[request] = done = protocol.Done(to=request, ok=not fault, text=fault)
            tab.send(done)

    def _read(self, message: dict[str, Any]) -> protocol.TabMessage | None:
        from pydantic import ValidationError

        from codeact_jupyter import protocol

        data = message["content"]["data"]
        try:
            return protocol.to_kernel.validate_python(data)
        except ValidationError as fault:
            _log.warning("a tab sent what is no message of ours: %s", fault)
            return None


class Channel:
    """What one turn says to its tab, and hears from it.

    Args:
        client: The session id of the tab that asked.
        turn: The turn's id.
        tab: That tab, if it has said hello already.
        numbers: Of the requests, those of all turns together.
        others: The other tabs that show the notebook of a tab.

    Attributes:
        over: Whether the turn is; what was not acknowledged is still sent again.
        heard: Told what the tab says of its own accord; whether it is about this turn.
        on_turn: Has a call done where the turn lives, which is busy writing: a tab that takes
            over must not be told things out of order.
        bound: Called when a tab takes over, before it is sent again what is pending.
        rival: Called when another tab of the same notebook says hello meanwhile.
    """

    def __init__(
        self,
        client: str,
        turn: str,
        tab: Tab | None,
        numbers: Iterator[int],
        others: Callable[[Tab | None], list[Tab]],
    ) -> None:
        self._client = client
        self._others = others
        self._pending: dict[int, tuple[protocol.KernelRequest, Future[protocol.Reply]]] = {}
        self._numbers = numbers
        self._early: set[int] = set()  # requests about cells that the tab does not have yet
        self._lock = threading.RLock()
        self._at_hello: Future[None] = Future()
        self.turn = turn
        self.over = False
        self.heard: Callable[[protocol.TabMessage], bool] = lambda _: False
        self.on_turn: Callable[[Callable[[], None]], None] = lambda call: call()
        self.bound: Callable[[], None] = lambda: None
        self.rival: Callable[[Tab], None] = lambda _: None
        self.tab: Tab | None = None
        if tab is not None:
            self.bind(tab)

    @property
    def path(self) -> str | None:
        """The notebook's path, once a tab has said hello."""
        return self.tab.path if self.tab else None

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be said; the end is replied to once it is saved."""
        return self.over and not self._pending

    def goes_on_in(self, tab: Tab) -> bool:
        """Whether the turn runs, or has ended in what that tab shows and is not saved there."""
        return not self.over or bool(self._pending and self.path == tab.path)

    def saved_by(self, said: protocol.TabMessage) -> bool:
        """Whether a tab has saved the end of the turn after another one was told of it, too."""
        return self.over and said.kind == "reply" and said.to in self._pending

    @property
    def hello(self) -> Future[None]:
        """Resolved when a tab has said hello."""
        return self._at_hello

    def meet(self, tab: Tab) -> None:
        """A tab said hello: it may be this turn's, or follow it."""
        if self.finished:
            return
        before = self.tab
        if before is None or tab.client == before.client:
            if tab.client == (before.client if before else self._client):
                self.bind(tab)
        elif tab.path == before.path:
            if self.over or not before.open:
                self.bind(tab)
            else:
                self.rival(tab)

    def bind(self, tab: Tab) -> None:
        """Go on with this tab, and tell it again what was not acknowledged."""
        self.on_turn(lambda: self._bind(tab))

    def _bind(self, tab: Tab) -> None:
        with self._lock:
            follows, self.tab = self.tab is not None, tab
            pending = [request for request, _ in self._pending.values()]
            if follows:
                self.bound()
            for request in pending:
                tab.send(request)
        if not self._at_hello.done():
            self._at_hello.set_result(None)

    def tell(self, message: protocol.KernelMessage) -> None:
        """Send what needs no reply; lost where no tab is there."""
        tab = self.tab
        if tab is not None and tab.open:
            tab.send(message)

    def tell_others(self, message: protocol.KernelMessage) -> None:
        """Send it to the other tabs that show the notebook, which get little of the turn."""
        for tab in self._others(self.tab):
            tab.send(message)

    def request(self, make: Callable[[int], protocol.KernelRequest]) -> Future[protocol.Reply]:
        """Send a request, until a tab has replied.

        Args:
            make: Makes the request of its number.
        """
        with self._lock:
            number = next(self._numbers)
            request, reply = make(number), Future[Any]()
            self._pending[number] = (request, reply)
            self.tell(request)
        return reply

    def withdraw(self, kind: str) -> None:
        """Send pending requests of this kind no more: they are no longer meant."""
        with self._lock:
            for number, (request, reply) in list(self._pending.items()):
                if request.kind == kind:
                    del self._pending[number]
                    reply.cancel()

    def take(self, said: protocol.TabMessage) -> bool:
        """Hear what the tab says; whether it is about this turn."""
        if said.kind != "reply":
            return self.heard(said)
        with self._lock:
            if said.error == "gone" and self._is_early(said.to):
                self._early.add(said.to)
                return True
            _, reply = self._pending.pop(said.to, (None, None))
            for number in sorted(self._early):
                if not self._is_early(number):
                    self._early.remove(number)
                    if number in self._pending:
                        self.tell(self._pending[number][0])
        if reply is not None and not reply.done():
            reply.set_result(said)
        return reply is not None

    def _is_early(self, number: int) -> bool:
        """Whether the tab has not heard all that was said before about the same cell.

        After a cut a request may come through while the one that places its cell was lost: the
        cell is not gone then, it is not there yet. Nor is it where it is placed once more, in a
        notebook that was reverted, by a request that is newer.
        """
        request, _ = self._pending.get(number, (None, None))
        cell_id = getattr(request, "cell_id", None)
        return cell_id is not None and any(
            getattr(other, "cell_id", None) == cell_id
            and (at < number or (at > number and other.kind == "cell.place"))
            for at, (other, _) in self._pending.items()
        )
