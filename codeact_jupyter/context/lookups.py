"""Hints for a name that is not there: column, key, attribute, variable.

Called through the table of :mod:`codeact_jupyter.context.hints`. A model that guessed a
name goes on guessing until it sees the real ones; so these say which names there are and
which is the nearest. They read pandas objects and dictionaries only, never call a method
of anything else and never change a value.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import re
import sys
from dataclasses import dataclass
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any

from codeact_jupyter.context.frames import misread
from codeact_jupyter.context.literals import items, label, literal, quoted
from codeact_jupyter.context.objects import (
    class_dict,
    class_name,
    clean,
    instance_dict,
    known,
    mro,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LISTED = 600  # characters of a list of names
_COMPARED = 2_000  # names among which the nearest is looked for
_TARGETS = 2  # variables that one error is explained with
_LABELS = (str, int, float)  # kinds of labels that may be compared
_FRAMES = {"pandas.DataFrame": "frame", "pandas.DataFrameGroupBy": "grouped"}
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_NOT_DEFINED = re.compile(r"name '(\w+)' is not defined")
_ACCESSOR = re.compile(r"Can only use \.(dt|str) accessor")
_GROUPING = re.compile(r"\b(groupby|set_index|pivot|pivot_table|value_counts|unstack)\(")
_GONE = {
    "append": "use `pd.concat([df, other], ignore_index=True)`",
    "ix": "use `.loc` (labels) or `.iloc` (positions)",
    "iteritems": "use `.items()`",
    "applymap": "use `.map()`",
    "mad": "use `(s - s.mean()).abs().mean()`",
}
_ALIASES = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "sns": "import seaborn as sns",
    "Path": "from pathlib import Path",
    "datetime": "from datetime import datetime",
    "Counter": "from collections import Counter",
    "defaultdict": "from collections import defaultdict",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One error and where it came from.

    Attributes:
        error: The exception.
        message: Its text, as far as it is plain text.
        code: The source of the cell.
        named: Variables that the code names, those of the failing line first.
        names: All names that the failing code could have used.
        schema_only: Say names only, and nothing that was computed from a value.
        words: The names and constants that stand in the code.
    """

    error: BaseException
    message: str
    code: str
    named: dict[str, Any]
    names: tuple[str, ...]
    schema_only: bool
    words: frozenset[object] = frozenset()

    def may_say(self, word: object) -> bool:
        """Whether a word of the error may be told: it may have been computed from a value."""
        return not self.schema_only or word in self.words


# --- a column or a key ---------------------------------------------------------------


def missing_key(case: Case) -> Iterator[str]:
    """A KeyError: the columns of the frames, or the keys of the dictionaries, in the code."""
    wanted = _wanted(detail(case.error, BaseException, "args"))
    sayable = [one for one in wanted if case.may_say(one)]
    told: list[Any] = []
    for name, value in case.named.items():
        again = any(value is one for one in told)
        sentence = "" if again or len(told) >= _TARGETS else _about(name, value, wanted, case)
        if sentence:
            told.append(value)
            yield sentence + _without(sayable, sentence, case.code)
    frames = [value for value in case.named.values() if _frame_of(value) is not None]
    if frames and not told and _GROUPING.search(case.code):
        yield (
            "Grouping and pivoting move columns into the index: "
            "`.reset_index()` (or `as_index=False`) makes them columns again."
        )


def _without(wanted: list[Any], told: str, code: str) -> str:
    """A condition on a column that nothing is like: data of one kind often lack it."""
    lacks = "Nearest" not in told and "read the file again" not in told
    column = wanted[0] if wanted and lacks else None
    if type(column) is not str or not re.search(rf"[\"']{re.escape(column)}[\"']\] ?==", code):
        return ""
    return f" Nothing there is like {quoted(column, 60)}: leave that condition out."


def _wanted(args: tuple[Any, ...]) -> list[Any]:
    """The labels that were looked for, out of the many texts of pandas."""
    text: Any = args[0] if len(args) == 1 else None
    if type(text) is list or known(type(text), {"pandas.Index": 1}):
        return [one for one in islice(text, 20) if type(one) in _LABELS]
    if type(text) not in _LABELS:
        return []
    if type(text) is str and text.startswith("Column not found: "):
        return text.removeprefix("Column not found: ").split(", ")
    if type(text) is str and text.startswith(("[", "None of ", "Label(s) ", "Index(", "Column(s)")):
        quotes = _QUOTED.findall(re.split(r"\], dtype=|\] (?:are|do|not) ", text)[0])
        return [one or other for one, other in quotes] or [text]
    return [text]


