"""The questions and their right answers, as ``questions.json`` holds them.

The answers were computed by :mod:`benchmarks.effect.check`; a test compares the two. The
file was fixed before any model saw a question: change neither a question nor its half.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DATA = Path(__file__).parent / "data"
FILE = Path(__file__).parent / "questions.json"

Kind = Literal["number", "year", "state", "month", "year-month"]
Level = Literal["one step", "two steps", "harder"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What is right.

    Attributes:
        kind: How a text is searched for it.
        value: A number at full precision, or a name: a year, a state's name or code, a
            month's name, ``"2011-01"``.
        decimals: To how many decimals a number is asked for.
        either_sign: Whether a fall may be told as a negative number.
    """

    kind: Kind
    value: float | str
    decimals: int = 0
    either_sign: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question.

    Attributes:
        id: Its name.
        level: How hard it is.
        twin: The question of like difficulty in the other half.
        seen: Whether it may be looked at while the product is being changed.
        files: The files that it is about, in ``data/``.
        question: Its text, the same for both loops.
        answer: What is right.
    """

    id: str
    level: Level
    twin: str
    seen: bool
    files: tuple[str, ...]
    question: str
    answer: Answer


def all_questions() -> tuple[Question, ...]:
    """Every question, in the order of the file."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        Question(**{**row, "files": tuple(row["files"]), "answer": Answer(**row["answer"])})
        for row in rows
    )
