"""Text of an endpoint, made fit to be kept, shown and told on.

Two kinds pass here. What the *model* wrote is kept word for word, but for what no
notebook file and no execute request can carry (:class:`Cleaner`). What the *server* says
in an error is foreign words inside our sentence: short, without mark-up, without keys
(:func:`quoted`). :class:`Meter` guesses tokens where a server reports none.

Called by the other modules of this package; never does any input or output.
"""

from __future__ import annotations

import re

from codeact_jupyter.ansi import unfinished, without_sequences
from codeact_jupyter.redact import redact

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HIGH = ("\ud800", "\udbff")
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^>]*>")
_SEPARATORS = re.compile(r'[\s",.:]+')
_LONGEST_QUOTE = 300
_LOOKED_AT = 20_000  # of a server's error text; the rest of a huge page says nothing more


def whole(text: str) -> str:
    """Return ``text`` with halves of surrogate pairs joined, or replaced by U+FFFD."""
    if _SURROGATE.search(text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


class Cleaner:
    """Cleans a text that arrives in pieces; one may end inside a character or a sequence.

    Dropped are sequences for terminals, such as colours; C0 controls other than line feed,
    carriage return and tab; DEL, and C1 controls. Half a surrogate pair becomes
    U+FFFD unless the next piece brings its rest.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what is certain after ``piece``; half a pair or sequence is held back."""
        piece = self._held + piece
        self._held = ""
        if (at := unfinished(piece)) < len(piece):
            piece, self._held = piece[:at], piece[at:]
        elif piece and _HIGH[0] <= piece[-1] <= _HIGH[1]:
            piece, self._held = piece[:-1], piece[-1]
        return _CONTROL.sub("", without_sequences(whole(piece)))

    @property
    def held(self) -> str:
        """What the text ends with when no further piece comes: U+FFFD or nothing."""
        return whole(self._held[: unfinished(self._held)])


def clean(text: str) -> str:
    """Return a whole text cleaned as :class:`Cleaner` does."""
    cleaner = Cleaner()
    return cleaner.feed(text) + cleaner.held


def quoted(text: str, longest: int = _LONGEST_QUOTE) -> str:
    """Return foreign words for use inside a sentence of ours.

    Args:
        text: What a server said: plain text or a page of HTML.
        longest: The most characters to return.

    Returns:
        One line without tags, controls and known secrets, cut with an ellipsis.
    """
    text = redact(clean(text))[:_LOOKED_AT]  # before any cut, which could leave half a key
    text = " ".join(_TAG.sub(" ", _UNSEEN.sub(" ", text)).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def ended(words: str) -> str:
    """Return words with the full stop that a quotation inside a message may lack."""
    return words if not words or words.endswith((".", "!", "?", "…")) else f"{words}."


class Meter:
    """Guesses the tokens of a growing text: its words, or a fourth of its characters.

    Words are what remains when text is split at white space and ``" , . :``, the way
    pydantic-ai counts for models without numbers (``models/function.py``). The fourth
    keeps text without any such separator from counting as one token.
    """

    def __init__(self) -> None:
        self._words = 0
        self._length = 0
        self._in_word = False

    @property
    def tokens(self) -> int:
        """The guess for all that was added."""
        return max(self._words, self._length // 4)

    def add(self, piece: str) -> None:
        """Count ``piece``; how a text is cut into pieces does not change the sum."""
        if not piece:
            return
        words = _SEPARATORS.split(piece)
        self._words += sum(1 for word in words if word)
        if self._in_word and words[0]:
            self._words -= 1  # the end of a word that was counted when it began
        self._in_word = bool(words[-1])
        self._length += len(piece)


def estimate(text: str) -> int:
    """Guess the tokens of one whole text."""
    meter = Meter()
    meter.add(text)
    return meter.tokens


class GrowingText:
    """One text of an answer, cleaned and counted while it grows."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._cleaner = Cleaner()
        self._meter = Meter()

    @property
    def tokens(self) -> int:
        """The guess for what has come."""
        return self._meter.tokens

    @property
    def whole(self) -> str:
        """All that has come."""
        return "".join(self._pieces) + self._cleaner.held

    def add(self, piece: str) -> str:
        """Add a piece, and return what is new."""
        piece = self._cleaner.feed(piece)
        if piece:
            self._pieces.append(piece)
            self._meter.add(piece)
        return piece