def _about(name: str, value: Any, wanted: list[Any], case: Case) -> str:
    frame = _frame_of(value)
    if frame is not None:
        return _about_frame(name, frame, wanted, case)
    if known(type(value), {"builtins.dict": 1}):
        return _about_dict(name, value, wanted, case)
    if known(type(value), {"pandas.Series": 1}) and not case.schema_only:
        return _about_series(name, value)
    return ""


def _about_series(name: str, value: Any) -> str:
    if type(value.index).__name__ == "RangeIndex":
        return ""
    labels = items(value.index[:10], len(value))
    return f"`{name}` is a Series with the index labels {labels}."


def _frame_of(value: Any) -> Any:
    """The DataFrame that a value is, or that it groups; else None."""
    found = known(type(value), _FRAMES)
    if found is None:
        return None
    return value if found[0] == "frame" else value.obj


def _about_frame(name: str, frame: Any, wanted: list[Any], case: Case) -> str:
    labels = _labels(frame)
    lacking = [one for one in wanted if not _has(labels, one)]
    if not lacking:
        return ""
    if type(lacking[0]) is int and type(frame.index).__name__ == "RangeIndex":
        return _about_rows(name, frame.index, case)
    in_index = [one for one in lacking if _has(frame.index.names, one)]
    if in_index:
        there = ", ".join(label(one) for one in in_index)
        return (
            f"`{name}` has {there} as its index, not as a column: "
            f"`{name}.reset_index()` makes it one."
        )
    return columns_sentence(name, frame, filter(case.may_say, lacking))


def _has(labels: Iterable[Any], wanted: Any) -> bool:
    """Whether a label is among others, which are only compared with their own kind."""
    return any(type(one) is type(wanted) and one == wanted for one in labels)


def _about_rows(name: str, index: Any, case: Case) -> str:
    if not len(index):
        return f"`{name}` has no rows."
    if case.schema_only:
        return f"`{name}` has no such row label; its columns are in `{name}.columns`."
    ends = f"{literal(index[0])} to {literal(index[-1])}"
    return f"`{name}` has the row labels {ends}; its columns are in `{name}.columns`."


def _labels(frame: Any) -> list[Any]:
    return list(islice(frame.columns, _COMPARED))


def columns_sentence(name: str, frame: Any, wanted: Iterable[Any]) -> str:
    """Return which columns a frame has, and which are nearest to the wanted ones."""
    labels = _labels(frame)
    more = len(frame.columns) - len(labels)
    if not labels:
        return f"`{name}` has no columns."
    if misread(frame.columns):
        return f"`{name}` has {misread(frame.columns)}."
    near = "".join(_nearest_sentence(one, labels) for one in islice(wanted, 3))
    return f"`{name}` has the columns: {listed(map(label, labels), more)}.{near}"


def _about_dict(name: str, value: Any, wanted: list[Any], case: Case) -> str:
    lacking = [one for one in wanted if not dict.__contains__(value, one)]
    if not lacking or case.schema_only:
        return ""
    keys = list(islice(dict.__iter__(value), _COMPARED))
    if not keys:
        return f"`{name}` is an empty {class_name(type(value))}."
    texts = (literal(key, 60, 1) for key in keys)
    near = "".join(_nearest_sentence(one, keys) for one in lacking[:3])
    return f"`{name}` has the keys: {listed(texts, dict.__len__(value) - len(keys))}.{near}"


def listed(texts: Iterable[str], more: int = 0) -> str:
    """Return the texts in a row; over the budget, how many are left out."""
    shown: list[str] = []
    used = 0
    for text in texts:
        used += len(text) + 2
        if shown and used > _LISTED:
            more += 1
        else:
            shown.append(text)
    return ", ".join([*shown, f"… and {more:,} more"] if more else shown)


# --- the nearest name ----------------------------------------------------------------


def nearest(wanted: Any, candidates: Iterable[Any]) -> str | None:
    """Return the candidate that is most like the wanted name, or None when none is."""
    if type(wanted) is not str or not wanted or len(wanted) > 200:
        return None
    texts = [c for c in candidates if type(c) is str and c != wanted and len(c) <= 200]
    by_letters = {_letters(text): text for text in reversed(texts)}
    found = difflib.get_close_matches(_letters(wanted), by_letters, n=1, cutoff=0.6)
    if found:
        return by_letters[found[0]]
    inside = [text for letters, text in by_letters.items() if _overlap(letters, _letters(wanted))]
    return min(inside, key=len) if inside else None


