"""The outputs of one cell, collected in nbformat's shapes and within a bound.

A notebook's front end builds a cell's outputs from the kernel's messages; an
:class:`OutputLog` builds the same list inside the kernel: it joins stream text, replaces
displays that are updated and empties itself on ``clear_output``.

It keeps the first and the last part of a flood and states how many characters are
missing between them. It never cuts what the user sees live: that goes out by the
kernel's own way, past this.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from codeact_jupyter.cells import GAP
from codeact_jupyter.redact import half_secret, redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codeact_jupyter.cells import Output

HEAD_CHARACTERS = 2**19  # with the tail 1 MB
TAIL_CHARACTERS = 2**19
_NEAR = 400  # characters
_JSON_MIME = re.compile(r"application/(.*\+)?json")  # whose values may be anything, in nbformat
_RICH_DISCOUNT = 16  # a plot may be large without being a flood: it counts a sixteenth


@dataclass(slots=True)
class Displays:
    """The displays that have an id, over all cells, so that later cells can update them."""

    by_id: dict[str, list[Output]] = field(default_factory=dict)

    def add(self, display_id: str, output: Output) -> None:
        """Remember that ``output`` shows the display ``display_id``."""
        self.by_id.setdefault(display_id, []).append(output)

    def id_of(self, output: Output) -> str | None:
        """The id of the display that ``output`` shows, or None."""
        for display_id, outputs in self.by_id.items():
            if any(each is output for each in outputs):
                return display_id
        return None

    def forget(self, display_id: str, output: Output) -> None:
        """Forget an output that no cell holds any more."""
        outputs = [each for each in self.by_id.get(display_id, ()) if each is not output]
        if outputs:
            self.by_id[display_id] = outputs
        else:
            self.by_id.pop(display_id, None)

    def update(self, display_id: str, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Replace what every output of this display shows, also in earlier cells."""
        for output in self.by_id.get(display_id, ()):
            output["data"] = _clean_bundle(data)
            output["metadata"] = dict(metadata)


@dataclass(slots=True)
class _Piece:
    """A piece of stream text, or one whole output."""

    name: str  # "stdout", "stderr", or "" for a whole output
    text: str = ""
    output: Output = field(default_factory=dict)
    weight: int = 0
    display_id: str | None = None


