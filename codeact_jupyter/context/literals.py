"""Values of Python's own types as short text that never reads like another value.

:func:`literal` writes a scalar or a container of such for the digest of a variable and
for hints. A number is whole or not there; a cut string carries its mark and its length
outside the quotes; a container that is not shown whole says how many items are left out.

It never calls ``repr``, ``str`` or ``len`` of a class that it does not know: such an
object is ``<ClassName>``. Subclasses of builtin types are read with the methods of the
builtin type, whatever they override.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from codeact_jupyter.console import count
from codeact_jupyter.context.objects import (
    class_attribute,
    class_name,
    clean,
    genuine,
    instance_dict,
    is_secret_name,
    known,
    root,
)
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    import datetime as dt

TIMES = "×"  # noqa: RUF001  (the sign, not a letter)

LIMIT = 120  # characters of one value, about
_MAX_ITEMS = 10
_DEPTH = 3
_MAX_DIGITS = 30
_EXACT_DIGITS = 10_000  # longer ints are not counted to the digit
_CONTEXT = 4_096  # characters around a cut in which a secret is still found whole
_TOKEN = re.compile(r"[\w.,+\-]+\Z")
_NUMBER = re.compile(r"[\d.,+\-_eE]+\Z")

_Writer = Callable[[Any, int, int], str]


def literal(value: object, limit: int = LIMIT, depth: int = _DEPTH) -> str:
    """Return ``value`` as text on one line, of about ``limit`` characters.

    Args:
        value: Anything.
        limit: Characters at which strings are cut and containers left off.
        depth: Containers in containers that are still opened.
    """
    write = _EXACT.get(id(type(value)))
    if write is not None:
        return write(value, limit, depth)
    found = known(type(value), _BY_NAME)
    if found is None:
        return _unknown(value)
    write, base = found
    if base is type(value) or write in _FOR_SUBCLASSES:
        return write(value, limit, depth)
    return _subclass(value, base, limit, depth) if id(base) in _EXACT else _unknown(value)


def _unknown(value: object) -> str:
    return f"<{class_name(type(value))}>"


def _subclass(value: Any, base: type, limit: int, depth: int) -> str:
    """An instance of a user's subclass of a builtin type."""
    if base is tuple and (fields := field_names(value)):
        named = dict(zip(fields, tuple.__iter__(value), strict=True))
        return class_name(type(value)) + pairs(named, limit, depth)
    return f"{class_name(type(value))}({_EXACT[id(base)](value, limit, depth)})"


def body(value: Any, base: type, limit: int = LIMIT) -> str:
    """Return an instance of a builtin type or of a subclass, without the subclass's name."""
    return _EXACT[id(base)](value, limit, _DEPTH)


def field_names(value: Any) -> tuple[str, ...]:
    """Return the fields of a named tuple; empty for other subclasses of tuple."""
    fields = class_attribute(type(value), "_fields")
    if type(fields) is not tuple or any(type(field) is not str for field in fields):
        return ()
    return fields if len(fields) == tuple.__len__(value) else ()


def pairs(fields: dict[str, Any], limit: int = LIMIT, depth: int = 2) -> str:
    """Return ``(x=1, y=2)`` for the fields of a value; secret ones are withheld."""
    texts = (
        f"{clean(name)}={withheld_or(name, value, limit // 2, depth - 1)}"
        for name, value in fields.items()
    )
    return _listed("()", texts, len(fields), limit)


# --- strings -------------------------------------------------------------------------


def quoted(text: str, limit: int = LIMIT) -> str:
    """Return a string in quotes; cut ones as ``'abc' … (12,034 characters)``."""
    plain = str.__str__(text)
    if len(plain) > limit:
        # masked before the cut: half a secret would not be recognised any more
        start = head(redact(plain[: limit + _CONTEXT]), limit)
        return f"{start!r} … ({len(plain):,} characters)" if start else _length(plain)
    shown = repr(plain)
    return shown if shown[1:-1] == plain else repr(redact(plain))


def _length(text: str) -> str:
    return f"<{len(text):,} characters>"


def head(text: str, limit: int) -> str:
    """Return the start of a text, cut back so that no half number or word ends it."""
    start = text[:limit]
    if len(text) <= limit or not (_TOKEN.match(text[limit]) and _TOKEN.search(start)):
        return start
    whole = _TOKEN.sub("", start)
    return whole if len(whole) > limit // 2 else _NUMBER.sub("", start)


