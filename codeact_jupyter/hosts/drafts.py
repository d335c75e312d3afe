"""The cells that one reply becomes while the model is still writing it.

A :class:`Draft` follows a reply as it streams in and says which text each cell has to
show: prose first, which may turn out to be a thought or the answer, then code. It only
keeps texts; the host sends what it returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeact_jupyter.markdown import safe
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeact_jupyter.types import Reply

_UNSURE = ("`", "~", "<")  # a last line that begins so may be the end of a block


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """What a cell's text is from ``at`` on, counted in UTF-16 units as a browser does.

    Attributes:
        code: Whether it belongs to the action's cell, else to the prose.
        first: Whether that cell is new.
    """

    code: bool
    first: bool
    at: int
    text: str


class Draft:
    """One reply that is being written.

    Attributes:
        prose: What the cell of the prose has been told so far; ``""`` for no cell.
        code: The same of the action's cell.
    """

    def __init__(self) -> None:
        self.prose = ""
        self.code = ""

    def follow(self, reply: Reply) -> Iterator[Piece]:
        """Yield what has to be written now that the reply stands at ``reply``."""
        prose = shown((reply.thought if reply.code is not None else reply.answer) or "")
        if prose and prose != self.prose:
            before, self.prose = self.prose, prose
            yield _piece(before, prose, code=False)
        code = _sure(reply.code or "")
        if code and code != self.code:
            before, self.code = self.code, code
            yield _piece(before, code, code=True)


def shown(prose: str) -> str:
    """Words of the model as they may stand in a Markdown cell: it shows them as they come."""
    return safe(redact(prose))


def _sure(code: str) -> str:
    """Code without a last line that may not be code at all."""
    head, _, last = code.rpartition("\n")
    return head if last.lstrip().startswith(_UNSURE) else code


def _piece(before: str, now: str, *, code: bool) -> Piece:
    if now.startswith(before):  # as nearly always
        common = len(before)
    else:
        pairs = zip(before, now, strict=False)
        common = next((at for at, (one, other) in enumerate(pairs) if one != other), len(now))
    return Piece(code=code, first=not before, at=utf16(now[:common]), text=now[common:])


def utf16(text: str) -> int:
    """The length of ``text`` as a browser counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