class OutputLog:
    """The outputs of one cell while it runs.

    Every method may be called from any thread: stream text arrives on ipykernel's
    output thread.
    """

    def __init__(self, displays: Displays) -> None:
        self._displays = displays
        self._lock = threading.Lock()
        self._finished: list[Output] | None = None
        self._execution_count: int | None = None
        self._empty()

    def stream(self, name: str, text: str) -> None:
        """Add stream text; ``name`` is ``"stdout"`` or ``"stderr"``."""
        if text:
            self._add(_Piece(name, text, weight=len(text)))

    def display(
        self, data: Mapping[str, Any], metadata: Mapping[str, Any], display_id: str | None = None
    ) -> None:
        """Add a ``display_data`` output."""
        bundle = _clean_bundle(data)
        output = {"output_type": "display_data", "data": bundle, "metadata": dict(metadata)}
        if display_id is not None:
            self._displays.add(display_id, output)
        self._add(_Piece("", output=output, weight=_weight(bundle), display_id=display_id))

    def result(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Add an ``execute_result``; its number is set by :meth:`finish`."""
        bundle = _clean_bundle(data)
        output = {
            "output_type": "execute_result",
            "execution_count": None,
            "data": bundle,
            "metadata": dict(metadata),
        }
        self._add(_Piece("", output=output, weight=_weight(bundle)))

    def error(self, name: str, message: str, traceback: Iterable[str]) -> None:
        """Add an ``error`` output with the traceback as the user sees it."""
        lines = [redact(_encodable(line)) for line in traceback]
        output = {
            "output_type": "error",
            "ename": name,
            "evalue": redact(_encodable(message)),
            "traceback": lines,
        }
        self._add(_Piece("", output=output, weight=sum(map(len, lines))))

    @property
    def shows_error(self) -> bool:
        """Whether an error stands in it, also one behind which the cell went on."""
        with self._lock:
            pieces = (*self._head, *self._tail)
        return any(piece.output.get("output_type") == "error" for piece in pieces)

    def clear(self, *, wait: bool) -> None:
        """Drop all so far; with ``wait`` only when the next output comes."""
        with self._lock:
            if wait:
                self._clear_before_next = True
            else:
                self._clear()
                self._tell_late()

    def finish(self, execution_count: int | None) -> Sequence[Output]:
        """Return the outputs; stream text that arrived in a row is one output.

        What is added afterwards is added to what was returned, within the same bound.
        """
        with self._lock:
            self._execution_count = execution_count
            self._finished = self._outputs()
        return self._finished

    def _outputs(self) -> list[Output]:
        self._cut_between_lines()
        outputs = list(_joined([*self._head, *self._gap(), *self._tail]))
        for output in outputs:
            if output["output_type"] == "execute_result":
                output["execution_count"] = self._execution_count
        return outputs

    def _tell_late(self) -> None:
        if self._finished is not None:
            self._finished[:] = self._outputs()

    def _clear(self) -> None:
        for piece in (*self._head, *self._tail):
            self._forget(piece)
        self._empty()

    def _forget(self, piece: _Piece) -> None:
        if piece.display_id is not None:
            self._displays.forget(piece.display_id, piece.output)

    def _empty(self) -> None:
        self._head: list[_Piece] = []
        self._tail: deque[_Piece] = deque()
        self._size = 0
        self._flooded = False
        self._head_room = HEAD_CHARACTERS
        self._tail_size = 0
        self._left_out = 0
        self._clear_before_next = False

    def _add(self, piece: _Piece) -> None:
        with self._lock:
            if self._clear_before_next:
                self._clear()
            self._size += piece.weight
            if self._flooded:
                self._place(piece)
            elif self._size <= HEAD_CHARACTERS + TAIL_CHARACTERS:
                self._head.append(piece)
            else:
                self._flooded = True
                pieces, self._head = [*self._head, piece], []
                for each in pieces:
                    self._place(each)
            self._tell_late()

    def _place(self, piece: _Piece) -> None:
        """Put a piece of a flood into the head while that has room, else into the tail."""
        if not self._tail and piece.weight <= self._head_room:
            self._head.append(piece)
            self._head_room -= piece.weight
        else:
            self._add_to_tail(self._fill_head(piece))

    def _fill_head(self, piece: _Piece) -> _Piece:
        """Put the start of a long text into the head; return what is over."""
        if not piece.name or self._tail or self._head_room == 0:
            return piece
        room, self._head_room = self._head_room, 0
        self._head.append(_Piece(piece.name, piece.text[:room]))
        return _Piece(piece.name, piece.text[room:], weight=piece.weight - room)

    def _add_to_tail(self, piece: _Piece) -> None:
        if piece.name and piece.weight > TAIL_CHARACTERS:
            self._left_out += piece.weight - TAIL_CHARACTERS
            piece = _Piece(piece.name, piece.text[-TAIL_CHARACTERS:], weight=TAIL_CHARACTERS)
        self._tail.append(piece)
        self._tail_size += piece.weight
        while self._tail_size > TAIL_CHARACTERS and len(self._tail) > 1:
            dropped = self._tail.popleft()
            self._tail_size -= dropped.weight
            self._left_out += dropped.weight
            self._forget(dropped)

    def _cut_between_lines(self) -> None:
        """Move the edges of the gap to the next line break, or blank, that is near.

        A secret that lies across an edge would not be known by its half.
        """
        if not self._left_out or not self._tail:
            return
        before, after = self._head[-1] if self._head else _Piece(""), self._tail[0]
        cut = _edge(before.text[::-1]) or half_secret(before.text, at_end=True)
        self._left_out += cut
        before.text = before.text[: len(before.text) - cut]
        cut = _edge(after.text) or half_secret(after.text, at_end=False)
        self._left_out += cut
        after.text = after.text[cut:]

    def _gap(self) -> list[_Piece]:
        if not self._left_out:
            return []
        return [_Piece("stdout", f"\n{GAP.format(self._left_out)}\n")]


def _edge(text: str) -> int:
    """How many characters stand before the first line break or blank, if that is near."""
    found = re.search(r"\s", text[:_NEAR])
    return found.start() if found else 0


def _joined(pieces: Iterable[_Piece]) -> Iterable[Output]:
    name, texts = "", list[str]()
    for piece in pieces:
        if texts and piece.name != name:
            yield _stream(name, texts)
            texts = []
        name = piece.name
        if name:
            texts.append(piece.text)
        else:
            yield piece.output
    if texts:
        yield _stream(name, texts)


def _stream(name: str, texts: list[str]) -> Output:
    return {"output_type": "stream", "name": name, "text": redact(_encodable("".join(texts)))}


def _clean_bundle(data: Mapping[str, Any]) -> dict[str, Any]:
    """A MIME bundle as a notebook file holds it, within the bound.

    Bytes are in base64, text can be encoded, and what a front end would show of another value
    is its text. A value that is over the bound by itself is cut where it is plain text, and
    left out where a cut would break it; so is None, which is nothing to show.
    """
    most = _RICH_DISCOUNT * (HEAD_CHARACTERS + TAIL_CHARACTERS)
    cleaned: dict[str, Any] = {}
    for mime, value in data.items():
        text = value if _JSON_MIME.fullmatch(mime) else _as_text(value)
        if mime == "text/plain" and isinstance(text, str):
            cleaned[mime] = _cut(redact(_encodable(text)))
        elif text is not None and _length(text) <= most:
            cleaned[mime] = _masked(text)
    return cleaned


def _as_text(value: Any) -> Any:
    """A value of a type that is no JSON, as nbformat takes it: text, or a list of lines."""
    if isinstance(value, bytes):
        return base64.encodebytes(value).decode("ascii")
    lines = value if isinstance(value, list | tuple) else [value]
    is_text = all(isinstance(line, str) for line in lines)
    return value if is_text or value is None else json.dumps(value, default=str)


def _masked(value: Any) -> Any:
    """A JSON value with the secrets in its texts masked; also a copy of the user's own."""
    if isinstance(value, str):
        return redact(_encodable(value))
    if isinstance(value, dict):
        return {_masked(key): _masked(each) for key, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list | tuple) else value


def _cut(text: str) -> str:
    over = len(text) - HEAD_CHARACTERS - TAIL_CHARACTERS
    if over <= 0:
        return text
    note = f"[… {over:,} characters of this value are left out of the record …]"
    return f"{text[:HEAD_CHARACTERS]}\n{note}\n{text[-TAIL_CHARACTERS:]}"


def _encodable(text: str) -> str:
    """``text`` without lone surrogates, which no notebook file can hold."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def _weight(data: Mapping[str, Any]) -> int:
    return sum(
        _length(value) // (1 if mime == "text/plain" else _RICH_DISCOUNT)
        for mime, value in data.items()
    )


def _length(value: Any) -> int:
    """How long a value is as a notebook file holds it, about."""
    return len(value if isinstance(value, str) else repr(value))
