"""The action format ``execute``: CodeActAgent's ``<execute>`` tag is the action.

It reads all that :mod:`codeact_jupyter.actions.fence` reads, by the same rules (drafts,
inline code, other blocks), and tags besides. The first complete action counts, be it a tag
or a fenced Python block, which models write instead of the tag; what follows is dropped.

**Names.** ``<execute>``, and OpenHands' ``<execute_ipython>`` and its like; not
``<execute_bash>``, for that is no Python. Any ``</execute…`` closes, also without its ``>``.

**The end.** A block ends at the first closing tag at which its code parses, so that a
string may hold one, else at the first one. Without a closing tag it reaches to the end of
the reply: ``</execute>`` is a stop string, and servers take it out. Half a closing tag there
is dropped. A block that does not parse and holds another opening tag ends there if that
makes it parse; else its tag was only spoken of. An empty block is left out.

**The turn** ends at ChatML's mark, a stop string too, for servers that do not stop there: behind
it models go on with a user's words of their own.

**The code** loses the indentation of its tag and what is common to its lines, and a fence
around all of it. A fenced Python block that holds nothing but a tag is that tag's code.

**Quotations.** Models quote their prompt, and a quotation must not run. So a tag counts for
nothing in inline code, in a blockquote, in a block of another language, behind a quotation
mark or a bracket, and behind ``for example`` and the like. Behind other words in its line it
counts where its code does something, or where those words end a clause and it is closed.

**Answers.** ``<solution>`` tags go and their words stay, as with ``<thought>``. Where code
and a solution stand in one reply the code counts: its result is not known yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeact_jupyter.actions._drafts import ends_draft, marks_of
from codeact_jupyter.actions.fence import INVISIBLE, Fence, Reading, code_of, fence_at, margin
from codeact_jupyter.types import Reply

if TYPE_CHECKING:
    from codeact_jupyter.actions._syntax import Verdict

_NAME = r"execute(?:_(?:i?python3?|py|jupyter|code))?"
_OPENING = re.compile(rf"(?:\s*<{_NAME}\s*>)+", re.IGNORECASE)  # or more: some double it
_REOPENING = re.compile(rf"\n[ \t]*<{_NAME}\s*>", re.IGNORECASE)
_CLOSING = re.compile(r"</execute\w*(?:[ \t]*>)?", re.IGNORECASE)
_HALVES = "|".join("execute"[:length] for length in range(7))
_HALF_CLOSING = re.compile(rf"</(?:{_HALVES})\Z", re.IGNORECASE)
_QUOTED = re.compile(
    r"(?:[\"'(\[\u2018-\u201e\u00ab\u2039]"  # a quotation mark, or a bracket
    r"|\b(?:for (?:example|instance)|e\.g\.|such as|like)[,:]?\s{0,9})\Z",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[.,:;!?)*+\-\u2026\u3002\uff01\uff1a\uff1f]\s{0,9}\Z")
_TURN_END = "<|im_end|>"
_NOTHING = str.maketrans("", "", INVISIBLE)
_SHORT = 40  # characters before a tag that tell whether it is quoted


def read_execute(text: str, *, ended: bool = True) -> Reply:
    """Read a reply; see :func:`codeact_jupyter.actions.parse_reply`.

    Args:
        text: The reply.
        ended: False while it still grows.
    """
    return _TagReading(text.partition(_TURN_END)[0], ended=ended).reply()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Block:
    """What stands behind a tag: its code, what that is, and where the text goes on."""

    code: str
    verdict: Verdict
    after: int
    closed: bool


class _TagReading(Reading):
    """One pass over the lines of a reply in which tags count too."""

    marks = marks_of("solution", _NAME)

    def _begin_action(self, line: str, begin: int, end: int, before: str) -> bool:
        if self._is_quoted(line, begin, before) or self._trials.spent:
            return False
        self._trials.pay()  # what is searched here is read again where nothing comes of it
        rest = "\n".join([line[end:], *self._lines[self._at :]])
        if self._action:  # nothing counts any more but the end of a draft
            return self._skip(rest)
        block = self._block(rest, len(margin(line)))
        if block is None or not self._counts(block, before):
            return False
        if before.strip():
            self._prose.append(before.rstrip())
        if block.code:
            self._action = Reply(thought=self._said(), code=block.code)
        self._go_on(rest[block.after :])
        return True

    def _is_quoted(self, line: str, begin: int, before: str) -> bool:
        closes = line.startswith("/", begin + 1)
        return closes or line.lstrip().startswith(">") or bool(_QUOTED.search(before[-_SHORT:]))

    def _counts(self, block: _Block, before: str) -> bool:
        """Tell whether a tag behind words in its line is an action, and not spoken of."""
        if not before.strip():
            return True
        if block.verdict == "acts" and (block.closed or self._ended):
            return True
        sure = block.closed or (block.verdict == "inert" and self._ended)
        return sure and _CLAUSE_END.search(before[-_SHORT:]) is not None

    def _skip(self, rest: str) -> bool:
        closing = _CLOSING.search(rest)
        if closing:
            self._go_on(rest[closing.end() :])
        return closing is not None

    def _go_on(self, rest: str) -> None:
        """Read on with ``rest``, the end of the text."""
        lines = rest.split("\n")
        self._at = len(self._lines) - len(lines)
        self._lines[self._at] = lines[0]

    # --- where a block ends ------------------------------------------------------------

    def _block(self, rest: str, column: int) -> _Block | None:
        """Return the block at the start of ``rest``; None where its tag is only spoken of."""
        first = None
        for closing in _CLOSING.finditer(rest):
            code = self._bare(rest[: closing.start()], column)
            block = self._judged(code, closing.end(), closed=True)
            if block.verdict != "broken":
                return block
            first = first or block
            if self._trials.spent or not ('"' in code or "'" in code):
                break  # only a string can hold a closing tag
        else:
            code = self._bare(_HALF_CLOSING.sub("", rest), column)
            whole = self._judged(code, len(rest), closed=False)
            first = whole if whole.verdict != "broken" else first or whole
        return self._mended(first, rest, column)

    def _judged(self, code: str, after: int, *, closed: bool) -> _Block:
        return _Block(code=code, verdict=self._trials.judge(code), after=after, closed=closed)

    def _mended(self, block: _Block, rest: str, column: int) -> _Block | None:
        """End a broken block before the next opening tag, or give it up."""
        if block.verdict != "broken":
            return block
        if any(map(ends_draft, block.code.split("\n"))):
            return None
        again = _REOPENING.search(rest, 0, block.after)
        if again is None:
            return block
        code = self._bare(rest[: again.start()], column)
        shorter = self._judged(code, again.start(), closed=True)
        return shorter if code and shorter.verdict != "broken" else None

    # --- its code ----------------------------------------------------------------------

    def _bare(self, text: str, column: int) -> str:
        """The code of a block, without what models put around it."""
        if opening := _OPENING.match(text):
            text = text[opening.end() :]
        glued, *lines = text.split("\n")
        code = code_of([glued.lstrip(), *lines], column)
        first, _, inside = code.partition("\n")
        fence = fence_at(first)
        if fence and fence.language != "other":
            marked = f"{fence.marks}python\n{inside}"
            code = Reading(marked, ended=True, trials=self._trials).reply().code or ""
        return code if code.translate(_NOTHING).strip() else ""

    def _code(self, fence: Fence, end: int, last: str | None = None) -> str:
        code = super()._code(fence, end, last)
        if fence.language != "python" or not _OPENING.match(code):
            return code
        closing = _CLOSING.search(code)
        return self._bare(code[: closing.start()] if closing else code, 0)
