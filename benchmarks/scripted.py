"""A real session whose model is a script in this process: no endpoint, no waiting.

All else is the product's: :meth:`Dialogue.ask` with its loop, its host on two threads,
senses, capture, conversation and record.
"""

from __future__ import annotations

import contextlib
import io
from functools import cached_property
from typing import TYPE_CHECKING, Any

from codeact_jupyter.config import CodeAct
from codeact_jupyter.dialogue import Dialogue
from codeact_jupyter.places import ShellPlace
from codeact_jupyter.session import PlacedSession
from codeact_jupyter.types import Completion, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeact_jupyter.hosts.capture import Capture
    from codeact_jupyter.hosts.inline import InlineHost

ENDLESS = {
    "base_url": "http://127.0.0.1:9/v1",  # never asked
    "model": "scripted",
    "max_steps": 10**9,
    "max_tokens": 10**12,
    "timeout": 1e9,
}
DONE = "Done."


def block(code: str) -> str:
    """A reply with one action."""
    return f"I do the next thing.\n\n```python\n{code}\n```"


class Script:
    """A model that says one text after the other, then :data:`DONE`.

    Args:
        replies: What it says.
        asked: Called on the thread that runs cells each time before it replies; the clock
            of a step does not run meanwhile. It gets the number of the reply, from 0.
        clock: Called when a step begins and when it ends.
    """

    name = "scripted"

    def __init__(
        self,
        replies: Iterator[str],
        asked: Callable[[int], None] = lambda _: None,
        clock: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.host: InlineHost
        self._replies = replies
        self._asked = asked
        self._clock = clock
        self._number = 0

    async def complete(self, messages: Any, **_: Any) -> Completion:
        """Give the next reply."""
        self._clock("end")
        await self.host._desk.call(lambda: self._asked(self._number))
        self._number += 1
        text = next(self._replies, DONE)
        usage = Usage(input=len(messages), output=1)
        done = Completion(text=text, finish="stop", usage=usage, seconds=0.0)
        self._clock("begin")
        return done

    async def choose(self) -> None:
        """The name is known."""

    async def aclose(self) -> None:
        """Nothing is open."""


class ScriptedDialogue(Dialogue):
    """A dialogue that asks a :class:`Script`."""

    script: Script

    def _model(self, *_: Any) -> Any:
        return self.script

    async def _run(self, start: Any, profile: Any, model: Any, host: Any, policy: Any) -> Any:
        model.host = host
        return await super()._run(start, profile, model, host, policy)


class ScriptedSession(PlacedSession):
    """A session with such a dialogue."""

    def __init__(self, shell: Any) -> None:
        super().__init__(ShellPlace(shell), CodeAct())
        self._shell = shell

    @property
    def capture(self) -> Capture:
        """What listens to the shell."""
        return self._place._capture

    @cached_property
    def dialogue(self) -> ScriptedDialogue:
        return ScriptedDialogue(self._place, self.record, self._place.earlier, keys=self.keys)

    def run(self, prompt: str, script: Script) -> None:
        """Run one turn to its answer; what it shows on the terminal is dropped."""
        self.dialogue.script = script
        settings = self.settings.with_flags(ENDLESS)
        quiet = contextlib.nullcontext()
        if getattr(self._shell, "kernel", None) is None:
            quiet = contextlib.redirect_stdout(io.StringIO())
        with quiet:
            turn = self.ask(prompt, settings, auto=True)
        assert turn.ending.kind == "answered", turn.ending.sentence


def plain_shell() -> Any:
    """An IPython shell in this process, as a kernel has one, and no front end.

    Its history is kept in memory only: the thread that saves it works after every cell,
    and its work would count for whatever happens to be measured then.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    return InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
