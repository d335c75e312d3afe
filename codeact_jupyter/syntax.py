"""The syntax tree of a cell, its magics transformed as IPython does before it runs them.

For how a reply is read, for the rules of the policy and for what the model is told, which
all go by what code says. Nothing is run, and no warning is shown: the user gets those of
the code when it runs.
"""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAGICS = frozenset({"run_cell_magic", "run_line_magic"})
_FILE = "<codeact reply>"
_OUR_FILE = re.compile(re.escape(_FILE))
_OUR_FILTER = ("ignore", None, Warning, _OUR_FILE, 0)


@lru_cache(maxsize=4)  # several looks at one cell follow each other
def parsed(code: str) -> ast.Module | None:
    """Return the syntax tree of a cell, or None where there is none; it is only to be read.

    ``await`` at the top is taken: only a compiler minds it. What is Python as it stands is
    not changed by the transformation, which costs as much as all the rest, so that is tried
    first.
    """
    _silence_warnings()
    try:
        return ast.parse(code, _FILE)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _transformed(code)


def code_in_magic(call: ast.Call) -> Iterator[str]:
    """What ``%time`` and its like are given, which may be code."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in _MAGICS:
        for argument in call.args[1:]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def _transformed(code: str) -> ast.Module | None:
    try:
        from IPython.core.inputtransformer2 import TransformerManager

        manager: Any = TransformerManager  # untyped in IPython
        tree: ast.Module = ast.parse(manager().transform_cell(code), _FILE)
    except Exception:  # noqa: BLE001  (a transformer fails in its own ways)
        return None
    return tree


def _silence_warnings() -> None:
    r"""Keep the parser's remarks on ``"\d"`` from the user, in every thread.

    ``catch_warnings`` swaps the filters of the whole process and would race with the user's
    own; this puts one filter in front that matches nothing but our file name. Not again
    where it is: each change of the filters makes the user's one-time warnings come back.
    """
    if warnings.filters[:1] != [_OUR_FILTER]:
        warnings.filterwarnings("ignore", module=_OUR_FILE.pattern)
