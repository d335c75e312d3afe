"""The names that cells bound which the model may not read.

A user tags such a cell ``codeact-hide``. What it was the first to bind is left out of all
that the model is told of variables, until another cell binds the name again. The capture
says when cells run; the eyes ask which names to leave out (:mod:`codeact_jupyter.context`).

Which of the cells were hidden that ran before we listened, only a tab can say: it knows
their texts. Their names are read from the text then, as far as it shows them; whether another
cell bound one again before the load, nobody can say, for it may have failed.

Called on the thread that runs cells. It keeps no value alive: an object is known by its
``id``, so one that is bound again to the very same object may stay hidden.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from codeact_jupyter.syntax import code_in_magic, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeact_jupyter.cells import CellRun

_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = (*_DEFINES, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class HiddenNames(Collection[str]):
    """The hidden names of one shell.

    Args:
        shell: The shell.
        earlier: The cells that ran before.
    """

    def __init__(self, shell: Any, earlier: Sequence[CellRun] = ()) -> None:
        self._shell = shell
        self._cells = earlier
        self._at_first = self.ids() if earlier else {}
        self._earlier: dict[str, int] = {}  # of the cells before, those that are hidden
        self._bound: dict[str, int] = {}
        self._numbers: set[int | None] = set()
        self._earlier_numbers: set[int | None] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._bound or name in self._earlier

    def __iter__(self) -> Iterator[str]:
        return iter({**self._earlier, **self._bound})

    def __len__(self) -> int:
        return len({**self._earlier, **self._bound}) if self._earlier or self._bound else 0

    def ids(self) -> dict[str, int]:
        """What each name holds, to be told from another object later."""
        return {name: id(value) for name, value in dict(self._shell.user_ns).items()}

    def ran(self, before: dict[str, int], number: int | None) -> None:
        """A hidden cell ran, where the names held ``before``; what it added is hidden."""
        now = self.ids()
        for known in (self._at_first, self._earlier, self._bound):
            same = [name for name, held in known.items() if before.get(name) == held]
            known.update({name: now[name] for name in same if name in now})
        self._bound |= {name: held for name, held in now.items() if name not in before}
        self._numbers.add(number)

    def others_ran(self, source: str, *, ok: bool) -> None:
        """A cell that is not hidden ran; what it bound is no secret any more."""
        if not (self._bound or self._earlier):
            return
        now, bound = self.ids(), set(_surely_bound(source)) if ok else set()
        for known in (self._bound, self._earlier):
            for name in [n for n, held in known.items() if n in bound or now.get(n) != held]:
                del known[name]
                self._at_first.pop(name, None)

    def ran_first(self, source: str) -> None:
        """A hidden cell ran in which we were loaded: nobody saw what the names held before."""
        names, now = set(_may_bind(source)), self.ids()
        self._bound |= {name: held for name, held in now.items() if name in names}

    def told(self, hidden: Collection[str]) -> None:
        """A tab told the fingerprints of the cells that its notebook hides."""
        from codeact_jupyter.fingerprints import cell_fingerprint  # loading us must stay cheap

        runs = [run for run in self._cells if hidden and cell_fingerprint(run.source) in hidden]
        names = {name for run in runs for name in _may_bind(run.source)}
        now = self.ids() if names else {}
        self._earlier = {n: i for n, i in self._at_first.items() if n in names and now.get(n) == i}
        self._earlier_numbers = {run.execution_count for run in runs}

    def without_frames(self, frames: Sequence[str]) -> tuple[str, ...]:
        """The frames of an error but for those that lie in hidden cells."""
        numbers = self._numbers | self._earlier_numbers
        hidden = tuple(f"Cell In[{number}], " for number in numbers)
        return tuple(frame for frame in frames if not frame.startswith(hidden))


def _surely_bound(source: str) -> Iterator[str]:
    """Names that a cell binds wherever it runs to its end: under no condition."""
    tree = parsed(source)
    for node in tree.body if tree else ():
        if isinstance(node, ast.Assign):
            yield from (
                name for to in node.targets for part in ast.walk(to) for name in _bound(part)
            )
        elif isinstance(node, ast.AnnAssign):
            yield from _bound(node.target) if node.value else ()
        else:
            yield from _bound(node)


def _may_bind(source: str) -> Iterator[str]:
    """Names that a cell may bind in the namespace, rather too many than too few."""
    tree = parsed(source)
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Global(names=names):
                yield from names
            case ast.NamedExpr(target=target):
                yield target.id
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.Call():
                yield from (name for code in code_in_magic(node) for name in _may_bind(code))
    waiting: list[ast.AST] = [tree] if tree else []
    while waiting:
        node = waiting.pop()
        yield from _bound(node)
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, _DEFINES):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
