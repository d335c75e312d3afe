"""What a figure comes to: rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = ("figure", "measured", "bound", "", "how")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: What was measured.
        measured: The value, with its unit.
        bound: The value it should not pass.
        holds: Whether it does not.
        how: The two times behind a ratio, and how often they were taken.
    """

    name: str
    measured: str
    bound: str
    holds: bool
    how: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of its columns."""
        verdict = ("ok" if self.holds else "OVER") if self.bound else ""
        return self.name, self.measured, self.bound, verdict, self.how


def at_most(name: str, value: float, bound: float, form: str, how: str = "") -> Row:
    """Return the row of a value with an upper bound; ``form`` shows both: ``"{:.2f} ms"``."""
    shown = f"≤ {form.format(bound)}"
    return Row(name=name, measured=form.format(value), bound=shown, holds=value <= bound, how=how)


def known(name: str, measured: str, how: str) -> Row:
    """Return the row of a value that has no bound and is good to know."""
    return Row(name=name, measured=measured, bound="", holds=True, how=how)


def markdown(rows: Iterable[Row]) -> str:
    """Return rows as a Markdown table that also reads well in a terminal."""
    lines = [HEAD, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    padded = (
        [text.ljust(width) for text, width in zip(line, widths, strict=True)] for line in lines
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)
