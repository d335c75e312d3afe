"""Who decides about an action before it runs: one class per policy.

``ask`` is what every turn has unless the person who runs the cell wrote ``--auto`` into
it. There is nothing else to choose from, and nothing to store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from codeact_jupyter.errors import NotAnswered
from codeact_jupyter.types import Verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from codeact_jupyter.types import Action

    Ask = Callable[[Action], Awaitable[Verdict]]
    """A host's way to ask the user about one action."""


NO_INSTALL = (
    "It would install packages, which needs the user's word, and nobody is here to give it. Do "
    "without them; where that cannot be, answer which package is missing."
)


class Policy(Protocol):
    """Decides about each action of one turn."""

    notice: str
    """One line that is shown when the turn starts, may be empty."""

    async def decide(self, action: Action, ask: Ask) -> Verdict:
        """Return the verdict on ``action``; ``ask`` puts the question to the user."""


class AskFirst:
    """The user decides about every action, after he saw its exact text."""

    notice = ""

    async def decide(self, action: Action, ask: Ask) -> Verdict:
        """Ask the user."""
        return await ask(action)


class Auto:
    """Every action of this turn runs, for the user wrote ``--auto``; but none that installs."""

    notice = "--auto: every action of this turn runs at once, and nothing checks its effects."

    async def decide(self, action: Action, ask: Ask) -> Verdict:
        """Let it run, or ask where it installs packages."""
        if not action.installs:
            return Verdict(kind="run", code=action.code)
        try:
            return await ask(action)
        except NotAnswered:
            return Verdict(kind="rejected", reason=NO_INSTALL)
