"""The tool calls of an answer, put together from their pieces.

Nothing here offers a model a tool. Some call one all the same, in the native field of the
answer: those that were trained to, and those whose server has a template that tells them
to. The pieces come as servers send them: split anywhere and mixed, with an index or
without, with the name in the first of them or in each, with the arguments as text, as an
object, or as a text that holds that text.

Fed by :class:`~codeact_jupyter.models.answer.Answer`. What a call means is not said here:
that is an action format's (:mod:`codeact_jupyter.actions`).
"""

from __future__ import annotations

import json
from typing import Any

from codeact_jupyter.models.text import GrowingText, clean, quoted
from codeact_jupyter.types import ToolCall

_LONGEST_NAME = 60  # characters


class ToolCalls:
    """The calls of one answer."""

    def __init__(self) -> None:
        self._calls: dict[int, list[_Call]] = {}  # by index; some servers give all the same one

    @property
    def tokens(self) -> int:
        """How many tokens the arguments have so far, by our own estimate."""
        return sum(call.arguments.tokens for calls in self._calls.values() for call in calls)

    @property
    def first(self) -> ToolCall | None:
        """The first call of the lowest index, as far as it has come; None while there is none."""
        if not self._calls:
            return None
        call = self._calls[min(self._calls)][0]
        return ToolCall(name=quoted(call.name, _LONGEST_NAME), arguments=call.decoded)

    def add(self, part: dict[str, Any]) -> None:
        """Add what a delta or a message holds, in today's field or in the one before it."""
        calls = part.get("tool_calls")
        for call in calls if isinstance(calls, list) else [calls]:
            if isinstance(call, dict) and isinstance(call.get("function"), dict):
                self._add_piece(call.get("index"), _text(call.get("id")), call["function"])
        if isinstance(part.get("function_call"), dict):
            self._add_piece(0, "", part["function_call"])

    def _add_piece(self, index: object, id_: str, function: dict[str, Any]) -> None:
        name, arguments = _text(function.get("name")), function.get("arguments")
        call = self._call_of(index, id_, name)
        call.id, call.name = call.id or id_, call.name or name
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments)
        call.arguments.add(_text(arguments))

    def _call_of(self, index: object, id_: str, name: str) -> _Call:
        """The call that such a piece belongs to, a new one where it begins one."""
        indexed = isinstance(index, int) and not isinstance(index, bool)
        place = index if isinstance(index, int) and indexed else max(self._calls, default=0)
        calls = self._calls.setdefault(place, [])
        if not calls or not calls[-1].goes_on(id_, name, indexed=indexed):
            calls.append(_Call())
        return calls[-1]


class _Call:
    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments = GrowingText()

    @property
    def decoded(self) -> dict[str, Any] | None:
        """The arguments by name, None while they are no whole JSON object."""
        return _decoded(self.arguments.whole)

    def goes_on(self, id_: str, name: str, *, indexed: bool) -> bool:
        """Whether a piece with this id and name is more of this call, and begins no other.

        Args:
            id_: What the piece says; ``""`` for nothing.
            name: Just so.
            indexed: Whether the piece has the index of this call.
        """
        if not (id_ or name) or (id_ and id_ == self.id):
            return True
        is_other = (id_ and self.id) or (name and name != self.name)
        if is_other and not indexed:
            return False
        return not self.arguments.whole or self.decoded is None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _decoded(arguments: str) -> dict[str, Any] | None:
    """The arguments by name, with their texts cleaned of what only JSON can carry."""
    try:
        found = json.loads(arguments or "{}")
        if isinstance(found, str):
            found = json.loads(found)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return {
        name: clean(value) if isinstance(value, str) else value for name, value in found.items()
    }
