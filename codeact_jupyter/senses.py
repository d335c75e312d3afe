"""What the loop reads, and the words it finds for the model.

Brings the parsers, the policy's refusals and the wording of the context together behind
the one seam :class:`codeact_jupyter.parts.Senses`. Pure: nothing here touches a kernel;
what a kernel holds is told by its host.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from codeact_jupyter.actions import ReplyStream, parse_reply, read_call
from codeact_jupyter.context.above import meanwhile_text
from codeact_jupyter.context.conversation import SENT_BACK
from codeact_jupyter.context.grounding import (
    asks_value,
    made_up_numbers,
    names_column,
    names_data,
    unused_numbers,
)
from codeact_jupyter.context.looking import only_looked, rows_in, shows_all, unused_tables
from codeact_jupyter.context.observation import (
    observation_text,
    outputs_text,
)
from codeact_jupyter.parts import Doubt
from codeact_jupyter.policy.grades import grade
from codeact_jupyter.policy.refusals import refusal
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.context.profiles import Profile
    from codeact_jupyter.types import Completion, Grade, Observation, Reply

AGAIN_CHARACTERS = 500  # of a prompt that is repeated after each step
NOTHING_RAN = (
    "Nothing has run yet in this turn, so nothing is known. If the question needs data or a "
    "calculation, write the block now. If it needs none, give your answer again.\n"
    "The question was: {prompt}"
)
UNSUPPORTED = "No output supports this answer yet, so the model is asked once more."
EMPTY_REPLY = "The model's reply was empty, so it is asked once more."
CALLED = "The model called a tool instead of writing Python, so it is asked once more."
MISREAD = "{reason}\nThe question was: {prompt}"
EMPTY = "Your reply was empty. Write a block, or the answer.\nThe question was: {prompt}"
MADE_UP = (
    "No output shows {numbers}, so the answer does not stand yet. Write the block that computes "
    "what it needs.\nThe question was: {prompt}"
)
ONLY_LOOKED = (
    "So far you only looked at the first rows and computed nothing, so the answer does not stand "
    "yet. Write the block that computes it from all rows.\nThe question was: {prompt}"
)
MISSED = (
    "The last block missed something, so the answer does not stand yet. {fact} Write the block "
    "again with that.\nThe question was: {prompt}"
)
NOT_JOINED = (
    "The question is about {file} too, but no block computed anything from `{name}`, which holds "
    "it. Write the block that computes the answer with it.\nThe question was: {prompt}"
)
UNUSED = (
    "The question names {numbers}, but no block used that. Filter the rows by it first, then "
    "compute: write that block.\nThe question was: {prompt}"
)


class TextSenses:
    """Reads and words one turn.

    Args:
        profile: The conversation's: its action format and its wording.
        schema_only: Say nothing of values.
        names: The user's names when the turn begins.
        prompt: The user's words, for a profile that repeats them.
        has_files: Whether files came with the prompt, so that it is about data.

    Raises:
        ConfigError: There is no such format.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        schema_only: bool,
        names: Sequence[str] = (),
        prompt: str = "",
        has_files: bool = False,
    ) -> None:
        parse_reply("", profile.format)  # an unknown format is met here, before anything is sent
        self._profile = profile
        self._schema_only = schema_only
        self._names = tuple(names)
        self._existing = set(names)
        self._has_files = has_files
        short = 0 < len(prompt) <= AGAIN_CHARACTERS
        self._looks: list[tuple[str, CellRun]] = []  # what was said of each, as it is sent
        self._again = profile.wording.again.format(prompt=prompt.strip()) if short else ""

    def read(self, completion: Completion) -> Reply:
        """Read a reply in this conversation's format, or the tool call that came instead."""
        reply = parse_reply(completion.text, self._profile.format)
        if reply.code is None and completion.call:
            return read_call(completion.call, reply.answer or "")
        # a small model repeats what stands in the place of its last words: that says nothing
        return replace(reply, answer=None) if reply.answer == SENT_BACK else reply

    def draft(self) -> ReplyStream:
        """A reply that is about to stream in, in this conversation's format."""
        return ReplyStream(self._profile.format)

    def grade(self, code: str) -> Grade:
        """Say what an action would do to the machine and to the user's variables."""
        return grade(code, self._existing)

    def refuse(self, code: str) -> str | None:
        """Say why an action must never run."""
        return refusal(code)

    def describe(self, step: int, observation: Observation) -> str:
        """Put an observation into words; its changes count for the next grade."""
        self._existing |= observation.changes.new.keys()
        self._existing -= set(observation.changes.deleted)
        text = observation_text(
            step, observation, wording=self._profile.wording, schema_only=self._schema_only
        )
        meanwhile = meanwhile_text(observation.meanwhile, schema_only=self._schema_only)
        text = "\n".join(filter(None, [text, meanwhile, self._again]))
        if observation.run and only_looked([observation.run.source]):
            self._looks.append((redact(text), observation.run))
        return text

    def doubt(
        self, prompt: str, reply: Reply, told: Sequence[str], observed: Sequence[Observation]
    ) -> Doubt | None:
        """Say why a reply without action is none, or seems to rest on nothing; or None."""
        if reply.misread:
            words = MISREAD.format(reason=reply.misread, prompt=prompt)
            return Doubt(told=words, sentence=CALLED)
        if not reply.answer:
            return Doubt(told=EMPTY.format(prompt=prompt), sentence=EMPTY_REPLY)
        words = self._unsupported(prompt, reply.answer or "", told, observed)
        return Doubt(told=words, sentence=UNSUPPORTED) if words else None

    def _unsupported(
        self, prompt: str, answer: str, told: Sequence[str], observed: Sequence[Observation]
    ) -> str:
        """Say why an answer seems to rest on nothing; or ``""``."""
        ran = [observation.run for observation in observed if observation.run]
        about_data = self._has_files or names_data(prompt, self._names)
        if not ran:
            asked = about_data or (asks_value(prompt) and names_column(prompt, told))
            needed = asked or made_up_numbers(answer, told)
            return NOTHING_RAN.format(prompt=prompt) if needed else ""
        if about_data and asks_value(prompt):
            tables = _tables(observed)
            if not only_looked(run.source for run in ran):
                if left := _left_tables(prompt, ran):
                    return NOT_JOINED.format(name=left[0], file=left[1], prompt=prompt)
            elif not any(self._shows_all(run, tables) for run in ran):
                return ONLY_LOOKED.format(prompt=prompt)
            looks = [text for text, run in self._looks if not self._shows_all(run, tables)]
            told = _without(told, looks)
        if observed[-1].status == "ok" and observed[-1].hints:
            return MISSED.format(fact=observed[-1].hints[0], prompt=prompt)
        if made_up := made_up_numbers(answer, told):
            return MADE_UP.format(numbers=", ".join(made_up), prompt=prompt)
        unused = unused_numbers(prompt, self._code_and_outputs(ran)) if about_data else ()
        return UNUSED.format(numbers=" and ".join(unused), prompt=prompt) if unused else ""

    def _shows_all(self, run: CellRun, tables: Sequence[int]) -> bool:
        """Whether the model saw all that there is by what ``run`` put out."""
        return not self._schema_only and shows_all(run.source, self._output(run), tables)

    def _code_and_outputs(self, ran: Sequence[CellRun]) -> Iterator[str]:
        for run in ran:
            yield run.source
            yield self._output(run)

    def _output(self, run: CellRun) -> str:
        """What the model reads of an output, within this conversation's budget."""
        wording = self._profile.wording
        return outputs_text(run.outputs, wording.output_characters, wording)


def _tables(observed: Sequence[Observation]) -> list[int]:
    """How many rows the tables have that were made in this turn."""
    changes = [observation.changes for observation in observed]
    return rows_in(line for each in changes for line in {**each.new, **each.changed}.values())


def _without(told: Sequence[str], looks: Sequence[str]) -> list[str]:
    """What was told but for some looks; the loop may have added a line to one."""
    return [
        text
        for text in told
        if not any(text == look or text.startswith(f"{look}\n") for look in looks)
    ]


def _left_tables(prompt: str, ran: Sequence[CellRun]) -> tuple[str, str] | None:
    """A table that the question names beside another, and that was only loaded."""
    unused = unused_tables([run.source for run in ran if run.status == "ok"])
    return next(((name, file) for name, file in unused.items() if Path(file).name in prompt), None)
