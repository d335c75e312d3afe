"""A session: one conversation, bound to one kernel and its notebook.

:class:`Session` is the Python API: it starts a kernel of its own and works in a script,
without any notebook. :class:`PlacedSession` is what it shares with the magics, whose
sessions live in the kernel that loads the extension: settings, record and, made at the
first prompt, the :class:`~codeact_jupyter.dialogue.Dialogue`. Nothing of either lies in
the user's namespace.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from codeact_jupyter.config import CodeAct
from codeact_jupyter.console import count
from codeact_jupyter.errors import CodeActError, ConfigError
from codeact_jupyter.hosts.prompt import check_words
from codeact_jupyter.keys import KeyRing
from codeact_jupyter.places import KernelPlace, ShellPlace
from codeact_jupyter.record.log import Record, new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.context.digests import Outline
    from codeact_jupyter.context.watch import ShellWatch
    from codeact_jupyter.dialogue import Dialogue
    from codeact_jupyter.hosts.cells import CellsHost
    from codeact_jupyter.hosts.prompt import Prompt
    from codeact_jupyter.notebooks import Above
    from codeact_jupyter.progress import Progress
    from codeact_jupyter.protocol import Card
    from codeact_jupyter.types import Action, Turn, Verdict

T = TypeVar("T")

CELL_SECONDS = 600.0
_SOON = 0.01  # seconds


class PlacedSession:
    """A conversation about the kernel of one place.

    Args:
        place: The kernel.
        settings: What the turns go by.

    Attributes:
        settings: What the turns go by.
        record: What happened since the session was made.
        keys: Those of this kernel.
    """

    def __init__(self, place: ShellPlace | KernelPlace, settings: CodeAct) -> None:
        self._place = place
        self.settings = settings
        self.record = Record(session=new_id(), names_before=place.names)
        self.keys = KeyRing()

    @cached_property
    def dialogue(self) -> Dialogue:
        """The conversation with the model."""
        from codeact_jupyter.dialogue import Dialogue

        return Dialogue(self._place, self.record, self._place.earlier, keys=self.keys)

    def open(self) -> None:
        """Take hold of the kernel."""
        self._place.open(self.record.ran)

    def close(self) -> None:
        """Let go of the kernel and end the local model."""
        try:
            self._place.close()
        finally:
            if "dialogue" in vars(self):
                self.dialogue.close()

    def renew(self) -> None:
        """Begin a new conversation: the model forgets, the record stays."""
        self.dialogue.renew()
        self.record.session = new_id()

    def ask(
        self,
        prompt: str,
        settings: CodeAct | None = None,
        *,
        auto: bool = False,
        data: str | Path | Sequence[str | Path] = (),
    ) -> Turn:
        """Run one turn and return it when it is over.

        Args:
            prompt: The user's words.
            settings: The settings of this turn; by default those of the session.
            auto: Let every action of this turn run without asking. Nothing checks what
                they do.
            data: A file that the prompt is about, or several; the model is told how each begins.

        Returns:
            The turn; its ``ending`` says how it ended, ``answer`` is the model's answer.

        Raises:
            CodeActError: The turn could not begin.
            OSError: One of the files cannot be read.
        """
        check_words(prompt)
        from codeact_jupyter.context.files import files_text

        settings = settings or self.settings
        paths = [Path(file) for file in ([data] if isinstance(data, str | Path) else data)]
        files = files_text(paths, self._place.folder, schema_only=settings.schema_only)
        return self.dialogue.ask(prompt, settings, auto=auto, files=files)

    def begin(
        self,
        prompt: Prompt,
        settings: CodeAct,
        show: Callable[[Card], None],
        *,
        auto: bool = False,
    ) -> None:
        """Start a turn that goes on beside the cells of a notebook.

        Where that very prompt has a turn already, it is not asked a second time.

        Args:
            prompt: The cell that asks.
            settings: The settings of this turn.
            show: Shows how it stands, before it begins: one that ends at once, as without any
                model, says so to the tab from its own thread.
            auto: Let every action of this turn run without asking.

        Raises:
            CodeActError: The turn could not begin.
        """
        place = self._place
        assert isinstance(place, ShellPlace)
        if place.asks(prompt):
            return  # its page was loaded anew, had not heard of the turn, and shows it soon
        session = self.record.session

        def shown_host(eyes: ShellWatch, turn: str) -> CellsHost:
            host = place.host_beside(eyes, prompt, session=session, turn=turn, auto=auto)
            try:
                show(host.card)
            except BaseException:  # as an interrupt: else its prompt would seem to be asked
                host.give_up()
                raise
            return host

        self.dialogue.begin(prompt.words, settings, shown_host, auto=auto, after=prompt.keeps)

    def preview(
        self,
        prompt: Prompt,
        settings: CodeAct,
        show: Callable[[str], None],
        *,
        new: bool = False,
    ) -> None:
        """Show what ``prompt`` would send, once the tab has told what stands above it.

        Raises:
            CodeActError: No model is set up.
        """
        place = self._place
        assert isinstance(place, ShellPlace)

        def told(above: Above) -> None:
            try:
                text = self.dialogue.preview(prompt.words, settings, new=new, above=above)
            except CodeActError as fault:
                text = str(fault)
            show(text)

        place.read_above(prompt, self.dialogue.cells_characters(settings), told)

    def unrecorded(self) -> AbstractContextManager[None]:
        """Keep what is put out meanwhile out of the record: it is none of the user's work."""
        assert isinstance(self._place, ShellPlace)
        return self._place.unrecorded()

    @property
    def busy(self) -> bool:
        """Whether a turn is running."""
        return "dialogue" in vars(self) and self.dialogue.busy

    def outlines(self, most: int) -> tuple[list[Outline], int]:
        """The newest variables that the model may be told of, and how many more there are."""
        assert isinstance(self._place, ShellPlace)
        return self._place.eyes(schema_only=True).outlines(most)

    def stop(self) -> bool:
        """Stop a turn that goes on beside the cells; whether there is one."""
        return isinstance(self._place, ShellPlace) and self._place.stop()

    def export(self, path: str | Path) -> Path:
        """Write the record as a notebook that runs without this package and any model.

        Args:
            path: Ends in ``.ipynb``; a file that no export wrote is never replaced.

        Returns:
            The absolute path of the file.

        Raises:
            RecordError: The file could not be written; what was there is untouched.
        """
        from codeact_jupyter.record import notebook

        return notebook.write(self.record, Path(path))

    def status(self) -> str:
        """Say in one line what this session is doing and has done."""
        turns = [turn for turn in self.record.turns if turn.session == self.record.session]
        tokens = sum(turn.tokens for turn in turns)
        state = "a turn is running" if self.busy else "idle"
        return (
            f"CodeAct session {self.record.session}: {state}, {count(len(turns), 'turn')}, "
            f"{count(sum(turn.steps for turn in turns), 'step')}, {count(tokens, 'token')}."
        )


