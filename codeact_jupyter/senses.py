"""What the loop reads, and the words it finds for the model.

Brings the parsers, the policy's refusals and the wording of the context together behind
the one seam :class:`codeact_jupyter.parts.Senses`. Pure: nothing here touches a kernel;
what a kernel holds is told by its host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.actions import parse_reply
from codeact_jupyter.context.grounding import made_up_numbers, names_data
from codeact_jupyter.context.observation import observation_text
from codeact_jupyter.policy.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeact_jupyter.context.profiles import Profile
    from codeact_jupyter.types import Observation, Reply

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


class TextSenses:
    """Reads and words one turn.

    Args:
        profile: The conversation's: its action format and its wording.
        schema_only: Say nothing of values.
        names: The user's names when the turn begins.

    Raises:
        ConfigError: There is no such format.
    """

    def __init__(self, profile: Profile, *, schema_only: bool, names: Sequence[str] = ()) -> None:
        parse_reply("", profile.format)  # an unknown format is met here, before anything is sent
        self._profile = profile
        self._schema_only = schema_only
        self._names = tuple(names)

    def read(self, text: str) -> Reply:
        """Read a reply in this conversation's format."""
        return parse_reply(text, self._profile.format)

    def refuse(self, code: str) -> str | None:
        """Say why an action must never run."""
        return refusal(code)

    def describe(self, step: int, observation: Observation) -> str:
        """Put an observation into words."""
        return observation_text(
            step, observation, wording=self._profile.wording, schema_only=self._schema_only
        )

    def doubt(self, prompt: str, answer: str, told: Sequence[str], *, acted: bool) -> str:
        """Say why an answer seems to rest on nothing, or ``""``."""
        if not answer:
            return EMPTY.format(prompt=prompt)
        made_up = made_up_numbers(answer, told)
        if not acted:
            needed = made_up or names_data(prompt, self._names)
            return NOTHING_RAN.format(prompt=prompt) if needed else ""
        if not made_up:
            return ""
        return MADE_UP.format(numbers=", ".join(made_up), prompt=prompt)
