"""What code does to the user's variables, and which new ones it makes.

Names that belong to a function, a class or a comprehension are not the user's; what such
code does to his variables from inside still counts.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codeact_jupyter.policy import effects
from codeact_jupyter.policy.effects import Finding, names_in
from codeact_jupyter.policy.references import CONVENTIONS, HEADS, NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_METHODS = names_in("""
    append appendleft extend extendleft insert remove pop popleft popitem clear sort reverse
    rotate update setdefault add discard difference_update intersection_update subtract
    symmetric_difference_update move_to_end fill put resize partition fit partial_fit
    fit_transform __setitem__ __delitem__ __setattr__
    """)
_FUNCTIONS = names_in(
    "setattr delattr shuffle heappush heappop heapify insort copyto place putmask"
)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_LEAVES = (ast.Constant, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
_LOOPS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


_BINDING = (
    *(ast.Name, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom),
    *(ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.Subscript),
)


def found_in_names(tree: ast.AST, names: Collection[str]) -> Iterator[Finding]:
    """Yield what happens to ``names``, and the names that are new, in the order of the text."""
    waiting: list[tuple[ast.AST, frozenset[str]]] = [(tree, frozenset())]
    while waiting:
        node, local = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            continue  # nearly half of all nodes
        yield from _given(node, names, local)
        for effect, name in _changed(node):
            if name in names and name not in local:
                yield Finding(effect, name)
        waiting.extend(reversed([*_inside(node, local)]))


def _given(node: ast.AST, names: Collection[str], local: frozenset[str]) -> Iterator[Finding]:
    imports = isinstance(node, ast.Import | ast.ImportFrom)
    for name in _bound(node):
        if name not in local:
            yield Finding(effects.OVERWRITES if name in names else effects.ASSIGNS, name)
            if name in NAMES and not imports:
                yield Finding(effects.PATCH, name)
    if names and isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        yield Finding(effects.OVERWRITES)


def _inside(node: ast.AST, local: frozenset[str]) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """The parts of ``node`` that may bind, each with the names that are not the user's there."""
    if not isinstance(node, _SCOPES + _LOOPS):
        for each in ast.iter_child_nodes(node):
            if not isinstance(each, _LEAVES):
                yield each, local
        return
    own = local | _own(node)
    for field, value in ast.iter_fields(node):
        outside = field in {"decorator_list", "returns", "bases", "keywords"}
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST):
                yield each, local if outside else own


def _own(node: ast.AST) -> frozenset[str]:
    if isinstance(node, _LOOPS):
        targets = (each for loop in node.generators for each in ast.walk(loop.target))
        return frozenset(each.id for each in targets if isinstance(each, ast.Name))
    if isinstance(node, ast.Lambda):
        return frozenset(each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg))
    if not isinstance(node, _SCOPES):
        return frozenset()
    inner = [each for part in ast.iter_child_nodes(node) for each in ast.walk(part)]
    shared = {name for each in inner if isinstance(each, ast.Global) for name in each.names}
    given = {each.arg for each in inner if isinstance(each, ast.arg)}
    bound = {name for each in inner for name in _bound(each)}
    return frozenset((given | bound) - shared)


def _bound(node: ast.AST) -> Iterable[str]:
    """The names that ``node`` by itself gives a value."""
    if not isinstance(node, _BINDING):
        return ()  # as nearly all, and matching costs
    match node:
        case ast.Name(ctx=ast.Store()):
            return (node.id,)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return (node.name,)
        case ast.Import() | ast.ImportFrom():
            return _imports(node)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            return (name,)
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return (name,)
        case ast.Subscript(
            ctx=ast.Store(),
            value=ast.Call(func=ast.Name(id="globals" | "locals"), args=[]),
            slice=ast.Constant(value=str(name)),
        ):
            return (name,)
    return ()


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The names that an import binds, but for a module that only gets its usual name again."""
    for each in node.names:
        name = each.asname or each.name.partition(".")[0]
        usual = isinstance(node, ast.Import) and CONVENTIONS.get(name, name) == each.name
        if name != "*" and not (usual and (name in HEADS or name in CONVENTIONS)):
            yield name


def _changed(node: ast.AST) -> Iterator[Finding]:
    """The names whose values ``node`` by itself changes or takes away."""
    match node:
        case ast.Name(ctx=ast.Del()):
            yield Finding(effects.REMOVES, node.id)
        case ast.Assign(targets=targets, value=ast.Constant(value=None)):
            names = (each for target in targets for each in ast.walk(target))
            yield from (
                Finding(effects.DISCARDS, each.id) for each in names if isinstance(each, ast.Name)
            )
        case ast.Subscript(
            ctx=ast.Del(),
            value=ast.Call(func=ast.Name(id="globals" | "locals"), args=[]),
            slice=ast.Constant(value=str(name)),
        ):
            yield Finding(effects.REMOVES, name)
        case ast.Attribute(ctx=ast.Store() | ast.Del()):
            yield from _base(node)
        case ast.Subscript(ctx=ast.Store() | ast.Del()):
            yield from _base(node)
        case ast.Call(func=ast.Attribute(value=value, attr=name)):
            if name in _METHODS or any(map(_in_place, node.keywords)):
                yield from _base(value)
            if name in _FUNCTIONS and node.args:
                yield from _base(node.args[0])
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _FUNCTIONS:
            yield from _base(first)


def _in_place(word: ast.keyword) -> bool:
    value = word.value
    return word.arg == "inplace" and not (isinstance(value, ast.Constant) and not value.value)


def _base(node: ast.AST) -> Iterator[Finding]:
    """The variable at the start of ``df.loc[0].x``; what a call returns is another value."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    if isinstance(node, ast.Name):
        yield Finding(effects.CHANGES, node.id)
