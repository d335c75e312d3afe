"""One line about one variable: name, type, shape, a short value.

:func:`describe` is called by :mod:`codeact_jupyter.context.variables` on the kernel's main
thread. It finds the digest of a value in a table keyed by class name, so no package has to
be imported for it; :mod:`.frames` and :mod:`.arrays` add theirs. An object of an unknown
class is named with its attributes; a class may define ``_repr_llm_()`` to say it better.

It never calls ``repr``, ``str``, ``len`` or any other method of an unknown object, never
changes a value, and never fails: a value that cannot be read is said to be so. Lines hold
no addresses, so that an unchanged variable keeps its line.
"""

from __future__ import annotations

import re
from collections import deque
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_VARARGS, CO_VARKEYWORDS
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from codeact_jupyter.console import count
from codeact_jupyter.context import arrays, frames
from codeact_jupyter.context.literals import TIMES, body, field_names, literal, pairs, prose, quoted
from codeact_jupyter.context.objects import (
    ABSENT,
    Digest,
    Look,
    class_attribute,
    class_dict,
    class_name,
    clean,
    instance_dict,
    is_secret_name,
    known,
    mro,
    slot_attribute,
)
from codeact_jupyter.redact import redact

_HOOK = "_repr_llm_"
_HOOK_CHARACTERS = 400
_TEXT_CHARACTERS = 200
_OUTLINE_CHARACTERS = 100
_SIZE = re.compile(r"(?:\([^()]*\)|[^,;(])+")  # up to the first comma outside of parentheses
_ELEMENTS = 100  # elements of a container of which the types are named
_WITHHELD = " (its name looks secret: no value is shown)"


def describe(name: str, value: object, *, schema_only: bool = False) -> str:
    """Return the digest line of a variable.

    Args:
        name: The variable's name.
        value: Its value.
        schema_only: Names, types and shapes only, no value of any kind.
    """
    shown_name = clean(name) if len(name) <= 100 else prose(name, 100)
    kind = _kind(value)
    if is_secret_name(name) and kind not in {"function", "class", "module"}:
        look = Look(name=shown_name, schema_only=True)
        return redact(f"{shown_name}: {_said(value, kind, look)}{_WITHHELD}")
    look = Look(name=shown_name, schema_only=schema_only)
    return redact(f"{shown_name}: {_said(value, kind, look)}")


class Outline(NamedTuple):
    """Name, type and size of a variable in words."""

    name: str
    type: str
    shape: str


def outline(name: str, value: object) -> Outline:
    """Return the beginning of a variable's digest, in which no value stands."""
    kind = _kind(value)
    said = _said(value, kind, Look(name=clean(name), schema_only=True, brief=True))
    size = _SIZE.match(said[len(kind) :].removeprefix(",").strip())
    texts = (name, kind, size[0] if size else "")
    return Outline(*(prose(text, _OUTLINE_CHARACTERS) for text in texts))


def _kind(value: object) -> str:
    """The word for the value's type."""
    if type(value) is FunctionType:
        return "function"
    if issubclass(type(value), type):
        return "class"
    if issubclass(type(value), ModuleType):
        return "module"
    return "None" if value is None else class_name(type(value))


def _said(value: object, kind: str, look: Look) -> str:
    try:
        hook = class_attribute(type(value), _HOOK)
        if hook is not ABSENT and not look.schema_only:
            return f"{kind}, {_own_words(value, hook)}"
        detail = _digest_of(value)(value, look)
    except Exception as error:  # noqa: BLE001  (whatever a strange object raises)
        return f"{kind} (could not be read: {class_name(type(error))})"
    return f"{kind}, {detail}" if detail else kind


def _own_words(value: object, hook: Any) -> str:
    """What the object's ``_repr_llm_`` says, or that it failed."""
    try:
        text = hook.__get__(value, type(value))()
    except Exception as error:  # noqa: BLE001  (the user's own method)
        return f"its {_HOOK} raised {class_name(type(error))}"
    if type(text) is not str:
        return f"its {_HOOK} returned a {class_name(type(text))}, not text"
    return prose(text, _HOOK_CHARACTERS)


def _digest_of(value: object) -> Digest:
    digest = _EXACT.get(id(type(value)))
    if digest is not None:
        return digest
    found = known(type(value), _TABLE)
    return found[0] if found is not None else _object


# --- scalars and containers ----------------------------------------------------------


def _nothing(_value: object, _look: Look) -> str:
    return ""


def _scalar(value: object, look: Look) -> str:
    return "" if look.schema_only else literal(value)


