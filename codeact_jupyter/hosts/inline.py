"""The host ``inline``: actions run inside the cell of the prompt.

For terminal IPython, for runners such as nbclient and papermill, and for notebooks
without our extension. The magic blocks, serving the turn's desk: everything that touches
the user's kernel is done there, on the thread that runs cells.

It shows and runs what it is told to; it never decides whether an action may run.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from codeact_jupyter.cells import CellRun
from codeact_jupyter.hosts.nesting import inner_cells
from codeact_jupyter.hosts.proposals import OUTLIVED, STOP_SECONDS
from codeact_jupyter.hosts.questions import approval
from codeact_jupyter.hosts.screens import show_aside
from codeact_jupyter.notebooks import Meanwhile
from codeact_jupyter.progress import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from codeact_jupyter.hosts.capture import Capture
    from codeact_jupyter.hosts.desk import Desk
    from codeact_jupyter.hosts.front import Front
    from codeact_jupyter.hosts.screens import Screen
    from codeact_jupyter.parts import Seen, Watch
    from codeact_jupyter.progress import Progress
    from codeact_jupyter.types import Action, Sight, Verdict

T = TypeVar("T")


class InlineHost:
    """Runs actions inside the cell that asked.

    Args:
        shell: The user's shell.
        capture: Sees the cells of that shell.
        watch: Looks at the variables of that shell.
        screen: Shows the turn.
        front: What the front end of this request can do.
        desk: Of this turn.
    """

    def __init__(
        self,
        shell: Any,
        *,
        capture: Capture,
        watch: Watch,
        screen: Screen,
        front: Front,
        desk: Desk,
    ) -> None:
        self._shell = shell
        self._capture = capture
        self._watch = watch
        self._screen = screen
        self._front = front
        self._desk = desk

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return self._front.can_ask

    @property
    def stopping(self) -> bool:
        """Whether the user interrupted the turn, even if something swallowed that."""
        return self._desk.interrupted

    def serve(self, turn: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run ``turn()`` and do what it asks for, on the thread that runs cells.

        Nothing is left behind, for the user's process is his: the turn's thread ends too.
        """
        try:
            return self._desk.serve(turn)
        finally:
            self._desk.close()

    def show(self, progress: Progress) -> None:
        """Show ``progress``, soon."""
        self._desk.post(lambda: self._screen.show(progress))

    async def look(self, characters: int, *, news: bool) -> Sight:
        """Look at the variables, within a budget, or at what changed since the last look."""
        watch = self._watch
        return await self._desk.call(lambda: watch.news() if news else watch.digest(characters))

    async def above(self, characters: int) -> None:
        """Not known: what ran is in the record."""

    async def ask(self, action: Action) -> Verdict:
        """Ask the user about ``action``."""
        return await self._desk.call(lambda: approval(self._shell, self._front, action))

    async def run(self, action: Action, code: str) -> tuple[CellRun, Seen]:
        """Run ``code`` as the cell of ``action``, and look at what it did."""

        def watched() -> tuple[CellRun, Seen]:
            self._watch.before()
            run = self._run_cell(action, code)
            return run, self._watch.after(run.source, run.status)

        saying = asyncio.ensure_future(self._say_if_it_outlives())
        try:
            return await self._desk.call(watched)
        finally:
            saying.cancel()

    async def meanwhile(self) -> Meanwhile:
        """Nothing: the turn blocks the kernel for everybody else."""
        return Meanwhile()

    async def _say_if_it_outlives(self) -> None:
        """Say that an action goes on although the user interrupted it.

        On the turn's thread, for the one that runs cells is the action's; what is shown from
        here is no output of its.
        """
        await self._desk.interruption()
        await asyncio.sleep(STOP_SECONDS)
        with self._capture.not_heard():
            if self._front.notebook:
                show_aside(OUTLIVED.format(place="the kernel"))
            else:
                self._screen.show(Notice(sentence=OUTLIVED.format(place="IPython")))

    def _show_again(self) -> None:
        """An action cleared what stands in the cell: show the turn again, for the eyes alone."""
        with self._capture.unrecorded():
            self._screen.show_again(self._capture.display_id)

    def _run_cell(self, action: Action, code: str) -> CellRun:
        with inner_cells(self._shell, self._show_again):
            result = self._shell.run_cell(code, store_history=True, cell_id=action.cell_id)
        run = self._capture.latest()
        if run is not None and run.cell_id == action.cell_id:
            return run
        return CellRun(  # the action took our hooks away: only its end is known
            cell_id=action.cell_id,
            source=code,
            outputs=(),
            execution_count=result.execution_count,
            status="ok" if result.success else "error",
        )
