"""Two kernels side by side, one with the extension, asked in turn.

Two processes are never equally fast, so half-way the extension changes its kernel. How far
the ratio is from 1 by chance is measured first, with the extension in neither. On a busy
machine that is a lot for short cells; the processor time of all of a kernel's threads is
much steadier.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.processes import LOAD, UNLOAD, kernel

if TYPE_CHECKING:
    from kernels import Kernel

WARM = 5


@dataclass
class _Taken:
    """What one kernel took, in milliseconds."""

    wall: list[float] = field(default_factory=list)
    processor: float = 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.wall)


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One cell in both kernels.

    Attributes:
        ours: Median of wall milliseconds with the extension.
        plain: The same without.
        wall: Their ratio, the mean of both halves.
        processor: The ratio of processor times.
        control: The ratio of wall times with the extension in neither.
        milliseconds: Processor time of one cell, with and without.
        count: How many pairs.
    """

    ours: float
    plain: float
    wall: float
    processor: float
    control: float
    milliseconds: tuple[float, float]
    count: int

    @property
    def how(self) -> str:
        """The numbers behind the ratio of wall times."""
        return (
            f"{self.ours:.2f} ms beside {self.plain:.2f} ms, {self.count} pairs; two plain "
            f"kernels {self.control:.2f}; processor time {self.processor:.2f}"
        )


def compare(code: str, pairs: int) -> Compared:
    """Run ``code`` in both kernels in turn, from the request until idle has come."""
    with kernel() as one, kernel() as other:
        control = _alternate(one, other, code, pairs // 2)
        one.run(LOAD)
        first = _alternate(one, other, code, pairs // 2)
        one.run(UNLOAD)
        other.run(LOAD)
        second = _alternate(other, one, code, pairs // 2)
    halves = (first, second)
    ours, plain = (statistics.median([*first[side].wall, *second[side].wall]) for side in (0, 1))
    return Compared(
        ours=ours,
        plain=plain,
        wall=_mean([a.median / b.median for a, b in halves]),
        processor=_mean([a.processor / b.processor for a, b in halves]),
        control=control[0].median / control[1].median,
        milliseconds=(
            (first[0].processor + second[0].processor) / 2,
            (first[1].processor + second[1].processor) / 2,
        ),
        count=2 * len(first[0].wall),
    )


def _mean(ratios: list[float]) -> float:
    return math.exp(statistics.fmean(map(math.log, ratios)))


def _alternate(ours: Kernel, plain: Kernel, code: str, pairs: int) -> tuple[_Taken, _Taken]:
    """What both take; who comes first changes from pair to pair."""
    asked, taken = (ours, plain), (_Taken(), _Taken())
    for _ in range(WARM):
        ours.run(code), plain.run(code)
    before = [_processor(one) for one in asked]
    for number in range(pairs):
        for which in (0, 1) if number % 2 else (1, 0):
            start = perf_counter()
            asked[which].run(code)
            taken[which].wall.append((perf_counter() - start) * 1000)
    for which, one in enumerate(asked):
        taken[which].processor = (_processor(one) - before[which]) / pairs
    return taken


def _processor(asked: Kernel) -> float:
    """Milliseconds that all threads of a kernel have run (Linux: proc(5), ``schedstat``)."""
    tasks = Path(f"/proc/{asked._manager.provisioner.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text("ascii").split()[0]) for task in tasks) / 1e6
