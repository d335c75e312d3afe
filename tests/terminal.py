"""Terminal IPython for tests: an IPython at a real terminal, and what a person sees there.

:class:`Terminal` types cells and reads the screen; :func:`surroundings` is the environment of
any IPython that asks a scripted endpoint.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pexpect
from kernels import SECONDS

if TYPE_CHECKING:
    from pathlib import Path

    from endpoint import ScriptedEndpoint


STOPPED = "TurnStopped: Stopped by you."
PROMPT = r"In \[(\d+)\]:(?: |\x1b)"  # a space, or a move of the cursor over it
PATIENCE = 15  # seconds, until a key is pressed again
QUESTION = re.escape("[e]dit: ")
EDITOR = r"Esc Enter runs it"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\x07")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def surroundings(endpoint: ScriptedEndpoint, folder: Path, **more: str) -> dict[str, str]:
    """The environment of an IPython that knows the scripted endpoint and no home."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODEACT_", "OPENAI_"))}
    ours = {"HOME": str(folder), "IPYTHONDIR": str(folder / "ipython"), "TERM": "xterm"}
    quiet = {"PROMPT_TOOLKIT_NO_CPR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**kept, **ours, **quiet, **endpoint.environment, **more}


def spawn(python: str, words: list[str], folder: Path, env: dict[str, str]) -> Any:
    """Start a Python in ``folder``, at a terminal that is wide enough for what we show."""
    child = pexpect.spawn(
        *(python, words),
        env=env,
        cwd=str(folder),
        encoding="utf-8",
        dimensions=(50, 160),
        timeout=SECONDS,
        echo=False,
    )
    child.delaybeforesend = None
    return child


class Terminal:
    """An IPython in a terminal of its own; ``number`` is that of its next cell."""

    def __init__(
        self, python: str, endpoint: ScriptedEndpoint, folder: Path, *options: str
    ) -> None:
        command = ["-m", "IPython", "--no-banner", "--no-confirm-exit", *options]
        self.child = spawn(python, command, folder, surroundings(endpoint, folder))
        self.number = 0
        self.ready()

    def ready(self) -> str:
        """Wait for the next prompt and return what was shown before it."""
        self.child.expect(PROMPT)
        return self._shown()

    def leave(self, key: str) -> str:
        """Leave a question by this key, and return what is shown until the next prompt.

        CPython's ``input`` hears of a Ctrl-C that comes after it has shown its question and before
        it reads only with the next one: who sees that nothing happens presses it again.
        """
        self.child.send(key)
        if self.child.expect([PROMPT, pexpect.TIMEOUT], timeout=PATIENCE) == 1:
            self.child.send(key)
            self.child.expect(PROMPT)
        return self._shown()

    def _shown(self) -> str:
        self.number = int(self.child.match[1])
        return CONTROL.sub("", self.child.before)

    def type(self, cell: str) -> None:
        """Type a cell; one with several lines ends with empty ones."""
        ends = {True: "\n\n", False: "\n"}[cell.startswith("%%")] if "\n" in cell else ""
        self.child.sendline(cell + ends)

    def run(self, cell: str, *answers: str) -> str:
        """Run a cell, answer its questions and return what was shown."""
        self.type(cell)
        shown = ""
        for answer in answers:
            self.child.expect(QUESTION)
            shown += self.child.before
            self.child.sendline(answer)
        return CONTROL.sub("", shown) + self.ready()

    def edit(self, until: str, keys: str) -> None:
        """Answer a question with *edit*, wait for the text in the editor, and press keys."""
        self.child.expect(QUESTION)
        self.child.sendline("e")
        self.child.expect(EDITOR)
        self.child.expect(until)
        self.child.send(keys)

    def interrupt_after(self, words: str) -> str:
        """Wait for words on the screen, press Ctrl-C, and return what was shown then."""
        self.child.expect(words)
        self.child.sendintr()
        return self.ready()
