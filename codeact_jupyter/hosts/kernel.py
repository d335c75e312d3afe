"""The host ``kernel``: actions run in a kernel of our own.

For the command line, batch runs and scripts. :class:`KernelCells` runs cells there, the
model's and the user's, and keeps what they put out within the record's bound;
:class:`KernelHost` is the host of one turn on top of it. What needs the variables is asked
inside the kernel (:mod:`codeact_jupyter.probe`): behind a cell as part of its own request,
so it costs no waiting, else in a silent one.

A fault of the kernel keeps the cell with all that it had put out, then ends the turn.
What a thread puts out is kept where a notebook has it: in the cell for which the kernel
sends it, which is mostly the one that runs then, or else ran last, though it has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from codeact_jupyter.cells import CellRun, UserError
from codeact_jupyter.errors import ConfigError, ExecutionError, NotAnswered
from codeact_jupyter.hosts.outputs import Displays, OutputLog
from codeact_jupyter.hosts.replies import MIME, content_in, error_in, tuples
from codeact_jupyter.hosts.worker import to_its_end
from codeact_jupyter.notebooks import Meanwhile
from codeact_jupyter.redact import redact
from codeact_jupyter.shared_names import HIDE_TAG
from codeact_jupyter.types import Action, Changes, Sight, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from codeact_jupyter.cells import RunStatus
    from codeact_jupyter.hosts.desk import Desk
    from codeact_jupyter.hosts.process import KernelProcess, Message, Request
    from codeact_jupyter.parts import Seen
    from codeact_jupyter.progress import Progress

T = TypeVar("T")

OUR_KEY = "CODEACT_API_KEY"
ANSWER_SECONDS = 60.0  # for the kernel to say what it sees, when no cell runs
NOTHING_FOUND: dict[str, Any] = {"error": None, "changes": None, "hints": ()}
_PROBE = "__import__('codeact_jupyter.probe', fromlist=['ask'])"
NOBODY = (
    "The model proposes an action and nobody is here to approve it, so it did not run. Run this "
    "in a terminal to be asked, or with --auto (in Python: auto=True) to let all actions run."
)
NO_PACKAGE = (
    "The kernel runs in another environment ({python}) that has no codeact_jupyter{version}. "
    "Install it there: {python} -m pip install codeact-jupyter"
)
UNREADABLE = (
    "The kernel's variables could not be read ({reason}). `codeact-jupyter doctor` finds out why."
)
TIMED_OUT = (
    "The block was interrupted after {seconds:g} s, since it had not ended. Do less in one block, "
    "or print how far it has come."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class KernelEyes:
    """Eyes in the kernel, by their id there."""

    id: str
    schema_only: bool


@dataclass(slots=True)
class _Open:
    """A cell that runs: its source, outputs so far and place in the kernel's queue."""

    source: str
    cell_id: str | None
    hidden: bool
    log: OutputLog
    request: Request
    after: tuple[str, str, str]


