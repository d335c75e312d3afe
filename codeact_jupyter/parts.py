"""The seams of a turn: what the loop needs of a model, a host, a policy, a record.

The loop is written against these and nothing else, so every part can be another one: a
host that runs real cells of a notebook, a model that is scripted. The dialogue chooses
them (:mod:`codeact_jupyter.dialogue`); the loop uses them (:mod:`codeact_jupyter.loop`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from codeact_jupyter.progress import Draft

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from codeact_jupyter.cells import CellRun, RunStatus
    from codeact_jupyter.notebooks import Above, Meanwhile
    from codeact_jupyter.progress import Delta, Notice, Progress
    from codeact_jupyter.types import (
        Action,
        Changes,
        Completion,
        EndKind,
        Grade,
        Limits,
        Message,
        Observation,
        Reply,
        Sight,
        Step,
        Turn,
        Verdict,
    )

    Seen = tuple[Changes, tuple[str, ...]]
    """What an action changed, and which facts help after its error."""

T = TypeVar("T")


class Model(Protocol):
    """Completes a conversation."""

    @property
    def name(self) -> str:
        """The model's name."""

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        seconds: float,
        tokens: int,
        show: Callable[[Delta | Notice], None],
    ) -> Completion:
        """Return the next reply once it is whole, or raise a ModelError."""


class Host(Protocol):
    """Where actions become cells and get run."""

    @property
    def stopping(self) -> bool:
        """Whether the user wants the turn to stop, once what runs now has ended."""

    def show(self, progress: Progress) -> None:
        """Show what is going on; returns at once."""

    async def ask(self, action: Action) -> Verdict:
        """Ask the user whether ``action`` may run; NotAnswered when nobody is there."""

    async def run(self, action: Action, code: str) -> tuple[CellRun, Seen]:
        """Run ``code`` as the cell of ``action``, and look at what it did.

        Raises:
            ActionWithdrawn: The user took it back before it ran.
        """

    async def meanwhile(self) -> Meanwhile:
        """What the user did himself since this was last asked."""


class Policy(Protocol):
    """Decides whether an action may run."""

    async def decide(self, action: Action, ask: Callable[[Action], Awaitable[Verdict]]) -> Verdict:
        """Return the verdict on ``action``, asking the user where it has to."""


class Conversation(Protocol):
    """The messages of the session, append only."""

    @property
    def messages(self) -> Sequence[Message]:
        """As they are sent."""

    @property
    def told(self) -> Sequence[str]:
        """What the model was told: prompts, cells, outputs."""

    def reply(self, reply: Reply) -> None:
        """Add what the model said."""

    def observe(self, text: str) -> None:
        """Add what came of an action."""

    def doubt(self, reason: str) -> None:
        """Add why an answer does not stand, in place of :meth:`reply`."""

    def close(self, kind: EndKind) -> None:
        """End a turn that got no answer."""

    def compact(self) -> int:
        """Shorten what is old; return the characters that this saved, 0 when nothing is left."""


class Journal(Protocol):
    """Writes down what happened, when it happens."""

    def replied(self, step: Step) -> None:
        """A whole reply has come and been read; its action has not run yet."""

    def doubted(self, step: Step) -> None:
        """A reply has come that is no answer which outputs support; the model is asked again."""

    def broken_off(self, step: int, text: str) -> None:
        """A reply broke off; this much of it had come, and nothing of it will run."""

    def ended(self, turn: Turn) -> None:
        """The turn is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """Why a reply is no answer that stands.

    Attributes:
        told: The words for the model.
        sentence: The one for the user.
    """

    told: str
    sentence: str


class GrowingDraft(Draft, Protocol):
    """A reply that is read while it arrives."""

    def feed(self, piece: str) -> None:
        """Add what arrived, cut anywhere."""


class Senses(Protocol):
    """Reads replies and finds words for the model."""

    def read(self, completion: Completion) -> Reply:
        """Read a reply, in one of the action formats or as a tool call."""

    def draft(self) -> GrowingDraft:
        """A reply that is about to stream in."""

    def grade(self, code: str) -> Grade:
        """Say what an action would do, as far as its text tells."""

    def refuse(self, code: str) -> str | None:
        """Say why an action must never run, or None."""

    def describe(self, step: int, observation: Observation) -> str:
        """Put an observation into words for the model."""

    def doubt(
        self, prompt: str, reply: Reply, told: Sequence[str], observed: Sequence[Observation]
    ) -> Doubt | None:
        """Say why a reply without action is none, or rests on nothing told or run; or None."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """All that one turn is made of."""

    model: Model
    host: Host
    policy: Policy
    conversation: Conversation
    journal: Journal
    senses: Senses
    limits: Limits


# --- around a turn: what a dialogue needs of the kernel that it is about -------------


class Eyes(Protocol):
    """Those of one conversation: they remember which variables the model was told of."""

    @property
    def schema_only(self) -> bool:
        """Whether they say nothing of values."""


E = TypeVar("E", bound=Eyes)


class Watch(Eyes, Protocol):
    """Eyes where the cells run."""

    def digest(self, characters: int) -> Sight:
        """All variables, within a budget; what changes after this is news."""

    def news(self) -> Sight:
        """What changed since the variables were last looked at."""

    def before(self) -> None:
        """Remember the variables as they are before an action."""

    def after(self, source: str, status: RunStatus) -> Seen:
        """Say what an action changed, and which facts help after its error."""


class LookingHost(Host, Protocol):
    """A host that can tell what there is before a turn begins."""

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""

    async def look(self, characters: int, *, news: bool) -> Sight:
        """Look at the variables, within a budget, or at what changed since the last look."""

    async def above(self, characters: int) -> Above | None:
        """The notebook's cells above the prompt; None where they are not known."""


class ServingHost(LookingHost, Protocol):
    """A host whose turn blocks whoever asked."""

    def serve(self, turn: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run ``turn()`` to its end, doing what it asks for on the calling thread."""


class BesideHost(LookingHost, Protocol):
    """A host whose turn goes on beside the cells of the notebook."""

    def begin(
        self, turn: Callable[[], Coroutine[Any, Any, Turn]], over: Callable[[], None]
    ) -> None:
        """Start ``turn()`` and return; ``over`` is called when the next one may begin."""


class Place(Protocol[E]):
    """The kernel that a dialogue is about."""

    def eyes(self, *, schema_only: bool) -> E:
        """New eyes, which say nothing of values if ``schema_only``."""

    def host(self, eyes: E) -> ServingHost:
        """The host for one turn, which fits whoever asks now."""
