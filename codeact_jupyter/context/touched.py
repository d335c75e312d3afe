"""The names that a piece of code assigns into or calls a changing method of.

A mark (:mod:`codeact_jupyter.context.marks`) does not see that one cell of a frame or one
element in the middle of a list became another. :func:`touched_names` reads from the syntax
tree which variables are worth a closer look. It may name too many, never runs anything,
and answers with nothing where the code is no Python.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codeact_jupyter.syntax import code_in_magic, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_METHODS = frozenset(
    {
        *("append", "appendleft", "extend", "extendleft", "insert", "remove", "pop", "popleft"),
        *("popitem", "clear", "sort", "reverse", "rotate", "update", "setdefault", "add"),
        *("discard", "difference_update", "intersection_update", "symmetric_difference_update"),
        *("subtract", "move_to_end", "fill", "put", "resize", "itemset", "partition", "byteswap"),
        *("fit", "partial_fit", "fit_transform", "set_params", "set_title", "suptitle"),
        *("__setitem__", "__delitem__", "__setattr__", "set_xlabel", "set_ylabel", "set"),
    }
)
_FUNCTIONS = frozenset(
    {
        *("setattr", "delattr", "shuffle", "heappush", "heappop", "heapify", "heapreplace"),
        *("insort", "insort_left", "insort_right", "copyto", "place", "putmask", "put"),
        *("fill_diagonal", "put_along_axis"),
    }
)
_DEPTH = 3  # magics in magics: %%time over %time


def touched_names(code: str) -> frozenset[str]:
    """Return the names that ``code`` binds, assigns into or changes by a method.

    Args:
        code: The source of a cell, with IPython's magics or without.
    """
    return frozenset(_touched(code, _DEPTH))


def _touched(code: str, depth: int) -> Iterator[str]:
    tree = parsed(code)
    for node in ast.walk(tree) if tree is not None else ():
        yield from _touched_by(node)
        if depth and isinstance(node, ast.Call):
            for inner in code_in_magic(node):
                yield from _touched(inner, depth - 1)


def _touched_by(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return () if isinstance(node.ctx, ast.Load) else base_name(node)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.Call):
        return _touched_by_call(node)
    return ()


def _touched_by_call(call: ast.Call) -> Iterable[str]:
    function = call.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    if name in _FUNCTIONS and call.args:
        yield from base_name(call.args[0])
    if isinstance(function, ast.Attribute) and (name in _METHODS or _in_place(call)):
        yield from base_name(function.value)


def _in_place(call: ast.Call) -> bool:
    given = [word.value for word in call.keywords if word.arg == "inplace"]
    return any(not isinstance(value, ast.Constant) or value.value for value in given)


def base_name(node: ast.AST) -> tuple[str, ...]:
    """Return the name at the start of ``df.loc[0].x``; empty where there is none."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return ()
    return (node.id,)
