"""What an inline action costs over the same code in a plain ``run_cell``.

A step's clock runs from the end of the model's reply to the next request: reading the
reply, refusals, marks, the way to the thread that runs cells and back, capture, the
changes, the observation's words, conversation, screen and record. Between two steps the
plain cell runs in the same shell while the extension listens to nothing.

The way between the threads is sleeping and waking, so on a busy machine a step waits its
turn and a plain cell does not. The processor time of all threads, given beside the wall
time, is the cost without that. In a kernel the two messages by which a notebook shows the
reply come on top, which belong to the reply and not to the action.
"""

from __future__ import annotations

import json
import statistics
import sys
from time import perf_counter, process_time
from typing import Any

from benchmarks.processes import answer, child, kernel
from benchmarks.rows import Row, at_most, known
from benchmarks.scripted import Script, ScriptedSession, block, plain_shell

STEPS = 300
WARM = 30
BOUNDS = {50: 1.0, 300: 3.0}
NAMES = {50: "50 variables", 300: "300 variables, one a frame of 1 GB"}


def figure() -> list[Row]:
    """Measure in an IPython shell and in a kernel."""
    rows = []
    for count in BOUNDS:
        rows.append(_row(count, "IPython", child(__name__, count)))
        with kernel() as started:
            code = f"from benchmarks import action; action.show(get_ipython(), {count})"
            rows.append(_row(count, "kernel", answer(started, code)))
    return rows


def _row(count: int, where: str, taken: dict[str, list[list[float]]]) -> Row:
    step, plain = (tuple(zip(*taken[kind], strict=True)) for kind in ("step", "plain"))
    wall, processor = (_median_over(*pair) for pair in zip(step, plain, strict=True))
    beside = f"{statistics.median(step[0]):.2f} ms beside {statistics.median(plain[0]):.2f} ms"
    how = f"{beside}, {len(step[0])} pairs; processor time {processor:.2f} ms over"
    name = f"an action over run_cell, {NAMES[count]}"
    if where == "kernel":
        return known(f"{name}, with its reply shown in a notebook", f"{wall:.2f} ms", how)
    return at_most(name, wall, BOUNDS[count], "{:.2f} ms", how)


def _median_over(step: list[float], plain: list[float]) -> float:
    return statistics.median(one - other for one, other in zip(step, plain, strict=True))


def variables(count: int) -> dict[str, Any]:
    """Return ``count`` variables of many kinds; with 300 one is a frame of 1 GB."""
    from benchmarks.variables import mixed

    if count < 300:
        return mixed(count)
    import numpy as np
    import pandas as pd

    return mixed(count - 1) | {"big": pd.DataFrame(np.zeros((12_500_000, 10)))}


def times(shell: Any, count: int) -> dict[str, list[list[float]]]:
    """Run steps and plain cells in turn; return wall and processor milliseconds of each."""
    shell.user_ns.update(variables(count))
    session = ScriptedSession(shell)
    session.open()
    taken: dict[str, list[list[float]]] = {"step": [], "plain": []}
    begun: list[tuple[float, float]] = []

    def clock(mark: str) -> None:
        if mark == "begin":
            begun.append(_now())
        elif begun:
            taken["step"].append(_since(begun[-1]))

    def plain(number: int) -> None:
        session.capture.detach()  # its hooks are away while the plain cell runs
        start = _now()
        shell.run_cell(f"y = {number}", store_history=True)
        taken["plain"].append(_since(start))
        session.capture.attach()

    replies = (block(f"x = {number}") for number in range(WARM + STEPS))
    session.run("Count.", Script(replies, plain, clock))
    session.close()
    return {"step": taken["step"][WARM:], "plain": taken["plain"][WARM:-1]}


def _now() -> tuple[float, float]:
    return perf_counter(), process_time()


def _since(start: tuple[float, float]) -> list[float]:
    return [(now - then) * 1000 for now, then in zip(_now(), start, strict=True)]


def show(shell: Any, count: int) -> None:
    """Print :func:`times` as JSON."""
    print(json.dumps(times(shell, count)))


if __name__ == "__main__":
    show(plain_shell(), int(sys.argv[1]))
