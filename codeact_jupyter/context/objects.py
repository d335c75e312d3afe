"""Objects looked at without running any code of theirs.

The digests need the class of a value, a class attribute or the instance's own attributes.
The ordinary ways to these (``isinstance``, ``getattr``, ``vars``) run ``__getattribute__``,
``__class__`` and friends of the object or of its metaclass: they may query a database,
hang or count how often they are asked. The functions here go through the slots of ``type``
instead, which nobody can override.

Called by the other modules of this package. It never calls a method of a value and never
imports what a value belongs to: a class of pandas is recognised by its name in the module
that is already loaded.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any, Final, TypeVar

T = TypeVar("T")

ABSENT: Final = object()
"""What :func:`class_attribute` answers when there is none."""

mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
class_dict: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__
_name: Callable[[type], str] = type.__dict__["__name__"].__get__
_qualname: Callable[[type], str] = type.__dict__["__qualname__"].__get__
_module: Callable[[type], object] = type.__dict__["__module__"].__get__

_SECRET_WORDS = frozenset(
    {
        *("token", "password", "passwd", "pwd", "passphrase", "secret", "secrets"),
        *("apikey", "credential", "credentials"),
    }
)
_SECRET_KEYS = re.compile(r"(?:^| )(?:api|access|private|secret|auth|signing|ssh) keys?(?: |$)")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How a value is looked at.

    Attributes:
        name: The expression by which the model reaches the value, for hints in the line.
        schema_only: Show names, types and shapes, and no value of any kind.
        brief: Nothing but the size is wanted.
    """

    name: str
    schema_only: bool = False
    brief: bool = False


Digest = Callable[[Any, Look], str]
"""Says what is to be said about a value after its name and type; may be empty."""


def class_name(cls: type) -> str:
    """Return the class's own name, safe to print."""
    return clean(_name(cls))


def class_attribute(cls: type, name: str) -> Any:
    """Return what the class or a base holds under ``name``, unbound, or ABSENT."""
    for base in mro(cls):
        found = class_dict(base).get(name, ABSENT)
        if found is not ABSENT:
            return found
    return ABSENT


def instance_dict(value: object) -> dict[str, Any]:
    """Return the instance's own attributes; empty for objects without ``__dict__``."""
    slot = class_attribute(type(value), "__dict__")
    if type(slot) not in (GetSetDescriptorType, MemberDescriptorType):
        return {}
    found = slot.__get__(value, type(value))
    return found if type(found) is dict else {}


def slot_attribute(value: object, name: str) -> Any:
    """Return an attribute that is read by C code or stands in the instance, or ABSENT."""
    found = class_attribute(type(value), name)
    if type(found) in (GetSetDescriptorType, MemberDescriptorType):
        try:
            return found.__get__(value, type(value))
        except AttributeError:  # a slot that was never filled
            return ABSENT
    return instance_dict(value).get(name, ABSENT)


def root(cls: type) -> str:
    """Return the top package of the module that the class says it belongs to."""
    module = _module(cls)
    return module.partition(".")[0] if type(module) is str else ""


def known(cls: type, table: Mapping[str, T]) -> tuple[T, type] | None:
    """Return the entry for the class or its nearest base, and the class that has it.

    Args:
        cls: The class of a value.
        table: Keyed by top package and class name, ``"pandas.DataFrame"``, because
            the modules in between differ from version to version.
    """
    for base in mro(cls):
        found = table.get(f"{root(base)}.{_qualname(base)}")
        if found is not None and genuine(base):
            return found, base
    return None


def genuine(cls: type) -> bool:
    """Whether the loaded module that the class says it belongs to really holds it."""
    module = sys.modules.get(str(_module(cls)))
    return issubclass(type(module), ModuleType) and vars(module).get(_qualname(cls)) is cls


def loaded(name: str) -> Any:
    """Return a module that somebody has imported; asked only for values that come from it."""
    return sys.modules[name]


def clean(text: str) -> str:
    """Return ``text`` on one line, with everything that does not print escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a word of the name says that its value is a secret: ``db_password``, ``apiKey``."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return not _SECRET_WORDS.isdisjoint(words) or bool(_SECRET_KEYS.search(" ".join(words)))
