"""What ran in the kernel: the values that a kernel needs while nobody asks a model.

Apart from :mod:`codeact_jupyter.types`, which holds all that belongs to a turn, because
loading the extension must stay cheap and every cell of the user's makes one of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Output = dict[str, Any]
"""One output of a cell in nbformat's v4 shape: ``stream``, ``display_data``,
``execute_result`` or ``error`` (nbformat/v4/nbformat.v4.5.schema.json)."""

GAP = "[… {:,} characters of output are left out of the record …]"
"""What stands in a stream's text where the record of a flood has a gap."""

RunStatus = Literal["ok", "error", "interrupted", "timed_out"]
"""How a cell that really ran came to its end; ``timed_out`` was interrupted by us."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UserError:
    """An exception as the user's own code saw it.

    Attributes:
        name: The exception's class name.
        message: Its text, may be empty.
        frames: The frames that lie in the user's code, one text each, outermost first;
            frames of libraries are left out.
    """

    name: str
    message: str
    frames: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CellRun:
    """One cell that ran in the kernel, whoever ran it.

    Attributes:
        cell_id: The front end's id of the cell, or None where it sends none.
        source: The text that really ran, before IPython's transformation.
        outputs: What it put out, in order, in nbformat's shapes and within the record's
            bound. A later ``update_display_data`` changes them in place, as a notebook
            does, and so does what a thread puts out later in a kernel of our own.
        execution_count: The number in ``In [n]``.
        status: How it ended.
        error: The exception, when ``status`` is not ``"ok"``.
        hidden: Whether its user tagged it as none that the model may read.
    """

    cell_id: str | None
    source: str
    outputs: Sequence[Output]
    execution_count: int | None
    status: RunStatus
    error: UserError | None = None
    hidden: bool = False
