"""The host ``cells``: each action is a real cell of the notebook that the user has open.

For a tab with our extension, in JupyterLab and Notebook 7. The magic returns at once and
the kernel is idle again; the turn goes on beside it, on a thread of its own. It proposes
cells over the tab's :class:`~codeact_jupyter.hosts.link.Channel`; who runs them, the user
or the tab, does so as any cell is run. That one really ran, and what, is seen by the
capture, so a word of the front end is never needed for it.

It never runs code itself, and never interrupts the kernel: the tab does both. What a tab
says may come on any thread, for some kernels hear it on threads of their own.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, assert_never

from codeact_jupyter import protocol
from codeact_jupyter.errors import CodeActError, FrontendGone
from codeact_jupyter.hosts.late import LateOutputs
from codeact_jupyter.hosts.messages import Messages
from codeact_jupyter.hosts.proposals import OUTLIVED, Proposals
from codeact_jupyter.hosts.screens import refusal_of
from codeact_jupyter.hosts.worker import Worker
from codeact_jupyter.notebooks import Meanwhile
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
from codeact_jupyter.types import Ending

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.hosts.capture import Capture
    from codeact_jupyter.hosts.card import CardState
    from codeact_jupyter.hosts.hidden import HiddenNames
    from codeact_jupyter.hosts.keeper import Keeper
    from codeact_jupyter.hosts.kernel_thread import KernelThread
    from codeact_jupyter.hosts.link import Channel
    from codeact_jupyter.hosts.page import Page
    from codeact_jupyter.hosts.prompt import Prompt
    from codeact_jupyter.notebooks import Above
    from codeact_jupyter.parts import Seen, Watch
    from codeact_jupyter.progress import Progress
    from codeact_jupyter.types import Action, Sight, Step, Turn, Verdict

_log = logging.getLogger("codeact_jupyter")
WRITE_SECONDS = 0.05  # between two pieces of a cell that is being written
HELLO_SECONDS = 30.0  # of an idle kernel: one that runs a cell hears nobody
NO_TAB = (
    "The notebook's browser tab did not answer, so no cell can be placed. Reload the page and "
    "run the prompt again."
)
BROKEN = (
    "A fault inside codeact_jupyter ended the turn: {fault}. What was done stays; the kernel's log "
    "has the details."
)
STOPPED_BEFORE = "Stopped by you before the model was asked."
UNLOADED = (
    "CodeAct was unloaded from the kernel, so this turn ended. What was done stays; run "
    "`%load_ext codeact_jupyter` and the prompt again to go on."
)
REJECTED = "Step {number} was rejected, and did not run: you {deed}"


class CellsHost:
    """The host of one turn.

    Args:
        prompt: The cell that asked, as the front end described it.
        channel: To its tab.
        page: Writes the turn's cells.
        card: How the turn stands.
        capture: Sees the cells of the user's shell.
        watch: Looks at the variables of that shell.
        hidden: Which of them the model is not told of.
        kernel: The thread that runs them.
        keeper: Makes what keeps the channel connected, on the turn's thread.

    Attributes:
        stopping: Whether the user wants the turn to stop.
        ended: Whether it is over.
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
        hidden: HiddenNames,
        kernel: KernelThread,
        keeper: Callable[[], Keeper],
    ) -> None:
        self._prompt = prompt
        self._channel = channel
        self._page = page
        self._card = card
        self._messages = Messages(channel, prompt, card, on_gone=self.stop)
        self._capture = capture
        self._watch = watch
        self._hidden = hidden
        self._kernel = kernel
        self._keeper = keeper
        self._worker = Worker()
        self._work: Any = None
        self._proposals = Proposals(
            page=page,
            capture=capture,
            watch=watch,
            on_turn=self._on_turn,
            tell=self._tell,
            all_approved=card.card().policy == "auto",
        )
        self._ending = Ending(kind="stopped", sentence=STOPPED_BEFORE)
        self._ran: deque[CellRun] = deque()
        self._late = LateOutputs()
        self._writing: asyncio.TimerHandle | None = None
        self._unloaded = False
        self.stopping = False
        self.ended = False
        page.on_gone = lambda cell_id: self._on_turn(  # a tab replies on the kernel's thread
            lambda: self._proposals.withdraw_by("deleted", cell_id)
        )
        channel.heard = self._heard
        channel.bound = self._bound
        channel.on_turn = self._on_turn

    # --- the turn, beside the cell that asked

    @property
    def card(self) -> protocol.Card:
        """How the turn stands."""
        return self._card.card()

    def asks(self, prompt: Prompt) -> bool:
        """Whether this turn runs, and answers that very prompt."""
        own = self._prompt
        return not self.ended and (own.cell_id, own.words) == (prompt.cell_id, prompt.words)

    def begin(
        self, turn: Callable[[], Coroutine[Any, Any, Turn]], over: Callable[[], None]
    ) -> None:
        """Start ``turn()`` on a thread of its own and return.

        ``over`` is called at its end, before the tab lets waiting cells go on.
        """

        def ended() -> None:
            try:
                over()
                self._end()
            except Exception:  # noqa: BLE001 - the turn is over, and the next one must begin
                _log.exception("the end of a turn could not be told")
            finally:
                self.ended = self._channel.over = True
                self._kernel.post(self._worker.close)

        self._capture.eager = True
        self._work = self._worker.start(lambda: self._main(turn), over=ended)

    def stop(self) -> None:
        """End the turn; from any thread. The tab interrupts an action that runs."""
        if not self.ended and self._work is not None:
            self.stopping = True
            self._work.cancel()

    def close(self) -> None:
        """End the turn and its thread, for the kernel lets go of us."""
        self._unloaded = True
        self.stop()
        self._worker.close()

    def give_up(self) -> None:
        """The turn could not begin."""
        self.ended = self._channel.over = True

    async def _main(self, turn: Callable[[], Coroutine[Any, Any, Turn]]) -> None:
        """Run the turn; whatever comes of it is an ending that the user sees."""
        keeper = self._keeper()
        keeping = asyncio.ensure_future(keeper.keep())
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
            keeping.cancel()
            await keeper.settled()

    async def _hello(self) -> None:
        self._messages.started()
        hello = asyncio.wrap_future(self._channel.hello)
        while not hello.done():
            await asyncio.wait({hello}, timeout=HELLO_SECONDS)
            if not hello.done() and not self._capture.running:
                raise FrontendGone(NO_TAB)

    def _end(self) -> None:
        """Tell the tab how it ended, also where it broke."""
        self._capture.eager = False
        self._page.break_off()
        self._proposals.leave()
        if self._unloaded:
            self._ending = Ending(kind="stopped", sentence=UNLOADED)
        if self._proposals.outlived:
            sentence = f"Stopped by you. {OUTLIVED.format(place='the kernel')}"
            self._ending = Ending(kind="stopped", sentence=sentence)
        self._card.ended(self._ending)
        self._messages.ended()

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
                self._proposals.observed(step)
                self._say_why_not(step)
            case Printed():
                pass  # the notebook shows its cells' outputs itself
            case Ended(turn=turn):
                self._card.totalled(turn)
                return  # shown once the kernel is free for the next turn
            case _ as never:
                assert_never(never)
        self._messages.stands()

    async def look(self, characters: int, *, news: bool) -> Sight:
        """Look at the variables, within a budget, or at what changed since the last look."""
        watch = self._watch
        return await self._kernel.call(lambda: watch.news() if news else watch.digest(characters))

    async def above(self, characters: int) -> Above:
        """The cells above the prompt, oldest first, within a budget."""
        above = await self._messages.above(characters)
        await self._kernel.call(lambda: self._hidden.told(above.hidden))
        self._ran.clear()  # what ran until now is told with them, from the record
        return above

    async def meanwhile(self) -> Meanwhile:
        """What the user ran or changed since this was last asked, and what cells put out late."""
        changes = await self._messages.changes()
        ran = []
        while self._ran:
            ran.append(self._ran.popleft())
            self._late.add(ran[-1])
        return Meanwhile(ran=tuple(ran), changes=changes, late=self._late.news())

    async def ask(self, action: Action) -> Verdict:
        """Wait until the user runs the proposal, rejects it or deletes it."""
        return await self._proposals.ask(action)

    async def run(self, action: Action, code: str) -> tuple[CellRun, Seen]:  # noqa: ARG002
        """See the cell of ``action`` run: have the tab run it, unless the user does."""
        run, seen = await self._proposals.run(action)
        self._late.add(run, action.step)
        return run, seen

    # --- what the tab says

    def _heard(self, said: protocol.TabMessage) -> bool:
        """Do what the user wants; False where it is not about this turn."""
        match said:
            case _ if self.ended:
                return False
            case protocol.Stop(turn=turn) if turn in {"", self._channel.turn}:
                self.stop()
            case protocol.ApproveRest(turn=turn) if turn == self._channel.turn:
                self._on_turn(self._approve_rest)
            case protocol.Reject(cell_id=cell_id, deed=deed) if deed and self._page.made(cell_id):
                self._on_turn(lambda: self._proposals.withdraw_by(deed, cell_id))
            case protocol.Reject(cell_id=cell_id, reason=reason) if self._page.made(cell_id):
                self._on_turn(lambda: self._proposals.withdraw(cell_id, reason))
            case protocol.Gone(cell_id=cell_id) if cell_id == self._prompt.cell_id:
                self.stop()
            case protocol.Gone(cell_id=cell_id) if self._page.made(cell_id):
                self._on_turn(lambda: self._deleted(cell_id))
            case _:
                return False
        return True

    def saw(self, run: CellRun) -> None:
        """A cell ran in the shell; those of the user are news for the model."""
        ours = {self._prompt.cell_id, self._proposals.open_id}
        if not self.ended and run.cell_id not in ours:
            self._on_turn(lambda: self._page.ran_again(run))
            if not run.hidden:
                self._ran.append(run)

    def _deleted(self, cell_id: str) -> None:
        self._page.deleted(cell_id)
        self._proposals.withdraw_by("deleted", cell_id)

    def _approve_rest(self) -> None:
        self._card.approve_rest()
        self._proposals.approve_rest()
        self._messages.stands()

    def _on_turn(self, call: Callable[[], None]) -> None:
        """Have ``call`` done on the turn's thread, or here when that has ended."""
        if self.ended or self._work is None or not self._work.post(call):
            call()

    # --- what is shown

    def _say_why_not(self, step: Step) -> None:
        """Say why a rule refused it, or what the user did to its cell.

        That counts as a rejection, and he may have meant something else.
        """
        assert step.action is not None
        assert step.observation is not None
        if refusal := refusal_of(step):
            self._card.said(refusal, passing=False)
        deed = self._proposals.deed(step.action.cell_id)
        if deed and step.observation.status == "rejected":
            self._card.said(REJECTED.format(number=step.number, deed=deed), passing=False)

    def _replied(self, step: Step) -> None:
        self._card.stepped(step)
        self._proposals.propose(step)
        if step.action is None:
            self._messages.stands()

    def _write_soon(self) -> None:
        """Write what streamed in, a few times a second: a tab draws each piece."""
        if self._writing is None:
            self._writing = asyncio.get_running_loop().call_later(WRITE_SECONDS, self._write)

    def _write(self) -> None:
        self._writing = None
        if self._page.write() and self._card.state == "thinking":
            self._tell("writing", "")

    def _tell(self, state: protocol.TurnState, sentence: str) -> None:
        self._card.now(state)
        if sentence:
            self._card.said(sentence, passing=True)
        self._messages.stands()

    def _bound(self) -> None:
        """Another tab took over: tell it what it has to know."""
        self._page.say_again()
        self._messages.stands()
