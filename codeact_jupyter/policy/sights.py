"""What the nodes of one syntax tree tell, apart from the user's variables.

Each node is looked at once, from the outside in. Where a node was judged with what stands
around it (``os.environ["HOME"]``, the call that IPython makes of ``%time``), the part
inside is not judged again.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from codeact_jupyter.policy import effects
from codeact_jupyter.policy.aliases import Aliases, imported
from codeact_jupyter.policy.calls import found_in_call, last_name
from codeact_jupyter.policy.effects import Finding
from codeact_jupyter.policy.paths import kept
from codeact_jupyter.policy.references import HARMLESS, METHODS, NAMES, PATCHED, WITHIN, effect_of
from codeact_jupyter.policy.spells import (
    WRAPPERS,
    environment_read,
    environment_set,
    found_in_magic,
)
from codeact_jupyter.policy.words import magic
from codeact_jupyter.syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

_SHELL = {"system", "getoutput", "system_raw", "system_piped", "getoutput_split"}
_MAGICS = {"run_line_magic", "run_cell_magic"}
_SPACES = {"globals", "locals", "vars"}
_ENVIRONMENTS = {"os.environ", "os.environb"}
_LOOKING = _SPACES | {"getattr", "setattr", "hasattr", "dir", "help", "print", "type", "reload"}
_OPTIONS = re.compile(r"^(?:\s*--?[A-Za-z][\w-]*(?:[ =]?\d+)?(?=\s|$))+")
_FUNCTION = re.compile(r"^\s*(?:-f\s+\S+\s*)+")


class Sights:
    """Reads one tree.

    Attributes:
        inner: The code in the magics of the tree, to be read in the same way.
    """

    def __init__(self, tree: ast.AST) -> None:
        self._nodes = list(ast.walk(tree))
        self._aliases = Aliases(self._nodes)
        self._judged: set[int] = set()
        self._told: set[tuple[int, effects.Effect]] = set()  # by the longer name around it
        self._followed: set[int] = set()  # modules of which it is known what they are used for
        self.inner: list[str] = []
        for node in self._nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
                self._followed.add(id(node.value))  # by its new name

    def findings(self) -> Iterator[Finding]:
        """Yield all that is found, in the order of the tree."""
        read: dict[type[ast.AST], Callable[[Any], Iterable[Finding]]] = {
            ast.Attribute: self._reference,
            ast.Call: self._call,
            ast.Compare: self._compare,
            ast.Constant: self._constant,
            ast.Import: self._import,
            ast.ImportFrom: self._import,
            ast.Name: self._reference,
            ast.Subscript: self._subscript,
        }
        for node in self._nodes:
            if reader := read.get(type(node)):
                yield from reader(node)

    def _judge(self, *nodes: ast.AST) -> None:
        self._judged.update(map(id, nodes))

    # --- references ------------------------------------------------------------

    def _reference(self, node: ast.Attribute | ast.Name) -> Iterator[Finding]:
        if id(node) in self._judged:
            if isinstance(node, ast.Attribute):
                self._judge(node.value)
            return
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            return
        name = node.attr if isinstance(node, ast.Attribute) else ""
        if isinstance(node, ast.Attribute):
            self._followed.add(id(node.value))
        dotted_names = self._aliases.dotted(node)
        if not dotted_names and name not in METHODS:
            return  # as nearly all
        yield from self._known(node, sorted(dotted_names))
        if name in METHODS and METHODS[name] not in map(effect_of, dotted_names):
            yield _named(METHODS[name], name)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            whole = f"{ast.unparse(node.value)}.{name}"
            yield from self._patched(node.value, whole, dotted_names)

    def _known(self, node: ast.Attribute | ast.Name, names: list[str]) -> Iterator[Finding]:
        for dotted in names:
            effect = effect_of(dotted)
            if dotted in WITHIN and id(node) not in self._followed:
                yield Finding(effects.HANDED, dotted)
            if dotted in _ENVIRONMENTS:
                yield Finding(effects.ENVIRONMENT, dotted)
            if effect and (id(node), effect) not in self._told:
                yield _named(effect, dotted)
            if effect and isinstance(node, ast.Attribute):
                self._told.add((id(node.value), effect))

    def _patched(self, owner: ast.AST, name: str, names: Collection[str]) -> Iterator[Finding]:
        """An attribute of a module that is set, as ``builtins.input = ...``."""
        owners = self._aliases.dotted(owner)
        if HARMLESS.isdisjoint(names) and any(each.partition(".")[0] in PATCHED for each in owners):
            yield Finding(effects.PATCH, name)

    def _import(self, node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
        """A module by itself does nothing yet; a function of it is as good as called."""
        for _, dotted in imported(node):
            head = dotted.partition(".")[0]
            if head == "codeact_jupyter":
                yield Finding(effects.CODEACT)
            elif isinstance(node, ast.ImportFrom) and (effect := effect_of(dotted)):
                yield _named(effect, dotted)

    # --- calls -----------------------------------------------------------------

    def _call(self, node: ast.Call) -> Iterator[Finding]:
        if _is_ours(node):
            yield from self._spell(node)
            return
        functions, name = self._aliases.dotted(node.func), last_name(node)
        if name in _LOOKING or functions & _LOOKING:
            self._followed.update(map(id, node.args))
        if name in {"eval", "query"} and isinstance(node.func, ast.Attribute):
            self.inner += [*_expressions(self._texts(node.args[:1]))]
        if any(each.startswith(("os.environ.", "os.getenv")) for each in functions):
            yield from self._environment(node, name)
        if functions & {"setattr", "delattr"} and len(node.args) > 1:
            for each in self._aliases.texts(node.args[1]):
                yield from self._patched(node.args[0], f"{ast.unparse(node.args[0])}.{each}", ())
        if isinstance(node.func, ast.Attribute) and _is_space(node.func.value):
            yield from self._space_method(node, name)
        if not isinstance(node.func, ast.Name | ast.Attribute) or functions & {"getattr"}:
            yield from self._indirect(node)
        yield from found_in_call(node, self._aliases)

    def _indirect(self, node: ast.Call) -> Iterator[Finding]:
        """``getattr(os, "remove")`` and ``vars(os)["remove"](x)``: a reference all the same."""
        for each in sorted(self._aliases.dotted(node)):
            if each != "getattr" and (effect := effect_of(each)):
                yield _named(effect, each)

    def _spell(self, node: ast.Call) -> Iterator[Finding]:
        """A call that IPython makes of ``!ls`` and ``%time x``."""
        assert isinstance(node.func, ast.Attribute)
        self._judge(node.func, *ast.walk(node.func.value))
        if node.func.attr in _SHELL:
            yield Finding(effects.COMMAND)
            return
        name, line, body = magic(node)
        yield from found_in_magic(name, line, body)
        if name in WRAPPERS:
            line = _FUNCTION.sub("", _OPTIONS.sub("", line))
            self.inner += [body] if name == "capture" else [line, body]

    def _environment(self, node: ast.Call, name: str) -> Iterator[Finding]:
        if name in {"items", "values", "copy", "keys"}:
            return  # the whole: told by the reference
        if isinstance(node.func, ast.Attribute):
            self._judge(node.func, node.func.value)
        keys = [key for each in node.args if isinstance(each, ast.Dict) for key in each.keys if key]
        given = self._texts([*node.args[:1], *keys]) | {each.arg or "" for each in node.keywords}
        for text in given or {""}:
            if name in {"update", "setdefault", "pop", "clear"}:
                yield environment_set(text)
            else:
                yield from environment_read(text) if text else (Finding(effects.ENVIRONMENT),)

    def _texts(self, nodes: list[ast.expr]) -> set[str]:
        return set().union(*map(self._aliases.texts, nodes))

    # --- items -----------------------------------------------------------------

    def _subscript(self, node: ast.Subscript) -> Iterator[Finding]:
        texts = self._aliases.texts(node.slice)
        stored = not isinstance(node.ctx, ast.Load)
        if self._aliases.dotted(node.value) & _ENVIRONMENTS:
            self._judge(node.value)
            for text in texts or {""}:
                if stored:
                    yield environment_set(text)
                else:
                    yield from environment_read(text) if text else (Finding(effects.ENVIRONMENT),)
        elif _is_space(node.value):
            yield from self._space(node, texts, stored=stored)

    def _space_method(self, node: ast.Call, name: str) -> Iterator[Finding]:
        """``globals().update(...)``, and ``globals().get("f")``."""
        assert isinstance(node.func, ast.Attribute)
        if name == "get" and node.args:
            item = ast.Subscript(value=node.func.value, slice=node.args[0], ctx=ast.Load())
            yield from self._space(item, self._texts(node.args[:1]), stored=False)
        elif name in {"clear", "pop", "popitem"}:
            yield Finding(effects.WIPES)
        elif name in {"update", "setdefault", "__setitem__"}:
            yield Finding(effects.OVERWRITES)

    def _space(self, node: ast.Subscript, texts: set[str], *, stored: bool) -> Iterator[Finding]:
        """``globals()[name]``: a variable by a name that may not be known."""
        if not texts:
            yield Finding(effects.WIPES if isinstance(node.ctx, ast.Del) else effects.DYNAMIC)
        for each in sorted(self._aliases.dotted(node)):
            if effect := effect_of(each):
                yield _named(effect, each)
                yield Finding(effects.DYNAMIC, ast.unparse(node.value))
        for each in texts & NAMES if stored else ():
            yield Finding(effects.PATCH, each)

    def _compare(self, node: ast.Compare) -> Iterable[Finding]:
        """``"HOME" in os.environ`` reads nothing."""
        for each in node.comparators:
            if isinstance(node.ops[0], ast.In | ast.NotIn):
                self._judge(*([each] if self._aliases.dotted(each) & _ENVIRONMENTS else ()))
        return ()

    def _constant(self, node: ast.Constant) -> Iterator[Finding]:
        if isinstance(node.value, str):
            if effect := kept(node.value):
                yield Finding(effect, node.value)
            if node.value == "application/javascript":
                yield Finding(effects.SCRIPT)


def _expressions(texts: set[str]) -> Iterator[str]:
    """What ``df.query("a > @limit.min()")`` reaches outside the table, as Python."""
    for text in texts:
        code = f"lambda: ({text.replace('@', '')})"
        if "@" in text and "(" in text and parsed(code):
            yield code


def _is_ours(node: ast.Call) -> bool:
    """Whether IPython's transformation makes such calls: ``get_ipython().system("ls")``."""
    match node.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")), attr=name):
            if name in _MAGICS | _SHELL and not node.keywords:
                return all(isinstance(each, ast.Constant) for each in node.args)
    return False


def _is_space(node: ast.AST) -> bool:
    """Whether ``node`` is a namespace: ``globals()``, ``vars(os)``, ``os.__dict__``."""
    if isinstance(node, ast.Call):
        return last_name(node) in _SPACES
    return isinstance(node, ast.Attribute) and node.attr == "__dict__"


def _named(effect: effects.Effect, dotted: str) -> Finding:
    """The finding with the name where the words have a place for it."""
    return Finding(effect, "" if effect is effects.NETWORK else dotted)
