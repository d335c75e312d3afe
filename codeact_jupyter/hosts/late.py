"""What cells put out after the model was told of them.

A thread goes on when its cell has ended, and a display can be updated by any later code. The
notebook shows both below the cell; so the model is told, with the next observation, what
stands there now and did not when it was told last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeact_jupyter.notebooks import LateOutput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeact_jupyter.cells import CellRun, Output


@dataclass(slots=True)
class _Known:
    run: CellRun
    step: int | None
    outputs: list[Output] | None = None  # as they were told; None: they are about to be


class LateOutputs:
    """Follows the cells of one turn."""

    def __init__(self) -> None:
        self._known: list[_Known] = []

    def add(self, run: CellRun, step: int | None = None) -> None:
        """The model is told of this cell with the next observation, as it is then."""
        self._known.append(_Known(run, step))

    def news(self) -> tuple[LateOutput, ...]:
        """What is new below the cells that the model was told of before."""
        found = []
        for known in self._known:
            before, now = known.outputs, [dict(output) for output in known.run.outputs]
            known.outputs = now
            if before is not None and (new := added(before, now)):
                found.append(LateOutput(source=known.run.source, step=known.step, outputs=new))
        return tuple(found)


def added(before: Sequence[Output], now: Sequence[Output]) -> tuple[Output, ...]:
    """The outputs of ``now`` that differ from those before; of longer text only what is new."""
    new: list[Output] = []
    for at, output in enumerate(now):
        earlier = before[at] if at < len(before) else {}
        if output != earlier:
            new.append(_rest(output, earlier))
    return tuple(new)


def _rest(output: Output, earlier: Output) -> Output:
    """Of a text that got longer only what is new."""
    text, start = output.get("text", ""), earlier.get("text", "")
    same = output.get("name") == earlier.get("name")
    if same and start and text.startswith(start):
        return {**output, "text": text[len(start) :]}
    return output
