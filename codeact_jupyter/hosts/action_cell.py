"""One action's cell, from its proposal to its end, awaited on the turn's thread.

The capture tells it on the kernel's thread that the cell runs, and there it looks at the
variables before and after; what the host waits for is resolved on the turn's own thread.
It runs nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.parts import Seen, Watch


class ActionCell:
    """The cell of one action, whose run is awaited on the turn's thread.

    Args:
        cell_id: Its id.
        watch: Looks at the variables around it.
        worker_does: Hands a call to the turn's thread.

    Attributes:
        started: Resolved with the text that runs.
        ended: Resolved with what came of it.
        withdrawn: Resolved with the user's reason when it must not run.
        approved: Resolved when it may run without being asked for.
    """

    def __init__(
        self, cell_id: str, watch: Watch, worker_does: Callable[[Callable[[], None]], None]
    ) -> None:
        self.cell_id = cell_id
        self._watch = watch
        self._worker_does = worker_does
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[str] = loop.create_future()
        self.ended: asyncio.Future[tuple[CellRun, Seen]] = loop.create_future()
        self.withdrawn: asyncio.Future[str] = loop.create_future()
        self.approved: asyncio.Future[None] = loop.create_future()

    def began(self, source: str) -> None:
        """It starts to run, on the kernel's thread."""
        self._watch.before()
        self._worker_does(lambda: _resolve(self.started, source))

    def ended_as(self, run: CellRun) -> None:
        """It ended, on the kernel's thread, where the variables are."""
        seen = self._watch.after(run.source, run.status)
        self._worker_does(lambda: _resolve(self.ended, (run, seen)))


def _resolve(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)
