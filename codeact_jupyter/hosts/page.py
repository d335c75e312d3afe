"""The cells of one turn, written into the notebook that a browser tab shows.

The host tells a :class:`Page` how the turn goes: a reply is being written, it is whole,
its action is to run, it came to something. The page turns that into messages to the tab,
names each cell by its id, and can say again what a tab that was reloaded has to know.

It never decides whether a cell may run, and it never waits.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from codeact_jupyter import protocol
from codeact_jupyter.fingerprints import fingerprint
from codeact_jupyter.hosts.drafts import Draft, shown
from codeact_jupyter.hosts.messages import when_gone
from codeact_jupyter.markdown import fenced
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.hosts.drafts import Piece
    from codeact_jupyter.hosts.link import Channel
    from codeact_jupyter.progress import Draft as GrowingReply
    from codeact_jupyter.types import Action, Reply, Step

_BROKEN_OFF = "[…]"


@dataclass(kw_only=True, slots=True)
class _Cell:
    """A cell that the tab was told to make, until it is known what came of it."""

    cell_id: str
    cell_type: Literal["code", "markdown"]
    role: protocol.CellRole
    source: str = ""
    metadata: protocol.CellMetadata | None = None  # once it is whole
    fate: Callable[[int], protocol.KernelRequest] | None = None  # what became of it
    gone: bool = False  # taken away
    deleted: bool = False  # by the user: no page is to bring it back
    run: CellRun | None = None
    unseen: bool = False  # another page was loaded since it was placed, and has no outputs


class Page:
    """What one turn writes.

    Args:
        channel: To the tab.
        session: The session's id.
        turn: The turn's id.
        prompt_id: The prompt's cell.
        narration: Whether thoughts become cells.
    """

    def __init__(
        self, channel: Channel, *, session: str, turn: str, prompt_id: str, narration: bool
    ) -> None:
        self._channel = channel
        self._session, self._turn = session, turn
        self._prompt_id = prompt_id
        self._narration = narration
        self._number = 0
        self._model = ""
        self._action_id = ""
        self._reply: GrowingReply | None = None
        self._draft = Draft()
        self._cells: dict[bool, _Cell] = {}  # of this step: the action's (True), the prose's
        self._untold: list[_Cell] = []  # they are whole, and the tab does not know it yet
        # All of this turn, in order, to be told again: a page that is loaded anew has the file,
        # which may be older than what its former self was told, and lack any of them.
        self._all: dict[str, _Cell] = {}
        self.on_gone: Callable[[str], None] = lambda _: None  # an action's cell was deleted

    def made(self, cell_id: str) -> bool:
        """Whether this turn has made that cell, and not taken it away."""
        return cell_id in self._all and not self._all[cell_id].gone

    def begin(self, number: int, model: str, action_id: str, reply: GrowingReply | None) -> None:
        """A reply is about to stream in."""
        self._take_back_writing()  # of an attempt that the model did not bring to its end
        self._number, self._model, self._reply = number, model, reply
        self._action_id = action_id
        self._draft = Draft()
        self._cells = {}

    def write(self) -> bool:
        """Write what has come of the reply; whether there is anything of it yet."""
        if self._reply is not None:
            for piece in self._draft.follow(self._reply.so_far):
                if piece.code or self._narration:
                    self._write(piece)
        return bool(self._draft.prose or self._draft.code)

    def finish(self, step: Step, *, waits: bool) -> None:
        """The reply is whole; its action ``waits`` for the user, or runs by itself.

        In that case the tab is told a moment later, behind the word to run it: what a
        browser draws before that keeps the action waiting.
        """
        self._reply = None
        prose, code = _texts(step.reply)
        later = code is not None and not waits
        if prose and (self._narration or step.reply.answer):
            role: protocol.CellRole = "answer" if step.reply.answer else "thought"
            cell = self._cell(code=False)
            cell.role, text = role, shown(prose)
            self._finish(cell, text, self._about(step, role, text, "done"), later=later)
        else:
            self._remove(code=False)
        if code is not None:
            metadata = self._about(step, "action", code, "proposed" if waits else "running")
            self._finish(self._cell(code=True), code, metadata, later=later)
        else:
            self._remove(code=True)
        if later:
            asyncio.get_running_loop().call_soon(self._tell_rest)

    def run(self, action: Action, expected: str | None) -> Future[protocol.Reply]:
        """Have the tab run an action's cell, only with the ``expected`` text if that is given."""
        cell = self._all[action.cell_id]
        untold = cell in self._untold
        if untold:
            self._untold.remove(cell)
        return self._channel.request(
            lambda number: protocol.CellRun(
                id=number,
                turn=self._turn,
                cell_id=cell.cell_id,
                fingerprint=None if expected is None else fingerprint(expected),
                finish=_finished(cell, number) if untold else None,
            )
        )

    def run_no_more(self) -> None:
        """No tab that takes over is to run an action that was asked for before."""
        self._channel.withdraw("cell.run")

    def mark(
        self, step: Step, status: str, *, run: CellRun | None = None, edited: bool = False
    ) -> None:
        """Say what came of the action of ``step``, or that it waits for the user now."""
        assert step.action is not None
        about = self._about(step, "action", step.action.code, status)
        metadata = about.model_copy(update={"edited": edited})
        cell_id = step.action.cell_id
        cell = self._all[cell_id]
        cell.metadata, cell.run = metadata, run
        passes = status in {"error", "interrupted", "timed_out"}
        self._decide(
            cell_id,
            lambda number: protocol.CellMark(
                id=number, cell_id=cell_id, metadata=metadata, passes=passes
            ),
        )
        if cell.unseen:
            self._tell_outputs(cell)
        if status != "proposed":
            self._cells.pop(True, None)

    def runs(self, action: Action, source: str, request: str) -> None:
        """The action runs, with the text that the user made of it.

        Args:
            action: Which one.
            source: That text.
            request: By which it runs: where another tab stops the turn, it interrupts that.
        """
        self._all[action.cell_id].source = redact(source)
        self._channel.tell_others(protocol.TurnRuns(turn=self._turn, request=request))

    def ran_again(self, run: CellRun) -> None:
        """The user ran a cell of this turn once more: that is what a tab is to be told now."""
        cell = self._all.get(run.cell_id or "")
        if cell is not None and cell.run is not None:
            cell.source, cell.run = run.source, run

    def deleted(self, cell_id: str) -> None:
        """The user deleted this cell: a tab that takes over is not to bring it back."""
        self._all[cell_id].deleted = True

    def remove_action(self, step: Step, status: str) -> None:
        """Take the action of ``step`` away: it did not run and must not."""
        assert step.action is not None
        metadata = self._about(step, "action", step.action.code, status)
        self._take_away(step.action.cell_id, step.action.code, metadata)
        self._cells.pop(True, None)

    def take_back(self, step: Step) -> None:
        """An answer was sent back: what nothing supports must not stand in the notebook."""
        if cell := self._cells.pop(False, None):
            metadata = self._about(step, "thought", step.reply.answer or "", "stopped")
            self._take_away(cell.cell_id, cell.source, metadata)

    def break_off(self) -> None:
        """The reply will not come to its end: keep its words, but nothing that could be run."""
        if self._reply is None:
            return
        reply, self._reply = self._reply.so_far, None
        self._remove(code=True)
        prose, code = _texts(reply)
        text = "\n\n".join(filter(None, [prose, code and fenced(code), _BROKEN_OFF]))
        if prose or code:
            cell = self._cell(code=False)
            text = shown(text)
            self._finish(cell, text, self._metadata(self._number, "thought", text, "stopped"))

    def say_again(self) -> None:
        """Tell a tab that took over how the cells stand; it does nothing the second time."""
        for cell in self._all.values():
            if not (cell.gone or cell.deleted):
                self._place(cell)
                if cell.metadata is not None:
                    self._tell_finished(cell)
            if cell.fate is not None:
                self._channel.request(cell.fate)
            cell.unseen = True
            self._tell_outputs(cell)

    # --- single cells

    def _write(self, piece: Piece) -> None:
        text = self._draft.code if piece.code else self._draft.prose
        cell = self._cell(code=piece.code, text=text)
        if not piece.first:
            self._channel.tell(
                protocol.CellText(cell_id=cell.cell_id, at=piece.at, text=piece.text)
            )
        cell.source = text

    def _cell(self, *, code: bool, text: str = "") -> _Cell:
        """The action's cell or the prose's, made when it is first needed."""
        if code not in self._cells:
            self._cells[code] = cell = _Cell(
                cell_id=self._action_id if code else uuid.uuid4().hex[:12],
                cell_type="code" if code else "markdown",
                role="action" if code else "thought",
                source=text,
            )
            self._all[cell.cell_id] = cell
            self._place(cell)
        return self._cells[code]

    def _place(self, cell: _Cell) -> None:
        metadata = cell.metadata or self._metadata(self._number, cell.role, "", "writing")
        self._channel.request(
            lambda number: protocol.CellPlace(
                id=number,
                prompt_id=self._prompt_id,
                cell_id=cell.cell_id,
                cell_type=cell.cell_type,
                source=cell.source,
                metadata=metadata,
            )
        )

    def _finish(
        self, cell: _Cell, source: str, metadata: protocol.CellMetadata, *, later: bool = False
    ) -> None:
        cell.source, cell.metadata = source, metadata
        if later:
            self._untold.append(cell)
        else:
            self._tell_finished(cell)

    def _tell_rest(self) -> None:
        while self._untold:
            self._tell_finished(self._untold.pop(0))

    def _tell_finished(self, cell: _Cell) -> None:
        reply = self._channel.request(lambda number: _finished(cell, number))
        if cell.role == "action":
            when_gone(reply, lambda: self.on_gone(cell.cell_id))

    def _remove(self, *, code: bool) -> None:
        """Take away a cell that turned out not to be needed."""
        if cell := self._cells.pop(code, None):
            metadata = self._metadata(self._number, cell.role, "", "stopped")
            self._take_away(cell.cell_id, cell.source, metadata)

    def _take_back_writing(self) -> None:
        if self._reply is not None:
            self._remove(code=True)
            self._remove(code=False)

    def _take_away(self, cell_id: str, text: str, metadata: protocol.CellMetadata) -> None:
        self._all[cell_id].gone = True
        self._decide(
            cell_id,
            lambda number: protocol.CellRemove(
                id=number, cell_id=cell_id, fingerprint=fingerprint(text), metadata=metadata
            ),
        )

    def _decide(self, cell_id: str, fate: Callable[[int], protocol.KernelRequest]) -> None:
        self._all[cell_id].fate = fate
        self._channel.request(fate)

    def _tell_outputs(self, cell: _Cell) -> None:
        """Say what the cell put out, as far as it was kept; who shows it already does nothing."""
        if (run := cell.run) is None:
            return
        self._channel.request(
            lambda number: protocol.CellOutputs(
                id=number,
                cell_id=cell.cell_id,
                execution_count=run.execution_count,
                outputs=tuple(run.outputs),
            )
        )

    # --- what a cell keeps of where it comes from

    def _about(
        self, step: Step, role: protocol.CellRole, text: str, status: str
    ) -> protocol.CellMetadata:
        grade = step.action.grade if step.action and role == "action" else None
        update: dict[str, Any] = {
            "seconds": round(step.seconds, 3),
            "tokens": step.usage.total,
            "grade": grade
            and protocol.Grade(kinds=grade.kinds, words=grade.sentence, grave=grade.grave),
        }
        return self._metadata(step.number, role, text, status).model_copy(update=update)

    def _metadata(
        self, step: int, role: protocol.CellRole, text: str, status: str
    ) -> protocol.CellMetadata:
        return protocol.CellMetadata(
            session=self._session,
            turn=self._turn,
            step=step,
            role=role,
            status=status,
            model=self._model,
            fingerprint=fingerprint(text),
        )


def _finished(cell: _Cell, number: int) -> protocol.CellFinish:
    assert cell.metadata is not None
    return protocol.CellFinish(
        id=number, cell_id=cell.cell_id, source=cell.source, metadata=cell.metadata
    )


def _texts(reply: Reply) -> tuple[str, str | None]:
    """A reply's prose and its code."""
    return (reply.thought if reply.code is not None else reply.answer) or "", reply.code
