"""An answer as it grows, payload by payload, until it is whole or found to be none.

A payload is the JSON of one event of the stream, or of a body that came at once: as
servers send it, so that nothing here trusts a key to be there or a value to have its
documented type. Text and reasoning are cleaned as they come; a payload that reports an
error and an answer past its token limit end in a
:class:`~codeact_jupyter.models.faults.Faulty`; the text so far stays readable.

Fed by :class:`~codeact_jupyter.models.client.ChatModel`. It never reads the network, and
never looks for actions: ``<think>`` tags stay in the text for the action format to read, and
a tool call is handed on as it was made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codeact_jupyter.errors import Unreachable
from codeact_jupyter.models import sentences
from codeact_jupyter.models.calls import ToolCalls
from codeact_jupyter.models.faults import Fault, Faulty, bad, of_event, stranger
from codeact_jupyter.models.text import GrowingText, ended, estimate, quoted
from codeact_jupyter.progress import Delta
from codeact_jupyter.types import Completion, Message, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeact_jupyter.models.address import Address


class Answer:
    """One answer of one model.

    Args:
        address: Who answers, for messages.
        model: The model that was asked, for messages.
        tokens: The most output tokens, by our own estimate; reasoning counts.

    Attributes:
        finish: The finish reason, or ``""`` while none came.
    """

    def __init__(self, address: Address, model: str, *, tokens: int) -> None:
        self.finish = ""
        self._address = address
        self._model = model
        self._limit = tokens
        self._text = GrowingText()
        self._reasoning = GrowingText()
        self._refusal = ""
        self._calls = ToolCalls()
        self._usage: dict[str, Any] = {}
        self._choices = 0

    @property
    def text(self) -> str:
        """The visible text so far."""
        return self._text.whole

    @property
    def started(self) -> bool:
        """True when something came that was shown, so that asking again would repeat it."""
        return bool(self.text.strip() or self._reasoning.whole.strip())

    @property
    def blank(self) -> bool:
        """True when not even an empty choice came."""
        return not self._choices

    def take(self, payload: object) -> Delta | None:
        """Add one payload.

        Returns:
            What is new in it to show, or None.

        Raises:
            Faulty: It reports an error, is no payload at all, or goes past the limit.
        """
        if not isinstance(payload, dict):
            raise Faulty(stranger(self._address))
        if _is_error(payload):
            raise Faulty(of_event(payload, self._address, self._model))
        if isinstance(payload.get("usage"), dict):
            self._usage = payload["usage"]
        choice = _choice(payload)
        if choice is None:
            return None
        self._choices += 1
        return self._take_choice(choice)

    def _take_choice(self, choice: dict[str, Any]) -> Delta | None:
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason and self.finish != "length":
            self.finish = quoted(reason, 60)  # a cut stays one, whatever is said behind it
        part = choice.get("delta") or choice.get("message")
        if not isinstance(part, dict):
            return None
        self._refusal += _joined(part.get("refusal"))
        self._calls.add(part)
        reasoning = part.get("reasoning_content") or part.get("reasoning")
        delta = Delta(
            text=self._text.add(_joined(part.get("content"))),
            reasoning=self._reasoning.add(_joined(reasoning)),
        )
        if self._tokens > self._limit:
            raise Faulty(bad(sentences.TOO_LONG, self._address, limit=self._limit))
        return delta if delta.text or delta.reasoning else None

    @property
    def _tokens(self) -> int:
        return self._text.tokens + self._reasoning.tokens + self._calls.tokens

    def complete(self, messages: Sequence[Message], seconds: float) -> Completion | Fault:
        """Return the whole answer, after its last payload, or why there is none.

        A fault is an answer that is cut, refused, filtered or empty.
        """
        return self._ending() or Completion(
            text=self.text,
            reasoning=self._reasoning.whole,
            call=self._calls.first,
            finish=self.finish,
            usage=self.usage(messages),
            seconds=seconds,
        )

    def _ending(self) -> Fault | None:
        """Return why this answer must not be acted upon, or None for a good one."""
        address, model = self._address, self._model
        if self.blank:
            return replace(bad(sentences.EMPTY, address, model=model), kind="empty")
        if self._refusal:
            return bad(sentences.REFUSAL, address, model=model, words=ended(quoted(self._refusal)))
        if not self.finish:
            return bad(sentences.CUT, address)
        if self.finish == "content_filter":
            return bad(sentences.FILTERED, address)
        if self.finish == "error":  # OpenRouter's word for a fault behind it
            return Fault(error=Unreachable(sentences.FAILED.format(at=address.host)))
        said = self.started or self._calls.first is not None
        if not said and self.finish != "length":
            return replace(bad(sentences.EMPTY, address, model=model), kind="empty")
        return None

    def usage(self, messages: Sequence[Message]) -> Usage:
        """Return the tokens of this request, estimated where the server told none."""
        return self._measured() or self._estimated(messages)

    def _measured(self) -> Usage | None:
        """Return the server's own numbers, or None when it gave none."""
        usage = self._usage
        sent, received = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
        if sent is None or received is None or not sent + received:
            return None
        details = usage.get("prompt_tokens_details")
        cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else None
        return Usage(
            input=sent,
            output=received,
            cached=cached or 0,
            cost=_amount(usage.get("cost")),  # by OpenRouter and others
        )

    def _estimated(self, messages: Sequence[Message]) -> Usage:
        sent = sum(estimate(message["content"]) for message in messages)
        return Usage(input=sent, output=self._tokens, estimated=True)


def _is_error(payload: dict[str, Any]) -> bool:
    """True for both documented shapes, and for the bare ones of vLLM and ``event: error``."""
    if payload.get("error"):
        return True
    if payload.get("choices"):
        return False
    bare = any(isinstance(payload.get(name), str) for name in ("message", "detail"))
    return bare or payload.get("object") == "error"


def _choice(payload: dict[str, Any]) -> dict[str, Any] | None:
    """Return the first choice: the one with index 0, or without an index."""
    choices = payload.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return None


def _joined(content: object) -> str:
    """Return text that may come as a string, as a list of parts, or not at all."""
    parts = content if isinstance(content, list) else [content]
    texts = (part.get("text") if isinstance(part, dict) else part for part in parts)
    return "".join(text for text in texts if isinstance(text, str))


def _count(number: object) -> int | None:
    amount = _amount(number)
    return None if amount is None else int(amount)


def _amount(number: object) -> float | None:
    usable = isinstance(number, int | float) and 0 <= number < 1e15  # neither NaN nor infinite
    return float(number) if usable else None  # type: ignore[arg-type]  # checked one line up
