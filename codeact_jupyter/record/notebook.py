"""The record as a notebook that needs neither this package nor a model.

:func:`to_notebook` puts everything that ran into the order in which it ran: prompts and
thoughts as Markdown, cells with their outputs and numbers, without our own magics. What
did not run is Markdown too, with why, and so is the end of a turn that was not answered.
:func:`write` puts it on disk whole or not at all. Both are called by the session.

A cell that ended in an error carries the tag ``raises-exception``, so that running the
notebook goes on behind it as the session did; one that was interrupted carries
``skip-execution`` too, since it may never end by itself (both are nbclient's tags). One
that was refused to ``exit()`` does not try again (:mod:`codeact_jupyter.record.exits`).
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from codeact_jupyter.errors import RecordError
from codeact_jupyter.markdown import safe
from codeact_jupyter.record import disk
from codeact_jupyter.record.exits import without_exit
from codeact_jupyter.record.log import Cell, as_quote, masked_fingerprint
from codeact_jupyter.redact import redact
from codeact_jupyter.shared_names import METADATA_KEY, RAISES_TAG, SKIP_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from codeact_jupyter.cells import Output
    from codeact_jupyter.record.log import Entry, Note, Origin, Record

METADATA_VERSION = 1
_CELL_ID = re.compile(r"[a-zA-Z0-9-_]{1,64}")  # nbformat 4.5
_OUR_CELL = re.compile(r"\s*(?:%%\w+[^\n]*\n\s*)*%%codeact\b")
_LOADED_TWICE = re.compile(
    r"^The codeact_jupyter extension is already loaded\. To reload it, use:\n.*\n", re.MULTILINE
)
_OUR_LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?:\w+[ \t]*=[ \t]*)?%(?:codeact\b|config[ \t]+CodeAct\b"
    r"|(?:load_ext|reload_ext|unload_ext)[ \t]+codeact_jupyter\b).*(?:\n|\Z)",
    re.MULTILINE,
)


def to_notebook(record: Record) -> dict[str, Any]:
    """Return the record as a notebook in nbformat 4.5."""
    cells = [*_preface(record), *cells_of(record.entries)]
    give_ids(cells)
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            METADATA_KEY: _totals(record, cells),
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def cells_of(entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
    """The cells of a notebook that these entries make."""
    for entry in entries:
        yield from _code_cell(entry) if isinstance(entry, Cell) else _markdown_cell(entry)


def give_ids(cells: Iterable[dict[str, Any]]) -> None:
    """See to it that each cell has an id of its own, keeping those that can stay."""
    used: set[str] = set()
    for cell in cells:
        cell["id"] = _unused_id(cell.get("id"), used)


def write(record: Record, path: Path) -> Path:
    """Write the record to ``path``, atomically.

    Args:
        record: What to write.
        path: The notebook's file; one that an earlier export wrote is replaced.

    Returns:
        The absolute path of the file.

    Raises:
        RecordError: The file is somebody else's, or cannot be written; whatever was
            there is untouched.
    """
    path = disk.absolute(path)
    check_ours(path)
    disk.write(to_notebook(record), path)
    return path


def _preface(record: Record) -> Iterator[dict[str, Any]]:
    if record.names_before:
        names = ", ".join(f"`{name}`" for name in record.names_before)
        text = (
            "This notebook begins where `codeact_jupyter` was loaded. These names were defined "
            f"before that, so the cells below may need them: {names}."
        )
        yield {"cell_type": "markdown", "metadata": {}, "source": text}


def _markdown_cell(note: Note) -> Iterator[dict[str, Any]]:
    text = safe(note.text)
    if note.role in {"prompt", "ending"}:
        text = quoted(note.text)
    known = note.role in {"prompt", "thought", "answer"}  # those that a page reads
    about = _about(note.origin, note.role if known else "thought", note.text)
    yield {
        "cell_type": "markdown",
        "metadata": {METADATA_KEY: about if known else {**about, "note": note.role}},
        "source": text,
    }


def quoted(words: str) -> str:
    """What was not said by the model, as Markdown."""
    return safe(as_quote(words))


def with_fingerprint(notebook: dict[str, Any], cells: list[dict[str, Any]]) -> dict[str, Any]:
    """The notebook with these cells, marked as an export that a later one may replace."""
    marked = {"version": METADATA_VERSION, **known_of(notebook), "export": _fingerprint(cells)}
    return {**notebook, "cells": cells, "metadata": {**notebook["metadata"], METADATA_KEY: marked}}


def known_of(holder: Mapping[str, Any]) -> dict[str, Any]:
    """What a cell or a notebook keeps of ours; nothing where another value stands there."""
    found = holder["metadata"].get(METADATA_KEY)
    return found if isinstance(found, dict) else {}


def marked(notebook: dict[str, Any]) -> dict[str, Any]:
    """A notebook as it stands, marked as one that a later run may replace."""
    return with_fingerprint(notebook, notebook["cells"])


def without_our_magics(source: str) -> str:
    """Return a cell's source without our magics; ``""`` when nothing else is in it."""
    if _OUR_CELL.match(source):
        return ""
    if source.lstrip().startswith("%%"):
        return source  # the lines of another magic's cell are not ours to read
    return _OUR_LINE.sub(_left_of_our_line, source).strip("\n") if source.strip() else ""


