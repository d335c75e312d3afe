"""A kernel of our own: a process that runs cells, over jupyter_client.

Started by the host ``kernel`` for the command line, batch runs and scripts. It sends
requests and collects what comes of them, and it notices what a front end has a person
for: a kernel that dies, one that does not answer, a cell that never ends. A request is
over only at its reply *and* the kernel's idle message, so no output is left behind.

It knows nothing of models, turns or notebooks, and asks the kernel nothing by itself.
All of it lives in one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import signal
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from codeact_jupyter.errors import ExecutionError, KernelDied, KernelSilent
from codeact_jupyter.hosts.launch import environment, manager_of, shut_down, temporary
from codeact_jupyter.hosts.prompt import half_character
from codeact_jupyter.hosts.worker import to_its_end
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 5.0  # for an interrupted cell to end
IDLE_SECONDS = 30.0  # without an output, after the reply; ipykernel flushes for 10 s at most
_INTERRUPTS = 2  # the first may come a moment before the cell
_QUIET_SECONDS = 1.0  # of a kernel that was interrupted and has replied: no idle comes any more
_INTERRUPTED = {"status": "error", "ename": "KeyboardInterrupt", "evalue": ""}
_ASK_AGAIN_SECONDS = 0.1  # until the kernel's output channel is connected
_REMEMBERED = 100  # requests that are over, whose late outputs still find their way
_LAST_MILLISECONDS = 100  # without a message, after a kernel died
_SAID = 400  # characters of a dead kernel's last words
_SILENCE = (
    "The kernel did not stop within {seconds:g} s of an interrupt, so it was ended and its "
    "variables are gone. What had run before stays in the notebook; run it again without the "
    "cell that does not let itself be stopped."
)
_UNHEARD = (
    "What the kernel sent could not be read ({reason}), so its variables are out of reach. What "
    "had run before stays in the notebook; run it again without the cell that sent this."
)
_MUTE = (
    "The kernel has run the cell, but for {seconds:g} s it has sent no outputs any more, so its "
    "variables are out of reach. ipykernel ends so after text that is no valid Unicode, such as "
    "print('\\ud800'). What had run before stays in the notebook; run it again without that."
)
_NO_TEXT = (
    "The cell holds {half!r}, which is no character of any text, so it cannot be sent to the "
    "kernel and did not run. Type that text again."
)

Message = dict[str, Any]


@dataclass(slots=True)
class Request:
    """One request and how far it has got.

    Attributes:
        take: Gets its outputs as they come.
        over: The reply's content, once the kernel is idle again too; or the kernel's end.
        waits: Whether its reply has come and its idle is waited for.
    """

    take: Callable[[Message], None]
    over: asyncio.Future[Message]
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    reply: Message | None = None
    idle: bool = False
    waits: bool = False

    def advance(self) -> None:
        """See whether it is over."""
        if self.reply is not None and self.idle and not self.over.done():
            self.over.set_result(self.reply)


class KernelProcess:
    """One kernel that was started; :meth:`start` makes it."""

    def __init__(self, manager: Any, said: IO[bytes], undo: contextlib.AsyncExitStack) -> None:
        self._manager = manager
        self._said = said
        self._undo = undo
        self._client = manager.client()
        self._requests: OrderedDict[str, Request] = OrderedDict()
        self._tasks: list[asyncio.Task[None]] = []
        self._fault: ExecutionError | None = None  # why nothing more will come
        self._heard = 0.0  # when it put out something last, on the loop's clock
        self._interrupted = -math.inf  # when it was interrupted last

    @classmethod
    async def start(
        cls, folder: Path, name: str | None = None, *, without: tuple[str, ...] = ()
    ) -> KernelProcess:
        """Start a kernel and wait until it answers.

        Args:
            folder: Its working directory.
            name: Of a kernelspec; None for a kernel of this very Python.
            without: Environment variables that it does not get.

        Raises:
            ConfigError: There is no such kernelspec.
            KernelDied: It could not be started, or ended before it answered.
            KernelSilent: It did not answer.
        """
        async with contextlib.AsyncExitStack() as undo:  # whatever happens, nothing is left
            folder_of_its_own, said = temporary(undo)
            manager = manager_of(name, folder_of_its_own, undo)
            undo.push_async_callback(shut_down, manager)
            try:
                await manager.start_kernel(cwd=str(folder), env=environment(without), stderr=said)
            except OSError as error:
                raise KernelDied(
                    f"The kernel {name or 'python3'!r} could not be started ({error.strerror}: "
                    f"{error.filename!r}). Install it again, or name another one with --kernel."
                ) from None
            kernel = cls(manager, said, undo.pop_all())
        try:
            await kernel._connect()
        except BaseException:
            await to_its_end(kernel.close())
            raise
        return kernel

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._fault is None

    def send(
        self,
        code: str,
        take: Callable[[Message], None],
        *,
        cell_id: str | None = None,
        metadata: Message | None = None,
        silent: bool = False,
        expressions: Mapping[str, str] | None = None,
    ) -> Request:
        """Send an execute request; its outputs go to ``take`` as they come.

        Raises:
            ExecutionError: The kernel has ended, or the code cannot be sent.
        """
        if half := half_character(code):
            raise ExecutionError(_NO_TEXT.format(half=half))
        content = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": dict(expressions or {}),
            "allow_stdin": False,
            "stop_on_error": False,  # what we ask next must not be aborted
        }
        metadata = {**(metadata or {}), **({"cellId": cell_id} if cell_id else {})}
        return self._send("execute_request", content, take, metadata)

    async def wait(self, request: Request, seconds: float | None = None) -> Message:
        """Wait until a request is over and return its reply's content.

        Raises:
            TimeoutError: It took longer than ``seconds``.
            KernelDied: The kernel ended.
        """
        async with asyncio.timeout(seconds):
            return await asyncio.shield(request.over)  # others may wait for it too

    async def interrupt(self, request: Request) -> None:
        """Interrupt the kernel and wait until ``request`` is over.

        Raises:
            KernelDied: The kernel ended.
            KernelSilent: It goes on regardless; it was ended then.
        """
        with contextlib.suppress(TimeoutError):  # before that a kernel ignores interrupts
            await asyncio.wait_for(request.begun.wait(), STOP_SECONDS)
        for _ in range(_INTERRUPTS):
            if self._manager.has_kernel and not request.over.done():
                self._interrupted = asyncio.get_running_loop().time()
                await self._manager.interrupt_kernel()
            with contextlib.suppress(TimeoutError):
                await self.wait(request, STOP_SECONDS / _INTERRUPTS)
                return
            if request.idle or (request.reply is not None and self._quiet(_QUIET_SECONDS)):
                # the interrupt met the kernel's own code, and one of the two is lost
                request.reply = request.reply or _INTERRUPTED
                request.idle = True
                request.advance()
                return
        self._end(KernelSilent(_SILENCE.format(seconds=STOP_SECONDS)))
        await self.close()
        await self.wait(request)

    async def close(self) -> None:
        """End the kernel."""
        try:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._client.stop_channels()
        finally:
            await self._undo.aclose()

    async def _drain(self) -> None:
        """Take what a kernel that died had still sent."""
        socket = self._client.iopub_channel.socket
        while await socket.poll(_LAST_MILLISECONDS):  # noqa: ASYNC110 - a reader empties it
            await asyncio.sleep(0)

    # --- starting

    async def _connect(self) -> None:
        self._client.start_channels(stdin=False, hb=False)
        replies, outputs = self._client.shell_channel, self._client.iopub_channel
        self._tasks = [
            asyncio.create_task(self._read(replies, self._take_reply)),
            asyncio.create_task(self._read(outputs, self._take_output)),
        ]
        self._tasks.append(asyncio.create_task(self._watch_over()))
        for task in self._tasks:
            task.add_done_callback(self._broke)
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._answers()
        except TimeoutError:
            raise KernelSilent(
                f"The kernel has started but did not answer within {START_SECONDS:g} s. "
                "`codeact-jupyter doctor` looks for the cause."
            ) from None

    async def _answers(self) -> None:
        """Ask for the kernel's name until both its channels are heard."""
        asked = self._ask_for_name()
        while True:
            try:
                await self.wait(asked, _ASK_AGAIN_SECONDS)
                return
            except TimeoutError:
                if asked.reply is not None:  # but no idle: its outputs were not heard yet
                    asked = self._ask_for_name()

    def _ask_for_name(self) -> Request:
        return self._send("kernel_info_request", {}, lambda _: None, {})

    def _broke(self, task: asyncio.Task[None]) -> None:
        """Let no one wait for a reader that is gone."""
        if not task.cancelled() and (fault := task.exception()):
            reason = f"{type(fault).__name__}: {redact(str(fault))}"
            self._end(ExecutionError(_UNHEARD.format(reason=reason)))

    async def _watch_over(self) -> None:
        status = await self._manager.provisioner.wait()
        await self._drain()
        self._end(self._death(status or 0))

    def _end(self, fault: ExecutionError) -> None:
        """Tell everybody who waits why nothing more will come."""
        self._fault = self._fault or fault
        for request in self._requests.values():
            if not request.over.done():
                request.over.set_exception(self._fault)
                request.over.exception()  # nobody may be waiting for this one
                request.begun.set()

    def _death(self, status: int) -> KernelDied:
        reason = f"exit status {status}"
        if status < 0:
            reason = f"killed by {_signal_name(-status)}"
            if -status == signal.SIGKILL:
                reason += ", which is often memory that ran out"
        return KernelDied(
            f"The kernel died ({reason}), so its variables are gone.{self._last_words()} What had "
            "run before stays in the notebook; run it again with smaller data, or without the "
            "cell that ended it."
        )

    def _last_words(self) -> str:
        """The first line of what a dying kernel wrote, which names the fault."""
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").splitlines()
        faults = [line for line in lines if "rror" in line]
        return f" It said: {redact(faults[-1])[:_SAID]!r}." if faults else ""

    # --- messages

    def _send(
        self,
        kind: str,
        content: Message,
        take: Callable[[Message], None],
        metadata: Message,
    ) -> Request:
        if self._fault is not None:
            raise self._fault
        message = self._client.session.msg(kind, content, metadata=metadata)
        request = Request(take, asyncio.get_running_loop().create_future())
        self._requests[message["header"]["msg_id"]] = request
        while len(self._requests) > _REMEMBERED:
            self._requests.popitem(last=False)
        # not by the channel, which sends past asyncio's socket: a reply that comes at that
        # moment would wake nobody, and neither would any later one
        parts = self._client.session.serialize(message)
        self._client.shell_channel.socket.send_multipart(parts)
        return request

    async def _read(self, channel: Any, take: Callable[[Message], None]) -> None:
        while True:  # not by the channel, which asks first whether there is a message: 0.04 ms each
            sent = await channel.socket.recv_multipart()
            try:
                _, parts = channel.session.feed_identities(sent)
                message = channel.session.deserialize(parts)
            except ValueError:
                # an interrupt may cut in two what the kernel sends just then; Jupyter Server
                # leaves that out, too
                if asyncio.get_running_loop().time() - self._interrupted > STOP_SECONDS:
                    raise
            else:
                take(message)

    def _take_reply(self, message: Message) -> None:
        request = self._request_of(message)
        if request is not None:
            request.reply = message["content"]
            request.advance()
            self._expect_idle(request)

    def _expect_idle(self, request: Request) -> None:
        """Let no one wait for the outputs of a kernel that has become mute.

        One that has begun what it was asked later is not: an interrupt met its own code, and
        only this idle is lost; or it put that out before its outputs were heard at all.
        """
        loop = asyncio.get_running_loop()
        if request.over.done():
            return
        newest = next(reversed(self._requests.values()))
        if newest is not request and newest.begun.is_set():
            request.idle = True
            request.advance()
        elif request.waits and self._quiet(IDLE_SECONDS):
            self._end(KernelSilent(_MUTE.format(seconds=IDLE_SECONDS)))
        else:
            request.waits = True
            loop.call_later(IDLE_SECONDS, self._expect_idle, request)

    def _quiet(self, seconds: float) -> bool:
        """Whether the kernel has put out nothing for so long."""
        return asyncio.get_running_loop().time() - self._heard >= seconds

    def _take_output(self, message: Message) -> None:
        self._heard = asyncio.get_running_loop().time()
        request = self._request_of(message)
        if request is None:
            return
        request.begun.set()
        request.take(message)
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            request.idle = True
            request.advance()

    def _request_of(self, message: Message) -> Request | None:
        return self._requests.get(message["parent_header"].get("msg_id", ""))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
