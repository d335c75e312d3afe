"""The host ``cells``: each action is a real cell of the notebook that the user has open.

For a tab with our extension, in JupyterLab and Notebook 7. The magic returns at once and
the kernel is idle again; the turn goes on beside it, on a thread of its own. It proposes
cells over the tab's :class:`~codeact_jupyter.hosts.link.Channel`; who runs them, the user
or the tab, does so as any cell is run. That one really ran, and what, is seen by the
capture, so a word of the front end is never needed for it.

It never runs code itself, and never interrupts the kernel: the tab does both.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, assert_never

from codeact_jupyter import protocol
from codeact_jupyter.errors import ActionWithdrawn, CodeActError, FrontendGone
from codeact_jupyter.hosts.action_cell import ActionCell
from codeact_jupyter.hosts.messages import Messages
from codeact_jupyter.hosts.worker import Worker
from codeact_jupyter.progress import (
    Delta,
    Ended,
    Notice,
    Observed,
    Printed,
    Replied,
    SentBack,
    StepStarted,
)
from codeact_jupyter.redact import redact
from codeact_jupyter.types import Ending, Meanwhile, ShownCell, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.hosts.capture import Capture
    from codeact_jupyter.hosts.card import CardState
    from codeact_jupyter.hosts.keeper import Keeper
    from codeact_jupyter.hosts.kernel_thread import KernelThread
    from codeact_jupyter.hosts.link import Channel
    from codeact_jupyter.hosts.page import Page
    from codeact_jupyter.hosts.prompt import Prompt
    from codeact_jupyter.parts import Seen, Watch
    from codeact_jupyter.progress import Progress
    from codeact_jupyter.types import Action, Sight, Step, Turn

_log = logging.getLogger("codeact_jupyter")
WRITE_SECONDS = 0.05  # between two pieces of a cell that is being written
HELLO_SECONDS = 30.0
STOP_SECONDS = 3.0
NO_TAB = (
    "The notebook's browser tab did not answer, so no cell can be placed. Reload the page and "
    "run the prompt again."
)
BROKEN = (
    "A fault inside codeact_jupyter ended the turn: {fault}. What was done stays; the kernel's log "
    "has the details."
)
DELETED = "The user deleted the cell."
EDITED = "You edited this cell, so it waits for you to run it."


class CellsHost:
    """The host of one turn.

    Args:
        prompt: The cell that asked, as the front end described it.
        channel: To its tab.
        page: Writes the turn's cells.
        card: How the turn stands.
        capture: Sees the cells of the user's shell.
        watch: Looks at the variables of that shell.
        kernel: The thread that runs them.
        keeper: Makes what keeps the channel connected, on the turn's thread.
    """

    can_ask = True

    def __init__(
        self,
        *,
        prompt: Prompt,
        channel: Channel,
        page: Page,
        card: CardState,
        capture: Capture,
        watch: Watch,
        kernel: KernelThread,
        keeper: Callable[[], Keeper],
    ) -> None:
        self._prompt = prompt
        self._channel = channel
        self._page = page
        self._card = card
        self._messages = Messages(channel, prompt, card)
        self._capture = capture
        self._watch = watch
        self._kernel = kernel
        self._keeper = keeper
        self._worker = Worker()
        self._work: Any = None
        self._action: ActionCell | None = None
        self._withdrawn: dict[str, str] = {}  # cells that went before they were whole, and why
        self._step: Step | None = None  # whose action is not observed yet
        self._ending = Ending(kind="stopped", sentence="Stopped by you before the model was asked.")
        self._rest_approved = False
        self._ran: list[CellRun] = []
        self._writing: asyncio.TimerHandle | None = None
        self.stopping = False
        self.ended = False
        channel.heard = self._heard
        channel.bound = self._bound

    # --- the turn, beside the cell that asked

    @property
    def card(self) -> protocol.Card:
        """How the turn stands."""
        return self._card.card()

    def begin(
        self, turn: Callable[[], Coroutine[Any, Any, Turn]], over: Callable[[], None]
    ) -> None:
        """Start ``turn()`` on a thread of its own and return.

        ``over`` is called at its end, before the tab lets waiting cells go on.
        """

        def ended() -> None:
            over()
            self._end()
            self._kernel.post(self._worker.close)

        self._work = self._worker.start(lambda: self._main(turn), over=ended)

    async def _main(self, turn: Callable[[], Coroutine[Any, Any, Turn]]) -> None:
        """Run the turn; whatever comes of it is an ending that the user sees."""
        keeper = asyncio.ensure_future(self._keeper().keep())
        try:
            await self._hello()
            self._ending = (await turn()).ending
        except asyncio.CancelledError:
            pass  # as the ending says already
        except CodeActError as fault:
            self._ending = Ending(kind="fault", sentence=str(fault))
        except Exception as fault:  # noqa: BLE001 - a defect of ours must be seen, and end the turn
            _log.exception("a turn broke")
            sentence = BROKEN.format(fault=redact(repr(fault)))
            self._ending = Ending(kind="fault", sentence=sentence)
        finally:
            keeper.cancel()

    def stop(self) -> None:
        """End the turn; from any thread. The tab interrupts an action that runs."""
        self.stopping = True
        if self._work is not None:
            self._work.cancel()

    def close(self) -> None:
        """End the turn and its thread, for the kernel lets go of us."""
        self.stop()
        self._worker.close()

    async def _hello(self) -> None:
        self._messages.started()
        try:
            await asyncio.wait_for(asyncio.wrap_future(self._channel.hello), HELLO_SECONDS)
        except TimeoutError:
            raise FrontendGone(NO_TAB) from None

    def _end(self) -> None:
        """Tell the tab how it ended, also where it broke."""
        self.ended = True
        self._card.ended(self._ending)
        self._page.break_off()
        if self._step is not None and self._action is not None and self._action.started.done():
            self._page.mark(self._step, "interrupted")  # it ran, and nobody saw to what end
        self._messages.ended(self._page.cells)

    # --- what the loop asks for

    def show(self, progress: Progress) -> None:
        """Show ``progress``."""
        match progress:
            case StepStarted(number=number, model=model, cell_id=cell_id, draft=draft):
                self._card.thinking(number, model)
                self._page.begin(number, model, cell_id, draft)
            case Delta():
                self._write_soon()
                return
            case Notice(sentence=sentence, passing=passing):
                self._card.said(sentence, passing=passing)
            case Replied(step=step):
                self._replied(step)
                return
            case SentBack(step=step, sentence=sentence):
                self._page.take_back(step)
                self._card.said(sentence, passing=True)
            case Observed(step=step):
                self._observed(step)
            case Printed():
                pass  # the notebook shows its cells' outputs itself
            case Ended():
                return  # shown once the kernel is free for the next turn
            case _ as never:
                assert_never(never)
        self._messages.stands()

    async def look(self, characters: int, *, news: bool) -> Sight:
        """Look at the variables, within a budget, or at what changed since the last look."""
        watch = self._watch
        return await self._kernel.call(lambda: watch.news() if news else watch.digest(characters))

    async def above(self, characters: int) -> tuple[ShownCell, ...]:
        """The cells above the prompt, oldest first, within a budget."""
        return await self._messages.above(characters)

    async def meanwhile(self) -> Meanwhile:
        """What the user ran or changed himself since this was last asked."""
        ran, self._ran = tuple(self._ran), []
        return Meanwhile(ran=ran, changes=await self._messages.changes())

    async def ask(self, action: Action) -> Verdict:
        """Wait until the user runs the proposal, rejects it or deletes it."""
        cell = self._expect(action)
        installs = action.grade is not None and "install" in action.grade.kinds
        if self._rest_approved and not installs:
            return Verdict(kind="run", code=action.code)
        self._now("waiting")
        decisions: set[asyncio.Future[Any]] = {cell.started, cell.withdrawn, cell.approved}
        await asyncio.wait(decisions, return_when=asyncio.FIRST_COMPLETED)
        if cell.started.done():
            return Verdict(kind="run", code=cell.started.result(), begun=True)
        if cell.approved.done():
            return Verdict(kind="run", code=action.code)
        return Verdict(kind="rejected", reason=cell.withdrawn.result())

    async def run(self, action: Action, code: str) -> tuple[CellRun, Seen]:  # noqa: ARG002
        """See the cell of ``action`` run: have the tab run it, unless the user does."""
        cell = self._expect(action)
        if not cell.started.done():
            await self._have_it_run(action, cell)
        self._now("running")
        return await self._its_end(cell)

    # --- what the tab says, on the thread that runs cells

    def _heard(self, said: protocol.TabMessage) -> None:
        """Do what the user wants."""
        match said:
            case protocol.Stop():
                self.stop()
            case protocol.ApproveRest():
                self._worker_does(self._approve_rest)
            case protocol.Reject(cell_id=cell_id, reason=reason):
                self._worker_does(lambda: self._withdraw(cell_id, reason))
            case protocol.Gone(cell_id=cell_id) if cell_id == self._prompt.cell_id:
                self.stop()
            case protocol.Gone(cell_id=cell_id):
                self._worker_does(lambda: self._withdraw(cell_id, DELETED))
            case _:
                _log.warning("a tab said %r, which a turn does not expect", said.kind)

    def saw(self, run: CellRun) -> None:
        """A cell ran in the shell; those of the user are news for the model."""
        if not self.ended and run.cell_id not in {
            self._prompt.cell_id,
            self._action and self._action.cell_id,
        }:
            self._ran.append(run)

    # --- one action

    def _expect(self, action: Action) -> ActionCell:
        if self._action is None or self._action.cell_id != action.cell_id:
            self._action = ActionCell(action.cell_id, self._watch, self._worker_does)
            self._capture.expect(action.cell_id, self._action)
            if (reason := self._withdrawn.pop(action.cell_id, None)) is not None:
                self._action.withdrawn.set_result(reason)
        return self._action

    async def _have_it_run(self, action: Action, cell: ActionCell) -> None:
        """Have the tab run the cell; where the user edited it meanwhile, wait for him."""
        expected = None if self._rest_approved else action.code
        reply = asyncio.wrap_future(self._messages.run(action, expected))
        # The reply comes behind the cell, for the kernel is busy with it; a refusal at once.
        waiting: set[asyncio.Future[Any]] = {cell.started, cell.withdrawn, reply}
        while not cell.started.done():
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if cell.withdrawn in done:
                raise ActionWithdrawn(cell.withdrawn.result())
            if reply in done and not cell.started.done():
                waiting.discard(reply)
                self._not_run(reply.result())
        self._channel.withdraw("cell.run")

    def _not_run(self, reply: protocol.Reply) -> None:
        match reply.error:
            case None:
                pass  # it is on its way
            case "edited":
                self._now("waiting")
                self._card.said(EDITED, passing=True)
                self._messages.stands()
            case "stopped":
                self.stopping = True
                raise asyncio.CancelledError
            case "gone":
                raise ActionWithdrawn(DELETED)
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

    def _approve_rest(self) -> None:
        self._rest_approved = True
        if self._action is not None and not self._action.approved.done():
            self._action.approved.set_result(None)

    def _withdraw(self, cell_id: str, reason: str) -> None:
        action = self._action
        if action is None or action.cell_id != cell_id:
            self._withdrawn[cell_id] = reason
        elif not action.withdrawn.done():
            action.withdrawn.set_result(reason)

    def _worker_does(self, call: Callable[[], None]) -> None:
        """Have ``call`` done on the turn's thread, if that still lives."""
        self._work.post(call)

    # --- what is shown

    def _replied(self, step: Step) -> None:
        self._card.stepped(step)
        self._step = step if step.action else None
        if step.action is not None:
            self._expect(step.action)  # the user may run it before the loop asks
        self._page.finish(step)
        if step.action is None:
            self._messages.stands()

    def _observed(self, step: Step) -> None:
        assert step.observation is not None
        self._step = None
        run = step.observation.run
        if run is not None:
            self._page.mark(step, run.status, edited=step.observation.edited)
        else:
            self._page.remove_action(step, step.observation.status)
        if self._action is not None:
            self._capture.forget(self._action.cell_id)

    def _write_soon(self) -> None:
        """Write what streamed in, a few times a second: a tab draws each piece."""
        if self._writing is None:
            self._writing = asyncio.get_running_loop().call_later(WRITE_SECONDS, self._write)

    def _write(self) -> None:
        self._writing = None
        if self._page.write() and self._card.state == "thinking":
            self._now("writing")

    def _now(self, state: protocol.TurnState) -> None:
        self._card.now(state)
        self._messages.stands()

    def _bound(self) -> None:
        """Another tab took over: tell it what it has to know."""
        self._page.say_again()
        self._messages.stands()
