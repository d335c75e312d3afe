"""The user's notebook around a turn: what stands there, and what he does to it meanwhile.

Values as in :mod:`codeact_jupyter.types`, for hosts that read a notebook and for what tells
the model of it. A notebook's file is :mod:`codeact_jupyter.record`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from codeact_jupyter.cells import CellRun, Output


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCell:
    """A cell as it stands in the user's notebook, run or not.

    Attributes:
        cell_id: Its id.
        cell_type: ``code``, ``markdown`` or ``raw``.
        source: Its text.
        execution_count: The number beside it; None when it has not run.
        outputs: What stands below it, in nbformat's shapes, long texts cut.
        turn: The turn that it belongs to, or ``""`` for the user's own.
    """

    cell_id: str
    cell_type: str
    source: str
    execution_count: int | None
    outputs: tuple[Output, ...] = ()
    turn: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Above:
    """The notebook above a prompt.

    Attributes:
        cells: Oldest first; the newest within a budget.
        left_out: How many before them were left out.
        hidden: The notebook's cells that the model may not read, by their ``cell_fingerprint``.
    """

    cells: tuple[ShownCell, ...] = ()
    left_out: int = 0
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class CellChange:
    """What the user did to a cell of his notebook without running it.

    Attributes:
        what: ``edited``, ``deleted`` or ``added``.
        source: The cell's text now; ``""`` when it is gone.
        step: Of the cell of this turn that it was done to, or None for another cell.
    """

    what: Literal["edited", "deleted", "added"]
    source: str
    step: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LateOutput:
    """What stands below a cell now and did not when the model was told of it.

    Attributes:
        source: The cell's text.
        step: Its step in this turn, or None for a cell of the user's own.
        outputs: What is new, in nbformat's shapes.
    """

    source: str
    step: int | None
    outputs: tuple[Output, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Meanwhile:
    """What happened in the notebook since the model was last told, besides its action.

    Attributes:
        ran: The cells that he ran, oldest first.
        changes: What else he did to the cells that the model knows.
        late: What cells put out after they had ended.
    """

    ran: tuple[CellRun, ...] = ()
    changes: tuple[CellChange, ...] = ()
    late: tuple[LateOutput, ...] = ()
