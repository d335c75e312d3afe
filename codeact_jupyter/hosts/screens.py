"""What a turn looks like in the output of its own cell.

A screen is told of the turn's progress and shows it: in a terminal as text that streams
in, in a notebook as one Markdown display per step that is updated while the reply
arrives. What actions put out is not shown here: it goes the kernel's own way.

Screens are called on the thread that runs cells, and never decide anything.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Protocol, assert_never

from codeact_jupyter.console import count
from codeact_jupyter.markdown import fenced, safe, visible
from codeact_jupyter.progress import (
    Delta,
    Ended,
    Notice,
    Observed,
    Printed,
    Replied,
    SentBack,
    StepStarted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codeact_jupyter.cells import Output
    from codeact_jupyter.progress import Progress
    from codeact_jupyter.types import Reply, Step, Turn

    DisplayId = Callable[[Output], str | None]
    """By which id an output can be updated, if it can."""

PRINTED_CHARACTERS = 20_000  # of one action's output, in a terminal
AGAIN_CHARACTERS = 2**20  # while one action runs, which may clear a hundred times
_REFRESH_SECONDS = 0.2
_TOO_MUCH = (
    "The output of step {number} was cleared and is too much to be shown again. It is not lost: "
    "`%codeact export FILE.ipynb` writes it."
)


class Screen(Protocol):
    """Shows the progress of a turn."""

    def show(self, progress: Progress) -> None:
        """Show one piece of progress."""

    def show_again(self, display_id: DisplayId) -> None:
        """Show what an action took away when it cleared its output."""


def summary(turn: Turn) -> str:
    """One line about a turn that is over: steps, seconds, tokens, model."""
    steps = count(len(turn.steps), "step")
    about = "about " if turn.usage.estimated else ""
    tokens = f"{about}{turn.usage.total:,} tokens"
    return f"CodeAct · {steps} · {turn.seconds:.1f} s · {tokens} · {turn.model}"


def refusal_of(step: Step) -> str:
    """Why a rule of ours kept an action from running, or ``""``: no output says it."""
    seen = step.observation
    return f"Nothing ran. {seen.reason}" if seen and seen.status == "refused" else ""


class TerminalScreen:
    """Writes to the terminal as the reply streams in."""

    def __init__(self) -> None:
        self._in_line = False
        self._reasoning = False
        self._streamed = ""
        self._printed = 0

    def show(self, progress: Progress) -> None:
        """Write one piece of progress."""
        match progress:
            case StepStarted(number=number, model=model):
                self._reasoning = False
                self._streamed = ""
                self._printed = 0
                self._line(f"── step {number} · {model} ──")
            case Delta(text=text, reasoning=reasoning):
                self._stream(text, reasoning)
            case Notice(sentence=sentence, passing=True):
                sys.stdout.write(f"\r({sentence})")  # the next one goes over it
                sys.stdout.flush()
                self._in_line = True
            case Notice(sentence=sentence) | SentBack(sentence=sentence):
                self._say(sentence)
            case Replied(step=step):
                self._line("")
                self._show_action(step.reply)
            case Observed(step=step):
                self._say(refusal_of(step))
            case Printed(text=text):
                self._print(text)
            case Ended(turn=turn):
                self._line(f"── {summary(turn)} ──")
            case _ as never:
                assert_never(never)

    def show_again(self, display_id: DisplayId) -> None:
        """Nothing: a terminal clears no more than a line."""

    def _stream(self, text: str, reasoning: str) -> None:
        if reasoning and not self._reasoning:
            self._reasoning = True
            self._line("(the model is thinking)")
        text = visible(text.replace("\r\n", "\n").replace("\r", "\n"))
        self._streamed += text
        if text:
            sys.stdout.write(text)
            sys.stdout.flush()
            self._in_line = not text.endswith("\n")

    def _show_action(self, reply: Reply) -> None:
        """Show the action by itself where what streamed does not end with it."""
        if reply.code is None:
            return
        code = visible(reply.code)
        if code not in self._streamed or self._streamed.rpartition(code)[2].strip("`~ \n"):
            self._line(f"The action is:\n{code}")

    def _print(self, text: str) -> None:
        """Write what a cell put out, up to a bound: a flood would bury the turn."""
        room = PRINTED_CHARACTERS - self._printed
        self._printed += len(text)
        if room > 0:
            shown = text[:room]
            sys.stdout.write(f"\n{shown}" if self._in_line else shown)
            self._in_line = not shown.endswith("\n")
            if len(text) > room:
                self._line("(… the rest of this output is not shown here; the notebook keeps it)")
            sys.stdout.flush()

    def _say(self, sentence: str) -> None:
        if sentence:
            self._line(f"({sentence})")

    def _line(self, text: str) -> None:
        """Write ``text`` on a line of its own."""
        before = "\n" if self._in_line else ""
        after = "\n" if text else ""
        sys.stdout.write(before + text + after)
        sys.stdout.flush()
        self._in_line = False


class NotebookScreen:
    """Shows each step as Markdown that is updated while the reply streams in."""

    def __init__(self) -> None:
        self._display: Any = None
        self._shown: list[str | Step] = []  # our texts, and the steps whose actions ran or not
        self._room = AGAIN_CHARACTERS
        self._at = 0  # of those: the one that is updated
        self._head = ""
        self._text = ""
        self._shown_at = 0.0

    def show(self, progress: Progress) -> None:
        """Show one piece of progress."""
        match progress:
            case StepStarted(number=number, model=model):
                self._head = f"*CodeAct · step {number} · {model}*"
                self._text = ""
                self._room = AGAIN_CHARACTERS
                self._at = len(self._shown)
                self._display = self._show_markdown(f"{self._head} …")
            case Delta(text=text):
                self._text += text
                if time.monotonic() - self._shown_at >= _REFRESH_SECONDS:
                    self._refresh(" …")
            case Notice(sentence=sentence, passing=True):
                self._refresh(f" · {sentence}")
            case Notice(sentence=sentence) | SentBack(sentence=sentence):
                self._say(sentence)
            case Replied(step=step):
                self._update(f"{self._head}\n\n{_reply_markdown(step.reply)}")
                self._display = None
            case Observed(step=step):
                self._shown.append(step)
                self._say(refusal_of(step))
            case Printed():
                pass  # a notebook shows its cells' outputs itself
            case Ended(turn=turn):
                self._refresh("")  # all of a reply that was broken off
                self._show_markdown(f"*{summary(turn)}*")
            case _ as never:
                assert_never(never)

    def show_again(self, display_id: DisplayId) -> None:
        """Show all steps again with what their actions had put out, as the record keeps it."""
        for shown in self._shown:
            if isinstance(shown, str):
                _show_markdown(shown)
            elif shown.observation and shown.observation.run:
                self._show_outputs(shown.number, shown.observation.run.outputs, display_id)

    def _show_outputs(self, number: int, outputs: Sequence[Output], display_id: DisplayId) -> None:
        """Show what a step put out, unless that has been much since this action began."""
        self._room -= sum(len(repr(output)) for output in outputs)
        if outputs and self._room < 0:
            _show_markdown(f"*{_TOO_MUCH.format(number=number)}*")
            return
        for output in outputs:
            _show_output(output, display_id(output))

    def _say(self, sentence: str) -> None:
        if sentence:
            self._show_markdown(f"*{sentence}*")

    def _show_markdown(self, text: str) -> Any:
        self._shown.append(text)
        return _show_markdown(text)

    def _refresh(self, state: str) -> None:
        self._shown_at = time.monotonic()
        self._update(f"{self._head}{state}\n\n{self._text}")

    def _update(self, text: str) -> None:
        if self._display is not None:
            self._shown[self._at] = text
            self._display.update(_bundle(text), raw=True)


class StillScreen(NotebookScreen):
    """The same where no display is updated: what the model said is shown once it is whole."""

    def _refresh(self, state: str) -> None:
        if state == "" and self._text:
            self._update(self._text)  # of a reply that was broken off

    def _update(self, text: str) -> None:
        if self._display is not None:
            self._show_markdown(text.removeprefix(self._head).lstrip())


def _reply_markdown(reply: Reply) -> str:
    """Return a reply as Markdown: its prose, then its action as a block of code."""
    if reply.code is None:
        return reply.answer or ""
    return f"{reply.thought}\n\n{fenced(visible(reply.code))}".lstrip()


def show_aside(sentence: str) -> None:
    """Show a sentence in a notebook, as no part of the turn; from any thread."""
    _show_markdown(f"*{sentence}*")


def _show_markdown(text: str) -> Any:
    return _display(_bundle(text), display_id=True)


def _show_output(output: Output, display_id: str | None) -> None:
    """Show an output of the record as a display, which no redirected stream can take away.

    An error too: as one it would end the run of a notebook.
    """
    if output["output_type"] in {"stream", "error"}:
        text = output.get("text") or "\n".join(output["traceback"])
        lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
        _display({"text/plain": "\n".join(lines)}, metadata={})  # as a terminal overwrites them
    else:
        _display(output["data"], metadata=output["metadata"], display_id=display_id)


def _display(data: dict[str, Any], **options: Any) -> Any:
    from IPython import display

    show: Any = display.display  # IPython leaves it untyped
    return show(data, raw=True, **options)


def _bundle(text: str) -> dict[str, str]:
    """Made safe as a whole: what stands before or after it decides what a text means."""
    text = safe(text)
    return {"text/markdown": text, "text/plain": text}
