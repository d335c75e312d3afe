"""The kernels that a dialogue can be about.

A place makes the host for each turn and keeps what lasts from turn to turn: the kernel
where it is one of our own, with the thread of its turns. In the user's kernel each turn
has a thread to itself and leaves none behind. The session opens a place and closes it.
Loading this module is cheap; a place loads what it needs when it is used.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeact_jupyter.cells import CellRun
from codeact_jupyter.context.names import user_names
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.hosts.capture import Capture
from codeact_jupyter.hosts.hidden import HiddenNames

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from codeact_jupyter.context.watch import ShellWatch
    from codeact_jupyter.hosts.cells import CellsHost
    from codeact_jupyter.hosts.inline import InlineHost
    from codeact_jupyter.hosts.kernel import KernelCells, KernelEyes, KernelHost
    from codeact_jupyter.hosts.link import Link
    from codeact_jupyter.hosts.prompt import Prompt
    from codeact_jupyter.notebooks import Above
    from codeact_jupyter.progress import Progress
    from codeact_jupyter.types import Action, Verdict

_OPEN = "This session is open already. Leave its `with` block, or make another session."
_NO_FOLDER = (
    "The kernel is to work in {folder!r}, and there is no such folder. Make it, or name another "
    "one. Nothing was started."
)


class ShellPlace:
    """The shell that this very process runs.

    Args:
        shell: The user's shell.

    Attributes:
        names: The user's names when the place was made.
        earlier: The cells that ran before; their outputs are not known.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._capture: Capture
        self._link: Link | None = None
        self._beside: CellsHost | None = None
        self.names = user_names(shell)
        self.earlier = _earlier_cells(shell)
        self._hidden = HiddenNames(shell, self.earlier)

    @property
    def folder(self) -> Path:
        """The kernel's working directory."""
        return Path.cwd()

    def open(self, on_cell: Callable[[CellRun], None]) -> None:
        """Start to listen to the shell's cells; ``on_cell`` is told of each."""

        def told(run: CellRun) -> None:
            on_cell(run)
            if self._beside is not None:
                self._beside.saw(run)

        self._capture = Capture(self._shell, told, self._hidden)
        self._capture.attach()
        if (kernel := getattr(self._shell, "kernel", None)) is not None:
            from codeact_jupyter._version import __version__
            from codeact_jupyter.hosts.link import Link
            from codeact_jupyter.hosts.stranded import send_replies_through_stream

            send_replies_through_stream(kernel)
            self._link = Link(__version__, self._capture.last_request.counts)
            self._link.open()

    def unrecorded(self) -> AbstractContextManager[None]:
        """Keep what is put out meanwhile out of the record."""
        return self._capture.unrecorded()

    def close(self) -> None:
        """Stop listening, and end a turn that runs beside the cells."""
        try:
            if self._beside is not None:
                self._beside.close()
            if self._link is not None:
                self._link.close()
        finally:
            self._capture.detach()

    def eyes(self, *, schema_only: bool) -> ShellWatch:
        """New eyes."""
        from codeact_jupyter.context.watch import ShellWatch

        return ShellWatch(self._shell, schema_only=schema_only, hidden=self._hidden)

    def host(self, eyes: ShellWatch) -> InlineHost:
        """The host for the cell that runs now."""
        from codeact_jupyter.hosts.desk import Desk
        from codeact_jupyter.hosts.front import front_of
        from codeact_jupyter.hosts.inline import InlineHost
        from codeact_jupyter.hosts.screens import NotebookScreen, StillScreen, TerminalScreen
        from codeact_jupyter.hosts.worker import Worker

        front = front_of(self._shell)
        notebook = NotebookScreen if front.updates else StillScreen
        return InlineHost(
            self._shell,
            capture=self._capture,
            watch=eyes,
            screen=notebook() if front.rich else TerminalScreen(),
            front=front,
            desk=Desk(Worker()),
        )

    def host_beside(
        self, eyes: ShellWatch, prompt: Prompt, *, session: str, turn: str, auto: bool
    ) -> CellsHost:
        """The host for a turn that goes on beside the cells, in the tab that sent ``prompt``."""
        from codeact_jupyter.hosts.card import CardState
        from codeact_jupyter.hosts.cells import CellsHost
        from codeact_jupyter.hosts.keeper import Keeper
        from codeact_jupyter.hosts.kernel_thread import KernelThread
        from codeact_jupyter.hosts.page import Page

        link, capture = self._link, self._capture
        assert link is not None
        ids = {"session": session, "turn": turn, "prompt_id": prompt.cell_id}
        channel, kernel = link.channel(prompt.client, turn), KernelThread()
        self._beside = CellsHost(
            prompt=prompt,
            channel=channel,
            page=Page(channel, **ids, narration=prompt.narration),
            card=CardState(**ids, policy="auto" if auto else "ask"),
            capture=capture,
            watch=eyes,
            hidden=self._hidden,
            kernel=kernel,
            keeper=lambda: Keeper(link, channel, kernel, lambda: capture.running),
        )
        return self._beside

    def read_above(self, prompt: Prompt, characters: int, then: Callable[[Above], None]) -> None:
        """Ask the tab for the cells above ``prompt``; ``then`` is told, when this cell is over."""
        from codeact_jupyter import protocol
        from codeact_jupyter.hosts.kernel_thread import KernelThread
        from codeact_jupyter.hosts.messages import above_in

        assert self._link is not None
        kernel = KernelThread()
        channel = self._link.channel(prompt.client, "")
        channel.over = True  # no turn is running, and none may be stopped
        reply = channel.request(
            lambda number: protocol.NotebookRead(
                id=number, prompt_id=prompt.cell_id, characters=characters
            )
        )

        def told(above: Above) -> None:
            self._hidden.told(above.hidden)
            then(above)

        reply.add_done_callback(lambda done: kernel.post(lambda: told(above_in(done.result()))))

    def asks(self, prompt: Prompt) -> bool:
        """Whether the turn that runs beside the cells answers this very prompt."""
        return self._beside is not None and self._beside.asks(prompt)

    def stop(self) -> bool:
        """Stop the turn that runs beside the cells; whether there is one."""
        if self._beside is None or self._beside.ended:
            return False
        self._beside.stop()
        return True


