"""What several messages hold: a cell's metadata, the card, a grade."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

ReplyError = Literal["gone", "edited", "stopped", "failed", "unknown"]
"""Why a request was not carried out: the cell or prompt is ``gone``; its text was
``edited``; the user ``stopped`` the turn; it ``failed``; the kind is ``unknown``."""

CellRole = Literal["prompt", "thought", "action", "answer"]
CellStatus = Literal[
    "writing",  # the model is still writing it; nobody runs it
    "proposed",  # an action that waits for its approval
    "running",
    "ok",
    "error",
    "interrupted",
    "timed_out",
    "rejected",
    "refused",
    "stopped",
    "done",  # prose that is whole
]
TurnState = Literal["thinking", "writing", "waiting", "running", "ended"]


class Shape(BaseModel):
    """A value that may be sent; what it does not know it refuses."""

    # A sender always writes every field, so the generated types have none that is optional.
    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_serialization_defaults_required=True
    )


class Grade(Shape):
    """What an action would do, in words: :mod:`codeact_jupyter.policy.grades`."""

    kinds: tuple[str, ...]
    words: str
    grave: bool


class CellMetadata(Shape):
    """What a cell of a turn keeps under ``codeact`` in the notebook's file.

    Attributes:
        step: From 1; of a prompt, how many steps its turn took.
        status: Of a prompt: ``running``, or how its turn ended
            (:data:`codeact_jupyter.types.EndKind`).
        fingerprint: SHA-256 of what the model wrote; of a prompt, of its words.
        edited: Whether something else than that was run.
        cells: Of a prompt: how many cells its turn left in the notebook.
        branches: Of a prompt: the cells of its earlier turns, set aside.
        wrote: Of an action: what the model wrote, where the user made something else of it.
        ran: Of an action: the fingerprint of what was run last, where that is something else.
        since: Of an action: whether the user ``changed`` and ran it again when its turn had
            gone on, or it is ``stale`` because he did so with one before it.
        replaces: Of a prompt: the turn whose cells go once the new one has a cell.

    The last five are the tab's own: what the kernel says of a cell leaves them as they are.
    """

    version: int = 1
    session: str
    turn: str
    step: int = 0
    role: CellRole
    status: str
    model: str = ""
    seconds: float = 0.0
    tokens: int = 0
    fingerprint: str = ""
    edited: bool = False
    grade: Grade | None = None
    cells: int | None = None
    branches: tuple[Any, ...] | None = None
    wrote: str | None = None
    ran: str | None = None
    since: Literal["changed", "stale"] | None = None
    replaces: str | None = None


class Card(Shape):
    """How a turn stands, as its card shows it; also saved with the prompt's output.

    Attributes:
        step: The step that is thought about, written or run; 0 before the first.
        tokens: In both directions.
        tokens_in: Those sent, with those that the endpoint read from its cache.
        tokens_cached: The latter. Of a turn answered before only the sum is known.
        cost: In the endpoint's money, or null where it told none.
        estimated: Whether the tokens are our estimate.
        policy: Who approves: the user each action, or nobody.
        notice: One sentence about what is going on, or ``""``.
        ending: How the turn ended (:data:`codeact_jupyter.types.EndKind`), ``""`` before.
        sentence: What the end means and what to do next.
    """

    version: int = 1
    session: str
    turn: str
    prompt_id: str
    state: TurnState
    step: int
    tokens: int
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    cost: float | None = None
    estimated: bool
    seconds: float
    model: str
    policy: Literal["ask", "auto"]
    notice: str = ""
    ending: str = ""
    sentence: str = ""
