"""One action's cell, from its proposal to its end, awaited on the turn's thread.

The capture tells it on the kernel's thread that the cell runs, and there it looks at the
variables before and after; what the host waits for is resolved on the turn's own thread.
It runs nothing. Whatever goes wrong while it looks, and an interrupt that meets it there,
must not keep the turn waiting: IPython swallows both.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from codeact_jupyter.types import Changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.parts import Seen, Watch

_log = logging.getLogger("codeact_jupyter")


class ActionCell:
    """The cell of one action, whose run is awaited on the turn's thread.

    Args:
        cell_id: Its id.
        watch: Looks at the variables around it.
        on_turn: Hands a call to the turn's thread.

    Attributes:
        started: Resolved with the text that runs.
        request: By which it runs, once it does.
        ended: Resolved with what came of it.
        withdrawn: Resolved with the user's reason when it must not run.
        approved: Resolved when it may run without being asked for.
        late: Called with what came of it where the turn has not waited for that.
    """

    def __init__(
        self, cell_id: str, watch: Watch, on_turn: Callable[[Callable[[], None]], None]
    ) -> None:
        self.cell_id = cell_id
        self._watch = watch
        self._on_turn = on_turn
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[str] = loop.create_future()
        self.ended: asyncio.Future[tuple[CellRun, Seen]] = loop.create_future()
        self.withdrawn: asyncio.Future[str] = loop.create_future()
        self.approved: asyncio.Future[None] = loop.create_future()
        self.request = ""
        self.late: Callable[[CellRun], None] | None = None

    def began(self, source: str, request: str) -> None:
        """It starts to run, on the kernel's thread."""
        if self.late is not None:
            return
        self.request = request
        self._on_turn(lambda: _resolve(self.started, source))
        try:
            self._watch.before()
        except Exception:  # noqa: BLE001 - the turn goes on without what it would have told
            _log.exception("the variables could not be read before an action")

    def ended_as(self, run: CellRun) -> None:
        """It ended, on the kernel's thread, where the variables are."""
        if self.late is not None:
            self.late(run)
            return
        seen: Seen = (Changes(), ())
        try:
            seen = self._watch.after(run.source, run.status)
        except Exception:  # noqa: BLE001 - the turn goes on without what it would have told
            _log.exception("the variables could not be read after an action")
        finally:
            self._on_turn(lambda: _resolve(self.ended, (run, seen)))


def _resolve(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)
