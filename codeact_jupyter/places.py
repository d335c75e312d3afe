"""The kernels that a dialogue can be about.

A place makes the host for each turn and keeps what lasts from turn to turn: the thread
of the turns, and the eyes that know which variables the model has seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeact_jupyter.context.watch import ShellWatch
from codeact_jupyter.hosts.desk import Desk
from codeact_jupyter.hosts.front import front_of
from codeact_jupyter.hosts.inline import InlineHost
from codeact_jupyter.hosts.screens import NotebookScreen, TerminalScreen
from codeact_jupyter.hosts.worker import Worker

if TYPE_CHECKING:
    from codeact_jupyter.hosts.capture import Capture


class ShellPlace:
    """The shell that this very process runs.

    Args:
        shell: The user's shell.
        capture: Sees the cells of that shell.
    """

    def __init__(self, shell: Any, capture: Capture) -> None:
        self._shell = shell
        self._capture = capture
        self._worker = Worker()

    def eyes(self, *, schema_only: bool) -> ShellWatch:
        """New eyes."""
        return ShellWatch(self._shell, schema_only=schema_only)

    def host(self, eyes: ShellWatch) -> InlineHost:
        """The host for the cell that runs now."""
        front = front_of(self._shell)
        return InlineHost(
            self._shell,
            capture=self._capture,
            watch=eyes,
            screen=NotebookScreen() if front.rich else TerminalScreen(),
            front=front,
            desk=Desk(self._worker),
        )

    def close(self) -> None:
        """End the turns' thread."""
        self._worker.close()