def prose(text: str, limit: int) -> str:
    """Return text without quotes on one line; cut as ``abc … (12,034 characters)``."""
    whole = " ".join(redact(text[: limit + _CONTEXT]).split())
    start = head(whole, limit).rstrip()
    if start == whole and len(text) <= limit + _CONTEXT:
        return clean(start)
    return f"{clean(start)} … ({len(text):,} characters)"


def label(value: object, limit: int = 60) -> str:
    """Return the label of a column: bare where it is an identifier, else as a literal."""
    if type(value) is str and value.isidentifier() and len(value) <= limit:
        return value
    return literal(value, limit, depth=2)


# --- numbers and other scalars -------------------------------------------------------


def _int(value: int, _limit: int = 0, _depth: int = 0) -> str:
    bits = int.bit_length(value)
    if bits <= 110 and len(text := int.__repr__(value)) <= _MAX_DIGITS + 1:
        digits = len(text.lstrip("-"))
        return text if digits <= _MAX_DIGITS else f"<int with {digits} digits>"
    digits = int(bits * 0.30102999566398) + 1  # one too many at times
    if digits > _EXACT_DIGITS:
        return f"<int with about {digits:,} digits>"
    digits -= int.__abs__(value) < 10 ** (digits - 1)
    return f"<int with {digits:,} digits>"


