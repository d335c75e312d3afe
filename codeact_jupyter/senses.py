"""What the loop reads: replies, variables, observations, all of one shell.

Brings the parsers, the policy's refusals and the context together behind the one seam
:class:`codeact_jupyter.parts.Senses`. All but :meth:`ShellSenses.read`,
:meth:`~ShellSenses.refuse` and :meth:`~ShellSenses.describe` look at the user's variables
and must be called where cells run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeact_jupyter.actions import parse_reply
from codeact_jupyter.context.grounding import made_up_numbers, names_data
from codeact_jupyter.context.hints import hints_for
from codeact_jupyter.context.names import user_names
from codeact_jupyter.context.observation import change_lines, observation_text
from codeact_jupyter.context.variables import Variables, touched_names
from codeact_jupyter.policy.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.context.profiles import Profile
    from codeact_jupyter.types import Changes, Observation, Reply

NOTHING_RAN = (
    "Nothing has run yet in this turn, so nothing is known. If the question needs data or a "
    "calculation, write the block now. If it needs none, give your answer again.\n"
    "The question was: {prompt}"
)
EMPTY = "Your reply was empty. Write a block, or the answer.\nThe question was: {prompt}"
MADE_UP = (
    "No output shows {numbers}, so the answer does not stand yet. Write the block that computes "
    "what it needs.\nThe question was: {prompt}"
)


class ShellSenses:
    """Reads for one conversation.

    Args:
        shell: The user's shell.
        profile: The conversation's: its action format and its wording.
        schema_only: Say nothing of values.

    Raises:
        ConfigError: There is no such format.
    """

    def __init__(self, shell: Any, profile: Profile, schema_only: bool) -> None:
        parse_reply("", profile.format)  # an unknown format is met here, before anything is sent
        self.settings = (profile, schema_only)
        self.profile = profile
        self._shell = shell
        self._schema_only = schema_only
        self._read_at = -1  # the count of cells when the variables were last read
        self._variables = Variables(shell.user_ns, shell.user_ns_hidden, schema_only=schema_only)

    def digest(self) -> str:
        """All variables, one line each; what changes after this is news."""
        text = "\n".join(self._variables.digest(self.profile.variables_characters))
        self._variables.mark()
        return text

    def news(self) -> str:
        """What changed since :meth:`digest`, :meth:`news` or :meth:`after`."""
        return "\n".join(change_lines(self._variables.changes()))

    def read(self, text: str) -> Reply:
        """Read a reply in this conversation's format."""
        return parse_reply(text, self.profile.format)

    def refuse(self, code: str) -> str | None:
        """Say why an action must never run."""
        return refusal(code)

    def before(self) -> None:
        """Remember the variables as they are now, if a cell ran since they were last read."""
        if self._read_at != self._shell.execution_count:
            self._variables.mark()

    def after(self, run: CellRun) -> tuple[Changes, tuple[str, ...]]:
        """What the run changed, and which facts help after its error."""
        changes = self._variables.changes(touched=touched_names(run.source))
        self._read_at = self._shell.execution_count
        error = self._shell.last_execution_result.error_in_exec
        if run.status != "error" or error is None:
            return changes, ()
        hints = hints_for(error, run.source, self._shell.user_ns, schema_only=self._schema_only)
        return changes, hints

    def describe(self, step: int, observation: Observation) -> str:
        """Put an observation into words."""
        return observation_text(
            step, observation, wording=self.profile.wording, schema_only=self._schema_only
        )

    def doubt(self, prompt: str, answer: str, told: Sequence[str], *, acted: bool) -> str:
        """Say why an answer seems to rest on nothing, or ``""``."""
        if not answer:
            return EMPTY.format(prompt=prompt)
        made_up = made_up_numbers(answer, told)
        if not acted:
            needed = made_up or names_data(prompt, user_names(self._shell))
            return NOTHING_RAN.format(prompt=prompt) if needed else ""
        if not made_up:
            return ""
        return MADE_UP.format(numbers=", ".join(made_up), prompt=prompt)
