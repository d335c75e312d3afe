"""What the kernel says to a tab."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from codeact_jupyter.protocol.shapes import Card, CellMetadata, Shape


class Welcome(Shape):
    """The answer to ``hello``: our version, and the turns that are running."""

    kind: Literal["welcome"] = "welcome"
    version: str
    turns: tuple[str, ...]


class TurnStarted(Shape):
    """A turn began. The cells of the turn ``replaces`` are set aside as a branch, once it has one.

    Attributes:
        keeps: Those of its steps up to this one are not: the turn goes on from there.
    """

    kind: Literal["turn.started"] = "turn.started"
    id: int
    prompt_id: str
    replaces: str
    keeps: int
    metadata: CellMetadata
    card: Card


class TurnCard(Shape):
    """How the turn stands now."""

    kind: Literal["turn.card"] = "turn.card"
    card: Card


class TurnRuns(Shape):
    """An action of the turn runs by this execute request, which another tab has sent."""

    kind: Literal["turn.runs"] = "turn.runs"
    turn: str
    request: str


class CellPlace(Shape):
    """A new cell, behind the last cell of this turn that still exists."""

    kind: Literal["cell.place"] = "cell.place"
    id: int
    prompt_id: str
    cell_id: str
    cell_type: Literal["code", "markdown"]
    source: str
    metadata: CellMetadata


class CellText(Shape):
    """From ``at`` on, counted in UTF-16 units, the model's text is ``text``."""

    kind: Literal["cell.text"] = "cell.text"
    cell_id: str
    at: int
    text: str


class CellFinish(Shape):
    """The model's text is ``source``, and no more will come."""

    kind: Literal["cell.finish"] = "cell.finish"
    id: int
    cell_id: str
    source: str
    metadata: CellMetadata


class CellRun(Shape):
    """Run the cell. With a ``fingerprint`` only if its text is still that one.

    Attributes:
        finish: The cell's end, where that is told now, too: a browser may draw the page
            between two messages, and what is to run would wait for that.
    """

    kind: Literal["cell.run"] = "cell.run"
    id: int
    turn: str
    cell_id: str
    fingerprint: str | None
    finish: CellFinish | None


class CellMark(Shape):
    """What came of a cell. ``passes``: its error must not stop a later Run All."""

    kind: Literal["cell.mark"] = "cell.mark"
    id: int
    cell_id: str
    metadata: CellMetadata
    passes: bool


class CellOutputs(Shape):
    """What an action put out, for a notebook that does not show it; in nbformat's shapes."""

    kind: Literal["cell.outputs"] = "cell.outputs"
    id: int
    cell_id: str
    execution_count: int | None
    outputs: tuple[dict[str, Any], ...]


class CellRemove(Shape):
    """Take the cell away if its text is what the model wrote, else mark it."""

    kind: Literal["cell.remove"] = "cell.remove"
    id: int
    cell_id: str
    fingerprint: str
    metadata: CellMetadata


class NotebookRead(Shape):
    """Say what stands above the prompt, in its order; the newest are kept in the budget.

    Attributes:
        prompt_id: The prompt's cell, or one above which there might be one; ``""`` for one at
            the notebook's end.
    """

    kind: Literal["notebook.read"] = "notebook.read"
    id: int
    prompt_id: str
    characters: int


class NotebookNews(Shape):
    """Say what the user edited, deleted or added since the last look, without our cells."""

    kind: Literal["notebook.news"] = "notebook.news"
    id: int
    prompt_id: str
    characters: int


class TurnEnded(Shape):
    """The turn is over: the prompt's metadata and the last card."""

    kind: Literal["turn.ended"] = "turn.ended"
    id: int
    prompt_id: str
    metadata: CellMetadata
    card: Card


class Ping(Shape):
    """Is the tab still there?"""

    kind: Literal["ping"] = "ping"
    id: int


class Done(Shape):
    """The kernel's answer to a request of the tab."""

    kind: Literal["done"] = "done"
    to: int
    ok: bool
    text: str = ""


KernelMessage = Annotated[
    Welcome
    | TurnStarted
    | TurnCard
    | TurnRuns
    | CellPlace
    | CellText
    | CellFinish
    | CellRun
    | CellMark
    | CellOutputs
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
    | CellOutputs
    | CellRemove
    | NotebookRead
    | NotebookNews
    | TurnEnded
    | Ping
)
