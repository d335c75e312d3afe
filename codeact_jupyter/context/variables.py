"""The user's variables, looked at without touching them.

A session holds one :class:`Variables` over the kernel's namespace. Before a turn it asks
for the digest, one line per variable; around every action for the changes since it last
looked. Only the main thread of the kernel may call it, where no cell runs meanwhile.

What it looks at is what the user made: no underscored names, nothing that IPython put
there, and modules only together on one line. It never runs code of the objects it
describes, never imports what they belong to, and keeps none of them alive. Every line has
gone through :func:`codeact_jupyter.redact.redact`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from codeact_jupyter.console import count
from codeact_jupyter.context.digests import Outline, describe, module_name, outline
from codeact_jupyter.context.marks import Mark, mark_of, same
from codeact_jupyter.context.names import without
from codeact_jupyter.context.objects import class_name, clean
from codeact_jupyter.context.touched import touched_names
from codeact_jupyter.redact import redact
from codeact_jupyter.types import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterator

__all__ = ["Variables", "touched_names"]

DIGEST_CHARACTERS = 6_000
_CHANGES_CHARACTERS = 4_000
_NAMES_CHARACTERS = 400
_IPYTHONS = frozenset({"In", "Out", "get_ipython", "exit", "quit"})


class Variables:
    """The user's variables, looked at without touching them.

    Changed are names that are bound to another object, and objects whose size, columns,
    dtypes or outermost elements differ. A changed attribute, or a changed value in the
    middle, is seen where the code names the variable: see ``touched`` of :meth:`changes`.

    Args:
        namespace: The namespace that the user's cells run in.
        hidden: IPython's ``user_ns_hidden``: names are left out as long as they hold what
            IPython put there. Or a container of names, or a test of one name.
        schema_only: Show names, types, shapes and columns, and no value of any kind.
        withheld: Names of the user's that are left out, as long as they are in there.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        hidden: Container[str] | Callable[[str], bool] = (),
        *,
        schema_only: bool = False,
        withheld: Collection[str] = (),
    ) -> None:
        self.schema_only = schema_only
        self._withheld = withheld
        self._namespace = namespace
        self._is_hidden = _hidden_test(hidden)
        self._marks: dict[str, Mark] = {}
        self._told: dict[str, str] = {}

    def mark(self) -> None:
        """Take the present state as known: the next :meth:`changes` starts from here."""
        self._marks = {name: mark_of(value) for name, value in self._users()}

    def changes(self, touched: Collection[str] = ()) -> Changes:
        """Return what differs since the last look, which becomes the last look itself.

        Args:
            touched: Names that code assigned into (:func:`touched_names`). They are
                changed as well when their line is not the one that was last handed out.
        """
        before, values = self._marks, dict(self._users())
        self._marks = {name: mark_of(value) for name, value in values.items()}
        new = [name for name in values if name not in before]
        old = before.keys() & values.keys()
        closer = [n for n in old.intersection(touched) if not _is_module(values[n])]
        lines = {n: self._line(n, values[n]) for n in closer}
        rewritten = {n for n, line in lines.items() if line != self._told.get(n)}
        changed = [
            name
            for name in values
            if name in rewritten or (name in old and not same(before[name], self._marks[name]))
        ]
        self._add_lines(lines, [*new, *changed], values)
        deleted = tuple(name for name in before if name not in values)
        for name in deleted:
            self._told.pop(name, None)
        return Changes(
            new={name: lines[name] for name in new},
            changed={name: lines[name] for name in changed},
            deleted=tuple(map(clean, deleted)),
        )

    def digest(self, budget_chars: int = DIGEST_CHARACTERS) -> list[str]:
        """Return one line per variable, oldest first, modules together on the first.

        Over the budget the oldest lines are left out, with their number and names.
        """
        variables = dict(self._users())
        modules = {n: v for n, v in variables.items() if _is_module(v)}
        values = {n: v for n, v in variables.items() if n not in modules}
        lines: list[str] = []
        for name in reversed(values):
            line = self._line(name, values[name])
            budget_chars -= len(line) + 1
            if lines and budget_chars < 0:
                break
            self._told[name] = line
            lines.append(line)
        left_out = list(values)[: len(values) - len(lines)]
        first = [_module_line(modules)] if modules else []
        return [*first, *([_left_out(left_out)] if left_out else []), *reversed(lines)]

    def outlines(self, most: int) -> tuple[list[Outline], int]:
        """Return the newest variables, the newest first, and how many more there are.

        Without modules, and without any value.
        """
        variables = [(n, v) for n, v in self._users() if not _is_module(v)]
        newest = [outline(name, value) for name, value in reversed(variables[-most:])]
        return newest, len(variables) - len(newest)

    def _users(self) -> Iterator[tuple[str, Any]]:
        for name, value in dict(without(self._namespace, self._withheld)).items():
            if type(name) is str and name[:1] != "_" and not self._is_hidden(name, value):
                yield name, value

    def _line(self, name: str, value: object) -> str:
        return describe(name, value, schema_only=self.schema_only)

    def _add_lines(self, lines: dict[str, str], names: list[str], values: dict[str, Any]) -> None:
        """Add the digest line of each name; just its type once they get too long together."""
        room = _CHANGES_CHARACTERS
        for name in names:
            if room > 0:
                lines[name] = self._told[name] = lines.get(name) or self._line(name, values[name])
                room -= len(lines[name])
            else:
                lines[name] = redact(f"{clean(name)}: {class_name(type(values[name]))}")
                self._told.pop(name, None)


def _hidden_test(hidden: Container[str] | Callable[[str], bool]) -> Callable[[str, object], bool]:
    if isinstance(hidden, Mapping):
        absent = object()
        return lambda name, value: name in _IPYTHONS or hidden.get(name, absent) is value
    if callable(hidden):
        return lambda name, _value: name in _IPYTHONS or hidden(name)
    return lambda name, _value: name in _IPYTHONS or name in hidden


def _is_module(value: object) -> bool:
    return issubclass(type(value), ModuleType)


def _module_line(modules: dict[str, Any]) -> str:
    """All imported modules: ``modules: json, np (numpy), pd (pandas)``."""
    texts = []
    for name, module in modules.items():
        own = module_name(module)
        texts.append(clean(name) if own == name else f"{clean(name)} ({own})")
    return redact(f"modules: {_some(texts)}")


def _left_out(names: list[str]) -> str:
    more = count(len(names), "more variable")
    see = "(see %whos)"  # codespell:ignore whos
    return redact(f"… and {more}: {_some(list(map(clean, names)))} {see}")


def _some(texts: list[str]) -> str:
    """Texts in a row; once they get too long, how many more there are."""
    shown: list[str] = []
    for text in texts:
        if shown and sum(map(len, shown)) > _NAMES_CHARACTERS:
            shown.append(f"… {len(texts) - len(shown):,} more")
            break
        shown.append(text)
    return ", ".join(shown)
