"""Secrets masked in all text that leaves the live kernel.

:func:`redact` is called on every way out: prompt, record, export, log and error text.
It replaces exact values, so a value that was split, reversed or encoded passes: this
keeps accidents from spreading, it is no wall against code that means harm.

It never reads files and never changes what the user sees live in his own cell.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import Any

_SECRET_WORDS = frozenset(
    {
        "KEY",
        "KEYS",
        "APIKEY",
        "TOKEN",
        "TOKENS",
        "SECRET",
        "SECRETS",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "CREDENTIAL",
        "CREDENTIALS",
    }
)
_SHORTEST = 8  # shorter values (true, none, a port) would mask ordinary words
_protected: dict[str, str] = {}


def protect(value: str | None, name: str) -> None:
    """Mask ``value`` from now on, for keys that stand in no environment variable.

    Args:
        value: The secret; None and values under 8 characters are left alone.
        name: What to call it in the mask, for example ``"API key"``.
    """
    if value and len(value) >= _SHORTEST:
        _protected[value] = name


def redact(text: str) -> str:
    """Return ``text`` with every known secret replaced by ``[masked NAME]``.

    Known are the values passed to :func:`protect` and those of environment variables
    of which a word of the name says that they are secret (``OPENAI_API_KEY``,
    ``DB_PASSWORD``), from 8 characters on.
    """
    if len(text) < _SHORTEST:
        return text  # no secret fits in, and the environment takes 10 µs to look at
    return _masked(text, _known_secrets())


def redact_values(value: Any) -> Any:
    """Return a copy of a JSON value in which every text has passed :func:`redact`."""
    return _masked_values(value, _known_secrets())


def _masked(text: str, known: tuple[tuple[str, str], ...]) -> str:
    for value, name in known:
        if value in text:
            text = text.replace(value, f"[masked {name}]")
    return text


def _masked_values(value: Any, known: tuple[tuple[str, str], ...]) -> Any:
    match value:
        case str():
            return _masked(value, known)
        case dict():
            return {key: _masked_values(each, known) for key, each in value.items()}
        case list() | tuple():
            return [_masked_values(each, known) for each in value]
        case _:
            return value


def _known_secrets() -> tuple[tuple[str, str], ...]:
    """All secrets, the longest first, so that one inside another leaves no rest."""
    found = _protected | {
        value: name
        for name in os.environ
        if is_secret_name(name) and len(value := os.environ.get(name, "")) >= _SHORTEST
    }
    return tuple(sorted(found.items(), key=lambda item: -len(item[0])))


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Whether a word of an environment variable's name says that its value is secret."""
    words = re.split(r"[^A-Z]+", name.upper())
    return not _SECRET_WORDS.isdisjoint(words) or words[-1].endswith(("PASSWORD", "_PWD", "TOKEN"))
