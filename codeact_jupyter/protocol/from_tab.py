"""What a tab says to its kernel."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from codeact_jupyter.protocol.shapes import CellRole, ReplyError, Shape


class Hello(Shape):
    """A tab opened its comm: ``client`` is the session id of its requests."""

    kind: Literal["hello"] = "hello"
    version: str
    client: str
    path: str


class NotebookCell(Shape):
    """A cell as the model is to read it; outputs in nbformat's shapes, texts cut.

    ``turn`` is the one that it belongs to, ``""`` for a cell of the user's own.
    """

    cell_id: str
    cell_type: str
    source: str
    execution_count: int | None
    outputs: tuple[dict[str, Any], ...] = ()
    turn: str = ""


class NotebookChange(Shape):
    """What the user did to a cell above the prompt, or of this turn.

    ``source`` is its text now, ``""`` when it was deleted.
    """

    cell_id: str
    what: Literal["edited", "deleted", "added"]
    role: CellRole | None
    step: int | None
    source: str


class Reply(Shape):
    """The tab's answer to a request.

    Attributes:
        error: Why it was not carried out, or None.
        text: One sentence about that.
        fingerprint: Of the text that is in the cell now, where one was named.
        cells: For ``notebook.read``.
        left_out: How many cells above did not fit.
        hidden: For ``notebook.read``: what the notebook hides from the model, each cell by the
            fingerprint of its text without line ends behind it.
        changes: For ``notebook.news``.
    """

    kind: Literal["reply"] = "reply"
    to: int
    error: ReplyError | None = None
    text: str = ""
    fingerprint: str | None = None
    cells: tuple[NotebookCell, ...] | None = None
    left_out: int = 0
    hidden: tuple[str, ...] = ()
    changes: tuple[NotebookChange, ...] | None = None


class Stop(Shape):
    """The user stopped the turn; ``""`` means the one that runs."""

    kind: Literal["stop"] = "stop"
    id: int
    turn: str


Deed = Literal["emptied", "made_markdown", "made_raw"]


class Reject(Shape):
    """The user does not want this proposal.

    Attributes:
        reason: His words for the model; may be empty.
        deed: What he did to the cell, where he said nothing.
    """

    kind: Literal["reject"] = "reject"
    id: int
    cell_id: str
    reason: str = ""
    deed: Deed | None = None


class ApproveRest(Shape):
    """The user lets this proposal and all later ones of the turn run."""

    kind: Literal["approve.rest"] = "approve.rest"
    id: int
    turn: str


class Gone(Shape):
    """The user deleted a proposal, a cell that was being written, or the prompt."""

    kind: Literal["gone"] = "gone"
    id: int
    cell_id: str


TabMessage = Annotated[
    Hello | Reply | Stop | Reject | ApproveRest | Gone, Field(discriminator="kind")
]
