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
from codeact_jupyter.fingerprints import cell_fingerprint
from codeact_jupyter.hosts.drafts import shown
from codeact_jupyter.notebooks import Above
from codeact_jupyter.record import notebook
from codeact_jupyter.record.document import DocumentCell
from codeact_jupyter.record.log import Cell
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.context.profiles import Profile
    from codeact_jupyter.notebooks import ShownCell
    from codeact_jupyter.parts import Eyes, LookingHost
    from codeact_jupyter.record.log import Record
    from codeact_jupyter.types import Turn


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What the model is told before a prompt, in words, and the user's names.

    Attributes:
        above: New cells of the notebook above the prompt, where a front end tells them.
        cells: Other cells that ran.
        variables: All variables, or what changed.
        names: The user's names.
        shown: The cells above the prompt.
        ran: The runs that ``cells`` tells.
        upto: How many entries of the record were there.
    """

    above: str
    cells: str
    variables: str
    names: tuple[str, ...]
    shown: tuple[ShownCell, ...]
    ran: tuple[CellRun, ...]
    upto: int


@dataclass
class News:
    """What one conversation was told and what it was not.

    Args:
        record: What happened in the kernel.
        earlier: The cells that ran before the record began.

    Attributes:
        eyes: Those that have looked at the variables before.
    """

    record: Record
    earlier: Sequence[CellRun]
    eyes: Eyes | None = None
    _upto: int | None = None  # the entries of the record that were told
    _untold: list[CellRun] = field(default_factory=list)  # of those: what was not
    _variables: list[str] = field(default_factory=list)
    _cells: dict[str, _Told] = field(default_factory=dict)  # as they were told last, by id
    _prose: set[str] = field(default_factory=set)  # the model's own words

    async def situation(
        self,
        host: LookingHost,
        eyes: Eyes,
        profile: Profile,
        *,
        schema_only: bool,
        above: Above | None = None,
    ) -> Situation:
        """What happened since the model was last told; ``above`` may be known already."""
        budget = profile.cells_characters
        if above is None:
            above = await host.above(budget) or Above()
        upto = len(self.record.entries)
        ran = list(self._ran(above))
        new = above_text(
            list(self._new(above.cells)),
            budget=budget,
            left_out=above.left_out,
            schema_only=schema_only,
        )
        told = [replace(run, source=notebook.without_our_magics(run.source)) for run in ran]
        cells = cells_text(told, budget=budget - len(new), schema_only=schema_only)
        known = eyes is self.eyes
        sight = await host.look(profile.variables_characters, news=known)
        if known:
            self._variables += filter(None, [sight.text])
        return Situation(
            above=new,
            cells=cells,
            variables="\n".join(self._variables) if known else sight.text,
            names=sight.names,
            shown=above.cells,
            ran=tuple(ran),
            upto=upto,
        )

    def told(self, situation: Situation, eyes: Eyes) -> None:
        """The model was told of this."""
        self.eyes, self._upto = eyes, situation.upto
        self._variables.clear()
        self._untold.clear()
        self._cells.update({cell.cell_id: _told_of(cell) for cell in situation.shown})
        self._know(situation.ran)

    def ended(self, turn: Turn) -> None:
        """A turn is over, in which the model read what its observations say."""
        observed = [step.observation for step in turn.steps if step.observation]
        read = [run for each in observed for run in (each.run, *each.meanwhile.ran) if run]
        self._know(read)
        for step in turn.steps:
            self._prose |= {shown(step.reply.thought), shown(step.reply.answer or "")}
        ids = {id(run) for run in read}
        self._untold += [run for run in self._runs(self._upto or 0) if id(run) not in ids]
        self._upto = len(self.record.entries)

    def _know(self, runs: Iterable[CellRun]) -> None:
        self._cells.update({run.cell_id: _told_of(run) for run in runs if run.cell_id})

    def _ran(self, above: Above) -> Iterator[CellRun]:
        """What ran, does not stand in the notebook above, and is hidden nowhere in it."""
        runs = [*self._untold, *self._runs(self._upto or 0)]
        if self._upto is None:
            runs = [*self.earlier, *runs]
        counts = {cell.cell_id: cell.execution_count for cell in above.cells}
        texts = {redact(cell.source).strip() for cell in above.cells}
        for run in runs:
            there = run.cell_id is not None and counts.get(run.cell_id) == run.execution_count
            there = there or run.source.strip() in texts
            hidden = bool(above.hidden) and cell_fingerprint(run.source) in above.hidden
            if not there and not hidden and notebook.without_our_magics(run.source):
                yield run

    def _runs(self, since: int) -> Iterator[CellRun]:
        for entry in self.record.entries[since:]:
            if isinstance(entry, Cell) and not entry.run.hidden:
                yield entry.run

    def _new(self, above: Sequence[ShownCell]) -> Iterator[ShownCell]:
        """The cells above that the model does not know, without our magics."""
        for cell in above:
            source = _as_read(cell.source)
            words = cell.cell_type != "code" and cell.source in self._prose
            known = words or self._cells.get(cell.cell_id) == _told_of(cell)
            if source.strip() and not known:
                yield replace(cell, source=source)


_Told = tuple[str, "int | None"]
"""A cell's text and number, by which it is known whether it was told as it is now."""


def _told_of(cell: ShownCell | CellRun) -> _Told:
    return redact(cell.source).strip(), cell.execution_count


def _as_read(source: str) -> str:
    """A cell's text as the model reads it: prompts as words, and none of our magics."""
    prompt = DocumentCell({"cell_type": "code", "source": source}).prompt
    return f"(a prompt) {prompt}" if prompt else notebook.without_our_magics(source)
