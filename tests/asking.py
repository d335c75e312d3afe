"""Asking a model at a scripted endpoint, and what must hold whatever comes of it.

:func:`ask` makes one call of ``complete`` in an event loop of its own. Whatever happened,
the key is in no message, no traceback, nothing shown, and no local variable of our frames.
:class:`Row` and :func:`check` are the two halves of a table of faults.
"""

from __future__ import annotations

import asyncio
import re
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import codeact_jupyter.models.wire  # noqa: F401  # loaded before a deadline of a test runs
from codeact_jupyter.errors import BadReply, ModelError, Unreachable
from codeact_jupyter.models.client import ChatModel
from codeact_jupyter.progress import Delta, Notice
from codeact_jupyter.types import Completion, Endpoint, Message

if TYPE_CHECKING:
    from endpoint import Fault, ScriptedEndpoint

KEY = "sk-canary-5f2e8a71c09d"
HALF = "Half an answer, and"
PROMPT: list[Message] = [{"role": "user", "content": "Which city sells most?"}]


@dataclass
class Outcome:
    """What one call of ``complete`` came to."""

    completion: Completion | None = None
    error: Exception | None = None
    shown: list[Delta | Notice] = field(default_factory=list)

    @property
    def notices(self) -> list[str]:
        return [item.sentence for item in self.shown if isinstance(item, Notice)]

    @property
    def text(self) -> str:
        return "".join(item.text for item in self.shown if isinstance(item, Delta))


def ask(base_url: str, *, times: int = 1, **options: Any) -> Outcome:
    """Ask in a loop of its own; options beyond these few go to ChatModel."""
    call = {name: options.pop(name) for name in ("seconds", "tokens") if name in options}
    place = {"source": "CODEACT_BASE_URL", "model": "scripted", "api_key": KEY}
    place |= {name: options.pop(name) for name in list(options) if name in place}
    options.setdefault("pace", 0.001)
    endpoint = Endpoint(base_url=base_url, **place)
    return asyncio.run(_ask(endpoint, {"seconds": 30, "tokens": 50_000, **call}, options, times))


async def _ask(endpoint: Endpoint, call: Any, options: Any, times: int) -> Outcome:
    outcome, model = Outcome(), None
    try:
        model = ChatModel(endpoint, **options)
        for _ in range(times):
            outcome.shown.clear()
            outcome.completion = await model.complete(PROMPT, show=outcome.shown.append, **call)
    except Exception as error:  # noqa: BLE001  # the tests look at what it is
        outcome.error, outcome.completion = error, None
    finally:
        if model is not None:
            await model.aclose()
    assert_no_key(outcome)
    return outcome


def assert_no_key(outcome: Outcome) -> None:
    told = [repr(outcome.shown)]
    if error := outcome.error:
        assert error.__cause__ is None
        assert error.__suppress_context__ or error.__context__ is None
        told += [str(error), repr(error), *traceback.format_exception(error)]
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if "codeact_jupyter" in frame.f_code.co_filename:
                told += map(repr, frame.f_locals.values())
    assert KEY not in "\n".join(told)


def sse(*payloads: str) -> bytes:
    """Bytes of a stream that ends well, in the usual spelling."""
    end = '{"choices": [{"delta": {}, "finish_reason": "stop"}]}'
    return "".join(f"data: {payload}\n\n" for payload in (*payloads, end, "[DONE]")).encode()


def delta(content: str) -> str:
    """One event's JSON; ``content`` is JSON too."""
    return f'{{"choices": [{{"delta": {{"content": {content}}}}}]}}'


@dataclass(frozen=True)
class Row:
    """What an endpoint does, and what must come of it.

    Attributes:
        name: The row of the facts.
        script: The endpoint's replies.
        error: The class to be raised, or None when the answer is good.
        words: What the message must hold.
        text: The answer's text, or the partial text that the error keeps.
        asked: Requests, with the first one.
        options: For the model and the call.
    """

    name: str
    script: tuple[str | Fault, ...]
    error: type[ModelError] | None = None
    words: tuple[str, ...] = ()
    text: str = ""
    asked: int = 1
    options: dict[str, Any] = field(default_factory=dict)


def bad(name: str, *script: Any, error: type[ModelError] = BadReply, **row: Any) -> Row:
    return Row(name, script, error, **row)


def no(name: str, *script: Any, **row: Any) -> Row:
    return Row(name, script, Unreachable, **row)


def good(name: str, *script: Any, **row: Any) -> Row:
    return Row(name, script, None, **row)


def check(row: Row, endpoint: ScriptedEndpoint) -> None:
    """Let the endpoint do what a row says, and compare."""
    endpoint.script(*row.script)
    outcome = ask(endpoint.base_url, **row.options)
    assert len(endpoint.requests) == row.asked
    assert endpoint.left == endpoint.unscripted == len(endpoint.errors) == 0
    if row.error is None:
        assert outcome.error is None
        assert outcome.completion is not None
        assert outcome.completion.text == row.text
        assert outcome.completion.finish
        assert outcome.completion.seconds < 20  # not only at the end of all its time
        return
    assert type(outcome.error) is row.error, outcome.error
    message = str(outcome.error)
    for words in row.words:
        assert words in message
    assert message.isprintable()
    assert len(message) < 700
    assert not re.search(r"</?\w+>|steal|:\.|\.\.|\{|\}", message)
    assert outcome.error.partial.startswith(row.text)
    assert outcome.text.startswith(row.text[: len(outcome.text)])
    if "endless tokens" in row.name:
        assert outcome.error.partial
        assert outcome.error.received > 0
        assert outcome.error.estimated
        assert endpoint.requests[0].hung_up.wait(10)
