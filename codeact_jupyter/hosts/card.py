"""The card of a turn: how it stands, in the output of its prompt.

The host tells a :class:`CardState` what happens; what it returns goes to the tab, which
shows it, and into the notebook's file. A front end without our extension shows the same
in Markdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from codeact_jupyter import protocol
from codeact_jupyter.console import count
from codeact_jupyter.markdown import safe
from codeact_jupyter.shared_names import CARD_MIME
from codeact_jupyter.types import Usage

if TYPE_CHECKING:
    from codeact_jupyter.types import Ending, Step, Turn

STATES: dict[protocol.TurnState, str] = {
    "thinking": "the model is thinking",
    "writing": "the model is writing",
    "waiting": "waiting for you",
    "running": "the action is running",
    "ended": "",
}
APPROVED = "Every remaining step of this turn runs at once, and nothing checks its effects."


class CardState:
    """What is known of one turn.

    Args:
        session: The session's id.
        turn: The turn's id.
        prompt_id: The prompt's cell.
        policy: Who approves.
    """

    def __init__(
        self, *, session: str, turn: str, prompt_id: str, policy: Literal["ask", "auto"]
    ) -> None:
        self._session, self._turn, self._prompt_id = session, turn, prompt_id
        self._policy: Literal["ask", "auto"] = policy
        self._state: protocol.TurnState = "thinking"
        self._step = 0
        self._model = ""
        self._usage = Usage()
        self._seconds = 0.0
        self._notices: list[str] = []
        self._passing = ""
        self._ending = ("", "")

    def thinking(self, step: int, model: str) -> None:
        """The model is asked for a step."""
        self._step, self._model = step, model
        self.now("thinking")

    def now(self, state: protocol.TurnState) -> None:
        """Another state; what was said in passing is over."""
        self._state, self._passing = state, ""

    @property
    def state(self) -> protocol.TurnState:
        """What goes on."""
        return self._state

    def said(self, sentence: str, *, passing: bool) -> None:
        """One sentence for the user, which stays unless it is said in passing."""
        if passing:
            self._passing = sentence
        else:
            self._notices.append(sentence)

    def approve_rest(self) -> None:
        """From now on nobody is asked."""
        if self._policy == "ask":
            self._policy = "auto"
            self.said(APPROVED, passing=False)

    def stepped(self, step: Step) -> None:
        """A reply is whole."""
        self._usage += step.usage
        self._seconds += step.seconds

    def totalled(self, turn: Turn) -> None:
        """All is counted, also a reply that broke off and so was no step."""
        self._usage, self._seconds = turn.usage, turn.seconds

    def ended(self, ending: Ending) -> None:
        """The turn is over."""
        self.now("ended")
        self._ending = (ending.kind, "" if ending.kind == "answered" else ending.sentence)

    def card(self) -> protocol.Card:
        """The card as it stands."""
        return protocol.Card(
            session=self._session,
            turn=self._turn,
            prompt_id=self._prompt_id,
            state=self._state,
            step=self._step,
            tokens=self._usage.total,
            tokens_in=self._usage.input,
            tokens_out=self._usage.output,
            tokens_cached=self._usage.cached,
            cost=self._usage.cost,
            estimated=self._usage.estimated,
            seconds=round(self._seconds, 1),
            model=self._model,
            policy=self._policy,
            notice="\n".join(filter(None, [*self._notices, self._passing])),
            ending=self._ending[0],
            sentence=self._ending[1],
        )


def bundle(card: protocol.Card) -> dict[str, Any]:
    """The card as a display: its own type, and Markdown for whoever does not know that."""
    text = safe(f"*{words(card)}*")
    return {
        CARD_MIME: card.model_dump(mode="json"),
        "text/markdown": text,
        "text/plain": words(card),
    }


def words(card: protocol.Card) -> str:
    """The card as one line, and what there is to be said below it."""
    about = "about " if card.estimated else ""
    parts = [
        "CodeAct",
        count(card.step, "step"),
        f"{card.seconds:.1f} s",
        f"{about}{card.tokens:,} tokens",
    ]
    line = " · ".join(filter(None, [*parts, card.model, STATES[card.state]]))
    return "  \n".join(filter(None, [line, card.notice, card.sentence]))
