"""A user's notebook while it is run from top to bottom.

Holds the cells that are done, the one that runs and those that follow. What a prompt
leads to is put behind its cell; a cell of the user's own keeps its place, its id and its
metadata and gets its outputs. The batch run moves it on; the autosave writes
:meth:`Document.content` at any moment.
"""

from __future__ import annotations

import copy
import re
import threading
from typing import TYPE_CHECKING, Any

from codeact_jupyter.record.exits import without_exit
from codeact_jupyter.record.log import Cell, masked_fingerprint, not_run
from codeact_jupyter.record.notebook import (
    METADATA_VERSION,
    cells_of,
    give_ids,
    known_of,
    quoted,
    with_fingerprint,
    without_our_magics,
)
from codeact_jupyter.shared_names import HIDE_TAG, METADATA_KEY, RAISES_TAG, SKIP_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeact_jupyter.record.log import Entry, Origin, Record
    from codeact_jupyter.types import EndKind

_NEVER_RAN = {"writing", "proposed", "rejected", "refused", "stopped"}  # unless the user ran it
_REFUSED = "InputRejected"  # the error of a cell that was taken back before it ran
_PROMPT = re.compile(r"\s*%%codeact\b(?P<flags>[^\n]*)(?:\n(?P<words>.*))?\Z", re.DOTALL)


class Document:
    """One notebook that runs.

    Args:
        notebook: As read from its file, format 4; it is not changed.
        record: Where the cells that run are recorded.
    """

    def __init__(self, notebook: dict[str, Any], record: Record) -> None:
        self._notebook = copy.deepcopy(notebook)
        self._cells: list[dict[str, Any]] = list(self._notebook["cells"])
        give_ids(self._cells)
        self._record = record
        self._done: list[dict[str, Any]] = []
        self._began = 0  # entries of the record that belong to earlier cells
        self._replaced = ""  # the turn whose cells go once the cell that runs has led to others
        self._moving = threading.Lock()  # the file is written from another thread

    def __iter__(self) -> Iterator[DocumentCell]:
        """Go through the cells in order; what is recorded meanwhile belongs to the last one."""
        while self._cells:
            cell = DocumentCell(self._cells[0])
            yield cell
            with self._moving:
                self._done += self._now()
                self._cells.pop(0)
                self._replaced = ""
                self._began = len(self._record.entries)

    def set_aside(self, cell: DocumentCell) -> None:
        """Take away what an earlier turn of this prompt had led to: it must not run twice.

        It goes as soon as the new turn has begun, and is kept in the prompt's metadata, as a
        branch. A turn that cannot begin leaves all as it is.
        """
        self._replaced = cell.turn

    def content(self) -> dict[str, Any]:
        """The whole notebook as it stands."""
        with self._moving:
            now = self._now() if self._cells else []
            cells = copy.deepcopy([*self._done, *now, *self._cells[1:]])
        give_ids(cells)
        return {**self._notebook, "cells": cells, "nbformat": 4, "nbformat_minor": 5}

    def _now(self) -> list[dict[str, Any]]:
        """The cell that runs, with what it has led to so far."""
        cell, new = self._cells[0], self._record.entries[self._began :]
        if not new:
            return [cell]
        if not (prompt := DocumentCell(cell)).is_prompt:
            return [_with_result(cell, new)]
        if self._replaced:
            self._take_away(prompt, self._replaced)
            self._replaced = ""
        return [prompt.asked_in(new[0].origin), *_replies(new)]

    def _take_away(self, prompt: DocumentCell, turn: str) -> None:
        """Move the cells of an earlier turn into its prompt."""
        rest = self._cells[1:]
        old = [each for each in rest if _is_step_of(each, turn)]
        if old:
            prompt.keep_branch(turn, old)
            self._cells[1:] = [each for each in rest if not _is_step_of(each, turn)]


