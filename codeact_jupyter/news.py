"""What happened around a conversation and the model does not know yet.

Before a turn the dialogue asks for the :class:`Situation`: cells that ran, the notebook
above the prompt, variables. Nothing counts as told until the dialogue says so, for a turn
may fail before anything was sent, and a preview sends nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codeact_jupyter.context.above import above_text
from codeact_jupyter.context.history import cells_text
from codeact_jupyter.record import notebook
from codeact_jupyter.record.document import DocumentCell
from codeact_jupyter.record.log import Cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.context.profiles import Profile
    from codeact_jupyter.parts import Eyes, LookingHost
    from codeact_jupyter.record.log import Record
    from codeact_jupyter.types import ShownCell, Turn


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What the model is told before a prompt, in words, and the user's names.

    Attributes:
        above: New cells of the notebook above the prompt, where a front end tells them.
        cells: Other cells that ran.
        variables: All variables, or what changed.
        names: The user's names.
        shown: All cells above the prompt.
    """

    above: str
    cells: str
    variables: str
    names: tuple[str, ...]
    shown: tuple[ShownCell, ...]


@dataclass
class News:
    """What one conversation was told and what it was not.

    Args:
        record: What happened in the kernel.
        earlier: The cells that ran before the record began.
    """

    record: Record
    earlier: Sequence[CellRun]
    eyes: Eyes | None = None  # which have looked at the variables before
    _upto: int | None = None  # the entries of the record that were told
    _untold: list[CellRun] = field(default_factory=list)  # of those: what was not
    _variables: list[str] = field(default_factory=list)
    _shown: dict[str, ShownCell] = field(default_factory=dict)
    _turns: set[str] = field(default_factory=set)

    async def situation(
        self,
        host: LookingHost,
        eyes: Eyes,
        profile: Profile,
        *,
        schema_only: bool,
        above: Sequence[ShownCell] | None = None,
    ) -> Situation:
        """What happened since the model was last told; ``above`` may be known already."""
        budget = profile.cells_characters
        shown = tuple((await host.above(budget) or ()) if above is None else above)
        told = above_text(list(self._new(shown)), budget=budget, schema_only=schema_only)
        cells = cells_text(
            list(self._ran(shown)), budget=budget - len(told), schema_only=schema_only
        )
        known = eyes is self.eyes
        sight = await host.look(profile.variables_characters, news=known)
        if known:
            self._variables += filter(None, [sight.text])
        variables = "\n".join(self._variables) if known else sight.text
        return Situation(
            above=told, cells=cells, variables=variables, names=sight.names, shown=shown
        )

    def told(self, situation: Situation, eyes: Eyes) -> None:
        """The model was told of this."""
        self.eyes, self._upto = eyes, len(self.record.entries)
        self._variables.clear()
        self._untold.clear()
        self._shown.update({cell.cell_id: cell for cell in situation.shown})

    def ended(self, turn: Turn | None) -> None:
        """A turn is over, in which the model read what its observations say."""
        read = set()
        if turn is not None:
            self._turns.add(turn.id)
            seen = [step.observation for step in turn.steps if step.observation]
            read = {id(run) for each in seen for run in (each.run, *each.meanwhile.ran)}
        before = self._upto or 0
        self._untold += [run for run in self._runs(before) if id(run) not in read]
        self._upto = len(self.record.entries)

    def _ran(self, shown: Sequence[ShownCell]) -> Iterator[CellRun]:
        """What ran and does not stand in the notebook above."""
        runs = [*self._untold, *self._runs(self._upto or 0)]
        if self._upto is None:
            runs = [*self.earlier, *runs]
        above = {cell.source.strip() for cell in shown}
        for run in runs:
            source = notebook.without_our_magics(run.source)
            if source and run.source.strip() not in above:
                yield replace(run, source=source)

    def _runs(self, since: int) -> Iterator[CellRun]:
        for entry in self.record.entries[since:]:
            if isinstance(entry, Cell):
                yield entry.run

    def _new(self, shown: Sequence[ShownCell]) -> Iterator[ShownCell]:
        """The cells above that the model does not know, without our magics."""
        ran = {run.cell_id: run.source for run in self._runs(0)}
        for cell in shown:
            source = _as_read(cell.source)
            ours = cell.turn in self._turns and ran.get(cell.cell_id, cell.source) == cell.source
            if source.strip() and not ours and self._shown.get(cell.cell_id) != cell:
                yield replace(cell, source=source)


def _as_read(source: str) -> str:
    """A cell's text as the model reads it: prompts as words, and none of our magics."""
    prompt = DocumentCell({"cell_type": "code", "source": source}).prompt
    return f"(a prompt) {prompt}" if prompt else notebook.without_our_magics(source)
