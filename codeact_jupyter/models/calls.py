"""The tool calls of an answer, put together from their pieces.

Nothing here offers a model a tool. Some call one all the same, in the native field of the
answer: those that were trained to, and those whose server has a template that tells them
to. The pieces come as servers send them: split anywhere and mixed, with an index or
without, with the arguments as text or as an object.

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
        self._calls: dict[int, _Call] = {}

    @property
    def tokens(self) -> int:
        """How many tokens the arguments have so far, by our own estimate."""
        return sum(call.arguments.tokens for call in self._calls.values())

    @property
    def first(self) -> ToolCall | None:
        """The call with the lowest index, as far as it has come; None while there is none."""
        if not self._calls:
            return None
        call = self._calls[min(self._calls)]
        return ToolCall(
            name=quoted(call.name, _LONGEST_NAME), arguments=_decoded(call.arguments.whole)
        )

    def add(self, part: dict[str, Any]) -> None:
        """Add what a delta or a message holds, in today's field or in the one before it."""
        calls = part.get("tool_calls")
        for call in calls if isinstance(calls, list) else [calls]:
            if isinstance(call, dict) and isinstance(call.get("function"), dict):
                self._add_piece(call.get("index"), call["function"])
        if isinstance(part.get("function_call"), dict):
            self._add_piece(0, part["function_call"])

    def _add_piece(self, index: object, function: dict[str, Any]) -> None:
        name, arguments = function.get("name"), function.get("arguments")
        call = self._call_of(index, begins=bool(name))
        if isinstance(name, str):
            call.name = call.name or name
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments)
        if isinstance(arguments, str):
            call.arguments.add(arguments)

    def _call_of(self, index: object, *, begins: bool) -> _Call:
        """The call with that index; without one, a name begins a call and all else goes on."""
        if not isinstance(index, int):
            last = max(self._calls, default=0)
            index = last + 1 if begins and self._calls else last
        return self._calls.setdefault(index, _Call())


class _Call:
    def __init__(self) -> None:
        self.name = ""
        self.arguments = GrowingText()


def _decoded(arguments: str) -> dict[str, Any] | None:
    """The arguments by name, with their texts cleaned of what only JSON can carry."""
    try:
        found = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return {
        name: clean(value) if isinstance(value, str) else value for name, value in found.items()
    }
