"""Facts that help after code that ran and yet misses what it is after.

A comparison with a value that its column does not hold selects nothing and raises nothing;
a row's label is taken for a value; a file read with the wrong separator has one column.
Called through :mod:`codeact_jupyter.context.watch` after an action, with its code and the
namespace. It reads pandas objects and the beginning of such a file, never runs the code and
never changes a value. With ``schema_only`` it says nothing that depends on values.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeact_jupyter.context.frames import misread
from codeact_jupyter.context.literals import literal, quoted
from codeact_jupyter.context.looking import tables_in
from codeact_jupyter.context.lookups import nearest
from codeact_jupyter.context.objects import known
from codeact_jupyter.context.tables import look_at, reading_call
from codeact_jupyter.redact import redact
from codeact_jupyter.syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    _Column = tuple[str, str]  # a frame's name and a column's

_MOST = 2
_ROWS = 100_000  # of a column that is looked through
_SHOWN = 3


def remarks_on(code: str, namespace: dict[str, Any], *, schema_only: bool = False) -> list[str]:
    """Return facts on what ``code`` compared and looked up, at most two, one line each.

    Args:
        code: The source of a cell that ran.
        namespace: The user's namespace, afterwards.
        schema_only: Say names and types only, no values.
    """
    try:
        found = dict.fromkeys(_remarks(code, namespace, schema_only))
    except Exception:  # noqa: BLE001  (a remark is a courtesy; the outputs are told anyway)
        return []
    return [redact(text) for text in found][:_MOST]


def _remarks(code: str, namespace: dict[str, Any], schema_only: bool) -> Iterator[str]:
    tree = parsed(code)
    for node in ast.walk(tree) if tree else ():
        for name, file in tables_in(node):
            yield from _about_table(name, namespace.get(name), file)
        for (name, column), wanted in _comparisons(node):
            values = _column(namespace.get(name), column)
            if values is not None and len(values):
                yield from _about(f"{name}[{column!r}]", values, wanted, schema_only)
    if tree and ".loc" not in code:
        yield from _labels_taken(tree, namespace)


def _about_table(name: str, frame: Any, file: str) -> Iterator[str]:
    """A frame whose column names say that its file was read in the wrong way."""
    if known(type(frame), {"pandas.DataFrame": 1}) and misread(frame.columns):
        path = Path(file)
        table = look_at(path) if path.is_file() else None
        if table and table.options:
            call = reading_call(file, table)
            yield f"`{name}` is not split into its columns. First run `{name} = {call}`."


def _comparisons(node: ast.AST) -> Iterator[tuple[_Column, Any]]:
    """Each constant that a column is compared with: ``df["a"] == 1``, ``df["a"].isin([1])``."""
    match node:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=wanted)]):
            if column := _column_in(left):
                yield column, wanted
        case ast.Call(func=ast.Attribute(value=left, attr="isin"), args=[ast.List(elts=elements)]):
            if column := _column_in(left):
                yield from ((column, e.value) for e in elements if isinstance(e, ast.Constant))


def _column_in(node: ast.AST) -> _Column | None:
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(column))):
            return name, column
        case ast.Attribute(value=ast.Name(id=name), attr=column):
            return name, column
    return None


def _column(frame: Any, column: str) -> Any:
    """The column of a plain frame, or None."""
    if not known(type(frame), {"pandas.DataFrame": 1}) or column not in frame.columns:
        return None
    values = frame[column]
    return values if known(type(values), {"pandas.Series": 1}) else None


def _about(source: str, values: Any, wanted: Any, schema_only: bool) -> Iterator[str]:
    dtype = str(values.dtype)
    if dtype.startswith("datetime") and type(wanted) in {str, int}:
        if str(wanted).isdigit():
            yield f"`{source}` holds dates: `{source}.dt.year == {wanted}` compares the year."
    elif dtype.startswith(("int", "float")):
        if type(wanted) is str:
            yield f"`{source}` holds numbers ({dtype}), which never equal the text {wanted!r}."
    elif dtype in {"object", "str"} and type(wanted) in {str, int, float} and not schema_only:
        plain = [value for value in values[:_ROWS].tolist() if type(value) in {str, int, float}]
        texts = [value for value in plain if type(value) is str]
        if texts and len(values) <= _ROWS and wanted not in plain:
            yield _about_texts(source, list(dict.fromkeys(texts)), wanted)


def _about_texts(source: str, texts: list[str], wanted: str | float) -> str:
    """What a column of text holds, which does not hold the wanted value."""
    start = str(wanted)
    longer = [text for text in texts if text.startswith(start)] if start else []
    holds = f"`{source}` is never equal to {literal(wanted, 60)}"
    if longer:
        call = f"{source}.str.startswith({start!r})"
        return f"{holds}, but holds {literal(longer[0], 60)}: `{call}` finds such."
    if near := nearest(start, texts):
        return f"{holds}. Nearest to it: {quoted(near, 100)}."
    shown = ", ".join(literal(text, 60) for text in texts[:_SHOWN])
    return f"{holds}. It holds: {shown}{', …' if len(texts) > _SHOWN else ''}."


def _labels_taken(tree: ast.AST, namespace: dict[str, Any]) -> Iterator[str]:
    """``idxmax`` on a column whose rows have no labels but their numbers."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=left, attr="idxmax" | "idxmin" as attr)):
                name, column = _column_in(left) or ("", "")
                frame = namespace.get(name)
                if _column(frame, column) is not None and _is_numbered(frame):
                    yield (
                        f"`{attr}()` gives the row's label, no value of it: "
                        f"`{name}.loc[{name}[{column!r}].{attr}()]` is that row."
                    )


def _is_numbered(frame: Any) -> bool:
    return type(frame.index).__name__ == "RangeIndex"
