"""How a text file of a table has to be read: separator, first line, encoding, thousands.

Asked by the hints and the remarks when such a file was not read, or not well. It reads the
first 32 kB of that one file and guesses from how the lines split; it never changes a file
and never parses a whole one.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BYTES = 32_768
_LINES = 100
_SEPARATORS = (",", ";", "\t", "|")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_COMMA = re.compile(r"-?\d+,\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """What the beginning of a file looks like.

    Attributes:
        lines: Its first lines.
        options: What ``pandas.read_csv`` has to be told, by keyword.
    """

    lines: tuple[str, ...]
    options: dict[str, str | int]


def reading_call(file: str, table: Table) -> str:
    """Return the call of pandas that reads ``file``, of which ``table`` is the beginning."""
    options = "".join(f", {name}={value!r}" for name, value in table.options.items())
    return f"pd.read_csv({file!r}{options})"


def look_at(path: Path) -> Table | None:
    """Return how the file has to be read, or None where it is no text or no table.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(_BYTES)
    text, options = _decoded(start)
    lines = text.splitlines()[:_LINES]
    if len(start) == _BYTES:
        lines = lines[:-1]  # the last one may be cut
    separator, width = max(map(_split, _SEPARATORS, [lines] * len(_SEPARATORS)), key=_fit)[:2]
    if "\0" in text or width < 2:
        return None
    rows = [_fields(line, separator) for line in lines]
    first = next(number for number, row in enumerate(rows) if len(row) == width)
    if separator != ",":
        options["sep"] = separator
    if first:
        options["skiprows"] = first
    options.update(_marks(rows[first + 1 :]))
    return Table(lines=tuple(lines), options=options)


def _decoded(start: bytes) -> tuple[str, dict[str, str | int]]:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "replace"), {"encoding": "utf-16"}
    try:
        return start[: start.rfind(b"\n") + 1 or None].decode("utf-8-sig"), {}
    except UnicodeDecodeError:
        return start.decode("cp1252", "replace"), {"encoding": "cp1252"}


def _split(separator: str, lines: list[str]) -> tuple[str, int, int]:
    """A separator, how many fields it mostly makes of a line, and of how many lines."""
    widths = Counter(len(_fields(line, separator)) for line in lines if line.strip())
    width, times = max(widths.items(), key=lambda found: found[1], default=(1, 0))
    return separator, width, times


def _fit(split: tuple[str, int, int]) -> tuple[bool, int, int]:
    _, width, times = split
    return width > 1, times, width


def _fields(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def _marks(rows: list[list[str]]) -> dict[str, str | int]:
    """What the commas in numbers are: thousands, or the decimal mark."""
    fields = [field.strip() for row in rows for field in row]
    commas = [field for field in fields if _COMMA.match(field) and field[-1].isdigit()]
    if commas and all(map(_THOUSANDS.fullmatch, commas)):
        return {"thousands": ","}
    return {"decimal": ","} if commas and all(map(_COMMA.fullmatch, commas)) else {}
