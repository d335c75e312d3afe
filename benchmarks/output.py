"""1 MB of text, at once and in 10,000 lines, with the extension loaded and without."""

from __future__ import annotations

from benchmarks.pairs import compare
from benchmarks.rows import Row, at_most

PAIRS = 60
BOUND = 1.15
CELLS = {
    "1 MB in one print / plain": "print('x' * 1_000_000)",
    "1 MB in 10,000 lines / plain": "for _ in range(10_000): print('x' * 99)",
}


def figure() -> list[Row]:
    """Measure until all of it has come and the kernel is idle."""
    rows = []
    for name, code in CELLS.items():
        found = compare(code, PAIRS)
        rows.append(at_most(name, found.wall, BOUND, "{:.2f}", found.how))
    return rows
