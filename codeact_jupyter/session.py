"""A session: one conversation, bound to one kernel and its notebook.

What is there from ``%load_ext`` on: the settings, the capture that sees every cell, and
the record that keeps them. The conversation itself, with all it needs, is a
:class:`~codeact_jupyter.dialogue.Dialogue`, which is made at the first prompt. Nothing of
either lies in the user's namespace.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeact_jupyter.cells import CellRun
from codeact_jupyter.config import CodeAct
from codeact_jupyter.context.names import user_names
from codeact_jupyter.hosts.capture import Capture
from codeact_jupyter.record.log import Record, new_id

if TYPE_CHECKING:
    from codeact_jupyter.dialogue import Dialogue
    from codeact_jupyter.types import Turn


class Session:
    """The conversation in one kernel.

    Args:
        shell: The IPython shell that the extension was loaded into.

    Attributes:
        settings: What ``%config CodeAct`` shows and changes.
        record: What happened since the extension was loaded.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.settings = CodeAct(parent=shell)
        self.record = Record(session=new_id(), names_before=user_names(shell))
        self._earlier = _earlier_cells(shell)
        self._capture = Capture(shell, self.record.ran)

    @cached_property
    def dialogue(self) -> Dialogue:
        """The conversation with the model."""
        from codeact_jupyter.dialogue import Dialogue
        from codeact_jupyter.places import ShellPlace

        return Dialogue(ShellPlace(self._shell, self._capture), self.record, self._earlier)

    def open(self) -> None:
        """Start to listen to the kernel's cells."""
        self._capture.attach()

    def close(self) -> None:
        """Stop listening and end the local model; the kernel is as it was before."""
        self._capture.detach()
        if "dialogue" in vars(self):
            self.dialogue.close()

    def renew(self) -> None:
        """Begin a new conversation: the model forgets, the record stays."""
        self.record.session = new_id()
        self.dialogue.renew()

    def ask(self, prompt: str, settings: CodeAct | None = None, *, auto: bool = False) -> Turn:
        """Run one turn and return it when it is over.

        Args:
            prompt: The user's words.
            settings: The settings of this turn; by default those of the session.
            auto: Let every action of this turn run without asking.

        Raises:
            CodeActError: The turn could not begin.
        """
        return self.dialogue.ask(prompt, settings or self.settings, auto=auto)

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
        busy = "dialogue" in vars(self) and self.dialogue.busy
        state = "a turn is running" if busy else "idle"
        return (
            f"CodeAct session {self.record.session}: {state}, {len(turns)} turns, "
            f"{sum(turn.steps for turn in turns)} steps, {tokens:,} tokens."
        )


def _earlier_cells(shell: Any) -> list[CellRun]:
    """The cells that ran before the extension was loaded; their outputs are not known."""
    sources = list(shell.history_manager.input_hist_raw)[:-1]
    return [
        CellRun(cell_id=None, source=source, outputs=(), execution_count=number, status="ok")
        for number, source in enumerate(sources)
        if source.strip()
    ]