class KernelCells:
    """Runs cells in one kernel.

    Args:
        process: The kernel.
        on_cell: Called with each cell that ended.
        on_text: Called with the text that a cell puts out, as it comes.
        seconds: The most that one cell may take, or None.
    """

    def __init__(
        self,
        process: KernelProcess,
        *,
        on_cell: Callable[[CellRun], None],
        on_text: Callable[[str], None],
        seconds: float | None,
    ) -> None:
        self._process = process
        self._on_cell = on_cell
        self._on_text = on_text
        self._seconds = seconds
        self._displays = Displays()
        self._latest = OutputLog(self._displays)  # of the cell that runs, or ran last

    @classmethod
    async def start(
        cls, folder: Path, name: str | None, version: str, **arguments: Any
    ) -> KernelCells:
        """Start a kernel in ``folder`` that has our package in this version.

        Raises:
            ConfigError: There is no such kernel, or it lacks our package.
            ExecutionError: It did not start.
        """
        from codeact_jupyter.hosts.process import KernelProcess

        process = await KernelProcess.start(folder, name, without=(OUR_KEY,))
        cells = cls(process, **arguments)
        try:
            await cells._greet(version)
        except BaseException:
            await to_its_end(process.close())
            raise
        return cells

    async def close(self) -> None:
        """End the kernel."""
        await self._process.close()

    async def run(
        self,
        source: str,
        *,
        cell_id: str | None = None,
        eyes: KernelEyes | None = None,
        hidden: bool = False,
    ) -> tuple[CellRun, Seen]:
        """Run one cell; with ``eyes`` look at what it did to the variables.

        Being cancelled interrupts the cell, which then returns like any other.

        Raises:
            ExecutionError: The kernel failed; the cell was handed on with what had come.
        """
        opened = self._open(source, cell_id, eyes, hidden=hidden)
        try:
            try:
                reply = await self._process.wait(opened.request, self._seconds)
            except TimeoutError:
                return await to_its_end(self._interrupt(opened, timed_out=True))
            except asyncio.CancelledError:
                return await to_its_end(self._interrupt(opened, timed_out=False))
            found = await self._found(opened, reply)
        except ExecutionError as fault:
            self._broke_off(opened, fault)
            raise
        return self._finish(opened, reply, found)

    async def probe(self, verb: str, *words: str) -> dict[str, Any]:
        """Ask inside the kernel."""
        return await self._answer(self._ask(verb, *words))

    # --- one cell

    def _open(
        self, source: str, cell_id: str | None, eyes: KernelEyes | None, *, hidden: bool
    ) -> _Open:
        log = self._latest = OutputLog(self._displays)
        after = ("after", eyes.id if eyes else "", source)
        tags = {"tags": [HIDE_TAG]} if hidden else {}
        request = self._process.send(
            source,
            lambda each: self._take(each, log),
            cell_id=cell_id,
            metadata={"codeact": {"eyes": eyes.id if eyes else ""}, **tags},
        )
        return _Open(source, cell_id, hidden, log, request, after)

    async def _found(self, opened: _Open, reply: Message) -> dict[str, Any]:
        """What the cell did; the kernel looks by itself, but not behind one that is empty."""
        for payload in reply.get("payload", ()):
            if payload.get("source") == MIME:
                found: dict[str, Any] = payload["found"]
                return found
        asked = self._ask(*opened.after)
        try:
            return await self._answer(asked)
        except asyncio.CancelledError:  # the cell is over and stays: only the look is given up
            await to_its_end(self._process.interrupt(asked))
            return NOTHING_FOUND

    def _finish(
        self, opened: _Open, reply: Message, found: dict[str, Any], *, timed_out: bool = False
    ) -> tuple[CellRun, Seen]:
        failed = reply["status"] != "ok" or opened.log.shows_error
        told = UserError(**tuples(found["error"])) if found["error"] else error_in(reply)
        status: RunStatus = "ok"
        hints = tuple(found["hints"])
        if timed_out:
            status, hints = "timed_out", (*hints, TIMED_OUT.format(seconds=self._seconds))
        elif failed:
            status = "interrupted" if reply.get("ename") == "KeyboardInterrupt" else "error"
        run = self._hand_on(opened, status, reply.get("execution_count"), told if failed else None)
        changes = Changes(**tuples(found["changes"])) if found["changes"] else Changes()
        return run, (changes, hints)

    async def _interrupt(self, opened: _Open, *, timed_out: bool) -> tuple[CellRun, Seen]:
        """Interrupt the cell and keep what it had come to."""
        await self._process.interrupt(opened.request)
        reply = await self._process.wait(opened.request)
        found = NOTHING_FOUND
        if timed_out:  # who presses Ctrl-C does not want to wait for a look
            with contextlib.suppress(ExecutionError):  # the interrupt may have met the probe
                found = await self._found(opened, reply)
        return self._finish(opened, reply, found, timed_out=timed_out)

    def _broke_off(self, opened: _Open, fault: ExecutionError) -> None:
        opened.log.error(type(fault).__name__, str(fault), [f"{type(fault).__name__}: {fault}"])
        error = UserError(name=type(fault).__name__, message=str(fault))
        self._hand_on(opened, "error", None, error)

    def _hand_on(
        self, opened: _Open, status: RunStatus, count: int | None, error: UserError | None
    ) -> CellRun:
        run = CellRun(
            cell_id=opened.cell_id,
            source=redact(opened.source),
            outputs=opened.log.finish(count),
            execution_count=count,
            status=status,
            error=error,
            hidden=opened.hidden,
        )
        self._on_cell(run)
        return run

    def _take(self, message: Message, log: OutputLog) -> None:
        """Put one message of the kernel into a cell's outputs."""
        content = message["content"]
        match message["msg_type"]:
            case "stream":
                log.stream(content["name"], content["text"])
                self._tell(content["text"])
            case "display_data":
                shown = content["data"], content["metadata"]
                log.display(*shown, (content.get("transient") or {}).get("display_id"))
                self._tell(_line(content["data"]))
            case "update_display_data":
                display_id = content["transient"]["display_id"]
                self._displays.update(display_id, content["data"], content["metadata"])
            case "execute_result":
                log.result(content["data"], content["metadata"])
                self._tell(_line(content["data"]))
            case "error":
                log.error(content["ename"], content["evalue"], content["traceback"])
                self._tell(f"{content['ename']}: {content['evalue']}\n")
            case "clear_output":
                log.clear(wait=content.get("wait", False))

    def _tell(self, text: str) -> None:
        """Hand a text on, masked: what a batch run shows is kept in logs."""
        self._on_text(redact(text))

    # --- the probe

    def _ask(self, verb: str, *words: str) -> Request:
        return self._process.send(
            _call("ask", (verb, *words)),
            lambda each: self._take(each, self._latest),  # of a thread: a probe is silent
            silent=True,
            expressions={"found": _call("answer", ())},
        )

    async def _answer(self, asked: Request) -> dict[str, Any]:
        try:
            reply = await self._process.wait(asked, ANSWER_SECONDS)
        except TimeoutError:
            await self._process.interrupt(asked)
            reply = await self._process.wait(asked)
        content = content_in(reply)
        if content is None:
            found = reply.get("user_expressions", {}).get("found", {})
            fault = found if found.get("status") == "error" else reply
            reason = f"{fault.get('ename')}: {redact(str(fault.get('evalue')))}"
            raise ExecutionError(UNREADABLE.format(reason=reason))
        return content

    async def _greet(self, version: str) -> None:
        try:
            hello = await self.probe("hello")
        except ExecutionError:
            python = await self._python()
            raise ConfigError(NO_PACKAGE.format(python=python, version="")) from None
        if hello["version"] != version:
            wanted = f" {version}, but {hello['version']}"
            raise ConfigError(NO_PACKAGE.format(python=hello["python"], version=wanted))

    async def _python(self) -> str:
        expressions = {"python": "__import__('sys').executable"}
        request = self._process.send("", lambda _: None, silent=True, expressions=expressions)
        reply = await self._process.wait(request)
        found = reply.get("user_expressions", {}).get("python", {})
        return str(found.get("data", {}).get("text/plain", "its Python")).strip("'")