class Session(PlacedSession):
    """A conversation in a kernel of its own, for scripts and batch runs.

    ::

        with Session(Settings(max_steps=10)) as session:
            turn = session.ask("Which species in penguins.csv is heaviest?", auto=True)
            print(turn.answer)
            session.export("penguins.ipynb")

    Args:
        settings: What the turns go by; what they leave out comes from the environment.
        folder: The kernel's working directory.
        kernel: Name of a kernelspec; None for a kernel of this very Python. Its
            environment needs this package too.
        show: Told the :data:`Progress` of each turn as it comes, and what its cells put out;
            its kinds are the classes of :mod:`codeact_jupyter.progress`.
        approve: Asked about each action of a turn without ``auto``; without it such an
            action ends the turn.
        cell_seconds: Seconds that one cell may take before it is interrupted; None for
            no limit.

    Raises:
        ConfigError: ``cell_seconds`` is no time; or, where the session is opened, there is no
            such folder or kernel.
    """

    _place: KernelPlace

    def __init__(
        self,
        settings: CodeAct | None = None,
        *,
        folder: str | Path = ".",
        kernel: str | None = None,
        show: Callable[[Progress], None] | None = None,
        approve: Callable[[Action], Verdict] | None = None,
        cell_seconds: float | None = CELL_SECONDS,
    ) -> None:
        if cell_seconds is not None and not cell_seconds > 0:  # nor NaN
            raise ConfigError(
                f"cell_seconds = {cell_seconds!r} cannot be used: it takes seconds above 0, or "
                "None for no limit. Nothing was started."
            )
        place = KernelPlace(
            Path(folder).absolute(),
            kernel,
            show=show or (lambda _: None),
            approve=approve,
            cell_seconds=cell_seconds,
        )
        super().__init__(place, settings or CodeAct())

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    def run_cell(self, source: str, *, cell_id: str | None = None, hidden: bool = False) -> CellRun:
        """Run a cell of your own in the kernel; the model will read it.

        Args:
            source: What a notebook's cell would hold, magics included.
            cell_id: Its id in the notebook.
            hidden: Let the model read nothing of it, nor of the variables that it is the
                first to bind, like a cell that is tagged ``codeact-hide``.

        Raises:
            ExecutionError: The kernel failed; an error of the cell itself is in its
                ``status`` and ``error``.
            KeyboardInterrupt: It was interrupted; the record keeps what it had put out.
        """
        host = self._place.host(self._place.eyes(schema_only=False))
        return host.serve(lambda: host.run_cell(source, cell_id, hidden=hidden))

    @property
    def interrupted(self) -> bool:
        """Whether the last turn or cell was stopped by the user."""
        return self._place.interrupted

    def kernel_settings(self) -> dict[str, Any]:
        """What ``%config CodeAct`` was given in the kernel, where it loaded our extension.

        Raises:
            ExecutionError: The kernel failed.
            KeyboardInterrupt: It was interrupted.
        """
        host = self._place.host(self._place.eyes(schema_only=True))
        return host.serve(lambda: self._place.cells.probe("settings"))

    async def ask_async(
        self,
        prompt: str,
        settings: CodeAct | None = None,
        *,
        auto: bool = False,
        data: str | Path | Sequence[str | Path] = (),
    ) -> Turn:
        """Do what :meth:`ask` does, without blocking; cancelling it stops the turn."""
        return await self._in_thread(lambda: self.ask(prompt, settings, auto=auto, data=data))

    async def run_cell_async(
        self, source: str, *, cell_id: str | None = None, hidden: bool = False
    ) -> CellRun:
        """Do what :meth:`run_cell` does, without blocking; cancelling it interrupts the cell."""
        return await self._in_thread(lambda: self.run_cell(source, cell_id=cell_id, hidden=hidden))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run ``work`` on another thread, and let it come to its end when cancelled."""
        before = self._place.latest
        task = asyncio.ensure_future(asyncio.to_thread(_without_interrupt, work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            while self._place.latest is before and not task.done():
                await asyncio.wait({task}, timeout=_SOON)  # it has not begun
            self._place.interrupt()
            await asyncio.wait({task})
            raise


def _without_interrupt(work: Callable[[], T]) -> T:
    """Do ``work``; a KeyboardInterrupt of a task would end the whole event loop."""
    try:
        return work()
    except KeyboardInterrupt:
        raise asyncio.CancelledError from None
