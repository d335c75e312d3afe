"""What is printed and written of the outcomes.

Of unseen questions only totals, seconds and tokens, and totals only of several: whoever
changes the product must not learn which of them it gets wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.effect.grading import is_right

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.effect.outcome import Loop, Outcome
    from benchmarks.effect.questions import Question

FEWEST = 5  # unseen questions with a total
LOOPS: tuple[Loop, ...] = ("plain", "product")


@dataclass(frozen=True, kw_only=True, slots=True)
class Graded:
    """One attempt and whether its answer is right."""

    question: Question
    loop: Loop
    outcome: Outcome

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return is_right(self.outcome.answer, self.question)

    @property
    def line(self) -> str:
        """The attempt in one line."""
        outcome = self.outcome
        cost = f"{outcome.seconds:.0f} s, {outcome.tokens:,} tokens"
        if not self.question.seen:
            return f"{self.question.id} {self.loop}: {cost}"
        verdict = "right" if self.right else f"wrong ({outcome.ending})"
        return f"{self.question.id} {self.loop}: {verdict}, {outcome.steps} steps, {cost}"


def report(graded: Sequence[Graded]) -> str:
    """The totals of each half and loop, and a table with a line per question."""
    return f"{_table(_totals(graded))}\n\n{_table(_by_question(graded))}"


def _totals(graded: Sequence[Graded]) -> list[tuple[str, ...]]:
    rows = [("half", "loop", "right / asked", "seconds a question", "tokens a question")]
    for seen in (True, False):
        for loop in LOOPS:
            some = [each for each in graded if each.loop == loop and each.question.seen is seen]
            if some:
                rows.append(("seen" if seen else "unseen", loop, *_sums(some)))
    return rows


def _sums(some: Sequence[Graded]) -> tuple[str, ...]:
    right = sum(each.right for each in some)
    seconds = sum(each.outcome.seconds for each in some) / len(some)
    tokens = sum(each.outcome.tokens for each in some) / len(some)
    hidden = not some[0].question.seen and len(some) < FEWEST
    return f"{'?' if hidden else right} / {len(some)}", f"{seconds:.1f}", f"{tokens:,.0f}"


def _by_question(graded: Iterable[Graded]) -> list[tuple[str, ...]]:
    rows = [("question", "half", "level", "loop", "answer", "steps", "seconds", "tokens")]
    for each in graded:
        question, outcome = each.question, each.outcome
        shown = ("unseen", question.level, each.loop, "", "")
        if question.seen:
            verdict = "right" if each.right else "wrong"
            verdict = verdict if outcome.ending == "answered" else f"none ({outcome.ending})"
            shown = ("seen", question.level, each.loop, verdict, f"{outcome.steps}")
        rows.append((question.id, *shown, f"{outcome.seconds:.0f}", f"{outcome.tokens:,}"))
    return rows


def _table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
    padded = ([text.ljust(n) for text, n in zip(row, widths, strict=True)] for row in rows)
    return "\n".join(f"| {' | '.join(row)} |" for row in padded)