def _letters(text: str) -> str:
    """Only what is said, without case, blanks and underscores."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _overlap(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= 3 and (one in other or other in one)


def _nearest_sentence(wanted: Any, candidates: Iterable[Any]) -> str:
    near = nearest(wanted, candidates)
    return f" Nearest to {quoted(wanted, 60)}: {quoted(near, 60)}." if near else ""


# --- an attribute --------------------------------------------------------------------


def missing_attribute(case: Case) -> Iterator[str]:
    """An AttributeError: the nearest attribute, or the columns of the frame."""
    name, value = (detail(case.error, AttributeError, which) for which in ("name", "obj"))
    if type(name) is not str or not case.may_say(name):
        return
    if value is None:
        yield from _about_none(name, case)
    elif found := _ACCESSOR.search(case.message):
        yield _about_accessor(found[1], case.code)
    elif (frame := _frame_of(value)) is not None:
        variables = [n for n, v in case.named.items() if v is value or _frame_of(v) is frame]
        yield _about_attribute_of_frame(name, next(iter(variables), "df"), frame)
    elif near := nearest(name, _attributes(value)):
        yield f"{_kind(value)} has no {quoted(name, 60)}. Nearest: {quoted(near, 60)}."


def _about_accessor(accessor: str, code: str) -> str:
    """``.dt`` of text, ``.str`` of numbers: how the column is made fit for it."""
    found = re.search(rf"([\w.]+(?:\[[^\[\]]+\])?)\.{accessor}\b", code)
    column = found[1] if found else "s"
    fit = f"pd.to_datetime({column})" if accessor == "dt" else f"{column}.astype(str)"
    return f"Write `{fit}.{accessor}` in place of `{column}.{accessor}`."


def detail(error: BaseException, cls: Any, attribute: str) -> Any:
    """What the builtin exception class itself keeps, whatever a subclass makes of it."""
    return class_dict(cls)[attribute].__get__(error)


def _about_none(name: str, case: Case) -> Iterator[str]:
    bare = [n for n, v in case.named.items() if v is None]
    if "NoneType" in case.message:
        what = f"`{bare[0]}` is" if bare else "The value before the dot is"
        yield (
            f"{what} None, so it has no {quoted(name, 60)}: a call with inplace=True, or one "
            "like list.sort(), changes the object itself and returns None."
        )


def _about_attribute_of_frame(name: str, variable: str, frame: Any) -> str:
    if name in _GONE:
        return f"pandas has no {quoted(name)} any more: {_GONE[name]}."
    sentence = columns_sentence(variable, frame, [name])
    if "Nearest to" in sentence:
        return sentence
    return sentence + _nearest_sentence(name, _attributes(frame))


def _attributes(value: object) -> list[str]:
    """Public attributes of the classes and of the instance itself."""
    names = [name for base in mro(type(value)) for name in class_dict(base)]
    names += instance_dict(value)
    return [name for name in names if type(name) is str and not name.startswith("_")]


def _kind(value: object) -> str:
    if issubclass(type(value), ModuleType):
        return f"The module {clean(str(instance_dict(value).get('__name__', '')))}"
    return f"A {class_name(type(value))}"


# --- a variable ----------------------------------------------------------------------


def missing_name(case: Case) -> Iterator[str]:
    """A NameError: the import that is missing, the nearest name, or where it may have gone."""
    name = detail(case.error, NameError, "name")
    if type(name) is not str:
        found = _NOT_DEFINED.search(case.message)
        name = found[1] if found else ""
    if not name or not case.may_say(name):
        return
    near = nearest(name, case.names)
    if name in _ALIASES or (not near and name in sys.stdlib_module_names):
        line = _ALIASES.get(name, f"import {name}")
        yield f"`{name}` has not been imported in this kernel: `{line}`."
    elif near or (near := nearest(name, vars(builtins))):
        yield f"There is no variable {quoted(name, 60)}. Nearest: {quoted(near, 60)}."
    else:
        yield (
            f"There is no variable {quoted(name, 60)}: names are lost after a kernel restart, "
            "so the cell that makes it has to run (again)."
        )


def missing_in_query(case: Case) -> Iterator[str]:
    """The NameError of pandas out of ``df.query`` and ``df.eval``."""
    found = _NOT_DEFINED.search(case.message)
    for name, value in case.named.items():
        frame = _frame_of(value)
        if found and frame is not None:
            yield columns_sentence(name, frame, filter(case.may_say, [found[1]]))
            yield "In `query` a variable is written `@name`."
            return


def names_in(tree: ast.AST | None, line: int | None) -> list[str]:
    """Names that code uses, those of the statement at the failing line first."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)] if tree else []
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    nodes.sort(key=lambda node: node.lineno != line)
    return list(dict.fromkeys(node.id for node in nodes))


def words_in(tree: ast.AST | None) -> frozenset[object]:
    """The names and constants that stand in code, a dotted name also in its parts."""
    words: set[object] = set()
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.Constant(value=word):
                words.add(word)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                words.update(alias.name for alias in aliases)
                words.add(getattr(node, "module", None))
    dotted = [word for word in words if type(word) is str and "." in word]
    return frozenset(words.union(*(word.split(".") for word in dotted)))