def _number(base: type) -> Digest:
    """The digest of a number, which is read as the builtin type that it is."""
    return lambda value, look: "" if look.schema_only else body(value, base)


def _text(value: Any, look: Look) -> str:
    size = count(str.__len__(value), "character")
    if look.schema_only:
        return size
    shown = quoted(value, _TEXT_CHARACTERS)
    return f"{size} {shown}" if 20 < str.__len__(value) <= _TEXT_CHARACTERS else shown


def _bytes(value: Any, look: Look) -> str:
    return count(len(value), "byte") if look.schema_only else literal(value)


def _sequence(base: Any) -> Digest:
    """The digest of a builtin container, which is read with its own methods."""

    def digest(value: Any, look: Look) -> str:
        total = base.__len__(value)
        shown = "" if look.schema_only else body(value, base)
        whole = total <= 10 and "…" not in shown and not look.schema_only
        types = "" if whole else _element_types(base.__iter__(value), total)
        return " ".join(filter(None, (count(total, "item") + types, shown)))

    return digest


def _element_types(values: Any, total: int) -> str:
    names: dict[str, None] = {}
    for position, value in enumerate(values):
        if position >= _ELEMENTS:
            break
        names.setdefault("None" if value is None else class_name(type(value)))
    if not names:
        return ""
    more = f" and {count(len(names) - 3, 'more type')}" if len(names) > 3 else ""
    seen = f" (the first {_ELEMENTS})" if total > _ELEMENTS else ""
    return f" of {', '.join(list(names)[:3])}{more}{seen}"


def _tuple(value: Any, look: Look) -> str:
    fields = field_names(value)
    if not fields:
        return _sequence(tuple)(value, look)
    return f"({', '.join(map(clean, fields))})" if look.schema_only else literal(value)


def _dict(value: Any, look: Look) -> str:
    size = count(dict.__len__(value), "key")
    return size if look.schema_only else f"{size} {body(value, dict, 200)}"


# --- functions, classes, modules -----------------------------------------------------


def _function(value: Any, look: Look) -> str:
    return _signed(value.__name__, _unwrapped(value), look) + _docline(value.__doc__, look)


def _unwrapped(function: FunctionType) -> FunctionType:
    """The function that a decorator wrapped, because its signature says more."""
    for _ in range(8):
        inner = dict.get(function.__dict__, "__wrapped__")
        if type(inner) is not FunctionType:
            break
        function = inner
    return function


def _signed(name: str, function: FunctionType, look: Look, *, skip: int = 0) -> str:
    """Name and parameters with their defaults; annotations are left out, they may run code."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    values = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    values |= function.__kwdefaults__ or {}
    parameters = [_parameter(n, values, look) for n in names]
    if code.co_posonlyargcount:
        parameters.insert(code.co_posonlyargcount, "/")
    parameters += _after_star(code, values, look)
    word = "async " if code.co_flags & (CO_COROUTINE | CO_ASYNC_GENERATOR) else ""
    return f"{word}{clean(name)}({', '.join(parameters[skip:])})"


def _after_star(code: CodeType, values: dict[str, Any], look: Look) -> list[str]:
    last = code.co_argcount + code.co_kwonlyargcount
    extra = list(code.co_varnames[last:])
    star = (
        f"*{extra.pop(0)}" if code.co_flags & CO_VARARGS else "*" if code.co_kwonlyargcount else ""
    )
    keywords = [_parameter(n, values, look) for n in code.co_varnames[code.co_argcount : last]]
    kwargs = [f"**{extra.pop(0)}"] if code.co_flags & CO_VARKEYWORDS else []
    return [star, *keywords, *kwargs] if star else kwargs


def _parameter(name: str, defaults: dict[str, Any], look: Look) -> str:
    if name not in defaults:
        return name
    hidden = look.schema_only or is_secret_name(name)
    return f"{name}=…" if hidden else f"{name}={literal(defaults[name], 40, 1)}"


def _docline(doc: object, look: Look) -> str:
    if type(doc) is not str or look.schema_only:
        return ""
    first = doc.strip().partition("\n")[0]
    return f": {prose(first, 120)}" if first else ""


def _class(value: type, look: Look) -> str:
    """The call that makes an instance, the bases, the first line of the docstring."""
    members = class_attribute(value, "_member_names_")
    if type(members) is list:
        return f"an enumeration of {', '.join(map(clean, members[:20]))}"
    init = class_attribute(value, "__init__")
    name = class_name(value)
    call = _signed(name, init, look, skip=1) if type(init) is FunctionType else name
    bases = [class_name(base) for base in mro(value)[1:-1]][:3]
    return f"{call}{' from ' if bases else ''}{', '.join(bases)}" + _docline(
        class_dict(value).get("__doc__"), look
    )


def _module(value: ModuleType, _look: Look) -> str:
    return module_name(value)


def module_name(module: ModuleType) -> str:
    """Return the module's own name."""
    name = instance_dict(module).get("__name__")
    return clean(name) if type(name) is str else ""