def _bytes(value: Any, limit: int, _depth: int) -> str:
    size = len(value)
    if size <= limit // 2:
        return repr(bytes(value))
    start = head(redact(value[: limit + _CONTEXT].decode("latin-1")), limit // 3)
    shown = f"{start.encode('latin-1', 'replace')!r} … " if start else ""
    return f"{shown}({size:,} bytes)"


def _datetime(value: dt.datetime, _limit: int, _depth: int) -> str:
    zone = value.tzinfo
    if zone is None or _is_plain_zone(zone):
        return value.isoformat(" ")
    return f"{value.replace(tzinfo=None).isoformat(' ')} <{class_name(type(zone))}>"


def _is_plain_zone(zone: dt.tzinfo) -> bool:
    """Whether the zone is one of the standard library, whose methods do nothing odd."""
    return known(type(zone), {"datetime.timezone": 1, "zoneinfo.ZoneInfo": 1}) is not None


def _time(value: dt.time, _limit: int, _depth: int) -> str:
    return value.replace(tzinfo=None).isoformat()


def _range(value: range, _limit: int, _depth: int) -> str:
    ends = f"{_int(value.start)}, {_int(value.stop)}"
    return f"range({ends})" if value.step == 1 else f"range({ends}, {_int(value.step)})"


def _slice(value: slice, limit: int, depth: int) -> str:
    ends = (literal(end, limit // 3, depth - 1) for end in (value.start, value.stop, value.step))
    return f"slice({', '.join(ends)})"


def _exact_text(value: Any, limit: int, _depth: int) -> str:
    """A scalar of a class whose ``__str__`` is known to be harmless and whole."""
    try:
        text = str(value)
    except ValueError:  # ints in it are over the interpreter's limit of digits
        return _unknown(value)
    return clean(text) if len(text) <= max(limit, 60) else _unknown(value)


def _numpy_text(value: Any, limit: int, depth: int) -> str:
    return literal(value.item(), limit, depth)


def _numpy_scalar(value: Any, _limit: int, _depth: int) -> str:
    if root(type(value)) != "numpy" or not genuine(type(value)):
        return _unknown(value)
    kind = value.dtype.kind
    return str(value) if kind in "biufcmM" else _unknown(value)


def _path(value: Any, limit: int, _depth: int) -> str:
    return quoted(str(value), limit)


def _enum(value: object, _limit: int, _depth: int) -> str:
    name = instance_dict(value).get("_name_")
    return f"{class_name(type(value))}.{clean(name)}" if type(name) is str else _unknown(value)


# --- containers ----------------------------------------------------------------------


def _listed(brackets: str, texts: Iterable[str], total: int, limit: int) -> str:
    """Items between brackets up to the limit, then how many are left out."""
    shown: list[str] = []
    used = 0
    for text in islice(texts, _MAX_ITEMS):
        used += len(text) + 2
        if shown and used > limit:
            break
        shown.append(text)
    if total > len(shown):
        shown.append(f"… {total - len(shown):,} more")
    return f"{brackets[:-1]}{', '.join(shown)}{brackets[-1]}"


def items(values: Iterable[Any], total: int, limit: int = LIMIT, *, brackets: str = "[]") -> str:
    """Return the first of ``total`` values as ``[1, 2, 3, … 997 more]``."""
    return _listed(brackets, (literal(v, limit // 2, 2) for v in values), total, limit)


def _container(brackets: str, base: Any) -> _Writer:
    """A writer for a builtin container that is read with its own methods."""

    def write(value: Any, limit: int, depth: int) -> str:
        total = base.__len__(value)
        if depth <= 0 and total:
            return f"<{class_name(type(value))}, {count(total, 'item')}>"
        texts = (literal(item, limit // 2, depth - 1) for item in base.__iter__(value))
        return _listed(brackets, texts, total, limit)

    return write


def _tuple(value: Any, limit: int, depth: int) -> str:
    text = _container("()", tuple)(value, limit, depth)
    return f"{text[:-1]},)" if tuple.__len__(value) == 1 and text[-1] == ")" else text


def _set(value: Any, limit: int, depth: int) -> str:
    return "set()" if not set.__len__(value) else _container("{}", set)(value, limit, depth)


def _frozenset(value: Any, limit: int, depth: int) -> str:
    return f"frozenset({_container('{}', frozenset)(value, limit, depth)})"


def _deque(value: Any, limit: int, depth: int) -> str:
    return f"deque({_container('[]', deque)(value, limit, depth)})"


def _dict(value: Any, limit: int, depth: int) -> str:
    total = dict.__len__(value)
    if depth <= 0 and total:
        return f"<{class_name(type(value))}, {count(total, 'key')}>"
    texts = (
        f"{literal(key, limit // 2, depth - 1)}: {withheld_or(key, item, limit // 2, depth - 1)}"
        for key, item in dict.items(value)
    )
    return _listed("{}", texts, total, limit)


def withheld_or(key: object, value: object, limit: int, depth: int) -> str:
    """Return the value as a literal, or ``<withheld>`` where its key names a secret."""
    if type(key) is str and is_secret_name(key):
        return "<withheld>"
    return literal(value, limit, depth)


_EXACT: dict[int, _Writer] = {
    # by id: to look a class up by itself would ask its metaclass for a hash
    id(type(None)): lambda _value, _limit, _depth: "None",
    id(type(...)): lambda _value, _limit, _depth: "...",
    id(bool): lambda value, _limit, _depth: "True" if value else "False",
    id(int): _int,
    id(float): lambda value, _limit, _depth: float.__repr__(value),
    id(complex): lambda value, _limit, _depth: complex.__repr__(value),
    id(str): lambda value, limit, _depth: quoted(value, limit),
    id(bytes): _bytes,
    id(bytearray): _bytes,
    id(range): _range,
    id(slice): _slice,
    id(list): _container("[]", list),
    id(tuple): _tuple,
    id(set): _set,
    id(frozenset): _frozenset,
    id(deque): _deque,
    id(dict): _dict,
}

_BY_NAME: dict[str, _Writer] = {
    **{
        f"{cls.__module__}.{cls.__qualname__}": _EXACT[id(cls)]
        for cls in (int, float, complex, str, list, tuple, set, frozenset, deque, dict)
    },
    "datetime.datetime": _datetime,
    "datetime.time": _time,
    **dict.fromkeys(
        ("datetime.date", "datetime.timedelta", "decimal.Decimal", "fractions.Fraction"),
        _exact_text,
    ),
    **dict.fromkeys(("uuid.UUID", "pandas.Timestamp", "pandas.Timedelta"), _exact_text),
    **dict.fromkeys(
        ("pandas.NaTType", "pandas.NAType", "pandas.Period", "pandas.Interval"), _exact_text
    ),
    **dict.fromkeys(("pathlib.PosixPath", "pathlib.WindowsPath"), _path),
    **dict.fromkeys(("pathlib.PurePosixPath", "pathlib.PureWindowsPath"), _path),
    **dict.fromkeys(("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.IntFlag"), _enum),
    **dict.fromkeys(("numpy.str_", "numpy.bytes_"), _numpy_text),
    "numpy.generic": _numpy_scalar,
}

_FOR_SUBCLASSES = (_enum, _numpy_scalar)  # these look at the class themselves
