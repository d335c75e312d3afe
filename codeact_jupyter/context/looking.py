"""Whether code computed anything, or only loaded data and looked at them.

The senses ask (:mod:`codeact_jupyter.senses`): an answer that follows nothing but a look
at the first rows rests on these rows. Read from the syntax tree; nothing is run.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codeact_jupyter.context.touched import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_AT_ROWS = frozenset({"head", "tail", "sample", "info", "read", "readline", "readlines", "load"})
_LOOKS = _AT_ROWS | {
    *("shape", "columns", "dtypes", "dtype", "index", "keys", "tolist", "to_list", "to_string"),
    *("copy", "read_text", "open", "loads", "listdir", "print", "display", "type", "list", "Path"),
    *("iterdir", "glob", "join", "set_option", "option_context"),
}
_COMPUTES = (ast.AugAssign, ast.BinOp, ast.BoolOp, ast.Compare, ast.For, ast.While, ast.Lambda)


def only_looked(codes: Iterable[str]) -> bool:
    """Whether all of ``codes`` together loaded or showed some rows, and computed nothing."""
    trees = [parse(code) for code in codes]
    nodes = [node for tree in trees if tree is not None for node in ast.walk(tree)]
    called = {_called(node) for node in nodes if isinstance(node, ast.Call)}
    if any(isinstance(node, (*_COMPUTES, ast.comprehension)) for node in nodes):
        return False
    reading = {name for name in called if name in _AT_ROWS or name.startswith("read_")}
    return None not in trees and bool(reading) and called <= _LOOKS | reading


def _called(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def unused_tables(codes: Sequence[str]) -> dict[str, str]:
    """The variables that hold a file's table and that nothing was computed from, with the file."""
    nodes = [node for code in codes for node in _nodes(code)]
    computed = [node for code in codes if not only_looked([code]) for node in _nodes(code)]
    used = {n.id for n in computed if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    tables = dict(loaded for node in nodes for loaded in tables_in(node))
    return {name: file for name, file in tables.items() if name not in used}


def _nodes(code: str) -> Iterable[ast.AST]:
    tree = parse(code)
    return ast.walk(tree) if tree else ()


def tables_in(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the variable and the file of ``x = pd.read_csv("x.csv")``."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.Call(
                func=ast.Attribute(attr=reader), args=[ast.Constant(value=str(file)), *_]
            ),
        ) if reader.startswith("read_"):
            yield name, file