class DocumentCell:
    """One cell of the user's notebook."""

    def __init__(self, cell: dict[str, Any]) -> None:
        self._cell = cell
        self._prompt = _PROMPT.match(self.source) if self.is_code else None

    @property
    def id(self) -> str:
        """Its id."""
        return str(self._cell["id"])

    @property
    def source(self) -> str:
        """Its text."""
        return str(self._cell["source"])

    @property
    def is_code(self) -> bool:
        """Whether it can run."""
        return bool(self._cell["cell_type"] == "code")

    @property
    def is_prompt(self) -> bool:
        """Whether it is a ``%%codeact`` cell."""
        return self._prompt is not None

    @property
    def flags(self) -> str:
        """The rest of a prompt's first line."""
        return self._prompt["flags"].strip() if self._prompt else ""

    @property
    def prompt(self) -> str:
        """A prompt's words."""
        return (self._prompt["words"] or "").strip() if self._prompt else ""

    @property
    def answered(self) -> bool:
        """Whether this very prompt was answered before."""
        about = known_of(self._cell)
        told = (about.get("role"), about.get("status"), about.get("fingerprint"))
        return told == ("prompt", "answered", masked_fingerprint(self.prompt))

    @property
    def turn(self) -> str:
        """The turn that this prompt led to before, or ``""``."""
        return _turn_of(self._cell) if self.is_prompt else ""

    @property
    def unapproved(self) -> bool:
        """Whether this is an action that nobody approved, and that has not run."""
        about = known_of(self._cell)
        outputs = self._cell.get("outputs", ())
        ran = self._cell.get("execution_count") is not None or bool(outputs)
        refused = any(output.get("ename") == _REFUSED for output in outputs)
        open_ = about.get("role") == "action" and str(about.get("status")) in _NEVER_RAN
        return self.is_code and open_ and (refused or not ran)

    def keep_branch(self, turn: str, cells: list[dict[str, Any]]) -> None:
        """Keep the cells of an earlier turn of this prompt."""
        before = known_of(self._cell)
        kept = before.get("branches")
        branch = {"turn": turn, "cells": cells}
        self._tell({**before, "branches": [*(kept if isinstance(kept, list) else ()), branch]})

    def asked_in(self, origin: Origin) -> dict[str, Any]:
        """The cell as its file holds it while its turn runs, and where that never ends."""
        if self.turn == origin.turn:
            return self._cell  # it has ended
        about = self._about(origin.session, origin.turn, "running")
        return {**self._cell, "metadata": {**self._cell["metadata"], METADATA_KEY: about}}

    @property
    def errors_pass(self) -> bool:
        """Whether an error in it does not stop the run."""
        return self._has(RAISES_TAG)

    @property
    def skipped(self) -> bool:
        """Whether a run leaves it out."""
        return self._has(SKIP_TAG)

    @property
    def hidden(self) -> bool:
        """Whether the model may not read it."""
        return self._has(HIDE_TAG)

    def ended(self, session: str, turn: str, ending: EndKind) -> None:
        """Write down how the turn of this prompt ended."""
        self._tell(self._about(session, turn, ending))
        self._cell["outputs"] = []
        self._cell["execution_count"] = None

    def _about(self, session: str, turn: str, status: str) -> dict[str, Any]:
        """What this prompt keeps of its turn, and of those before."""
        before = known_of(self._cell)
        return {
            **{key: before[key] for key in ("branches",) if key in before},
            "version": METADATA_VERSION,
            "session": session,
            "turn": turn,
            "role": "prompt",
            "status": status,
            "fingerprint": masked_fingerprint(self.prompt),
            "cell_id": self.id,
        }

    def _has(self, tag: str) -> bool:
        return tag in self._cell["metadata"].get("tags", [])

    def _tell(self, about: dict[str, Any]) -> None:
        """Replace what the metadata says; another thread may be reading what was there."""
        self._cell["metadata"] = {**self._cell["metadata"], METADATA_KEY: about}


def _replies(entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    """What a prompt led to; the prompt itself stands there already."""
    for cell in cells_of(entries):
        if known_of(cell).get("role") != "prompt":
            yield cell


def _turn_of(cell: dict[str, Any]) -> str:
    """The turn that a cell is of, or ``""``, as of a copy: whoever pastes a cell makes it his."""
    about = known_of(cell)
    is_copy = about.get("cell_id", cell["id"]) != cell["id"]
    return "" if is_copy else str(about.get("turn", ""))


def _is_step_of(cell: dict[str, Any], turn: str) -> bool:
    """Whether a turn has made this cell; its prompt, it has not."""
    return _turn_of(cell) == turn and known_of(cell).get("role") != "prompt"


def _with_result(cell: dict[str, Any], entries: Sequence[Entry]) -> dict[str, Any]:
    run = next(entry.run for entry in entries if isinstance(entry, Cell))
    tags = [
        tag for tag in cell["metadata"].get("tags", []) if run.status != "ok" or tag != RAISES_TAG
    ]
    metadata = {**cell["metadata"], "tags": tags}
    if METADATA_KEY not in metadata:
        metadata = dict(cell["metadata"])  # the tag of a cell of his own is the user's
    elif not tags:
        del metadata["tags"]
    return {
        **cell,
        "metadata": metadata,
        "outputs": run.outputs,  # no copy: a thread may put out more
        "execution_count": run.execution_count,
    }


def exported(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook without our magics: it needs neither this package nor a model."""
    cells = [kept for cell in copy.deepcopy(notebook["cells"]) if (kept := _exported(cell))]
    give_ids(cells)
    return {**with_fingerprint(notebook, cells), "nbformat": 4, "nbformat_minor": 5}


def _exported(cell: dict[str, Any]) -> dict[str, Any] | None:
    """A cell without our magics, or None where it was nothing else."""
    known = DocumentCell(cell)
    if not known.is_code:
        return cell
    about = {"cell_type": "markdown", "metadata": cell["metadata"], "id": cell.get("id")}
    if known.unapproved:
        return {**about, "source": not_run(str(known_of(cell)["status"]), known.source)}
    if (source := without_our_magics(known.source)).strip():
        return without_exit({**cell, "source": source})
    return {**about, "source": quoted(known.prompt)} if known.prompt else None
