"""What the names in one cell stand for: modules, functions and texts.

``import os as o; f = o.unlink`` makes ``f`` stand for ``os.unlink``, and ``p = Path("a")``
makes ``p.rename`` stand for ``pathlib.Path.rename``: an instance is named like its class.
A name may stand for several things where it is bound several times; all of them count.
Only this cell is read: what an earlier one bound is taken by its usual name (``pd``).
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from codeact_jupyter.policy.references import CONVENTIONS, FUNCTIONS, HEADS, WITHIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ROUNDS = 3  # of aliases of aliases that are written in the wrong order
_MOST = 4  # things that one name may stand for
_LONGEST = 12  # parts of a dotted name; more is no name but a chain of calls
_IMPORTERS = {"__import__", "importlib.import_module", "importlib.__import__"}
_SPACES = {"globals", "locals", "vars"}
_JOINS = {"os.path.join", "os.path.expanduser", "os.path.abspath", "pathlib.Path"}
_BINDING = (
    *(ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.AugAssign),
    *(ast.For, ast.AsyncFor, ast.comprehension, ast.withitem, ast.arg, ast.Name),
)


class Aliases:
    """Reads what an expression of one cell stands for."""

    def __init__(self, nodes: Iterable[ast.AST]) -> None:
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        self._texts: defaultdict[str, set[str]] = defaultdict(set)
        self._open: set[str] = set()  # texts that are not all known
        self._bound: set[str] = set()
        values = list(self._bindings(nodes))
        for _ in range(_ROUNDS):
            before = sum(map(len, self._names.values())) + sum(map(len, self._texts.values()))
            for name, value in values:
                self._bind(name, value)
            after = sum(map(len, self._names.values())) + sum(map(len, self._texts.values()))
            if after == before:
                break

    def dotted(self, node: ast.AST) -> set[str]:
        """Return the full names of what ``node`` may stand for; empty for nothing known."""
        match node:
            case ast.Name():
                return self._named(node.id)
            case ast.Attribute():
                return self._attribute(node.value, node.attr)
            case ast.Call():
                return self._called(node)
            case ast.Subscript():
                return self._item(node)
            case ast.BinOp(op=ast.Div()):
                return self.dotted(node.left)  # a path
            case ast.Await() | ast.NamedExpr() | ast.Starred():
                return self.dotted(node.value)
            case ast.IfExp():
                return self.dotted(node.body) | self.dotted(node.orelse)
            case ast.BoolOp():
                return set().union(*map(self.dotted, node.values))
        return set()

    def texts(self, node: ast.AST | None) -> set[str]:
        """Return the texts that ``node`` may be, or how they begin; empty for nothing known."""
        match node:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.Constant(value=bytes(raw)):
                return {raw.decode("latin-1")}
            case ast.Name():
                return self._texts.get(node.id, set())
            case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                return {text}
            case ast.BinOp(op=ast.Add()):
                return self._joined(node)
            case ast.BinOp(op=ast.Div()):
                rest = self.texts(node.right) or {""}
                return {f"{left}/{right}" for left in self.texts(node.left) for right in rest}
            case ast.Call() if self.dotted(node.func) & _JOINS and node.args:
                return self.texts(node.args[0])
            case ast.Call() if "pathlib.Path.home" in self.dotted(node.func):
                return {"~"}
        return set()

    def known(self, node: ast.AST) -> set[str]:
        """Return all the texts that ``node`` may be; empty where one is not known."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return {node.value}
        if isinstance(node, ast.Name) and node.id not in self._open:
            return self.texts(node)
        return set()

    def _joined(self, node: ast.BinOp) -> set[str]:
        whole = self._whole(node)
        return {whole} if whole is not None else self.texts(node.left)

    def _whole(self, node: ast.AST) -> str | None:
        """The text of a sum of constants: ``"ht" + "tp://"``."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self._whole(node.left), self._whole(node.right)
            return left + right if left is not None and right is not None else None
        return None

    def _named(self, name: str) -> set[str]:
        found = set(self._names[name]) if name in self._names else set()
        if name in WITHIN or (name not in self._bound and name in HEADS):
            found.add(name)
        elif name not in self._bound and name in CONVENTIONS:
            found.add(CONVENTIONS[name])
        return found

    def _attribute(self, value: ast.AST, name: str) -> set[str]:
        owners = self.dotted(value)
        found = {f"{owner}.{name}" for owner in owners if owner.count(".") < _LONGEST}
        return found | {name} if name in WITHIN else found

    def _called(self, node: ast.Call) -> set[str]:
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Call() as space, attr="get"), args=[key, *_]
            ):
                if found := self._item(ast.Subscript(value=space, slice=key)):
                    return found
        functions = self.dotted(node.func)
        if "getattr" in functions and len(node.args) > 1:
            names = self.texts(node.args[1])
            return set().union(*(self._attribute(node.args[0], name) for name in names))
        if functions & _IMPORTERS and node.args:
            return set(self.texts(node.args[0]))
        return functions

    def _item(self, node: ast.Subscript) -> set[str]:
        """What ``globals()["f"]``, ``vars(os)["remove"]`` and ``sys.modules["os"]`` are."""
        names = self.texts(node.slice)
        match node.value:
            case ast.Call(args=[owner]) if self.dotted(node.value.func) & _SPACES:
                return set().union(*(self._attribute(owner, name) for name in names))
            case ast.Call() if self.dotted(node.value.func) & _SPACES:
                return set().union(*map(self._named, names))
            case ast.Attribute(attr="__dict__"):
                return set().union(*(self._attribute(node.value.value, each) for each in names))
        return names if "sys.modules" in self.dotted(node.value) else set()

    def _bindings(self, nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
        for node in nodes:
            if not isinstance(node, _BINDING):
                continue  # as nearly all, and matching costs
            self._mark(node)
            match node:
                case ast.Assign():
                    yield from _pairs(node.targets, node.value)
                case ast.AnnAssign(value=ast.expr()) | ast.NamedExpr():
                    yield from _pairs([node.target], node.value)  # type: ignore[arg-type]
                case ast.For() | ast.AsyncFor() | ast.comprehension():
                    yield from _elements(node.target, node.iter)
                case ast.withitem(optional_vars=ast.Name(id=name)):
                    yield name, node.context_expr

    def _mark(self, node: ast.AST) -> None:
        """Note the names that ``node`` binds to something that is not to be read from it."""
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.arg(arg=name):
                self._bound.add(name)
                self._open.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                self._bound.add(name)
            case ast.AugAssign(target=ast.Name(id=name)):
                self._open.add(name)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias, dotted in imported(node):
            if alias.name == "*":
                self._import_all(dotted.removesuffix("*"))
                continue
            name = alias.asname or alias.name.partition(".")[0]
            whole = alias.asname or isinstance(node, ast.ImportFrom)
            self._bound.add(name)
            self._names[name].add(dotted if whole else name)
            if alias.name in WITHIN:  # of whatever module it was taken
                self._names[name].add(alias.name)

    def _import_all(self, owner: str) -> None:
        for dotted in FUNCTIONS:
            if dotted.startswith(owner):
                self._names[dotted.removeprefix(owner)].add(dotted)

    def _bind(self, name: str, value: ast.expr) -> None:
        names, texts = self.dotted(value), self.texts(value)
        self._bound.add(name)
        if not texts:
            self._open.add(name)
        for known, found in ((self._names, names), (self._texts, texts)):
            if found and len(known[name]) < _MOST:
                known[name] |= found


def imported(node: ast.Import | ast.ImportFrom) -> list[tuple[ast.alias, str]]:
    """Return each name of an import with the full name of what it imports."""
    owner = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module else ""
    return [(alias, f"{owner}{alias.name}") for alias in node.names]


def _pairs(targets: Iterable[ast.expr], value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id, value
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for left, right in zip(target.elts, value.elts, strict=False):
                yield from _pairs([left], right)
        elif isinstance(target, ast.Tuple):
            yield from ((each.id, value) for each in target.elts if isinstance(each, ast.Name))


def _elements(target: ast.expr, values: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Each value that the variable of a loop takes, where they are written out."""
    if isinstance(values, ast.List | ast.Tuple | ast.Set):
        for value in values.elts:
            yield from _pairs([target], value)
    else:
        yield from _pairs([target], values)
