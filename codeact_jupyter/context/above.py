"""The notebook as the user sees it, as the model reads it: the cells above a prompt.

Only where a front end tells them; elsewhere :mod:`codeact_jupyter.context.history` says
what ran. Unlike that it holds text cells, and code that has not run. The newest cells are
kept within a budget. :func:`meanwhile_text` says what the user did between two steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.context.history import OUTPUT_CHARACTERS, SOURCE_CHARACTERS, cells_text
from codeact_jupyter.context.observation import WITHHELD, outputs_text, plain, shorten
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeact_jupyter.notebooks import CellChange, LateOutput, Meanwhile, ShownCell

MEANWHILE_CHARACTERS = 2_000
_CHANGED = {
    "edited": "The user edited {cell}, without running it. It reads now:",
    "added": "The user added a cell, without running it:",
    "deleted": "The user deleted {cell}.",
}


def above_text(
    cells: Sequence[ShownCell], *, budget: int, left_out: int = 0, schema_only: bool = False
) -> str:
    """Return the cells as text of at most about ``budget`` characters, or ``""``.

    Args:
        cells: As they stand above the prompt, in order.
        budget: The most characters.
        left_out: How many cells before these are left out already.
        schema_only: Leave out what the cells put out.
    """
    kept: list[str] = []
    room = budget
    for number, cell in enumerate(reversed(cells)):
        text = "\n".join(_cell_lines(cell, schema_only))
        if len(text) > room:
            left_out += len(cells) - number
            break
        kept.append(text)
        room -= len(text)
    if left_out and cells:
        kept.append(f"(… {left_out} cells above are left out)")
    return "\n".join(reversed(kept))


def meanwhile_text(meanwhile: Meanwhile, *, schema_only: bool = False) -> str:
    """Return what happened in the notebook between two steps, or ``""``."""
    ran = [run for run in meanwhile.ran if run.source.strip()]
    parts = []
    if ran:
        cells = cells_text(ran, budget=MEANWHILE_CHARACTERS, schema_only=schema_only)
        parts.append(f"Meanwhile the user ran:\n{cells}")
    parts += ["\n".join(_change_lines(change)) for change in meanwhile.changes]
    parts += ["\n".join(_late_lines(late, schema_only)) for late in meanwhile.late]
    return shorten("\n".join(parts), 2 * MEANWHILE_CHARACTERS)


def _cell_lines(cell: ShownCell, schema_only: bool) -> Iterator[str]:
    source = shorten(redact(cell.source.strip()), SOURCE_CHARACTERS)
    if cell.cell_type != "code":
        yield f"Text: {source}"
        return
    number = cell.execution_count if cell.execution_count is not None else " "
    yield f"In [{number}]: {source}"
    outputs = redact(outputs_text(cell.outputs, OUTPUT_CHARACTERS))
    if outputs:
        yield f"Out: {WITHHELD if schema_only else outputs}"
    for output in cell.outputs:
        if output.get("output_type") == "error":
            text = f"{output.get('ename')}: {output.get('evalue')}"
            yield str(output.get("ename")) if schema_only else redact(plain(text))


def _late_lines(late: LateOutput, schema_only: bool) -> Iterator[str]:
    if late.step is not None:
        yield f"The cell of step {late.step} has put out since:"
    else:
        yield "A cell of the user has put out since it ended:"
        yield f"In [ ]: {shorten(redact(late.source.strip()), SOURCE_CHARACTERS)}"
    yield WITHHELD if schema_only else redact(outputs_text(late.outputs, OUTPUT_CHARACTERS))


def _change_lines(change: CellChange) -> Iterator[str]:
    cell = f"the cell of step {change.step}" if change.step else "a cell above"
    yield _CHANGED[change.what].format(cell=cell)
    if change.source:
        yield shorten(change.source.strip(), SOURCE_CHARACTERS)
