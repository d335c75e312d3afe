"""What the kernel and a browser tab with our extension say to each other.

Defined here once; the TypeScript types are generated from :func:`schema` and a test
compares them. Each tab that shows a notebook opens a comm ``codeact`` to its kernel and
says :class:`Hello`; the kernel answers :class:`Welcome`. After that:

=================  ===========================================  =========================
kernel to tab      what the tab does                            when it cannot
=================  ===========================================  =========================
``turn.started``   mark the prompt's cell; set old cells aside  ``gone``: no such prompt
``turn.card``      show how the turn stands (no reply)          nothing: the next one will
``cell.place``     insert a cell behind the turn's last one     ``gone``: the prompt went
``cell.text``      write what the model wrote (no reply)        nothing: ``cell.finish``
``cell.finish``    the cell is whole: a proposal, or prose      ``gone``
``cell.run``       run it as the user would                     ``gone edited stopped``
``cell.mark``      keep what came of it in its metadata         ``gone``
``cell.remove``    take it away, unless the user edited it      ``edited``
``notebook.read``  say what stands above the prompt             ``gone``
``notebook.news``  say what the user changed since              never
``turn.ended``     show the end, let held cells go on           ``gone``
``ping``           reply                                        the tab is closed
=================  ===========================================  =========================

A message with an ``id`` is a request: it gets exactly one ``reply``, which says ok or
names the error, and it is sent again to the next tab of that notebook when the reply did
not come; so each of them does nothing the second time. The kernel owns the turn: a tab
that was reloaded is told again what it has to know.

================  =============================================
tab to kernel     what the kernel does
================  =============================================
``stop``          end the turn; the tab interrupts a running action itself
``reject``        tell the model that this proposal must not run, and why
``approve.rest``  run this proposal and all later ones of this turn
``gone``          a proposal was deleted (as ``reject``), or the prompt (as ``stop``)
================  =============================================

Cells are named by their id and never by their place. A text that is to be run or taken
away is named by its fingerprint, so what the user edited meanwhile is never lost.

This module only holds shapes. It never sends anything, and is not loaded before a tab
says hello.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from codeact_jupyter._version import __version__

COMM = "codeact"
READY_COMM = "codeact-ready"
CARD_MIME = "application/vnd.codeact.turn+json"
METADATA_KEY = "codeact"

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


class _Shape(BaseModel):
    # A sender always writes every field, so the generated types have none that is optional.
    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_serialization_defaults_required=True
    )


class Grade(_Shape):
    """What an action would do, in words: :mod:`codeact_jupyter.policy.grades`."""

    kinds: tuple[str, ...]
    words: str
    grave: bool


class CellMetadata(_Shape):
    """What a cell of a turn keeps under ``codeact`` in the notebook's file.

    Attributes:
        step: From 1; 0 for a prompt.
        status: Of a prompt: ``running``, or how its turn ended
            (:data:`codeact_jupyter.types.EndKind`).
        fingerprint: SHA-256 of what the model wrote; of a prompt, of its words.
        edited: Whether something else than that was run.
        steps: Of a prompt: how many cells its turn left in the notebook.
        branches: Of a prompt: the cells of its earlier turns, set aside.
    """

    version: int = 1
    session: str
    turn: str
    step: int
    role: CellRole
    status: str
    model: str = ""
    seconds: float = 0.0
    tokens: int = 0
    fingerprint: str = ""
    edited: bool = False
    grade: Grade | None = None
    steps: int | None = None
    branches: tuple[Any, ...] | None = None


class Card(_Shape):
    """How a turn stands, as its card shows it; also saved with the prompt's output.

    Attributes:
        step: The step that is thought about, written or run; 0 before the first.
        estimated: Whether ``tokens`` is our estimate.
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
    estimated: bool
    seconds: float
    model: str
    policy: Literal["ask", "auto"]
    notice: str = ""
    ending: str = ""
    sentence: str = ""


# --- kernel to tab ------------------------------------------------------------------


class Welcome(_Shape):
    """The answer to ``hello``: our version, and the turns that are running."""

    kind: Literal["welcome"] = "welcome"
    version: str
    session: str
    turns: tuple[str, ...]


class TurnStarted(_Shape):
    """A turn began. The cells of the turn ``replaces`` are set aside as a branch."""

    kind: Literal["turn.started"] = "turn.started"
    id: int
    prompt_id: str
    replaces: str
    metadata: CellMetadata
    card: Card


class TurnCard(_Shape):
    """How the turn stands now."""

    kind: Literal["turn.card"] = "turn.card"
    card: Card


class CellPlace(_Shape):
    """A new cell, behind the last cell of this turn that still exists."""

    kind: Literal["cell.place"] = "cell.place"
    id: int
    prompt_id: str
    cell_id: str
    cell_type: Literal["code", "markdown"]
    source: str
    metadata: CellMetadata


class CellText(_Shape):
    """From ``at`` on, counted in UTF-16 units, the model's text is ``text``."""

    kind: Literal["cell.text"] = "cell.text"
    cell_id: str
    at: int
    text: str


class CellFinish(_Shape):
    """The model's text is ``source``, and no more will come."""

    kind: Literal["cell.finish"] = "cell.finish"
    id: int
    cell_id: str
    source: str
    metadata: CellMetadata


class CellRun(_Shape):
    """Run the cell. With a ``fingerprint`` only if its text is still that one."""

    kind: Literal["cell.run"] = "cell.run"
    id: int
    turn: str
    cell_id: str
    fingerprint: str | None


