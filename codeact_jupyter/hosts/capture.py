"""Every cell that runs in a shell, as its notebook shows it.

The one way in which this package sees outputs, for all hosts: IPython's public events
say when a cell starts and ends, a :class:`~codeact_jupyter.hosts.taps.Tap` says what it
puts out, and each finished cell is handed on as a
:class:`~codeact_jupyter.cells.CellRun`. The session listens, for its record and for what
the model reads next; it is told of the user's cells and of actions alike.

Cells nest: an action runs inside the ``%%codeact`` cell. An output belongs to the
innermost cell that runs. A cell that nobody gave an id, inside another one, is a part of
that: a magic such as ``%%capture`` runs it. A capture never runs, changes or stops a cell.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from codeact_jupyter.cells import CellRun, UserError
from codeact_jupyter.hosts.front import cell_id_of, is_hidden
from codeact_jupyter.hosts.hidden import HiddenNames
from codeact_jupyter.hosts.last_request import LastRequest
from codeact_jupyter.hosts.outputs import Displays, OutputLog
from codeact_jupyter.hosts.taps import tap_for
from codeact_jupyter.hosts.tracebacks import last_shown, user_error
from codeact_jupyter.hosts.withdrawn import INTERRUPTED, Withdrawn
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from IPython.core.interactiveshell import (
        ExecutionInfo,
        ExecutionResult,
        InteractiveShell,
    )

    from codeact_jupyter.cells import Output, RunStatus

_log = logging.getLogger("codeact_jupyter")
_UNREADABLE = "(what it says could not be read)"
LATE_CELLS = 20  # the last ones whose outputs are still added to: of ever more the texts would stay


@dataclass(slots=True)
class _OpenCell:
    info: ExecutionInfo
    log: OutputLog
    request: str | None
    hidden: bool
    before: dict[str, int] | None = None  # what the names held, of a hidden cell
    refused: bool = False  # taken back before it ran, so that nothing of it does
    interrupted: bool = False  # as it began: nothing of it runs either
    part: bool = False  # of the cell around it, which is the one that is told of
    result: ExecutionResult | None = None
    fault: BaseException | None = None


class Expected(Protocol):
    """Somebody who waits for one cell to run, whoever runs it."""

    def began(self, source: str, request: str) -> None:
        """It starts, for a request of this id; ``source`` is what really runs."""

    def ended_as(self, run: CellRun) -> None:
        """It ended."""


class Capture:
    """Listens to all cells of one shell.

    Args:
        shell: The shell.
        on_cell: Called on the shell's thread with each cell that ended, innermost first:
            at once for a cell inside another one, else before the next cell starts.
        hidden: Told which names hidden cells bind; by default nobody is.

    Attributes:
        eager: Whether all cells are handed on at once: a turn goes on beside them, and
            what happens has to be told in the order in which it does.
        last_request: Of the outermost cell that ran last, or runs.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        on_cell: Callable[[CellRun], None],
        hidden: HiddenNames | None = None,
    ) -> None:
        self._shell = shell
        self._on_cell = on_cell
        self._hidden = HiddenNames(shell) if hidden is None else hidden  # an empty one counts
        self._open: list[_OpenCell] = []
        self._over: _OpenCell | None = None
        self._ended_cells: deque[_OpenCell] = deque(maxlen=LATE_CELLS)
        self._displays = Displays()
        self._last: CellRun | None = None
        self._expected: dict[str, Expected] = {}
        self._withdrawn = Withdrawn(shell)
        self.eager = False
        self.last_request = LastRequest(shell)
        self._begun: set[str] = set()  # of the expected ones
        self._fresh = False  # listening, and no cell has begun since
        self._muted = False
        self._not_heard: int | None = None  # a thread
        self._tap = tap_for(shell, self._current, self._displays)

    def attach(self) -> None:
        """Start to listen."""
        self._tap.attach()
        self.last_request.note()
        self._shell.events.register("pre_execute", self._note_start)
        self._shell.events.register("pre_run_cell", self._started)
        self._shell.events.register("post_run_cell", self._ended)
        self._fresh = True

    def detach(self) -> None:
        """Stop, and leave no hook behind."""
        self._shell.events.unregister("pre_execute", self._note_start)
        self._shell.events.unregister("pre_run_cell", self._started)
        self._shell.events.unregister("post_run_cell", self._ended)
        self._hand_on()
        self._open.clear()
        self._withdrawn.detach()
        self._tap.detach()

    @property
    def running(self) -> bool:
        """Whether a cell runs now; may be asked on any thread."""
        return bool(self._open)

    def expect(self, cell_id: str, expected: Expected) -> None:
        """Tell ``expected`` when the cell of this id runs, on the shell's thread and at once."""
        self._begun.discard(cell_id)
        self._expected[cell_id] = expected

    def forget(self, cell_id: str) -> None:
        """Tell nobody any more."""
        self._expected.pop(cell_id, None)
        self._begun.discard(cell_id)

    def withdraw(self, cell_id: str) -> bool:
        """Let no request of this cell run that is on its way; from any thread.

        Nobody is told of it then: it is no cell that ran.

        Returns:
            False where it has started. It runs then even where nobody was told that it began:
            of an interrupt that meets us at that moment IPython says a word, and runs the cell.
        """
        self._withdrawn.add(cell_id)  # first: a cell that starts says so, and then looks here
        if cell_id in self._begun and self._withdrawn.allow(cell_id):
            return False
        self._expected.pop(cell_id, None)
        return True

    @contextlib.contextmanager
    def unrecorded(self) -> Iterator[None]:
        """Leave what is put out meanwhile, on the shell's thread, out of the cell that runs."""
        self._tap.settle()
        self._muted = True
        try:
            yield
            self._tap.settle()
        finally:
            self._muted = False

    @contextlib.contextmanager
    def not_heard(self) -> Iterator[None]:
        """Leave out what the calling thread writes or shows; a cell may write meanwhile."""
        self._not_heard = threading.get_ident()
        try:
            yield
        finally:
            self._not_heard = None

    def latest(self) -> CellRun | None:
        """Return the cell that ended last, whole, without waiting for the next one.

        An action has no cell of ours around it where IPython runs a script: it runs
        those cells silently.
        """
        if self._over is not None:
            self._tap.settle()
            self._hand_on()
        return self._last

    def display_id(self, output: Output) -> str | None:
        """By which id an output that was recorded can be updated, if it can."""
        return self._displays.id_of(output)

    def _current(self, request: str | None) -> OutputLog | None:
        """The log that an output of this request belongs to."""
        if self._muted or threading.get_ident() == self._not_heard:
            return None
        cell = self._open[-1] if self._open else self._over
        if cell is not None and cell.request == request:
            return cell.log
        if request is None:
            return None
        # a thread of a cell that has ended goes on
        ended = (each.log for each in reversed(self._ended_cells) if each.request == request)
        return next(ended, None)

    def _note_start(self) -> None:
        """A cell is about to begin: one interrupt cannot keep us from hearing this and that."""
        cell_id = cell_id_of(self._shell)
        if cell_id in self._expected:
            self._begun.add(cell_id)

    def _started(self, info: ExecutionInfo) -> None:
        try:
            self._begin(info)
        except KeyboardInterrupt:  # IPython would swallow it, and run the cell all the same
            self._open = [cell for cell in self._open if cell.info is not info]
            self._begin(info)
            self._open[-1].interrupted = True
            self._withdrawn.refuse(INTERRUPTED)

    def _begin(self, info: ExecutionInfo) -> None:
        self._hand_on()
        if not self._open:
            self.last_request.note()
        self._fresh = False
        request = self._tap.open(inside=bool(self._open))
        part = bool(self._open) and info.cell_id is None  # `%%capture` and others run cells too
        log = self._open[-1].log if part else OutputLog(self._displays)
        cell = _OpenCell(info, log, request, is_hidden(self._shell), part=part)
        if cell.hidden and not self._open and not _is_prompt(info):
            cell.before = self._hidden.ids()
        self._open.append(cell)
        cell.refused = self._withdrawn.refuses(info.cell_id or "")
        if cell.refused:
            return
        if expected := self._expected.get(info.cell_id or ""):
            expected.began(info.raw_cell or "", request or "")

    def _ended(self, result: ExecutionResult) -> None:
        at = self._find(result.info)
        if at is None:  # an empty cell, or one that had started before we listened
            self._ended_unseen(result)
            return
        cell = self._open[at]
        if cell.part:
            self._note_names(cell, result)
            del self._open[at:]
            return
        cell.result = None if cell.refused else result
        cell.fault = result.error_before_exec or result.error_in_exec
        if cell.interrupted:
            cell.fault = KeyboardInterrupt(INTERRUPTED)
        elif cell.fault is None and cell.log.shows_error:
            cell.fault = last_shown()
        expected = self._expected.get(cell.info.cell_id or "")
        at_once = at > 0 or expected is not None or self.eager
        try:
            self._note_names(cell, result)
            if at_once:
                self._tap.settle()
        finally:  # an interrupt that meets us here must not leave the cell open
            del self._open[at:]
            self._over = cell
            if at == 0:
                self._ended_cells.append(cell)
            if at_once:
                self._hand_on()
            try:
                if at == 0:
                    self._tap.close()
            finally:
                if expected is not None and self._last is not None and not cell.refused:
                    expected.ended_as(self._last)

    def _ended_unseen(self, result: ExecutionResult) -> None:
        """The cell in which we began to listen is told of too; what it put out is not known."""
        fresh, self._fresh = self._fresh, False
        if result.info is None or not (source := result.info.raw_cell or "").strip():
            return
        if is_hidden(self._shell):
            self._hidden.ran_first(source)
        expected = self._expected.get(result.info.cell_id or "")
        if fresh or expected is not None:
            fault = result.error_before_exec or result.error_in_exec
            log = OutputLog(self._displays)
            cell = _OpenCell(result.info, log, None, is_hidden(self._shell), fault=fault)
            self._last = self._run_of(cell, result)
            self._on_cell(self._last)
            if expected is not None:  # interrupts kept us from seeing it begin
                expected.ended_as(self._last)

    def _note_names(self, cell: _OpenCell, result: ExecutionResult) -> None:
        """See which names are hidden now; a cell inside a hidden one is part of that."""
        if cell.before is not None:
            self._hidden.ran(cell.before, result.execution_count)
        elif self._open[0].before is None:
            self._hidden.others_ran(cell.info.raw_cell or "", ok=bool(result.success))

    def _hand_on(self) -> None:
        """Make the cell that is over a CellRun.

        An action's is wanted at once. A cell of the user's can wait for the next one: by
        then the kernel has sent all its text anyway, and waiting for that here would make
        each of his cells slower.
        """
        cell, self._over = self._over, None
        if cell is not None and cell.result is not None:
            self._last = self._noted(cell, cell.result)
            try:
                self._on_cell(self._last)
            except (Exception, KeyboardInterrupt):  # noqa: BLE001 - who waits is told next
                _log.exception("the end of a cell could not be told")

    def _find(self, info: Any) -> int | None:
        """Where the cell of ``info`` stands among the open ones.

        After some interrupts IPython reports the end with a new info of the same source.
        """
        for at in reversed(range(len(self._open))):
            opened = self._open[at].info
            if opened is info or opened.raw_cell == info.raw_cell:
                return at
        return None

    def _noted(self, cell: _OpenCell, result: ExecutionResult) -> CellRun:
        """The run of a cell; that it ended at least, where a user's objects let us see no more."""
        try:
            return self._run_of(cell, result)
        except (Exception, KeyboardInterrupt):  # noqa: BLE001 - somebody may wait for its end
            _log.exception("what came of a cell could not be read")
        fault, error = cell.fault, None
        if fault is not None:
            error = UserError(name=type(fault).__name__, message=_UNREADABLE)
        return CellRun(
            cell_id=cell.info.cell_id,
            source=redact(cell.info.raw_cell or ""),
            outputs=(),
            execution_count=result.execution_count,
            status=status_of(fault),
            error=error,
            hidden=cell.hidden,
        )

    def _run_of(self, cell: _OpenCell, result: ExecutionResult) -> CellRun:
        fault = cell.fault
        error = user_error(fault, self._shell.compile) if fault is not None else None
        if error is not None and not cell.hidden:
            error = replace(error, frames=self._hidden.without_frames(error.frames))
        return CellRun(
            cell_id=cell.info.cell_id,
            source=redact(cell.info.raw_cell or ""),
            outputs=cell.log.finish(result.execution_count),
            execution_count=result.execution_count,
            status=status_of(fault),
            error=error,
            hidden=cell.hidden,
        )


def _is_prompt(info: ExecutionInfo) -> bool:
    """Whether the actions inside this cell are the model's own, whatever its tags say."""
    return (info.raw_cell or "").lstrip().startswith("%%codeact")


def status_of(error: BaseException | None) -> RunStatus:
    """How a cell that raised ``error`` ended."""
    if error is None:
        return "ok"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