class KernelHost:
    """The host of one turn, in a kernel of our own.

    Args:
        cells: The kernel.
        eyes: Of this conversation.
        desk: Of this turn.
        show: Shows its progress.
        approve: Asks the user about an action; None where nobody is there.
    """

    def __init__(
        self,
        cells: KernelCells,
        *,
        eyes: KernelEyes,
        desk: Desk,
        show: Callable[[Progress], None],
        approve: Callable[[Action], Verdict] | None,
    ) -> None:
        self._cells = cells
        self._eyes = eyes
        self._desk = desk
        self._show = show
        self._approve = approve

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return self._approve is not None

    @property
    def stopping(self) -> bool:
        """Whether the user interrupted the turn."""
        return self._desk.interrupted

    def serve(self, turn: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run ``turn()`` and do what it asks for, on the calling thread."""
        return self._desk.serve(turn)

    def interrupt(self) -> None:
        """Stop the turn, or the cell of the user's own; from any thread."""
        self._desk.interrupt()

    def show(self, progress: Progress) -> None:
        """Show ``progress``, soon."""
        self._desk.post(lambda: self._show(progress))

    async def look(self, characters: int, *, news: bool) -> Sight:
        """Look at the variables, within a budget, or at what changed since the last look."""
        if news:
            found = await self._cells.probe("news", self._eyes.id)
        else:
            schema_only = "yes" if self._eyes.schema_only else ""
            found = await self._cells.probe("digest", self._eyes.id, schema_only, str(characters))
        return Sight(**tuples(found))

    async def above(self, characters: int) -> None:
        """Not known: what ran is in the record."""

    async def ask(self, action: Action) -> Verdict:
        """Ask the user about ``action``."""
        approve = self._approve
        if approve is None:
            raise NotAnswered(NOBODY)
        return await self._desk.call(lambda: approve(action))

    async def run(self, action: Action, code: str) -> tuple[CellRun, Seen]:
        """Run ``code`` as the cell of ``action``, and look at what it did."""
        return await self._cells.run(code, cell_id=action.cell_id, eyes=self._eyes)

    async def meanwhile(self) -> Meanwhile:
        """Nothing: the turn blocks the kernel for everybody else."""
        return Meanwhile()

    async def run_cell(self, source: str, cell_id: str | None, *, hidden: bool) -> CellRun:
        """Run a cell of the user's own."""
        run, _ = await self._cells.run(source, cell_id=cell_id, hidden=hidden)
        if self.stopping:
            raise asyncio.CancelledError
        return run


def _call(name: str, words: tuple[str, ...]) -> str:
    """A call of the probe, as an expression that needs no name of the user's namespace."""
    return f"{_PROBE}.{name}({', '.join(map(json.dumps, words))})"


def _line(data: dict[str, Any]) -> str:
    return f"{data.get('text/plain', '')}\n"
