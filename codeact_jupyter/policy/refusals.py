"""Actions that never run, whatever the user said.

An action could start turns, switch approval off or take this package away, all by
writing the words that a user would write. :func:`refusal` finds them in the source as it
will run, after IPython's transformation, also inside other magics. It is no guard
against code that hides what it does.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAGIC_CALLS = {"run_line_magic", "run_cell_magic", "magic", "run_cell"}
_EXTENSION_MAGICS = {"load_ext", "reload_ext", "unload_ext"}


def refusal(code: str) -> str | None:
    """Return why ``code`` must not run, as one sentence for user and model, or None."""
    for name, line in _magics(code):
        if name == "codeact":
            return "An action may not contain %codeact or %%codeact: it cannot ask itself."
        if name == "config" and line.lstrip().startswith("CodeAct"):
            return "An action may not contain %config CodeAct: only the user sets settings."
        if name in _EXTENSION_MAGICS and "codeact_jupyter" in line:
            return f"An action may not contain %{name} codeact_jupyter: it runs inside it."
    return None


def _magics(code: str) -> Iterator[tuple[str, str]]:
    """Name and line of every magic in ``code``, and in the cells of cell magics."""
    yield from _automagic(code)
    tree = _parsed(code)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and _called(node) in _MAGIC_CALLS:
            words = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            name, line, body = [str(word) for word in (*words, "", "", "")[:3]]
            yield name, line
            yield from _magics(name) if _called(node) in {"magic", "run_cell"} else ()
            yield from _magics(line)
            yield from _magics(body)


def _automagic(code: str) -> Iterator[tuple[str, str]]:
    """The one line that IPython may take for a magic although it has no ``%``."""
    lines = code.strip().splitlines()
    if len(lines) == 1:
        name, _, line = lines[0].partition(" ")
        if not line.lstrip().startswith(("=", "+=", "-=")):  # a variable of that name
            yield name, line


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _parsed(code: str) -> ast.AST | None:
    from IPython.core.inputtransformer2 import TransformerManager

    transformer: Any = TransformerManager  # IPython leaves it untyped
    try:
        source: str = transformer().transform_cell(code)
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
