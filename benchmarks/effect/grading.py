"""Whether an answer's text states the right value: strict about the value, not the wording.

:func:`is_right` is pure. It looks at the last sentence that states a value of the asked
kind (a number, a year, a state, a month). The right value must stand there, in the asked
form, and no other value beside it, save what is plainly context: a number of the question
itself, a year, a total behind "of", a bracket, a value that is denied ("not 13") or follows
behind ("followed by Texas"). Emphasis singles out: beside a bold value others are context.

A table or list without a sentence that picks from it states nothing. Counts in words
("twelve") are not read. Both loops are graded by the same rules.
"""

from __future__ import annotations

import csv
import re
from calendar import month_name
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.effect.questions import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.effect.questions import Answer, Question

_NUMBER = r"(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?"
_FENCE = re.compile(r"^ *(```|~~~).*?(?:^ *\1 *$|\Z)", re.MULTILINE | re.DOTALL)
_ITEM = re.compile(r"^\s*\d+[.)]\s+(?=\S)")
_BOLD = re.compile(r"\*\*(.+?)\*\*|__(.+?)__|\\boxed\{(.+?)\}")
_ISO_DATE = re.compile(r"\b\d{4}[-/]\d{2}[-/]\d{2}\b")
_ORDINAL = re.compile(r"\b\d+(?:st|[nr]d|th)\b")
_DENIED = re.compile(r"\bnot\s+(?:\w+\s+)?" + _NUMBER)
_CONTEXT = (
    re.compile(r"\([^()]*\)"),
    re.compile(r"(?:\bout|(?<=\d)(?: \w+)?|%) of (?:the |all |a )?(?:total (?:of )?)?" + _NUMBER),
)
_YEAR = re.compile(
    r"(?:\b(?i:in|from|to|and|through|since|until|years?|of|for) |\b[JFMASOND][a-z]{2,8}\.? "
    r"|(?<=\d)[-\u2013])[12]\d{3}\b(?!\.\d)"
)
_EXACT = 1e-6
_MONTHS = tuple(name[:3].lower() for name in month_name[1:])
_BEHIND = re.compile(r"\b(?:followed by|ahead of|compared (?:to|with))\b.*", re.DOTALL)


def is_right(answer_text: str, question: Question) -> bool:
    """Whether ``answer_text`` states the right answer of ``question`` as its answer."""
    for sentence in reversed(list(_sentences(answer_text))):
        for part in (_bold(sentence), sentence):
            stated = _stated(part, question)
            if stated:
                return _agrees(stated, question.answer) or _agrees(
                    _stated(_without_context(part, question.answer.kind), question), question.answer
                )
    return False


def _sentences(text: str) -> Iterator[str]:
    """The sentences; lines that follow each other without a full stop are one."""
    lines = _FENCE.sub("\n\n", text.replace("\u2212", "-").replace("\u00a0", " ")).splitlines()
    if sum(bool(_ITEM.match(line)) for line in lines) > 1:
        lines = [_ITEM.sub("", line) for line in lines]
    block = ""
    for line in (*lines, ""):
        block = f"{block}\n{line}" if block else line
        if not line.strip() or line.rstrip(" *_").endswith((".", "!", "?", ":")):
            yield from re.split(r"(?<=[.!?])(?<!\b[A-Z][a-z]{2}\.)[*_]*\s+", block)
            block = ""


def _bold(sentence: str) -> str:
    return " ; ".join(next(filter(None, found.groups())) for found in _BOLD.finditer(sentence))


def _without_context(sentence: str, kind: str) -> str:
    for pattern in (*_CONTEXT, _BEHIND, *((_YEAR,) if kind == "number" else ())):
        sentence = pattern.sub(" ", sentence)
    return sentence


# --- what a sentence states -------------------------------------------------------------


def _stated(sentence: str, question: Question) -> set[float | str]:
    """The values of the asked kind in a sentence, but for those of the question itself."""
    kind = question.answer.kind
    return _values(sentence, kind) - (_values(question.question, kind) - {question.answer.value})


