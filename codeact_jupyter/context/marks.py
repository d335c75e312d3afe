"""Marks: enough of a value to see later that it is another one, and no more.

:func:`mark_of` is called for every variable around every action, so it costs about a
microsecond and does not depend on the size of the data. A mark keeps no object alive: it
holds weak references, or an id together with type, length and the outermost elements,
because an id is used again once its object is gone.

What a mark sees: another object; growth and shrinkage of builtin containers, another
first or last element; columns, index, dtypes and rows of pandas objects; shape and dtype of
arrays. What it cannot see: a changed attribute, cell or element in the middle. For these
:mod:`codeact_jupyter.context.touched` names the variables that code assigns into.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from typing import Any
from weakref import ref

from codeact_jupyter.context.objects import known

Mark = tuple[tuple[object, ...], tuple[Any, ...]]
"""Facts that are compared by ``==``, then weak references, compared by what they refer to."""

_Facts = Callable[[Any], Mark]
_SHORT = 200  # characters or bytes of a text that a mark holds itself
_MANY = 1_000  # columns from which dtypes are not looked at


def mark_of(value: object) -> Mark:
    """Return the mark of a value; never fails."""
    facts = _EXACT.get(id(type(value)))
    if facts is not None:
        return facts(value)
    facts = _facts_of(type(value))
    if facts is None:
        return _identity(value)
    try:
        return facts(value)
    except Exception:  # noqa: BLE001  (a subclass that misbehaves is told by identity)
        return _identity(value)


def _facts_of(cls: type) -> _Facts | None:
    """The facts of a class, remembered: to find them takes longer than to take the mark.

    By its id, since a metaclass may say what its hash is; an id is used again, hence the
    reference.
    """
    seen = _SEEN.get(id(cls))
    if seen is not None and seen[0]() is cls:
        return seen[1]
    found = known(cls, _TABLE)
    facts = found[0] if found else None
    key = id(cls)
    _SEEN[key] = ref(cls, lambda gone: _forget(key, gone)), facts
    return facts


def _forget(key: int, gone: ref[type]) -> None:
    """Drop the class that is gone, unless another one has its id already."""
    if key in _SEEN and _SEEN[key][0] is gone:
        del _SEEN[key]


def same(one: Mark, other: Mark) -> bool:
    """Whether two marks of one name stand for an unchanged value."""
    if one[0] != other[0]:
        return False
    return all(a is b or (a() is b() is not None) for a, b in zip(one[1], other[1], strict=True))


def _identity(value: object, *facts: object) -> Mark:
    try:
        return (id(type(value)), *facts), (ref(value),)
    except TypeError:  # its class allows no weak references
        return (id(type(value)), id(value), *facts), ()


def _scalar(value: Any) -> Mark:
    return (id(type(value)), value), ()


def _int(value: int) -> Mark:
    return _scalar(value) if -(2**64) < value < 2**64 else _identity(value, value.bit_length())


def _text(value: Any) -> Mark:
    if len(value) <= _SHORT:
        return _scalar(value)
    return _identity(value, len(value), value[:_SHORT], value[-_SHORT:])


def _sequence(value: Any) -> Mark:
    if not value:
        return _identity(value, 0)
    return _identity(value, len(value), _peek(value[0]), _peek(value[-1]))


def _set(value: Any) -> Mark:
    return _identity(value, len(value))


def _dict(value: dict[Any, Any]) -> Mark:
    if not value:
        return _identity(value, 0)
    key, item = next(reversed(value.items()))
    return _identity(value, len(value), _peek(key), _peek(item))


def _peek(value: object) -> object:
    """A short scalar itself, of anything else only which object it is."""
    kind = id(type(value))
    if kind in _PEEKED and (kind not in _SIZED or len(value) <= _SHORT):  # type: ignore[arg-type]
        return kind, value
    return id(value)


def _grown(base: Any) -> _Facts:
    """Facts of a subclass of a builtin container, by the builtin's own length."""
    return lambda value: _identity(value, base.__len__(value))


def _frame(value: Any) -> Mark:
    columns, index = value.columns, value.index
    dtypes = _dtypes(value) if len(columns) <= _MANY else ()
    return (id(type(value)), len(index), dtypes), (ref(value), ref(columns), ref(index))


def _dtypes(value: Any) -> tuple[object, ...]:
    # ``frame.dtypes`` builds a Series each time, 50 times as slow as its manager's answer
    manager = getattr(value, "_mgr", None)
    ask = getattr(manager, "get_dtypes", None)
    return tuple(map(_dtype, ask() if ask is not None else value.dtypes.tolist()))


def _dtype(dtype: Any) -> object:
    """Numpy's are small and stay; others may hold categories, so only their name is kept."""
    return dtype if issubclass(type(dtype), sys.modules["numpy"].dtype) else str(dtype)


def _series(value: Any) -> Mark:
    index = value.index
    facts = (id(type(value)), len(index), _dtype(value.dtype), _peek(value.name))
    return facts, (ref(value), ref(index))


def _array(value: Any) -> Mark:
    plain = sys.modules["numpy"].ndarray
    return _identity(value, plain.shape.__get__(value), plain.dtype.__get__(value))


_SEEN: dict[int, tuple[ref[type], _Facts | None]] = {}

_SIZED = frozenset({id(str), id(bytes)})
_PEEKED = frozenset(map(id, (int, float, complex, bool, type(None)))) | _SIZED

_EXACT: dict[int, _Facts] = {
    **{id(cls): _scalar for cls in (bool, float, complex, type(None))},
    id(int): _int,
    id(str): _text,
    id(bytes): _text,
    **{id(cls): _sequence for cls in (list, tuple, bytearray, deque)},
    **{id(cls): _set for cls in (set, frozenset)},
    id(dict): _dict,
}

_TABLE: dict[str, _Facts] = {
    **{
        f"{cls.__module__}.{cls.__qualname__}": _grown(cls)
        for cls in (list, tuple, set, dict, deque)
    },
    "pandas.DataFrame": _frame,
    "pandas.Series": _series,
    "numpy.ndarray": _array,
}
