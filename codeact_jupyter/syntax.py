"""The syntax tree of a cell, its magics transformed as IPython does before it runs them.

For the rules of the policy and for what the model is told, which both go by what code says.
Nothing is run, and no warning is shown: the user gets those of the code when it runs.
"""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=4)  # several looks at one cell follow each other
def parsed(code: str) -> ast.Module | None:
    """Return the syntax tree of a cell, or None where there is none; it is only to be read.

    What is Python as it stands is not changed by the transformation, which costs as much
    as all the rest, so that is tried first.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _transformed(code)


def _transformed(code: str) -> ast.Module | None:
    try:
        from IPython.core.inputtransformer2 import TransformerManager

        manager: Any = TransformerManager  # untyped in IPython
        tree: ast.Module = ast.parse(manager().transform_cell(code))
    except Exception:  # noqa: BLE001  (a transformer fails in its own ways)
        return None
    return tree
