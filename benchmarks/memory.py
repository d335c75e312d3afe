"""Growth of a process from cell 1,000 to cell 2,000: actions beside plain cells.

Actions come in turns of 20, as many as a turn has by default. The plain cells run in the
same session, whose record keeps them too; what an IPython without the extension grows by
stands beside it. Each kind runs in fresh processes of its own; the size is the resident
set after a collection.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import sys
from itertools import count, islice
from pathlib import Path
from typing import Any

from benchmarks.processes import child
from benchmarks.rows import Row, at_most, known
from benchmarks.scripted import Script, ScriptedSession, block, plain_shell

CELLS = 1_000
TURN = 20
PROCESSES = 3
BOUND = 2.0


def figure() -> list[Row]:
    """Measure in alternating processes."""
    grown: dict[str, list[float]] = {"actions": [], "plain": [], "without": []}
    for _ in range(PROCESSES):
        for kind, sizes in grown.items():
            sizes.append(child(__name__, kind)["kilobytes"])
    ours, plain, without = (statistics.median(sizes) for sizes in grown.values())
    how = f"{ours:,.0f} kB beside {plain:,.0f} kB, {PROCESSES} processes each"
    return [
        at_most("growth, action 1,000 to 2,000 / plain", ours / plain, BOUND, "{:.2f}", how),
        known(
            "the same / plain without the extension", f"{ours / without:.2f}", f"{without:,.0f} kB"
        ),
    ]


def _run_plain(shell: Any, numbers: Any) -> None:
    for number in islice(numbers, CELLS):
        shell.run_cell(f"x = {number}", store_history=True)


def _run_actions(session: ScriptedSession, numbers: Any) -> None:
    for _ in range(CELLS // TURN):
        replies = (block(f"x = {number}") for number in islice(numbers, TURN))
        session.run("Count on.", Script(replies))


def _kilobytes() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1024


def _measure(kind: str) -> dict[str, float]:
    shell, numbers = plain_shell(), count()
    session = ScriptedSession(shell) if kind != "without" else None
    sizes = []
    if session is not None:
        session.open()
    for _ in range(2):
        if session is not None and kind == "actions":
            _run_actions(session, numbers)
        else:
            _run_plain(shell, numbers)
        sizes.append(_kilobytes())
    return {"kilobytes": sizes[1] - sizes[0]}


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1])))
