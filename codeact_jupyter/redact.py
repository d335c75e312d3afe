"""Secrets masked in all text that leaves the live kernel.

:func:`redact` is called on every way out: prompt, record, export, log and error text.
It replaces exact values, and these as Python, JSON, HTML, URLs and base64 write them; so one
that was split, reversed or encoded in another way, or together with other text, passes: this
keeps accidents from spreading, it is no wall against code that means harm.

It never reads files and never changes what the user sees live in his own cell.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

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
# Endings of words that run together: DBPASSWORD, MYSQL_PWD, CLIENTSECRET, MYAPIKEY.
_SECRET_ENDINGS = (
    *("PASSWORD", "PWD", "TOKEN", "SECRET"),
    *("APIKEY", "ACCESSKEY", "AUTHKEY", "PRIVATEKEY", "SECRETKEY", "SSHKEY"),
)
_FOLDERS = frozenset({"PWD", "OLDPWD"})  # the shell's working folders
# These words name a secret in the environment; in a notebook they are columns and counts.
_OF_ENVIRONMENT = re.compile(r"(?:.+_)?(?:SSH)?PASS|.+_PAT", re.IGNORECASE)
_SHORTEST = 8  # shorter values (true, none, a port) would mask ordinary words
_SHORTEST_LINE = 20  # of a key in several lines
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
    ``DB_PASSWORD``), from 8 characters on; of a value in several lines each line, too.
    """
    if len(text) < _SHORTEST:
        return text  # no secret fits in, and the environment takes 10 µs to look at
    return _masked(text, _known_secrets())


def redact_values(value: Any) -> Any:
    """Return a copy of a JSON value in which every text has passed :func:`redact`.

    Names have too, but for those that a notebook may need (:func:`_is_field`).
    """
    return _masked_values(value, _known_secrets())


def half_secret(text: str, *, at_end: bool) -> int:
    """How many characters at an edge of ``text`` are a part of a secret that was cut there."""
    for value, _ in _known_secrets():
        for length in range(min(len(value) - 1, len(text)), _SHORTEST // 2, -1):
            if text.endswith(value[:length]) if at_end else text.startswith(value[-length:]):
                return length
    return 0


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
            return {
                key if _is_field(key) else _masked_values(key, known): _masked_values(each, known)
                for key, each in value.items()
            }
        case list() | tuple():
            return [_masked_values(each, known) for each in value]
        case _:
            return value


def _is_field(key: object) -> bool:
    """Whether a name may be one of nbformat's, without which a file is no notebook."""
    return isinstance(key, str) and re.fullmatch(r"[a-z_]+", key) is not None


def _known_secrets() -> tuple[tuple[str, str], ...]:
    """All that is masked, with its name."""
    found = _protected | {
        value: name
        for name in os.environ
        if _is_secret_variable(name) and len(value := os.environ.get(name, "")) >= _SHORTEST
    }
    return _forms_of(tuple(found.items()))


@lru_cache(maxsize=8)
def _forms_of(secrets: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The values as they may be written, the longest first: one inside another leaves no rest."""
    found = {form: name for value, name in secrets for form in _forms(value)}
    return tuple(sorted(found.items(), key=lambda item: -len(item[0])))


def _forms(value: str) -> Iterator[str]:
    lines = [line for line in value.split("\n") if "-----" not in line] if "\n" in value else []
    texts = [text for text in (value, value.strip()) if len(text) >= _SHORTEST]
    for text in (*texts, *(line for line in lines if len(line) >= _SHORTEST_LINE)):
        yield text
        yield repr(text)[1:-1]
        yield json.dumps(text)[1:-1]
        yield json.dumps(text, ensure_ascii=False)[1:-1]
        yield html.escape(text)
        yield html.escape(text, quote=False)
        data = text.encode("utf-8", "replace")  # it may hold lone surrogates
        yield quote(data, safe="")
        yield quote(data)
        yield quote_plus(data)
        yield base64.b64encode(data).decode().rstrip("=")
        yield base64.urlsafe_b64encode(data).decode().rstrip("=")


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Whether a word of a name says that its value is secret."""
    words = re.split(r"[^A-Z]+", name.upper())
    if not _SECRET_WORDS.isdisjoint(words):
        return True
    return words[-1].endswith(_SECRET_ENDINGS) and name not in _FOLDERS


@lru_cache(maxsize=1024)
def _is_secret_variable(name: str) -> bool:
    """Whether the value of this environment variable is secret."""
    return is_secret_name(name) or _OF_ENVIRONMENT.fullmatch(name) is not None
