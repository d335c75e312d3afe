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
from codeact_jupyter.record.log import Cell, masked_fingerprint
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

    from codeact_jupyter.record.log import Entry, Record
    from codeact_jupyter.types import EndKind

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
        self._moving = threading.Lock()  # the file is written from another thread

    def __iter__(self) -> Iterator[DocumentCell]:
        """Go through the cells in order; what is recorded meanwhile belongs to the last one."""
        while self._cells:
            cell = DocumentCell(self._cells[0])
            yield cell
            with self._moving:
                self._done += self._now()
                self._cells.pop(0)
                self._began = len(self._record.entries)

    def set_aside(self, cell: DocumentCell) -> None:
        """Take away what an earlier turn of this prompt had led to: it must not run twice.

        It is kept in the prompt's metadata, as a branch.
        """
        turn = cell.turn
        old = [each for each in self._cells[1:] if turn and _turn_of(each) == turn]
        if old:
            with self._moving:
                self._cells[1:] = [each for each in self._cells[1:] if _turn_of(each) != turn]
                cell.keep_branch(old)

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
        if DocumentCell(cell).is_prompt:
            return [cell, *_replies(new)]
        return [_with_result(cell, new)]


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

    def keep_branch(self, cells: list[dict[str, Any]]) -> None:
        """Keep the cells of an earlier turn of this prompt."""
        before = known_of(self._cell)
        kept = before.get("branches")
        self._tell({**before, "branches": [*(kept if isinstance(kept, list) else ()), cells]})

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
        before = known_of(self._cell)
        self._tell(
            {
                **{key: before[key] for key in ("branches",) if key in before},
                "version": METADATA_VERSION,
                "session": session,
                "turn": turn,
                "role": "prompt",
                "status": ending,
                "fingerprint": masked_fingerprint(self.prompt),
            }
        )
        self._cell["outputs"] = []
        self._cell["execution_count"] = None

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
    return str(known_of(cell).get("turn", ""))


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
    cells: list[dict[str, Any]] = []
    for cell in copy.deepcopy(notebook["cells"]):
        source = without_our_magics(cell["source"]) if cell["cell_type"] == "code" else ""
        words = DocumentCell(cell).prompt
        if cell["cell_type"] != "code" or source.strip():
            kept = {**cell, "source": source or cell["source"]}
            cells.append(without_exit(kept) if cell["cell_type"] == "code" else kept)
        elif words:
            about = {"metadata": cell["metadata"], "id": cell.get("id")}
            cells.append({"cell_type": "markdown", "source": quoted(words), **about})
    give_ids(cells)
    return {**with_fingerprint(notebook, cells), "nbformat": 4, "nbformat_minor": 5}
