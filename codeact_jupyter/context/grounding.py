"""Whether an answer rests on something that ran.

Models, small ones above all, like to answer from nothing, in the asked format, with a
number that they made up. There is no reading of minds here, only plain signs: a file, a
variable or a table's column that was asked about while nothing ran, a value that was asked
for while nothing was computed, a number in the answer that no output shows, a number of the
question that no block used. Where a sign misleads, the model loses one reply and answers
again.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FILE = re.compile(
    r"\.(?:csv|tsv|txt|log|xlsx?|ods|parquet|feather|arrow|jsonl?|ya?ml|xml|html?|h5|hdf5|nc|"
    r"npy|npz|pkl|pickle|sqlite3?|db|dta|sav|rds|zip|gz|png|jpe?g|tiff?|wav|pdf)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w)")
_IN_CODE = re.compile(r"\d[\d,_]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_LINK = re.compile(r"\w+://\S+|\]\([^)]*\)")
_VALUE = re.compile(
    r"\b(?:how (?:many|much)|which|when|who|what (?:is|was|are|were|share|part|percentage)|mean|"
    r"average|median|total|sum|count|number of|share|percent(?:age)?|correlation|difference|"
    r"most|least|max(?:imum)?|min(?:imum)?|(?:high|low|small|long|short|bigg|old|new)est|largest)\b",
    re.IGNORECASE,
)
_SHAPE = re.compile(r"\b(?:how many|which|what|number of)( \w+)? (?:rows|columns)\b", re.IGNORECASE)
_QUOTED = re.compile(r"^(`{3,}|~{3,}).*?^\1`*~*[ \t]*$", re.MULTILINE | re.DOTALL)
_FORM = re.compile(
    r"\b\d+ (?:decimals?|digits?|places|significant|sentences?|words)", re.IGNORECASE
)
_TABLE = re.compile(r"^\w+: .*\brows . \d+ columns?; (.+)$", re.MULTILINE)
_DTYPE = r"(?:str|string|object|category|bool|u?int|float|complex|date|time)"
_COLUMN = re.compile(rf"(?:^|, |; )(?:'([^'\n]+)'|(\w+)) {_DTYPE}")
_SMALL = 12  # smaller whole numbers count and order things: "the 3 species", "2."
_POWERS = range(-9, 10)  # a percentage, thousands, grams in kilograms


def names_data(prompt: str, names: Iterable[str]) -> bool:
    """Whether ``prompt`` speaks of a file, or of one of the user's variables.

    Code that it quotes in a block, as *Explain This Cell* does, is what it asks about, and no data.
    """
    asked = _QUOTED.sub(" ", prompt)
    words = set(re.findall(r"\w+", asked))
    return bool(_FILE.search(asked)) or not words.isdisjoint(names)


def names_column(prompt: str, told: Iterable[str]) -> bool:
    """Whether ``prompt`` speaks of a column of a table that the model was told of.

    Args:
        prompt: The user's words.
        told: All that the model was told, with its lines on the variables.
    """
    words = set(re.findall(r"\w+", prompt.lower()))
    labels = (
        set(re.findall(r"\w+", (quoted or plain).lower()))
        for text in told
        for columns in _TABLE.findall(text)
        for quoted, plain in _COLUMN.findall(columns)
    )
    return any(label and label <= words for label in labels)  # one as "%" holds no word


def asks_value(prompt: str) -> bool:
    """Whether ``prompt`` asks for a value that data have to be computed for."""
    return bool(_VALUE.search(prompt)) and not _SHAPE.search(prompt)


def unused_numbers(prompt: str, used: Iterable[str]) -> tuple[str, ...]:
    """The numbers of ``prompt`` that stand nowhere in ``used``: conditions not applied.

    Small whole numbers are let pass, and those that say in which form the answer is wanted.

    Args:
        prompt: The user's words.
        used: The code that ran and what it put out.
    """
    texts = _NUMBER.findall(_LINK.sub(" ", _FORM.sub(" ", prompt)))
    stated = [text for text in dict.fromkeys(texts) if not _is_small(text)]
    if not stated:
        return ()
    found = {_value(text) for words in used for text in _IN_CODE.findall(words)}
    return tuple(text for text in stated if not _is_used(_value(text), found))


def _is_used(value: float, found: Iterable[float]) -> bool:
    """Whether a number or its share of a hundred is among others; a bound may be one off."""
    return any(number in (value, value / 100, value - 1, value + 1) for number in found)


def made_up_numbers(answer: str, known: Iterable[str]) -> tuple[str, ...]:
    """The numbers of ``answer`` that ``known`` does not show, in their order.

    A number is shown when one of the known ones rounds to it, also as a percentage or in
    another power of ten. Small whole numbers are let pass.

    Args:
        answer: The model's words.
        known: All that the model was told: prompts and outputs.
    """
    words = _LINK.sub(" ", answer)
    stated = [text for text in _NUMBER.findall(words) if not _is_small(text)]
    if not stated:
        return ()
    shown = sorted({_value(text) for told in known for text in _NUMBER.findall(told)})
    return tuple(text for text in stated if not _is_shown(text, shown))


def _is_small(text: str) -> bool:
    return text.isdigit() and float(text) <= _SMALL


def _is_shown(text: str, shown: Sequence[float]) -> bool:
    value = _value(text)
    if value == 0 or not math.isfinite(value):
        return value == 0
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    rounding = 0.500001 * 10.0 ** (int(exponent or 0) - decimals)
    return any(
        number and abs(number * 10.0**power - value) <= max(rounding, 1e-9 * value)
        for number in shown
        for power in _near_powers(number, value)
    )


def _near_powers(number: float, value: float) -> Iterable[int]:
    """The powers of ten that could bring ``number`` to ``value``."""
    if not number or not math.isfinite(number):
        return ()
    power = round(math.log10(value) - math.log10(number))
    return [p for p in (power - 1, power, power + 1) if p in _POWERS]


def _value(text: str) -> float:
    return float(text.replace(",", "").replace("_", ""))
