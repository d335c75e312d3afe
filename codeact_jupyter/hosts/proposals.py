"""The actions of one turn as cells that wait, run, or are taken back.

A proposal comes to an end in one of these ways: the user runs its cell, edited or not; he
approves it, or all that follow, and the tab runs it; he rejects or deletes it; the turn is
stopped. Whoever runs it, that it runs is seen by the capture. Used by the host, on the
turn's thread; nothing here runs code.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Literal

from codeact_jupyter.errors import ActionWithdrawn, FrontendGone
from codeact_jupyter.hosts.action_cell import ActionCell
from codeact_jupyter.types import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeact_jupyter import protocol
    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.hosts.capture import Capture
    from codeact_jupyter.hosts.page import Page
    from codeact_jupyter.parts import Seen, Watch
    from codeact_jupyter.protocol.from_tab import Deed
    from codeact_jupyter.types import Action, Step

STOP_SECONDS = 3.0
OUTLIVED = (
    "The action goes on although it was interrupted. Wait for its end, or restart {place}, which "
    "loses the variables."
)
DEEDS: dict[Deed | Literal["deleted"], str] = {
    "deleted": "deleted the cell.",
    "emptied": "emptied the cell.",
    "made_markdown": "turned the cell into Markdown.",
    "made_raw": "turned the cell into a raw cell.",
}
INSTALLS = "This action may install packages, so it waits for you all the same."
EDITED = "You edited this cell, so it waits for you to run it."


class Proposals:
    """The actions of one turn, of which one at a time is open.

    Args:
        page: Writes the turn's cells, and has the tab run one.
        capture: Sees the cells of the user's shell.
        watch: Looks at the variables of that shell.
        on_turn: Hands a call to the turn's thread.
        tell: Told how the turn stands now, with a sentence or ``""``.
        all_approved: Whether no action is asked for.

    Attributes:
        outlived: Whether an action goes on although the turn was stopped.
    """

    def __init__(
        self,
        *,
        page: Page,
        capture: Capture,
        watch: Watch,
        on_turn: Callable[[Callable[[], None]], None],
        tell: Callable[[protocol.TurnState, str], None],
        all_approved: bool,
    ) -> None:
        self._page = page
        self._capture = capture
        self._watch = watch
        self._on_turn = on_turn
        self._tell = tell
        self._all_approved = all_approved
        self._cell: ActionCell | None = None
        self._step: Step | None = None  # whose action is not observed yet
        self._gone: dict[str, str] = {}  # reasons, also for cells that are still written
        self._deeds: dict[str, str] = {}  # what the user did, where that counts as a rejection
        self.outlived = False

    @property
    def open_id(self) -> str:
        """The id of the action's cell that is open, or was last."""
        return self._cell.cell_id if self._cell is not None else ""

    def propose(self, step: Step) -> None:
        """A reply is whole: show it; the user may run its action from now on."""
        self._step = step if step.action else None
        waits = False
        if step.action is not None:
            self._expect(step.action)
            waits = self._waits(step.action)
        self._page.finish(step, waits=waits)

    def observed(self, step: Step) -> None:
        """It is known what came of the action."""
        assert step.observation is not None
        self._step = None
        run = step.observation.run
        if run is not None:
            self._page.mark(step, run.status, run=run, edited=step.observation.edited)
        else:
            self._page.remove_action(step, step.observation.status)
        self._capture.forget(self.open_id)

    async def ask(self, action: Action) -> Verdict:
        """Wait until the user runs the proposal, rejects it or deletes it."""
        cell = self._expect(action)
        if not self._waits(action):
            return Verdict(kind="run", code=action.code)
        self._tell("waiting", INSTALLS if self._all_approved else "")
        decisions: set[asyncio.Future[Any]] = {
            *(cell.started, cell.ended, cell.withdrawn, cell.approved)
        }
        await asyncio.wait(decisions, return_when=asyncio.FIRST_COMPLETED)
        if cell.started.done():
            return Verdict(kind="run", code=cell.started.result(), begun=True)
        if cell.ended.done():  # it ran, though nobody saw it begin
            return Verdict(kind="run", code=cell.ended.result()[0].source, begun=True)
        if cell.approved.done():
            return Verdict(kind="run", code=action.code)
        return Verdict(kind="rejected", reason=cell.withdrawn.result())

    async def run(self, action: Action) -> tuple[CellRun, Seen]:
        """See the action run: have the tab run it, unless the user does."""
        cell = self._expect(action)
        if not (cell.started.done() or cell.ended.done()):
            try:
                await self._have_it_run(action, cell)
            finally:
                self._page.run_no_more()
        if cell.started.done():
            self._page.runs(action, cell.started.result(), cell.request)
        self._tell("running", "")
        return await self._its_end(cell)

    def approve_rest(self) -> None:
        """The user lets this action and all later ones run."""
        self._all_approved = True
        if self._cell is not None and not self._cell.approved.done():
            self._cell.approved.set_result(None)

    def deed(self, cell_id: str) -> str:
        """What the user did to a cell that counted as its rejection, after "you"; or ``""``."""
        return self._deeds.get(cell_id, "")

    def withdraw_by(self, deed: Deed | Literal["deleted"], cell_id: str) -> None:
        """The user did something to this action's cell, so that it cannot run."""
        if cell_id not in self._gone:
            self._deeds[cell_id] = DEEDS[deed]
            self.withdraw(cell_id, f"The user {DEEDS[deed]}")

    def withdraw(self, cell_id: str, reason: str) -> None:
        """The user does not want this action, of which he may have seen the beginning only."""
        self._gone.setdefault(cell_id, reason)
        cell = self._cell
        if cell is not None and cell.cell_id == cell_id and not cell.withdrawn.done():
            cell.withdrawn.set_result(reason)

    def leave(self) -> None:
        """The turn is over: leave no action as if it were to run."""
        step, cell = self._step, self._cell
        if step is None or cell is None:
            return
        if cell.ended.done():  # it may have, though nobody saw it begin
            run, _ = cell.ended.result()
            self._page.mark(step, run.status, run=run)
            self._capture.forget(cell.cell_id)
        elif not cell.started.done() and self._capture.withdraw(cell.cell_id):
            self._page.remove_action(step, "stopped")
        else:
            self.outlived = True
            self._page.mark(step, "interrupted")
            cell.late = lambda run: self._ended_late(step, run)

    def _ended_late(self, step: Step, run: CellRun) -> None:
        self._page.mark(step, run.status, run=run)
        self._capture.forget(run.cell_id or "")

    def _expect(self, action: Action) -> ActionCell:
        if self._cell is None or self._cell.cell_id != action.cell_id:
            self._cell = ActionCell(action.cell_id, self._watch, self._on_turn)
            self._capture.expect(action.cell_id, self._cell)
            if (reason := self._gone.get(action.cell_id)) is not None:
                self._cell.withdrawn.set_result(reason)
        return self._cell

    def _waits(self, action: Action) -> bool:
        """Whether the user decides about ``action``, now that he approved the rest or not."""
        return action.installs or not self._all_approved

    async def _have_it_run(self, action: Action, cell: ActionCell) -> None:
        """Have the tab run the cell; where the user edited it meanwhile, wait for him."""
        expected = None if cell.approved.done() else action.code  # what he saw he may have edited
        reply = asyncio.wrap_future(self._page.run(action, expected))
        # Where the kernel is busy with the cell, the reply comes behind it; a refusal at once.
        waiting: set[asyncio.Future[Any]] = {cell.started, cell.ended, cell.withdrawn, reply}
        while not (cell.started.done() or cell.ended.done()):
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if cell.started.done() or cell.ended.done():
                return
            if cell.withdrawn.done():
                if self._capture.withdraw(cell.cell_id):
                    raise ActionWithdrawn(cell.withdrawn.result())
                waiting -= {cell.withdrawn, reply}  # too late: it has started, and will say so
                continue
            waiting.discard(reply)
            self._not_run(reply.result())

    def _not_run(self, reply: protocol.Reply) -> None:
        match reply.error:
            case None:
                pass  # it is on its way
            case "edited":
                if self._step is not None:
                    self._page.mark(self._step, "proposed")
                self._tell("waiting", EDITED)
            case "stopped":
                raise asyncio.CancelledError
            case "gone":
                self.withdraw_by("deleted", self.open_id)
                raise ActionWithdrawn(self._gone[self.open_id])
            case "failed" | "unknown":
                raise FrontendGone(f"The browser tab could not run the cell: {reply.text}")

    async def _its_end(self, cell: ActionCell) -> tuple[CellRun, Seen]:
        """What came of the cell; a Stop gives it some time to end, so that it is observed."""
        try:
            return await asyncio.shield(cell.ended)
        except asyncio.CancelledError:
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(cell.ended), STOP_SECONDS)
            raise
