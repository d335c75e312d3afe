"""The cells that ran before a prompt, as the model reads them.

The newest are kept within a budget, oldest first in the text, each with its source and
the start and end of what it put out. The conversation's own cells are not in here: the
model knows them from the conversation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.context.observation import WITHHELD, error_text, outputs_text, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeact_jupyter.cells import CellRun

BUDGET_CHARACTERS = 8_000
SOURCE_CHARACTERS = 2_000
OUTPUT_CHARACTERS = 800


def cells_text(
    cells: Sequence[CellRun], *, budget: int = BUDGET_CHARACTERS, schema_only: bool = False
) -> str:
    """Return the cells as text of at most ``budget`` characters, or ``""``.

    Args:
        cells: What ran, oldest first.
        budget: The most characters.
        schema_only: Leave out what the cells put out.
    """
    kept: list[str] = []
    room = budget
    for cell in reversed(cells):
        text = "\n".join(_cell_lines(cell, schema_only))
        if len(text) > room:
            kept.append(f"(… {len(cells) - len(kept)} earlier cells are left out)")
            break
        kept.append(text)
        room -= len(text)
    return "\n".join(reversed(kept))


def _cell_lines(cell: CellRun, schema_only: bool) -> Iterator[str]:
    number = cell.execution_count if cell.execution_count is not None else " "
    yield f"In [{number}]: {shorten(cell.source.strip(), SOURCE_CHARACTERS)}"
    outputs = outputs_text(cell.outputs, OUTPUT_CHARACTERS)
    if outputs:
        yield f"Out: {WITHHELD if schema_only else outputs}"
    if cell.error is not None:
        yield error_text(cell.error, schema_only=schema_only)
