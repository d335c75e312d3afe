"""``python -m benchmarks.effect [--seen] [--unseen] [--only ID,ID] [--loop LOOP] [--write]``.

Without a half only the seen questions are asked: those are for daily work on the product.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from benchmarks.effect import plain, product
from benchmarks.effect.outcome import MOST_STEPS, Fault
from benchmarks.effect.questions import all_questions
from benchmarks.effect.report import LOOPS, Graded, report
from codeact_jupyter.errors import LocalModelError
from codeact_jupyter.models.local import description

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.effect.outcome import Loop
    from benchmarks.effect.questions import Question

RESULTS = Path(__file__).parent / "RESULTS.md"
ATTEMPTS = {"plain": plain.attempt, "product": product.attempt}
ABOUT = f"""# How much the product helps a small model

Written by `python -m benchmarks.effect --write`. Each question is put to two loops in the same
run, word for word the same, with the same model at temperature 0: the paper's plain chat loop,
and `%%codeact --auto`. Both have a fresh kernel and a fresh server for each question and
{MOST_STEPS} replies; seconds include the start of the server, tokens count both directions. Of the
unseen questions nothing but totals, seconds and tokens is kept. Data and licences:
[`data/README.md`](data/README.md).
"""


def main() -> None:
    """Ask what was asked for, print the report, and stop at the first fault."""
    asked = _parsed()
    graded: list[Graded] = []
    try:
        for each in _attempts(_chosen(asked), asked.loop or LOOPS):
            print(each.line, flush=True)
            graded.append(each)
            if asked.transcripts and each.question.seen:
                _keep(each, asked.transcripts)
    except (Fault, LocalModelError) as fault:
        sys.exit(
            f"{fault} That says nothing about the loops, so the run stops here and no result "
            "counts. Run it again."
        )
    text = report(graded)
    print(f"\n{text}")
    if asked.write:
        RESULTS.write_text(f"{ABOUT}\n{_conditions()}\n\n{text}\n", encoding="utf-8")


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.effect", description=__doc__)
    parser.add_argument("--seen", action="store_true", help="ask the seen questions")
    parser.add_argument("--unseen", action="store_true", help="ask the unseen questions")
    parser.add_argument("--only", metavar="ID,ID", help="ask only these, of either half")
    parser.add_argument("--loop", action="append", choices=LOOPS, help="run only this loop")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument(
        "--transcripts", type=Path, metavar="DIR", help="keep seen attempts there as notebooks"
    )
    asked = parser.parse_args()
    names = {question.id for question in all_questions()}
    if unknown := set((asked.only or "").split(",")) - names - {""}:
        parser.error(f"no question {', '.join(sorted(unknown))}; see questions.json")
    return asked


def _chosen(asked: argparse.Namespace) -> list[Question]:
    if asked.only:
        return [question for question in all_questions() if question.id in asked.only.split(",")]
    seen = asked.seen or not asked.unseen
    return [question for question in all_questions() if (seen if question.seen else asked.unseen)]


def _attempts(questions: Sequence[Question], loops: Sequence[Loop]) -> Iterator[Graded]:
    """Every loop on one question after the other; who begins takes turns."""
    for number, question in enumerate(questions):
        for loop in loops if number % 2 == 0 else loops[::-1]:
            yield Graded(question=question, loop=loop, outcome=ATTEMPTS[loop](question))


def _keep(each: Graded, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{each.question.id}-{each.loop}.ipynb"
    file.write_text(nbformat.writes(each.outcome.notebook), encoding="utf-8")


def _conditions() -> str:
    """The date and what it ran on; nothing that names the machine."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("xllamacpp", "pandas"))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {description().title}, Python "
        f"{platform.python_version()}, {packages}, {os.cpu_count()} CPUs"
    )


if __name__ == "__main__":
    main()
