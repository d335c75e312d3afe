"""Milliseconds that looking at the variables adds to an action.

Run ``python benchmarks/variables.py``. The first figure is what every action pays: a mark
before it and the changes after it. Bounds: 50 variables 0.4 ms; 300 variables with a frame
of 1 GB 2 ms, which shows that the size of the data does not matter.
"""

from __future__ import annotations

import datetime as dt
import statistics
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from codeact_jupyter.context.variables import Variables, touched_names

ROUNDS = 200


class Model:
    """Stands for an object of the user's own."""

    def __init__(self) -> None:
        self.weight = 1.0


def mixed(count: int) -> dict[str, Any]:
    """Return ``count`` variables of ten kinds, a tenth of them frames."""
    frame = {"name": ["a", "b"] * 500, "price": ["1,234", "—"] * 500, "year": range(1000)}
    kinds = [
        lambda n: n,
        lambda n: f"text {n}" * 20,
        lambda n: list(range(n)),
        lambda n: {"a": n, "b": [n]},
        lambda _: pd.DataFrame(frame),
        lambda n: np.zeros((n, 3)),
        lambda _: Model(),
        lambda n: pd.Series(range(n)),
        lambda _: Path("data.csv"),
        lambda _: dt.datetime(2026, 1, 1),
    ]
    return {f"v{n}": kinds[n % len(kinds)](n) for n in range(count)}


def milliseconds(call: Any) -> float:
    """Return the median time of one call."""
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return statistics.median(times) * 1000


def report(title: str, namespace: dict[str, Any], frame: str) -> None:
    """Print the figures for one namespace."""
    variables = Variables(namespace)

    def plain() -> None:
        variables.mark()
        variables.changes()

    def touching() -> None:
        variables.mark()
        namespace["x"] = perf_counter()
        variables.changes(touched_names(f"x = 1\n{frame}['a'] = 2"))

    variables.digest()
    print(f"{title:40} mark+changes {milliseconds(plain):6.3f} ms", end="  ")
    print(f"one new, one frame touched {milliseconds(touching):6.3f} ms", end="  ")
    print(f"digest {milliseconds(variables.digest):6.2f} ms")


def main() -> None:
    """Print the figures."""
    report("50 variables", mixed(50), "v4")
    big = {"big": pd.DataFrame(np.zeros((12_500_000, 10)))}
    report("300 variables, a frame of 1 GB", mixed(299) | big, "big")


if __name__ == "__main__":
    main()