# --- objects -------------------------------------------------------------------------


def _object(value: object, look: Look) -> str:
    """An object of an unknown class: fields of a dataclass, state of a model, attributes."""
    cls = type(value)
    fields = class_attribute(cls, "__dataclass_fields__")
    if type(fields) is dict:
        return _dataclass(value, fields, look)
    if class_attribute(cls, "fit") is not ABSENT and (
        class_attribute(cls, "get_params") is not ABSENT
    ):
        return _estimator(value)
    shape = arrays.like_an_array(value)
    return shape or ("" if look.brief else _attributes(instance_dict(value)))


def _dataclass(value: object, fields: dict[str, Any], look: Look) -> str:
    """The fields that the class shows itself; those with ``repr=False`` are left out."""
    shown = {
        name: slot_attribute(value, name)
        for name, field in fields.items()
        if slot_attribute(field, "repr") is True
    }
    present = {name: item for name, item in shown.items() if item is not ABSENT}
    return f"({', '.join(map(clean, present))})" if look.schema_only else pairs(present)


def _estimator(value: object) -> str:
    """An estimator in the manner of scikit-learn: fitting adds attributes that end in _."""
    own = instance_dict(value)
    steps = own.get("steps")
    if type(steps) is list and steps and type(steps[-1]) is tuple:  # a pipeline: its last step
        own = instance_dict(steps[-1][-1])
    learnt = [name for name in own if name.endswith("_") and not name.startswith("_")]
    return f"fitted ({', '.join(learnt[:5])})" if learnt else "not fitted"


def _attributes(own: dict[str, Any]) -> str:
    names = [clean(name) for name in own if type(name) is str and not name.startswith("_")]
    more = [f"… {len(names) - 8:,} more"] if len(names) > 8 else []
    return f"attributes {', '.join(names[:8] + more)}" if names else ""


def _figure(value: Any, look: Look) -> str:
    width, height = (round(float(side), 2) for side in value.get_size_inches())
    titles = [_axes(axes, look) for axes in value.axes[:6]]
    listed = f": {', '.join(titles)}" if any(titles) and not look.schema_only else ""
    return f"{width:g} {TIMES} {height:g} inches, {len(value.axes)} axes{listed}"


def _axes(value: Any, look: Look) -> str:
    if look.schema_only:
        return ""
    title = value.get_title()
    named = [f"{side} {quoted(text, 40)}" for side, text in _axis_labels(value) if text]
    return " ".join(filter(None, (quoted(title, 60) if title else "untitled", *named)))


def _axis_labels(axes: Any) -> list[tuple[str, str]]:
    return [("x", axes.get_xlabel()), ("y", axes.get_ylabel())]


_BUILTIN: dict[type, Digest] = {
    **{cls: _number(cls) for cls in (int, float, complex)},
    **{cls: _sequence(cls) for cls in (list, set, frozenset, deque)},
    str: _text,
    bytes: _bytes,
    tuple: _tuple,
    dict: _dict,
    type: _class,
}

_EXACT: dict[int, Digest] = {
    # by id: to look a class up by itself would ask its metaclass for a hash
    **{id(type(value)): _nothing for value in (None, ..., NotImplemented)},
    **{id(cls): digest for cls, digest in _BUILTIN.items()},
    **{id(cls): _scalar for cls in (bool, range, slice)},
    id(bytearray): _bytes,
    id(FunctionType): _function,
    id(ModuleType): _module,
}

_TABLE: dict[str, Digest] = {
    **{f"{cls.__module__}.{cls.__qualname__}": digest for cls, digest in _BUILTIN.items()},
    **dict.fromkeys(("datetime.date", "datetime.time", "datetime.timedelta"), _scalar),
    **dict.fromkeys(("decimal.Decimal", "fractions.Fraction", "uuid.UUID"), _scalar),
    **dict.fromkeys(("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.IntFlag"), _scalar),
    **dict.fromkeys(
        ("pandas.Period", "pandas.NAType", "pandas.Interval", "pathlib.PurePath"), _scalar
    ),
    "numpy.generic": _scalar,
    "matplotlib.Figure": _figure,
    "matplotlib._AxesBase": _axes,
    **arrays.DIGESTS,
    **frames.DIGESTS,
}
