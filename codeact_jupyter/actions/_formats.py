"""The action formats by name, and the two ways in: a whole reply, or one that streams.

There is one reader for each format, and a stream has none of its own: it collects the
pieces, and both its live view and its result are readings of the text itself. How the text
was cut can thus never matter, and the view cannot disagree with the result: it *is* the
result of a reply that is not over yet. What that costs is bounded by reading anew only when
the text has grown by a small part of its length, so that all looks together stay linear.

A new format adds a module with its reader and one line to ``_READERS``.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Protocol

from codeact_jupyter.actions.execute import read_execute
from codeact_jupyter.actions.fence import read_fence
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.types import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROWTH = 256  # a view may lag by this part of the text: one token in 1,000 characters


class _Reader(Protocol):
    """Reads the text of a reply; with ``ended`` false the text is still growing."""

    def __call__(self, text: str, *, ended: bool = True) -> Reply: ...


_READERS: Mapping[str, _Reader] = {
    "fence": read_fence,
    "execute": read_execute,
}


def parse_reply(text: str, format: str = "fence") -> Reply:  # noqa: A002 - the setting's name
    """Read a whole reply.

    Args:
        text: The visible text of the reply, with whatever line ends it has.
        format: The action format's name.

    Returns:
        The thought and the code of its one action, or its answer; an empty ``Reply()``
        when it says nothing.

    Raises:
        ConfigError: There is no such format.
    """
    return _reader(format)(text)


class ReplyStream:
    """A reply that is read while it arrives.

    Args:
        format: The action format's name.

    Raises:
        ConfigError: There is no such format.
    """

    def __init__(self, format: str = "fence") -> None:  # noqa: A002 - the setting's name
        self._read = _reader(format)
        self._pieces: list[str] = []
        self._length = 0
        self._seen = 0
        self._view = Reply()

    def feed(self, piece: str) -> None:
        """Add what arrived, cut anywhere."""
        self._pieces.append(piece)
        self._length += len(piece)

    @property
    def so_far(self) -> Reply:
        """The reply as it stands, for display only; may lag by a 256th of the text.

        ``code`` is set as soon as code streams, before that the prose is in ``answer``: only
        the end tells an answer from a thought. Apart from a last line that is not whole yet,
        later text takes something back in two cases: a ``</think>`` without its beginning
        makes all before it a draft, and an unmarked block is prose until it is closed and
        turns out to be Python.
        """
        if self._length - self._seen > self._seen // _GROWTH:
            self._view = self._read(self._text(), ended=False)
            self._seen = self._length
        return self._view

    def close(self) -> Reply:
        """Return the whole reply: what :func:`parse_reply` says of all pieces."""
        return self._read(self._text())

    def _text(self) -> str:
        self._pieces = ["".join(self._pieces)]
        return self._pieces[0]


def _reader(name: str) -> _Reader:
    reader = _READERS.get(name)
    if reader is None:
        nearest = difflib.get_close_matches(name, _READERS, n=1, cutoff=0)[0]
        raise ConfigError(
            f"There is no action format {name!r}; the nearest one is {nearest!r}. Nothing was sent."
        )
    return reader
