"""Whether code computed anything, or only loaded data and looked at them.

The senses ask (:mod:`codeact_jupyter.senses`): an answer that follows nothing but a look
at the first rows rests on these rows. Read from the syntax tree; nothing is run.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codeact_jupyter.context.touched import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

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