class CellMark(_Shape):
    """What came of a cell. ``passes``: its error must not stop a later Run All."""

    kind: Literal["cell.mark"] = "cell.mark"
    id: int
    cell_id: str
    metadata: CellMetadata
    passes: bool


class CellRemove(_Shape):
    """Take the cell away if its text is what the model wrote, else mark it."""

    kind: Literal["cell.remove"] = "cell.remove"
    id: int
    cell_id: str
    fingerprint: str
    metadata: CellMetadata


class NotebookRead(_Shape):
    """Say what stands above the prompt, in its order; the newest are kept in the budget."""

    kind: Literal["notebook.read"] = "notebook.read"
    id: int
    prompt_id: str
    characters: int


class NotebookNews(_Shape):
    """Say what the user edited, deleted or added since the last look, without our cells."""

    kind: Literal["notebook.news"] = "notebook.news"
    id: int
    prompt_id: str
    characters: int


class TurnEnded(_Shape):
    """The turn is over: the prompt's metadata and the last card."""

    kind: Literal["turn.ended"] = "turn.ended"
    id: int
    prompt_id: str
    metadata: CellMetadata
    card: Card


class Ping(_Shape):
    """Is the tab still there?"""

    kind: Literal["ping"] = "ping"
    id: int


class Done(_Shape):
    """The kernel's answer to a request of the tab."""

    kind: Literal["done"] = "done"
    to: int
    ok: bool
    text: str = ""


KernelMessage = Annotated[
    Welcome
    | TurnStarted
    | TurnCard
    | CellPlace
    | CellText
    | CellFinish
    | CellRun
    | CellMark
    | CellRemove
    | NotebookRead
    | NotebookNews
    | TurnEnded
    | Ping
    | Done,
    Field(discriminator="kind"),
]
KernelRequest = (
    TurnStarted
    | CellPlace
    | CellFinish
    | CellRun
    | CellMark
    | CellRemove
    | NotebookRead
    | NotebookNews
    | TurnEnded
    | Ping
)

# --- tab to kernel ------------------------------------------------------------------


class Hello(_Shape):
    """A tab opened its comm: ``client`` is the session id of its requests."""

    kind: Literal["hello"] = "hello"
    version: str
    client: str
    path: str


class NotebookCell(_Shape):
    """A cell as the model is to read it; outputs in nbformat's shapes, texts cut."""

    cell_id: str
    cell_type: str
    source: str
    execution_count: int | None
    outputs: tuple[dict[str, Any], ...] = ()


class NotebookChange(_Shape):
    """What the user did to a cell: ``source`` is its text now, ``""`` when deleted."""

    cell_id: str
    what: Literal["edited", "deleted", "added"]
    role: CellRole | None
    step: int | None
    source: str


class Reply(_Shape):
    """The tab's answer to a request.

    Attributes:
        error: Why it was not carried out, or None.
        text: One sentence about that.
        fingerprint: Of the text that is in the cell now, where one was named.
        cells: For ``notebook.read``.
        left_out: How many cells above did not fit.
        changes: For ``notebook.news``.
    """

    kind: Literal["reply"] = "reply"
    to: int
    error: ReplyError | None = None
    text: str = ""
    fingerprint: str | None = None
    cells: tuple[NotebookCell, ...] | None = None
    left_out: int = 0
    changes: tuple[NotebookChange, ...] | None = None


class Stop(_Shape):
    """The user stopped the turn; ``""`` means the one that runs."""

    kind: Literal["stop"] = "stop"
    id: int
    turn: str


class Reject(_Shape):
    """The user does not want this proposal, perhaps with a reason for the model."""

    kind: Literal["reject"] = "reject"
    id: int
    cell_id: str
    reason: str


class ApproveRest(_Shape):
    """The user lets this proposal and all later ones of the turn run."""

    kind: Literal["approve.rest"] = "approve.rest"
    id: int
    turn: str


class Gone(_Shape):
    """The user deleted a proposal, a cell that was being written, or the prompt."""

    kind: Literal["gone"] = "gone"
    id: int
    cell_id: str


TabMessage = Annotated[
    Hello | Reply | Stop | Reject | ApproveRest | Gone, Field(discriminator="kind")
]

to_tab: TypeAdapter[KernelMessage] = TypeAdapter(KernelMessage)
to_kernel: TypeAdapter[TabMessage] = TypeAdapter(TabMessage)


class _Protocol(BaseModel):
    """The root of the schema: all shapes of both directions."""

    kernel_message: KernelMessage
    tab_message: TabMessage


class _Untitled(GenerateJsonSchema):
    """Gives fields no titles: each would become a TypeScript type of its own."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def schema() -> dict[str, Any]:
    """All shapes as one JSON Schema, the source of the TypeScript types.

    ``names`` in it are the constants that both sides share.
    """
    found = _Protocol.model_json_schema(mode="serialization", schema_generator=_Untitled)
    found["title"] = "Protocol"
    found["names"] = {
        "VERSION": __version__,
        "COMM": COMM,
        "READY_COMM": READY_COMM,
        "CARD_MIME": CARD_MIME,
        "METADATA_KEY": METADATA_KEY,
    }
    return found


def main() -> None:
    """Print the schema: ``python -m codeact_jupyter.protocol``."""
    import json
    import sys

    sys.stdout.write(json.dumps(schema(), indent=1) + "\n")


if __name__ == "__main__":
    main()
