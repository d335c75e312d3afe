"""The magics and commands in an action, as IPython will run them.

Read from the source after IPython's transformation, also inside other magics, for the
rules that go by them. Code that hides what it does is not found out.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codeact_jupyter.syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAGIC_CALLS = {"run_line_magic", "run_cell_magic", "magic", "run_cell"}
_DEPTH = 8  # of magics in magics: each level is read once more by all that are around it


def magics(code: str, depth: int = _DEPTH) -> Iterator[tuple[str, str]]:
    """Name and line of every magic in ``code``, and in the cells of cell magics.

    Raises:
        RecursionError: They are nested deeper than anybody writes them.
    """
    if depth == 0:
        raise RecursionError("Magics stand in magics too often to be read.")
    yield from automagic(code)
    tree = parsed(code)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and called(node) in _MAGIC_CALLS:
            name, line, body = magic(node)
            yield name, line
            inner = [name, line, body] if called(node) in {"magic", "run_cell"} else [line, body]
            for text in filter(None, inner):
                yield from magics(text, depth - 1)


def magic(node: ast.Call) -> tuple[str, str, str]:
    """Name, line and body that the call of a magic names; ``""`` for what it does not."""
    words = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    name, line, body = [str(word) for word in (*words, "", "", "")[:3]]
    return name, line, body


def automagic(code: str) -> Iterator[tuple[str, str]]:
    """The one line that IPython may take for a magic although it has no ``%``."""
    lines = code.strip().splitlines()
    if len(lines) == 1:
        name, _, line = lines[0].partition(" ")
        if not line.lstrip().startswith(("=", "+=", "-=")):  # a variable of that name
            yield name, line


def called(node: ast.Call) -> str:
    """The name of the method that is called, or ``""``."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""
