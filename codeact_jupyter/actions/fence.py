"""The action format ``fence``: the first Python block of a Markdown reply is the action.

It takes replies as models write them, and decides three things: what is a draft, where a
block ends, and whether it is Python. All else is prose. It reads line by line, in linear
time, and never runs or imports what it reads. A reply that was cut is read like a whole
one, since only the loop knows the finish reason.

**Blocks** open and close as in CommonMark 4.5, and also where models are careless:

* A fence may stand at any indentation and right after a list marker; its code loses that
  indentation, and what is common to its lines. In a blockquote it is quoted, hence prose.
* It may end a line of words, where it names Python, is closed and holds what parses.
* A fence inside a string ends nothing: a block ends at the first closing fence at which its
  code parses, else at the first one. Only a triple-quoted string can hold a line of marks,
  so only code with triple quotes is read on, and only as far as ``Trials`` allows.
* Where none parses, a closing fence counts that is glued to a line of code, indented too
  far or too short, if the code before it parses.
* A block without an end reaches to the end of the reply and counts; half a closing fence
  there is dropped. An empty block says nothing and is left out.

**Python** is a block marked so in any spelling, ``jupyter`` included (a Python kernel is all
that we have), but no transcript such as ``pycon``. An unmarked block is Python if it parses
and does something: replies quote outputs in such blocks, and ``5076.0`` or ``Total: 5076``
parse as well, yet running them tells nothing new and keeps the turn from ending. All other
blocks belong to the thought, word by word.

**Drafts** (``<think>``) are neither said nor done, and last to the end if nothing ends them.
Where only the end of one stands, all before it was a draft, since some chat templates write
its beginning into the prompt. So it is also behind an action, which was then drafted too.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codeact_jupyter.actions._drafts import DRAFTS, ends_draft, tags
from codeact_jupyter.actions._syntax import Trials
from codeact_jupyter.types import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

Language = Literal["python", "unmarked", "other"]

_FENCE = re.compile(
    r"(?P<indent>[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)"
    r"(?P<marks>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)"  # ```x``` on one line is inline code
)
_BEHIND_WORDS = re.compile(r"[^`]*[^`\s]\s*(?P<marks>`{3,})(?P<info>[^`]+)")
_HALF_FENCE = re.compile(r"(?:\A|\n)[ \t]*(?:`{1,2}|~{1,2})\s*\Z")
_WORD = re.compile(r"[\w.+#-]+")
_DIRECTIVES = {"code-cell", "code-block", "code"}  # MyST: the language is the next word
_PYTHON = re.compile(r"(?:i?python|py)(?:3(?:\.\d+)*)?|jupyter")
_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
_TAB = 4  # columns, CommonMark 2.2


def read_fence(text: str, *, ended: bool = True) -> Reply:
    """Read a reply; see :func:`codeact_jupyter.actions.parse_reply`.

    Args:
        text: The reply.
        ended: False while it still grows: an unmarked block is then prose until it is
            closed, so that a live view does not flicker with each token.
    """
    return Reading(text, ended=ended).reply()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fence:
    """An opening fence: its line, the columns before its marks, and the marks."""

    line: str
    column: int
    marks: str
    language: Language

    def is_closed_by(self, line: str) -> bool:
        """Tell whether ``line`` closes it."""
        if self.marks not in line:  # nearly every line: be quick
            return False
        bare = line.strip()
        return (
            bare.startswith(self.marks)
            and not bare.strip(self.marks[0])
            and len(margin(line)) <= self.column + 3
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Block:
    """What a fence holds, the number of the line behind it, and whether it is an action."""

    code: str
    after: int
    acts: bool = False


class Reading:
    """One pass over the lines of a reply.

    Args:
        text: The reply.
        ended: False while it still grows.
        trials: What its attempts at parsing are paid from, if it is part of another reply.
    """

    marks = DRAFTS

    def __init__(self, text: str, *, ended: bool, trials: Trials | None = None) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip(INVISIBLE)
        text = _HALF_FENCE.sub("", text)
        self._lines = text.split("\n")
        self._ended = ended
        self._trials = trials or Trials(len(text))
        self._at = 0
        self._drafting = False
        self._prose: list[str] = []
        self._action: Reply | None = None

    def reply(self) -> Reply:
        """Read all lines."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            fence = (None if self._drafting else fence_at(line)) or self._say(line)
            if fence:
                self._take(fence)
        return self._action or Reply(answer=self._said() or None)

    def _said(self) -> str:
        return "\n".join(self._prose).strip()

    def _say(self, line: str) -> Fence | None:
        """Keep what ``line`` says outside of drafts; return a fence right behind a draft."""
        said, start = "", 0
        for kind, begin, end in tags(line, drafting=self._drafting, marks=self.marks):
            piece = line[start:begin]
            if kind == "action":
                if self._begin_action(line, begin, end, said + piece):
                    return None
                continue
            if not (self._drafting or piece.isspace()):
                said += piece
            if kind == "end":
                said = self._end_draft(said)
                fence = None if said else fence_at(line, end)
                if fence:
                    return fence
            self._drafting = kind == "begin"
            start = end
        if not self._drafting:
            said += line[start:]
        fence = None if self._drafting or self._action else self._behind_words(said)
        if fence:
            said = said[: -len(fence.line)].rstrip()
        if said.strip() or not (start or self._drafting):
            self._prose.append(said)
        return fence

    def _behind_words(self, said: str) -> Fence | None:
        """Return the fence that ends a line of words, where it is one and not spoken of."""
        match = _BEHIND_WORDS.fullmatch(said)
        if not match or _language(match["info"]) != "python" or said.lstrip().startswith(">"):
            return None
        fence = Fence(
            line=match["marks"] + match["info"],
            column=len(margin(said)),
            marks=match["marks"],
            language="python",
        )
        end = self._closing(fence)
        sure = end < len(self._lines) and not self._is_broken(self._code(fence, end))
        return fence if sure and not self._trials.spent else None

    def _begin_action(self, line: str, begin: int, end: int, before: str) -> bool:  # noqa: ARG002
        """Read the block of a tag, if it is one; what is left of its last line is read next."""
        return False

    def _end_draft(self, said: str) -> str:
        """End the draft; return what remains of the words before it on its line."""
        if self._drafting:
            self._drafting = False
            return said
        self._prose, self._action = [], None
        return ""

    def _take(self, fence: Fence) -> None:
        """Read the block of ``fence``: it is the action, or part of the thought, or empty."""
        start = self._at
        if self._action:  # nothing counts any more but the end of a draft
            self._at = self._closing(fence) + 1
            return
        block = self._other(fence) if fence.language == "other" else self._python(fence)
        self._at = block.after
        if block.acts:
            self._action = Reply(thought=self._said(), code=block.code)
        elif block.code:
            self._prose += [fence.line, *self._lines[start : self._at]]

    # --- where a block ends ------------------------------------------------------------

    def _closing(self, fence: Fence) -> int:
        """The number of the first closing fence, or that behind the last line."""
        lines = range(self._at, len(self._lines))
        return next((i for i in lines if fence.is_closed_by(self._lines[i])), len(self._lines))

    def _other(self, fence: Fence) -> _Block:
        end = self._closing(fence)
        if end == len(self._lines) and (stray := self._stray(end)):
            return stray
        return _Block(code=self._code(fence, end), after=end + 1)

    def _python(self, fence: Fence) -> _Block:
        """Read a block that is or may be Python."""
        for end in self._closings(fence):
            if block := self._parsed(fence, self._code(fence, end), end + 1):
                return block
        return self._careless(fence) or self._broken(fence)

    def _parsed(self, fence: Fence, code: str, after: int) -> _Block | None:
        verdict = self._trials.judge(code)
        if verdict == "broken":
            return None
        runs = bool(code) and (fence.language == "python" or verdict == "acts")
        return _Block(code=code, after=after, acts=runs)

    def _closings(self, fence: Fence) -> Iterator[int]:
        """Yield the first closing fence, then those behind which a string may have ended."""
        tried = quotes = False
        for i in range(self._at, len(self._lines)):
            line = self._lines[i]
            if not fence.is_closed_by(line):
                quotes = quotes or '"""' in line or "'''" in line
            elif quotes or not tried:
                yield i
                if not quotes or self._trials.spent:
                    return
                tried, quotes = True, False

    def _careless(self, fence: Fence) -> _Block | None:
        """End at marks that are no closing fence by the book, if the code before parses."""
        marks = fence.marks[0]
        for i in range(self._at, self._closing(fence)):
            line = self._lines[i].rstrip()
            # behind a # the marks may be a comment's, and the code would lose its rest
            if line.endswith(3 * marks) and "#" not in line and not self._trials.spent:
                code = self._code(fence, i, line.rstrip(marks))
                if block := self._parsed(fence, code, i + 1):
                    return block
        return None

    def _broken(self, fence: Fence) -> _Block:
        """End where the book says, with code that does not parse or was never closed."""
        end = self._closing(fence)
        code = self._code(fence, end)
        closed = end < len(self._lines)
        if (stray := self._stray(end)) and (closed or self._is_broken(code)):
            return stray
        if closed:
            return _Block(code=code, after=end + 1, acts=fence.language == "python")
        if code.endswith(fence.marks[0]) and self._is_broken(code):
            code = code.rstrip(fence.marks[0]).rstrip()
        marked = fence.language == "python"
        runs = marked or (self._ended and self._trials.judge(code) == "acts")
        return _Block(code=code, after=end, acts=bool(code) and runs)

    def _is_broken(self, code: str) -> bool:
        return self._trials.judge(code) == "broken"

    def _stray(self, end: int) -> _Block | None:
        """Give up a block before line ``end`` that the end of a draft left open."""
        if self._trials.spent:
            return None
        for i in range(self._at, end):
            if ends_draft(self._lines[i]):
                self._trials.pay()  # what was searched is read again
                return _Block(code="", after=i)
        return None

    def _code(self, fence: Fence, end: int, last: str | None = None) -> str:
        """The code up to line ``end``, of which only ``last`` counts if given."""
        lines = self._lines[self._at : end] + ([] if last is None else [last])
        return code_of(lines, fence.column)


