"""Looking at a shell's variables: all of them, what changed, what an action did.

Lives where the cells run and must be called there: by the host that runs actions inside
the shell, or, in a kernel of its own, by :mod:`codeact_jupyter.probe`. It never changes a
variable and never runs one's code beyond what a ``repr`` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeact_jupyter.context.hints import hints_for
from codeact_jupyter.context.names import user_names, without
from codeact_jupyter.context.observation import change_lines
from codeact_jupyter.context.remarks import remarks_on
from codeact_jupyter.context.variables import Variables, touched_names
from codeact_jupyter.types import Sight

if TYPE_CHECKING:
    from collections.abc import Collection

    from codeact_jupyter.cells import RunStatus
    from codeact_jupyter.context.digests import Outline
    from codeact_jupyter.types import Changes


class ShellWatch:
    """Looks at one shell.

    Args:
        shell: The user's shell.
        schema_only: Say nothing of values.
        hidden: Names of the user's that the model is not told of.
    """

    def __init__(self, shell: Any, *, schema_only: bool, hidden: Collection[str] = ()) -> None:
        self._shell = shell
        self._hidden = hidden
        self.schema_only = schema_only
        self._read_at = -1  # the count of cells when the variables were last read
        self._variables = Variables(
            shell.user_ns, shell.user_ns_hidden, schema_only=schema_only, withheld=hidden
        )

    def digest(self, characters: int) -> Sight:
        """All variables, one line each, within a budget; what changes after this is news."""
        text = "\n".join(self._variables.digest(characters))
        self._variables.mark()
        return Sight(text=text, names=user_names(self._shell))

    def outlines(self, most: int) -> tuple[list[Outline], int]:
        """Name, type and size of the newest variables, and how many more there are."""
        return self._variables.outlines(most)

    def news(self) -> Sight:
        """What changed since :meth:`digest`, :meth:`news` or :meth:`after`."""
        text = "\n".join(change_lines(self._variables.changes()))
        return Sight(text=text, names=user_names(self._shell))

    def before(self) -> None:
        """Remember the variables as they are now, if a cell ran since they were last read."""
        if self._read_at != self._shell.execution_count:
            self._variables.mark()

    def after(self, source: str, status: RunStatus) -> tuple[Changes, tuple[str, ...]]:
        """What a cell that just ran changed, and which facts help the next one."""
        changes = self._variables.changes(touched=touched_names(source))
        self._read_at = self._shell.execution_count
        error = self._shell.last_execution_result.error_in_exec
        names, schema_only, hidden = self._shell.user_ns, self.schema_only, self._hidden
        remarks = remarks_on(source, without(names, hidden), schema_only=schema_only)
        if status != "error" or error is None:
            return changes, tuple(remarks)
        hints = hints_for(error, source, names, schema_only=schema_only, hidden=hidden)
        return changes, (*hints, *remarks)
