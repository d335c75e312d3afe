"""Cells that must not run although their requests have reached the kernel.

A request cannot be called back once it waits behind another cell, and of an interrupt that
meets a cell as it starts IPython says a word and runs the cell. Such a cell is refused by
IPython's own way for that: a transformer of the syntax tree may reject it
(``IPython.core.error.InputRejected``), and the cell ends with that error before anything of
it ran. It is in place only while such a cell is on its way through the shell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from codeact_jupyter.hosts.front import kept_status

if TYPE_CHECKING:
    import ast

ON_ITS_WAY = {"proposed", "running"}
REFUSED = (
    "This action was taken back before the kernel came to it, so it did not run. To run it all "
    "the same, run its cell again."
)
INTERRUPTED = "Interrupted before it began, so nothing of this cell ran."


class Withdrawn:
    """The cells of one shell that are refused.

    Args:
        shell: The shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._cells: set[str] = set()
        self._why = ""

    def add(self, cell_id: str) -> None:
        """This one must not run; from any thread."""
        self._cells.add(cell_id)

    def allow(self, cell_id: str) -> bool:
        """Let this one run after all; False where it was refused, or was never to be."""
        try:
            self._cells.remove(cell_id)  # at once: it may be about to start on another thread
        except KeyError:
            return False
        return True

    def refuses(self, cell_id: str) -> bool:
        """Refuse the cell that starts now if it was sent before it was taken back, and once.

        Whoever runs it later means it: its cell says by then that it was stopped.
        """
        self.detach()
        if not self.allow(cell_id):
            return False
        if kept_status(self._shell) not in ON_ITS_WAY:
            return False
        self.refuse(REFUSED)
        return True

    def refuse(self, why: str) -> None:
        """Refuse the cell that starts now; ``why`` is what the user reads."""
        self.detach()
        self._why = why
        self._shell.ast_transformers.append(self)

    def detach(self) -> None:
        """Refuse nothing any more."""
        if self in self._shell.ast_transformers:
            self._shell.ast_transformers.remove(self)

    def visit(self, _: ast.AST) -> NoReturn:
        """Reject the cell, as IPython has its transformers do.

        Raises:
            InputRejected: Always.
        """
        from IPython.core.error import InputRejected

        self.detach()
        raise InputRejected(self._why)