def _values(text: str, kind: str) -> set[float | str]:
    match kind:
        case "number":
            return set(_numbers(text))
        case "year":
            return {f"{number:.0f}" for number in _numbers(text) if _like_a_year(number)}
        case "state":
            return set(_states(text))
        case "month":
            return {month_name[number] for _, number in _dates(text)}
        case _:
            return {f"{year}-{number:02}" for year, number in _dates(text) if year}


def _numbers(text: str) -> Iterator[float]:
    for pattern in (_ISO_DATE, _ORDINAL, _DENIED):
        text = pattern.sub(" ", text)
    text = re.sub(r"\b(?:minus|negative)\s+(?=\d)", "-", text)
    for found in re.findall(_NUMBER, text):
        yield float(found.replace(",", ""))


def _like_a_year(number: float) -> bool:
    return number.is_integer() and 1000 <= number < 3000


def _states(text: str) -> Iterator[str]:
    names = _state_names()
    for found in _any_of(names).findall(text):
        if (name := names.get(found)) or (len(found) > 2 and (name := names[found.title()])):
            yield name


@cache
def _state_names() -> dict[str, str]:
    """Names and codes of the states, each with the name."""
    with (DATA / "states_2009.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row[column]: row["state"] for row in rows for column in ("state", "code")}
    capital = "District of Columbia"
    spellings = ("District Of Columbia", "D.C.", "Washington, D.C.", "Washington, Dc")
    return names | dict.fromkeys((*spellings, "Washington D.C.", "Washington Dc"), capital)


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern of the names, the longest first; codes only in capitals."""
    ordered = sorted(names, key=len, reverse=True)
    words = (re.escape(name) if len(name) == 2 else f"(?i:{re.escape(name)})" for name in ordered)
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)")


def _dates(text: str) -> Iterator[tuple[str, int]]:
    """Year, may be empty, and month of every date."""
    for word, year in _month_words().findall(text):
        yield year, _MONTHS.index(word[:3].lower()) + 1
    for year, number in re.findall(r"\b(\d{4})[-/](\d{1,2})\b", text):
        yield from _month(year, int(number))
    for number, year in re.findall(r"(?<![-/\d])(\d{1,2})/(\d{4})\b", text):
        yield from _month(year, int(number))


@cache
def _month_words() -> re.Pattern[str]:
    """A month's name, with the year that may follow; "may" and "march" are words too."""
    whole = "|".join(f"(?i:{name})" for name in month_name[1:] if name not in ("March", "May"))
    short = "Sept|" + "|".join(name[:3] for name in month_name[1:])
    day = r"(?: \d{1,2}(?:st|[nr]d|th)?(?!\d),?)?"
    return re.compile(rf"\b({whole}|March|MARCH|MAY|{short})\b\.?,?{day}(?:(?: of)? (\d{{4}})\b)?")


def _month(year: str, number: int) -> Iterator[tuple[str, int]]:
    if 1 <= number <= 12:
        yield year, number


# --- whether it is the right one --------------------------------------------------------


def _agrees(stated: set[float | str], answer: Answer) -> bool:
    """Whether the right value is stated and nothing that contradicts it."""
    if answer.kind != "number":
        return stated == {_canonical(answer)}
    right = {value for value in stated if _same(value, answer)}
    return bool(right) and all(_same(float(value) * 100, answer) for value in stated - right)


def _canonical(answer: Answer) -> str:
    return _state_names()[str(answer.value)] if answer.kind == "state" else str(answer.value)


def _same(value: float | str, answer: Answer) -> bool:
    """Whether a number is the right one: a whole or short one exactly, else as rounded."""
    number, right = float(value), float(answer.value)
    if answer.either_sign:
        number, right = abs(number), abs(right)
    asked = round(right, answer.decimals)
    if abs(right - asked) < _EXACT:
        return abs(number - asked) < _EXACT
    return abs(number - asked) < _EXACT or abs(number - right) < 0.5 * 10**-answer.decimals
