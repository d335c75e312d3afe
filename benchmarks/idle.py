"""A user's own cell while the extension is loaded and idle."""

from __future__ import annotations

from benchmarks.pairs import compare
from benchmarks.rows import Row, at_most

PAIRS = 600
BOUND = 3.0


def figure() -> list[Row]:
    """Measure the smallest cell there is, where any cost weighs most."""
    found = compare("x = 1", PAIRS)
    name = "a user's cell, extension idle, over plain, "
    ours, plain = found.milliseconds
    how = f"{ours:.2f} ms beside {plain:.2f} ms a cell, all threads of the kernel"
    return [
        at_most(f"{name}wall", (found.wall - 1) * 100, BOUND, "{:.1f} %", found.how),
        at_most(f"{name}processor", (found.processor - 1) * 100, BOUND, "{:.1f} %", how),
    ]
