"""What a host asks inside a kernel of its own, where the variables are.

What a cell did comes with the cell's own reply, where the host ``kernel`` asks for that in
the request's metadata. For the rest it sends a silent request with :func:`ask` as its code
and :func:`answer` as the expression that it wants back. It leaves out what hidden cells bound.
Nothing of it stands in the user's namespace, history or outputs. It only looks, apart from three
things that the host asks for before anything runs: ``exit()`` does nothing there, as in the
other hosts, text is sent in pieces, where there is any, and no output is dropped.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import sys
from typing import TYPE_CHECKING, Any

from codeact_jupyter._version import __version__
from codeact_jupyter.context.watch import ShellWatch
from codeact_jupyter.hosts.capture import status_of
from codeact_jupyter.hosts.front import is_hidden
from codeact_jupyter.hosts.hidden import HiddenNames
from codeact_jupyter.hosts.nesting import refuse_exit
from codeact_jupyter.hosts.replies import MIME
from codeact_jupyter.hosts.tracebacks import last_shown, user_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult

    from codeact_jupyter.types import Changes, Sight

_PIECE = 2**20  # characters
_answers: list[dict[str, Any]] = []


class Answer:
    """An answer on its way out, in a type that no front end shows."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {"text/plain": "", MIME: self._content}


def ask(verb: str, *words: str) -> None:
    """Do what ``verb`` says; :func:`answer` returns what came of it."""
    _answers[:] = [_VERBS[verb](_probe(), *words)]


def answer() -> Answer:
    """What :func:`ask` found."""
    return Answer(_answers.pop())


class _Probe:
    """Looks at one shell, as it is asked to."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._watches: dict[str, ShellWatch] = {}
        self._hidden = HiddenNames(shell)
        self._before: dict[str, int] | None = None  # what the names held, where a hidden cell runs
        self._shown: BaseException | None = None  # the last error before the cell

    def hello(self) -> dict[str, Any]:
        """Get ready, and say who is here."""
        shell = self._shell
        refuse_exit(shell)
        shell.events.register("pre_run_cell", self._started)
        shell.events.register("post_run_cell", self._look_behind)
        _drop_nothing(shell.kernel.iopub_thread)
        for stream in (sys.stdout, sys.stderr):  # soon: after a cell IPython puts ``write`` back
            shell.kernel.io_loop.add_callback(_send_in_pieces, stream)
        return {"version": __version__, "python": sys.executable, "pid": os.getpid()}

    def digest(self, eyes: str, schema_only: str, characters: str) -> dict[str, Any]:
        """All variables, to new eyes."""
        watch = ShellWatch(self._shell, schema_only=bool(schema_only), hidden=self._hidden)
        self._watches[eyes] = watch
        return _fields(watch.digest(int(characters)))

    def news(self, eyes: str) -> dict[str, Any]:
        """What changed."""
        return _fields(self._watches[eyes].news())

    def after(self, eyes: str, source: str) -> dict[str, Any]:
        """What the cell that has just run did; ``eyes`` may be ``""``."""
        result = self._shell.last_execution_result
        fault = result.error_before_exec or result.error_in_exec
        if fault is None and last_shown() is not self._shown:
            fault = self._shown = last_shown()
        self._note_names(source, result)
        found: dict[str, Any] = {"error": None, "changes": None, "hints": ()}
        if fault is not None:
            error = user_error(fault, self._shell.compile)
            frames = self._hidden.without_frames(error.frames)
            found["error"] = dataclasses.asdict(dataclasses.replace(error, frames=frames))
        if eyes:
            changes, found["hints"] = self._watches[eyes].after(source, status_of(fault))
            found["changes"] = _fields(changes)
        return found

    def settings(self) -> dict[str, Any]:
        """The values that ``%config CodeAct`` was given in this kernel."""
        for configurable in self._shell.configurables:
            if type(configurable).__name__ == "CodeAct":
                names = configurable.trait_names(config=True)
                values = {name: getattr(configurable, name) for name in names}
                defaults = {name: configurable.traits()[name].default() for name in names}
                return {name: value for name, value in values.items() if value != defaults[name]}
        return {}

    # --- around each cell

    def _started(self, info: ExecutionInfo) -> None:
        if self._eyes_for(info) is not None:
            self._shown = last_shown()
            if is_hidden(self._shell):
                self._before = self._hidden.ids()

    def _look_behind(self, result: ExecutionResult | None) -> None:
        """Send what the cell of a request did along with its reply, if the host asks for that.

        As a payload, which every reply has: an expression is not evaluated behind an error.
        """
        info = result.info if result is not None else None
        eyes = self._eyes_for(info)
        if eyes is None or info is None:
            return
        with contextlib.suppress(Exception, KeyboardInterrupt):  # the host asks then and hears why
            found = self.after(eyes, info.raw_cell)
            self._shell.payload_manager.write_payload({"source": MIME, "found": found})

    def _eyes_for(self, info: ExecutionInfo | None) -> str | None:
        """The eyes for a cell, or None where it is none of the host's: one that its cell runs."""
        request = self._shell.get_parent()
        if info is None or info.raw_cell != request["content"].get("code"):
            return None
        eyes: str | None = request["metadata"].get("codeact", {}).get("eyes")
        return eyes

    def _note_names(self, source: str, result: ExecutionResult) -> None:
        """See which names are hidden now."""
        if self._before is None:
            self._hidden.others_ran(source, ok=bool(result.success))
        else:
            self._hidden.ran(self._before, result.execution_count)
            self._before = None


@functools.cache
def _probe() -> _Probe:
    """The one of this kernel."""
    from IPython.core.getipython import get_ipython

    return _Probe(get_ipython())


def _drop_nothing(outputs: Any) -> None:
    """Have outputs wait that come faster than they are read: zmq drops all but 1,000.

    With them goes the word that the cell is over. To be set on the thread that owns the socket
    (ipykernel/iostream.py, ``IOPubThread``); it counts at once (libzmq, ``ZMQ_SNDHWM``).
    """
    import zmq

    outputs.schedule(lambda: outputs.socket.setsockopt(zmq.SNDHWM, 0))


def _send_in_pieces(stream: Any) -> None:
    """Send the text of ``stream`` on when much has come, and wait for that only if any has.

    ipykernel collects all that is printed within 0.2 s into one message, which may be
    hundreds of megabytes, and whoever reads it needs three times that. Behind each cell it
    flushes four times and waits for another thread each time, though nothing was printed: 0.5
    of 3.5 ms.
    """
    write, flush = stream.write, stream.flush
    written = sent = 0

    def write_some(text: str) -> int | None:
        nonlocal written
        wrote: int | None = write(text)
        written += len(text)
        if written - sent >= _PIECE:
            flush_some()
        return wrote

    def flush_some() -> None:
        nonlocal sent
        upto = written  # read first: what another thread writes meanwhile is for the next time
        if upto != sent:
            flush()
            sent = upto

    stream.write, stream.flush = write_some, flush_some


def _fields(seen: Changes | Sight) -> dict[str, Any]:
    """Its fields by name, for JSON, which needs no copies."""
    return {field.name: getattr(seen, field.name) for field in dataclasses.fields(seen)}


_VERBS: dict[str, Callable[..., dict[str, Any]]] = {
    "hello": _Probe.hello,
    "digest": _Probe.digest,
    "news": _Probe.news,
    "after": _Probe.after,
    "settings": _Probe.settings,
}
