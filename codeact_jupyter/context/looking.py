"""Whether code computed anything, or only loaded data and looked at them.

The senses ask (:mod:`codeact_jupyter.senses`): an answer that follows nothing but a look
at the first rows rests on these rows. A small table that was shown whole is another case:
all that it holds was seen. Read from the syntax tree and the outputs; nothing is run.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from codeact_jupyter.context.literals import TIMES
from codeact_jupyter.syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_AT_ROWS = frozenset({"head", "tail", "sample", "info", "read", "readline", "readlines", "load"})
_LOOKS = _AT_ROWS | {
    *("shape", "columns", "dtypes", "dtype", "index", "keys", "tolist", "to_list", "to_string"),
    *("copy", "read_text", "open", "loads", "listdir", "print", "display", "type", "list", "Path"),
    *("iterdir", "glob", "join", "set_option", "option_context"),
}
_COMPUTES = (ast.AugAssign, ast.BinOp, ast.BoolOp, ast.Compare, ast.For, ast.While, ast.Lambda)


_READS_ALL = frozenset({"read", "read_text", "load", "loads"})
_ROWS = re.compile(rf"\bDataFrame, ([\d,]+) rows? {TIMES}")
_LABEL = re.compile(r"^ *(\d+)(?= |$)", re.MULTILINE)
_CUT = re.compile(r"(?<!\S)\.{2,3}(?!\S)|\[…|left out")
_MOST_ROWS = 1_000
_HEAD = 5  # rows, by default


def only_looked(codes: Iterable[str]) -> bool:
    """Whether all of ``codes`` together loaded or showed some rows, and computed nothing."""
    trees = [parsed(code) for code in codes]
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
    tree = parsed(code)
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


def rows_in(digests: Iterable[str]) -> list[int]:
    """How many rows the tables have that digest lines describe."""
    found = [match for line in digests if (match := _ROWS.search(line))]
    return [int(match[1].replace(",", "")) for match in found]


def shows_all(code: str, output: str, tables: Sequence[int]) -> bool:
    """Whether a look showed all that there is: every row of the tables, or a file's whole text.

    Args:
        code: What only looked.
        output: What the model read of its output.
        tables: How many rows the tables have that were loaded so far.
    """
    if not output or _CUT.search(output):
        return False
    labels = Counter(map(int, _LABEL.findall(output)))  # as pandas numbers rows
    if 0 < len(labels) < _wanted_rows(code):
        return True
    if not tables:
        return _reads_a_whole_text(code)
    if max(tables) > _MOST_ROWS:
        return False
    return all(labels[row] >= sum(rows > row for rows in tables) for row in range(max(tables)))


def _wanted_rows(code: str) -> int:
    """How many rows a look asked for at least; with fewer shown, there are no more."""
    wanted = [
        call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else _HEAD
        for call in _nodes(code)
        if isinstance(call, ast.Call) and _called(call) in {"head", "tail"}
    ]
    numbers = [number for number in wanted if isinstance(number, int)]
    return min(numbers, default=0)


def _reads_a_whole_text(code: str) -> bool:
    nodes = list(_nodes(code))
    reading = {_called(node) for node in nodes if isinstance(node, ast.Call)} & _AT_ROWS
    part = any(isinstance(node, ast.Slice) for node in nodes)
    arguments = any(
        node.args for node in nodes if isinstance(node, ast.Call) and _called(node) == "read"
    )
    return bool(reading) and reading <= _READS_ALL and not part and not arguments
