"""What a host shows while a turn runs.

The loop tells its host what goes on, as one of these values; a screen writes them into a
terminal or a cell's output, a host with real cells makes cells of them. The union is
closed: whoever shows progress matches it with ``assert_never``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from codeact_jupyter.types import Reply, Step, Turn


class Draft(Protocol):
    """A reply that is still being written."""

    @property
    def so_far(self) -> Reply:
        """The reply as it stands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepStarted:
    """The model is asked for step ``number``.

    Attributes:
        number: From 1 in its turn.
        model: The model's name.
        cell_id: Of the action that the reply may hold.
        draft: The reply as it stands at any moment from now on, or None where nobody reads
            it before it is whole.
    """

    number: int
    model: str
    cell_id: str = ""
    draft: Draft | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delta:
    """A piece of the reply as it streams in; ``reasoning`` is shown folded or not at all."""

    text: str = ""
    reasoning: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One sentence about what is going on: a retry, a context that had to be shortened.

    Attributes:
        sentence: For the user.
        passing: True for a state that the next thing shown may replace, such as a second
            of a countdown.
    """

    sentence: str
    passing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """Text that a cell put out, from a host whose kernel has no screen of its own."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Replied:
    """The reply is whole and read: the final form of what streamed before."""

    step: Step


@dataclass(frozen=True, kw_only=True, slots=True)
class SentBack:
    """A reply was sent back to the model: empty, a tool call, or supported by no output."""

    step: Step
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """It is known what came of a step's action; the model reads it next."""

    step: Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """The turn is over."""

    turn: Turn


Progress = StepStarted | Delta | Notice | Replied | SentBack | Printed | Observed | Ended
"""Everything that a host is told to show; closed, matched with ``assert_never``."""
