"""Whether a question that was answered before anything ran needs data.

Small models like to answer from nothing, in the asked format, with a number that they
made up. There is no reading of minds here, only three plain signs; where one of them is
seen by mistake the model loses one reply and gives its answer again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILE = re.compile(
    r"\.(?:csv|tsv|txt|log|xlsx?|ods|parquet|feather|arrow|jsonl?|ya?ml|xml|html?|h5|hdf5|nc|"
    r"npy|npz|pkl|pickle|sqlite3?|db|dta|sav|rds|zip|gz|png|jpe?g|tiff?|wav|pdf)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def wants_data(prompt: str, answer: str, names: Iterable[str]) -> bool:
    """Return whether ``prompt`` should not have been answered without running anything.

    Args:
        prompt: The user's words.
        answer: The model's, given before any action.
        names: The user's variables.
    """
    if _FILE.search(prompt):
        return True
    words = set(re.findall(r"\w+", prompt))
    if not words.isdisjoint(names):
        return True
    made_up = set(_NUMBER.findall(answer)) - set(_NUMBER.findall(prompt))
    return bool(made_up)