def fence_at(line: str, start: int = 0) -> Fence | None:
    """Return the fence that ``line`` opens from column ``start`` on."""
    match = _FENCE.match(line, start)
    if not match:
        return None
    return Fence(
        line=line[start:],
        column=len(match["indent"].expandtabs(_TAB)),
        marks=match["marks"],
        language=_language(match["info"]),
    )


def _language(info: str) -> Language:
    words = [word.strip(".").lower() for word in _WORD.findall(info)]
    if words and words[0] in _DIRECTIVES:
        words = words[1:]
    if not words:
        return "unmarked"
    return "python" if _PYTHON.fullmatch(words[0]) else "other"


def code_of(lines: list[str], column: int) -> str:
    """Join ``lines`` without the indentation of their fence or what they have in common."""
    code = "\n".join(_outdented(line, column) for line in lines) if column else "\n".join(lines)
    code = _BLANK_LINES.sub("", code.rstrip())
    # dedent also empties blank lines inside strings, so only where it is needed
    return textwrap.dedent(code) if code.startswith((" ", "\t")) else code


def _outdented(line: str, column: int) -> str:
    return margin(line)[column:] + line.lstrip(" \t")


def margin(line: str) -> str:
    """The blanks before a line, tabs as spaces."""
    return line[: len(line) - len(line.lstrip(" \t"))].expandtabs(_TAB)
