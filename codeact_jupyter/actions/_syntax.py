"""Whether a text is Python as a notebook cell takes it: magics, ``!`` lines, ``await``.

The text is the model's, so it may be anything: all that can go wrong here means "no
Python", and nothing of it is ever run. Every attempt is paid from :class:`Trials`, which
keeps hostile replies cheap; verdicts are remembered, since a live view asks again and again.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import Literal

from codeact_jupyter.syntax import parsed

Verdict = Literal["broken", "inert", "acts"]
"""``inert``: it parses, but only names and literals stand there, as in a quoted output."""

_ESCAPES = re.compile(r"^[ \t]*[%!?,;/]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
_VALUES = (
    *(ast.Module, ast.Expr, ast.Constant, ast.Name, ast.UnaryOp),
    *(ast.Tuple, ast.List, ast.Set, ast.Dict, ast.unaryop, ast.expr_context),
)


class Trials:
    """The attempts at parsing that one reply may cost.

    They are at most 64, and read in all no more characters than a few times the reply's
    length. Once they are spent, nothing counts as Python any more.

    Args:
        length: The reply's characters.
    """

    def __init__(self, length: int) -> None:
        self._left = 200_000 + 4 * length
        self._fee = self._left // 64

    @property
    def spent(self) -> bool:
        """Whether further attempts are in vain."""
        return self._left < 0

    def judge(self, code: str) -> Verdict:
        """Tell what ``code`` is, or ``"broken"`` when that would cost too much."""
        # IPython reads all of a cell again for each escape that it finds in it
        self.pay(len(code) * (1 + len(_ESCAPES.findall(code))))
        return "broken" if self.spent else _judge(code)

    def pay(self, characters: int = 0) -> None:
        """Take the price of one attempt from what is left."""
        self._left -= self._fee + characters


@lru_cache(maxsize=128)
def _judge(code: str) -> Verdict:
    tree = parsed(code)
    if tree is None:
        return "broken"
    # a leading / , or ; is IPython's autocall, but what stands unmarked is rather a path
    inert = code.startswith(("/", ",", ";")) or all(map(_is_value, ast.walk(tree)))
    return "inert" if inert else "acts"


def _is_value(node: ast.AST) -> bool:
    """Tell names, literals, and ``Total: 5076``, which is a bare annotation."""
    return isinstance(node, _VALUES) or (isinstance(node, ast.AnnAssign) and not node.value)
