"""Where reasoning drafts begin and end in a line of prose.

Some models think aloud in their visible text, between ``<think>`` and ``</think>`` (or
``<thinking>``). A draft is neither said nor done. The CodeAct paper's ``<thought>`` is
something else: the thought itself, so its words count and only the tags go. Tags in inline
code are quoted, and stay.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

TagKind = Literal["begin", "end", "thought", "action"]
_WORDS = {"thought", "solution"}  # whose tags go and whose words stay


def marks_of(*names: str) -> re.Pattern[str]:
    """Return the marks that count in prose: backticks, and the tags of drafts and ``names``."""
    all_names = "|".join(("think(?:ing)?", "thought", *names))
    return re.compile(rf"(?P<ticks>`+)|<(?P<end>/?)(?P<name>{all_names})\s*>", re.IGNORECASE)


DRAFTS = marks_of()
_DRAFT_END = re.compile(r"\s*</think(?:ing)?\s*>", re.IGNORECASE)


def tags(
    line: str, *, drafting: bool, marks: re.Pattern[str] = DRAFTS
) -> Iterator[tuple[TagKind, int, int]]:
    """Yield the tags that count as (kind, start, end), in linear time.

    Args:
        line: One line of text outside of fenced blocks.
        drafting: Whether the line begins inside a draft, where only its end counts.
        marks: The tags that the action format knows.
    """
    if "<" not in line:
        return
    found = list(marks.finditer(line))
    last = {mark["ticks"]: mark.start() for mark in found}
    quote: str | None = None  # the backticks that will close the inline code we are in
    for mark in found:
        ticks, kind = mark["ticks"], _kind(mark)
        if quote:
            quote = None if ticks == quote else quote
        elif ticks:
            # a run without a partner of its own length is no inline code (CommonMark 6.1)
            quote = ticks if not drafting and last[ticks] > mark.start() else None
        elif kind == "end" or not drafting:
            drafting = kind == "begin"
            yield kind, mark.start(), mark.end()


def ends_draft(line: str) -> bool:
    """Tell whether ``line`` begins with the end of a draft."""
    return _DRAFT_END.match(line) is not None


def _kind(mark: re.Match[str]) -> TagKind:
    name = (mark["name"] or "").lower()
    if name in _WORDS:
        return "thought"
    if not name.startswith("think"):
        return "action"
    return "end" if mark["end"] else "begin"
