"""``python -m benchmarks [FIGURE …] [--write]``."""

from __future__ import annotations

import argparse
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import action, browser, idle, load, memory, output, prompt, runs
from benchmarks.rows import Row, markdown

FIGURES = {
    "load": load,
    "action": action,
    "idle": idle,
    "output": output,
    "memory": memory,
    "prompt": prompt,
    "runs": runs,
    "browser": browser,
}
RESULTS = Path(__file__).parent / "RESULTS.md"
PACKAGES = ("IPython", "ipykernel", "nbclient", "jupyterlab", "pydantic", "pandas")
ABOUT = """# Figures

Written by `python -m benchmarks --write`. Each figure is measured beside a plain cell in the
same run; times are medians. OVER is a bound that was passed in this run.
"""


def main() -> None:
    """Print the figures that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    asked = parser.parse_args()
    if unknown := set(asked.figures) - set(FIGURES):
        parser.error(f"no figure {', '.join(sorted(unknown))}; there are: {', '.join(FIGURES)}")
    rows: list[Row] = []
    for name in asked.figures or FIGURES:
        print(f"… {name}", flush=True)
        rows += FIGURES[name].figure()
    print(markdown(rows))
    if asked.write:
        RESULTS.write_text(f"{ABOUT}\n{_conditions()}\n\n{markdown(rows)}\n", encoding="utf-8")


def _conditions() -> str:
    """The date and what it ran on; nothing that names the machine."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load_now = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {packages}, "
        f"{os.cpu_count()} CPUs, load average {load_now:.1f}"
    )


if __name__ == "__main__":
    main()
