"""What the model reads after an action: outputs, error, changes, within a budget.

:func:`observation_text` turns an :class:`~codeact_jupyter.types.Observation` into the
next user message. Long outputs keep their head and tail, cut between lines, with the
cut stated and the way to see the rest; nothing is cut in a way that reads like a value.

It only reads values; what the user sees in the notebook is never shortened here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from codeact_jupyter.ansi import without_sequences
from codeact_jupyter.cells import GAP
from codeact_jupyter.markdown import fenced

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeact_jupyter.cells import CellRun, Output, UserError
    from codeact_jupyter.types import Changes, Observation

OUTPUT_CHARACTERS = 4_000
ERROR_CHARACTERS = 1_200
CHANGES_CHARACTERS = 1_500
WITHHELD = "(Only names, types and shapes are sent: this output is shown to the user alone.)"

_GAP = re.compile(re.escape(GAP).replace(re.escape("{:,}"), "([0-9,]+)"))
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_RUNNER = re.compile(r"  \| +File \".*interactiveshell\.py\", line \d+, in run_code\n  \| .*\n")
_BACKSPACE = re.compile(r"[^\n\x08]\x08")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """How actions and observations are written in the conversation.

    Attributes:
        ran: The line above what a cell put out, of ``step`` and ``status``.
        nothing_ran: All that is said where nothing ran, of ``step``, ``status``, ``reason``.
        no_output: Of a cell that ran without a fault and put out nothing.
        picture: What stands for a picture, of its ``mime`` type.
        tag: The tag around an action; ``""`` for a fenced block.
        output_characters: Most characters of a cell's output.
        again: The line below an observation that repeats the ``prompt``, or ``""``.
    """

    ran: str = "Step {step}: {status}."
    nothing_ran: str = "Step {step}: {status}, nothing ran. {reason}"
    no_output: str = "(no output)"
    picture: str = "[{mime}, shown to the user]"
    tag: str = ""
    output_characters: int = OUTPUT_CHARACTERS
    again: str = ""

    def block(self, code: str) -> str:
        """Return an action as the model writes it."""
        return f"<{self.tag}>\n{code}\n</{self.tag}>" if self.tag else fenced(code)


DEFAULT_WORDING = Wording()


def observation_text(
    step: int,
    observation: Observation,
    *,
    wording: Wording = DEFAULT_WORDING,
    schema_only: bool = False,
) -> str:
    """Return the message that tells the model what came of its action.

    Args:
        step: The step's number in its turn.
        observation: What came of it.
        wording: How it is said.
        schema_only: Leave out all values: outputs and error texts.
    """
    parts = _parts(step, observation, wording, schema_only)
    return "\n".join(part for part in parts if part)


def _parts(
    step: int, observation: Observation, wording: Wording, schema_only: bool
) -> Iterator[str]:
    run, status = observation.run, observation.status
    if run is None:
        words = wording.nothing_ran.format(step=step, status=status, reason=observation.reason)
        yield words.rstrip()
        return
    yield wording.ran.format(step=step, status=run.status)
    if observation.edited:
        yield f"The user edited the block. What ran:\n{wording.block(run.source)}"
    yield WITHHELD if schema_only and run.outputs else _outputs(run, wording, schema_only)
    if run.error is not None:
        yield error_text(run.error, schema_only=schema_only)
    yield from observation.hints
    yield from change_lines(observation.changes)


def _outputs(run: CellRun, wording: Wording, schema_only: bool) -> str:
    text = "" if schema_only else outputs_text(run.outputs, wording.output_characters, wording)
    if text or any(output["output_type"] == "error" for output in run.outputs):
        return text
    return wording.no_output if run.status == "ok" else DEFAULT_WORDING.no_output


def outputs_text(outputs: Sequence[Output], budget: int, wording: Wording = DEFAULT_WORDING) -> str:
    """Return what a cell put out, as text of at most about ``budget`` characters.

    Errors are left out: the model reads them as :func:`error_text`.
    """
    texts = (plain(_output_text(output, wording)).rstrip() for output in outputs)
    return shorten("\n".join(text for text in texts if text), budget)


def _output_text(output: Output, wording: Wording) -> str:
    kind = output["output_type"]
    if kind == "stream":
        return _RUNNER.sub("", str(output["text"]))  # IPython prints a group with its own frame
    if kind in {"display_data", "execute_result"}:
        return _bundle_text(output["data"], wording)
    return ""


def _bundle_text(data: dict[str, Any], wording: Wording) -> str:
    pictures = [mime for mime in data if mime.startswith(("image/", "video/", "audio/"))]
    if pictures:
        return wording.picture.format(mime=pictures[0])
    for mime in ("text/plain", "text/markdown", "text/latex"):
        if mime in data:
            return str(data[mime])
    return f"[{', '.join(sorted(data))}, shown to the user]"


def error_text(error: UserError, *, schema_only: bool = False) -> str:
    """Return an exception as the model reads it: the user's frames, then the message."""
    message = "(its text is withheld)" if schema_only and error.message else error.message
    last = f"{error.name}: {plain(message).rstrip()}" if message else error.name
    frames = map(_without_folder, error.frames) if schema_only else error.frames
    return "\n".join([*map(plain, [*frames][-4:]), shorten(last, ERROR_CHARACTERS)])


def _without_folder(frame: str) -> str:
    """A frame in a module of the user's own, by the module's name alone."""
    place, line, rest = frame.partition(", line ")
    return f"{PurePath(place).name}{line}{rest}"


def change_lines(changes: Changes) -> Iterator[str]:
    """Yield what a cell did to the variables, as one text within its budget, or nothing."""
    lines = [f"New {line}" for line in changes.new.values()]
    lines += [f"Changed {line}" for line in changes.changed.values()]
    if changes.deleted:
        lines.append("Deleted " + ", ".join(changes.deleted))
    if lines:
        yield shorten("\n".join(lines), CHANGES_CHARACTERS)


def plain(text: str) -> str:
    """Return terminal text as it ends up on the screen, without colours and controls.

    A carriage return starts the line again and a backspace takes a character back, as
    progress bars use them.
    """
    text = without_sequences(text.replace("\r\n", "\n"))
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    while "\x08" in text and (shorter := _BACKSPACE.sub("", text)) != text:
        text = shorter
    return _CONTROLS.sub("", text)


def shorten(text: str, budget: int) -> str:
    """Return ``text``, or its head and tail with the cut stated.

    The cut falls between lines; where a line alone is over the budget, between words; a
    word that is longer than that is left out whole, so that no half number stays.
    """
    if len(text) <= budget:
        return text
    head = _whole_part(text[: budget * 2 // 3 + 1])
    tail = _whole_part(text[-(budget // 3) - 1 :][::-1])[::-1]
    middle = text[len(head) : len(text) - len(tail)]
    missing = sum(map(_missing_at, _GAP.finditer(middle)))  # of the record already
    left_out, whole = len(middle) + missing, len(text) + missing
    note = f"[… {left_out:,} of {whole:,} characters left out; print a part to see it …]"
    return f"{head}\n{note}\n{tail}"


def _missing_at(gap: re.Match[str]) -> int:
    return int(gap[1].replace(",", "")) - len(gap[0])


def _whole_part(text: str) -> str:
    """The longest start of ``text`` that ends before a line break, or else a blank."""
    for mark in ("\n", " "):
        at = text.rfind(mark)
        if at > len(text) // 2:
            return text[:at]
    return text[: max(text.rfind("\n"), text.rfind(" "), 0)]
