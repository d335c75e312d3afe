"""What a loop came to on one question; both loops give it, the report reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

MOST_STEPS = 8

Loop = Literal["plain", "product"]


class Fault(Exception):
    """The server or the kernel failed: nothing was learnt of the loop, so the run stops."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One loop's attempt at one question.

    Attributes:
        answer: The last words, ``""`` when it ended without an answer.
        ending: ``answered``, or which limit ended it.
        steps: Replies of the model.
        tokens: Of all requests, in both directions.
        seconds: From the question to the end, the start of the model's server included.
        notebook: All that happened, in nbformat's shape.
    """

    answer: str
    ending: str
    steps: int
    tokens: int
    seconds: float
    notebook: Any