class KernelPlace:
    """A kernel of our own, which lives as long as the place is open.

    Args:
        folder: The kernel's working directory.
        kernel: Name of a kernelspec; None for a kernel of this very Python.
        show: Told the progress of each turn, and what its cells put out.
        approve: Asks the user about an action; None where nobody is there.
        cell_seconds: The most that one cell may take, or None.
    """

    names: tuple[str, ...] = ()
    earlier: tuple[CellRun, ...] = ()

    def __init__(
        self,
        folder: Path,
        kernel: str | None,
        *,
        show: Callable[[Progress], None],
        approve: Callable[[Action], Verdict] | None,
        cell_seconds: float | None,
    ) -> None:
        from codeact_jupyter.hosts.worker import Worker

        self.folder = folder
        self._kernel = kernel
        self._show = show
        self._approve = approve
        self._cell_seconds = cell_seconds
        self._worker = Worker()
        self._cells: KernelCells | None = None
        self._host: KernelHost | None = None

    def open(self, on_cell: Callable[[CellRun], None]) -> None:
        """Start the kernel; ``on_cell`` is told of each cell that ended.

        Raises:
            CodeActError: It does not start, or lacks our package.
            KeyboardInterrupt: It was interrupted; no kernel is left.
        """
        from codeact_jupyter._version import __version__
        from codeact_jupyter.hosts.desk import Desk
        from codeact_jupyter.hosts.kernel import KernelCells
        from codeact_jupyter.progress import Printed

        if self._cells is not None:
            raise ConfigError(_OPEN)
        if not self.folder.is_dir():
            raise ConfigError(_NO_FOLDER.format(folder=str(self.folder)))

        async def start() -> None:
            self._cells = await KernelCells.start(
                self.folder,
                self._kernel,
                __version__,
                on_cell=on_cell,
                on_text=lambda text: self._shown(Printed(text=text)),
                seconds=self._cell_seconds,
            )

        try:
            Desk(self._worker).serve(start)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the kernel and the turns' thread."""
        from codeact_jupyter.hosts.desk import Desk
        from codeact_jupyter.hosts.worker import to_its_end

        cells, self._cells = self._cells, None
        try:
            if cells is not None:
                Desk(self._worker).serve(lambda: to_its_end(cells.close()))
        finally:
            self._worker.close()

    def eyes(self, *, schema_only: bool) -> KernelEyes:
        """New eyes."""
        from codeact_jupyter.hosts.kernel import KernelEyes

        return KernelEyes(id=uuid.uuid4().hex[:8], schema_only=schema_only)

    def host(self, eyes: KernelEyes) -> KernelHost:
        """The host for one turn."""
        from codeact_jupyter.hosts.desk import Desk
        from codeact_jupyter.hosts.kernel import KernelHost

        self._host = KernelHost(
            self.cells,
            eyes=eyes,
            desk=Desk(self._worker),
            show=self._show,
            approve=self._approve,
        )
        return self._host

    @property
    def cells(self) -> KernelCells:
        """The kernel.

        Raises:
            ConfigError: It has ended, or was never started.
        """
        if self._cells is None:
            raise ConfigError(
                "This session is not open, so it has no kernel. Use it in a `with` block."
            )
        return self._cells

    @property
    def latest(self) -> KernelHost | None:
        """The host of the turn or cell that runs, or of the last one."""
        return self._host

    @property
    def interrupted(self) -> bool:
        """Whether the last turn or cell was stopped."""
        return self._host is not None and self._host.stopping

    def interrupt(self) -> None:
        """Stop the turn or the cell that runs."""
        if self._host is not None:
            self._host.interrupt()

    def _shown(self, progress: Progress) -> None:
        if self._host is not None:
            self._host.show(progress)


def _earlier_cells(shell: Any) -> tuple[CellRun, ...]:
    """The cells that ran before the extension was loaded; their outputs are not known."""
    sources = list(shell.history_manager.input_hist_raw)[:-1]
    return tuple(
        CellRun(cell_id=None, source=source, outputs=(), execution_count=number, status="ok")
        for number, source in enumerate(sources)
        if source.strip()
    )