def _left_of_our_line(line: re.Match[str]) -> str:
    """An indented line leaves a ``pass``, for it may be all that its block has."""
    return f"{line['indent']}pass\n" if line["indent"] else ""


def _code_cell(cell: Cell) -> Iterator[dict[str, Any]]:
    source = without_our_magics(cell.run.source)
    if not source.strip():
        return
    metadata: dict[str, Any] = {}
    if cell.proposed is not None:
        metadata[METADATA_KEY] = {
            **_about(cell.origin, "action", cell.proposed),
            "edited": cell.run.source != cell.proposed,
            "status": cell.run.status,
        }
    if tags := _tags(cell):
        metadata["tags"] = tags
    yield without_exit(
        {
            "cell_type": "code",
            "id": cell.run.cell_id,
            "execution_count": cell.run.execution_count,
            "metadata": metadata,
            "outputs": list(_without_our_words(cell)),
            "source": source,
        }
    )


def _without_our_words(cell: Cell) -> Iterator[Output]:
    """Its outputs without what IPython says of our extension, where the line is left out."""
    for output in cell.run.outputs:
        if output["output_type"] == "stream" and _LOADED_TWICE.search(output["text"]):
            if text := _LOADED_TWICE.sub("", output["text"]):
                yield {**output, "text": text}
        else:
            yield output


def _tags(cell: Cell) -> list[str]:
    if cell.run.status == "ok":
        return []
    interrupted = [SKIP_TAG] if cell.run.status in {"interrupted", "timed_out"} else []
    return [RAISES_TAG, *interrupted]


def _about(origin: Origin, role: str, text: str) -> dict[str, Any]:
    return {
        "version": METADATA_VERSION,
        "session": origin.session,
        "turn": origin.turn,
        "step": origin.step,
        "role": role,
        "model": origin.model,
        "seconds": round(origin.seconds, 3),
        "tokens": origin.tokens,
        "fingerprint": masked_fingerprint(text),
    }


def _fingerprint(cells: list[dict[str, Any]]) -> str:
    """Of all that a person could have edited since the export."""
    return masked_fingerprint(repr([(cell["cell_type"], redact(cell["source"])) for cell in cells]))


def _totals(record: Record, cells: list[dict[str, Any]]) -> dict[str, Any]:
    sessions: dict[str, dict[str, Any]] = {}
    for turn in record.turns:
        nothing = {"turns": 0, "steps": 0, "tokens": 0, "seconds": 0.0, "endings": []}
        total = sessions.setdefault(turn.session, nothing)
        total["endings"].append(turn.ending)
        total["turns"] += 1
        total["steps"] += turn.steps
        total["tokens"] += turn.tokens
        total["seconds"] = round(total["seconds"] + turn.seconds, 3)
    return {"version": METADATA_VERSION, "export": _fingerprint(cells), "sessions": sessions}


def _unused_id(wanted: str | None, used: set[str]) -> str:
    """``wanted``, or a new id where it is missing, malformed or taken by an earlier run."""
    found = wanted if wanted and _CELL_ID.fullmatch(wanted) and wanted not in used else None
    found = found or uuid.uuid4().hex[:12]
    used.add(found)
    return found


def check_ours(path: Path) -> None:
    """See to it that nothing of the user's lies at ``path``.

    Raises:
        RecordError: A file is there that no export wrote, or that was edited since.
    """
    if not path.exists():
        return
    import nbformat

    try:
        untyped: Any = nbformat
        found = untyped.read(path, as_version=4)
        ours = found["metadata"][METADATA_KEY]["export"] == _fingerprint(found["cells"])
    except Exception:  # noqa: BLE001 - whatever it is, it is no export of ours
        ours = False
    if not ours:
        raise RecordError(
            f"{str(path)!r} exists and is no earlier export as it was written, so it was not "
            "touched. Choose another name, or move that file away."
        )
