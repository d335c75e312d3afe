"""What a scripted endpoint can do wrong, by name: one for each measured fault and more.

Each is a coroutine function that is given an :class:`endpoint.Exchange` and answers one
request with it; its keyword arguments are the options of :func:`endpoint.fault`. The rows
they come from are those of ``endpoint-faults.md``.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import threading
    from collections.abc import Awaitable, Callable

    from endpoint import Exchange

FAULTS: dict[str, Callable[..., Awaitable[None]]] = {}
TEXT = "Half an answer, and"
_LONG = 3600.0  # seconds; cancelled when the client hangs up or the server closes


def _named(name: str) -> Callable[[Any], Any]:
    def register(play: Any) -> Any:
        FAULTS[name] = play
        return play

    return register


# --- refusals ------------------------------------------------------------------------


@_named("401")
async def refused_key(it: Exchange) -> None:
    """The key is wrong, and the message repeats it."""
    key = it.received.headers.get("authorization", "").removeprefix("Bearer ")
    await it.refuse(401, f"Incorrect API key provided: {key}.", code="invalid_api_key")


@_named("403")
async def not_allowed(it: Exchange, message: str = "Your country is not supported.") -> None:
    await it.refuse(403, message)


@_named("404_model")
async def no_model(it: Exchange) -> None:
    name = it.received.json["model"]
    message = f"The model `{name}` does not exist or you do not have access to it."
    await it.refuse(404, message, code="model_not_found")


@_named("404_path")
async def no_path(it: Exchange, body: Any) -> None:
    """The wrong path, told in shapes that the client library loses."""
    await it.body(404, json.dumps(body).encode(), "application/json")


@_named("429")
async def overloaded(it: Exchange, retry_after: float | str | None = None) -> None:
    headers = {} if retry_after is None else {"retry_after": str(retry_after)}
    await it.refuse(429, "Rate limit reached.", headers, code="rate_limit_exceeded")


@_named("429_quota")
async def used_up(it: Exchange) -> None:
    message = "You exceeded your current quota, please check your plan and billing details."
    await it.refuse(429, message, code="insufficient_quota")


@_named("500")
async def broken(it: Exchange, message: str = "Something went wrong.", status: int = 500) -> None:
    await it.refuse(status, message)


@_named("html")
async def page(it: Exchange, status: int = 502, content: str = "") -> None:
    """A page of HTML, with a script, a colour code and a bell in it."""
    text = content or (
        "<html><head><style>b{}</style><script>steal()</script></head>"
        "<body><h1>502 Bad\x1b[31m Gateway\x07</h1><b>nginx</b></body></html>"
    )
    await it.body(status, text.encode(), "text/html")


@_named("503_empty")
async def unavailable(it: Exchange) -> None:
    await it.body(503, b"", "text/plain")


@_named("no_stream_options")
async def strict(it: Exchange, status: int = 400) -> None:
    """An old server: an unknown field of the request is an error."""
    await it.refuse(status, "Unrecognized request argument supplied: stream_options")


@_named("no_temperature")
async def fixed(it: Exchange) -> None:
    message = "Unsupported value: 'temperature' does not support 0.2 with this model."
    await it.refuse(400, message, code="unsupported_value", param="temperature")


_CONTEXT: dict[str, Any] = {
    "openai": {
        "error": {
            "message": "This model's maximum context length is 8192 tokens.",
            "code": "context_length_exceeded",
        }
    },
    "vllm_flat": {
        "object": "error",
        "message": "This model's maximum context length is 4096 tokens.",
        "type": "BadRequestError",
        "code": 400,
    },
    "vllm_nested": {
        "error": {
            "message": "This model's maximum context length is 4096 tokens.",
            "type": "BadRequestError",
            "code": 400,
        }
    },
    "llama.cpp": {
        "error": {
            "code": 400,
            "message": "the request exceeds the available context size, try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 9000,
            "n_ctx": 4096,
        }
    },
    "ollama": {
        "error": {
            "message": "the input length exceeds the context length",
            "type": "api_error",
        }
    },
    "413": {"error": {"message": "Request Entity Too Large"}},
}


@_named("context")
async def too_long(it: Exchange, server: str = "openai") -> None:
    """The conversation is too long, in the words of one of the servers above."""
    status = 413 if server == "413" else 400
    await it.body(status, json.dumps(_CONTEXT[server]).encode(), "application/json")


@_named("redirect")
async def redirect(it: Exchange, to: str) -> None:
    await it.head(307, location=to, content_length="0")


# --- time ----------------------------------------------------------------------------


@_named("no_answer")
async def silent(it: Exchange) -> None:
    await asyncio.sleep(_LONG)


@_named("headers_then_silence")
async def silent_stream(it: Exchange, text: str = "") -> None:
    """Headers, perhaps a text, then nothing more."""
    await it.open()
    if text:
        await it.text(text)
    await asyncio.sleep(_LONG)


@_named("keepalive_forever")
async def keep_alive(it: Exchange, text: str = "", every: float = 0.02, line: str = ":") -> None:
    """Comments, or other lines without content, without end."""
    await it.open()
    if text:
        await it.text(text)
    while True:
        await it.send(f"{line}\n\n".encode())
        await asyncio.sleep(every)


@_named("endless")
async def endless(it: Exchange, word: str = "token ", every: float = 0.0) -> None:
    await it.open()
    while True:
        await it.chunk({"content": word})
        await asyncio.sleep(every)


@_named("slow")
async def slow(it: Exchange, text: str = "Slow but whole.", every: float = 0.02) -> None:
    """One word after the other, and a healthy end."""
    await it.open()
    for word in text.split(" "):
        await it.chunk({"content": word + " "})
        await asyncio.sleep(every)
    await it.end(text=text)


@_named("held")
async def held(it: Exchange, release: threading.Event, text: str = "", then: str = "Done.") -> None:
    """Stream ``text``, wait until a test sets ``release``, stream ``then`` and end well."""
    await it.open()
    await it.text(text)
    while not release.is_set():  # noqa: ASYNC110  # set in another thread
        await asyncio.sleep(0.005)
    await it.text(then)
    await it.end(text=text + then)


# --- cuts ----------------------------------------------------------------------------


@_named("cut")
async def cut(it: Exchange, text: str = TEXT, reset: bool = False) -> None:
    """The connection ends in the middle of the text: closed too early, or reset."""
    await it.open()
    if text:
        await it.text(text)
    it.hang_up(reset=reset)


@_named("reset")
async def cut_hard(it: Exchange, text: str = TEXT) -> None:
    await cut(it, text, reset=True)


@_named("no_finish")
async def no_finish(it: Exchange, text: str = TEXT, done: bool = False) -> None:
    """The stream ends in order, but without a finish reason."""
    await it.open()
    await it.text(text)
    await it.end(None, done=done)


@_named("no_finish_mid_line")
async def half_event(it: Exchange, text: str = TEXT) -> None:
    await it.open()
    await it.text(text)
    await it.send(b'data: {"choices": [{"delta": {"content": " lost')
    await it.end(None, done=False)


@_named("no_done")
async def no_done(it: Exchange, text: str = "Whole.", how: str = "end") -> None:
    """Finished, but no ``[DONE]``: the response ends, breaks off, or is left open."""
    await it.open()
    await it.text(text)
    await it.chunk({}, "stop")
    if how == "end":
        await it.raw(b"0\r\n\r\n")
    elif how == "open":
        await asyncio.sleep(_LONG)
    it.hang_up()


@_named("body_cut")
async def body_cut(it: Exchange) -> None:
    await it.head(content_type="application/json", content_length="5000")
    await it.raw(b'{"choices": [{"message": {"content": "Half')
    it.hang_up()


@_named("hang_up")
async def nothing(it: Exchange) -> None:
    """Close the connection without a word."""
    it.hang_up()


@_named("not_http")
async def not_http(it: Exchange, greeting: bytes = b"220 mail.example ESMTP\r\n\r\n") -> None:
    await it.raw(greeting)
    it.hang_up()


@_named("bad_gzip")
async def bad_gzip(it: Exchange) -> None:
    await it.body(200, b"this is no gzip", "text/event-stream", content_encoding="gzip")


# --- what a stream may hold ----------------------------------------------------------


@_named("lines")
async def lines(
    it: Exchange, *, data: bytes, text: str = "", kind: str = "text/event-stream"
) -> None:
    """Any bytes as the stream, after a text."""
    await it.open(kind)
    if text:
        await it.text(text)
    await it.send(data)
    await it.raw(b"0\r\n\r\n")


@_named("bytewise")
async def bytewise(it: Exchange, *, data: bytes) -> None:
    """Any bytes as the stream, each in its own chunk."""
    await it.open()
    for number in data:
        await it.send(bytes([number]))
    await it.raw(b"0\r\n\r\n")


@_named("events")
async def events(it: Exchange, *, items: Any, finish: str | None = "stop") -> None:
    """Any payloads as events, then a healthy end."""
    await it.open()
    for payload in items:
        await it.event(payload)
    await it.end(finish)


@_named("deltas")
async def deltas(it: Exchange, *, items: Any, finish: str | None = "stop") -> None:
    """Any deltas in a row, then a finish reason."""
    await it.open()
    for delta in items:
        await it.chunk(delta)
    await it.end(finish)


@_named("finish")
async def finish(it: Exchange, reason: str, text: str = TEXT) -> None:
    """A text that ends for the given reason."""
    await it.say(text, reason)


@_named("length")
async def length(it: Exchange, text: str = TEXT) -> None:
    await it.say(text, "length")


@_named("no_usage")
async def no_usage(it: Exchange, text: str = "Not counted.", usage: Any = None) -> None:
    await it.open()
    await it.text(text)
    await it.chunk({}, "stop")
    await it.event({"choices": [], "usage": usage})
    await it.end(None)


@_named("big")
async def big(it: Exchange, megabytes: int = 50) -> None:
    """One event, or one body, of many megabytes."""
    piece = b"x" * 1_000_000
    head = b'{"choices": [{"delta": {"content": "'
    if it.streams:
        await it.open()
        await it.send(b"data: " + head)
    else:
        length = str(len(head) + megabytes * len(piece))
        await it.head(content_type="application/json", content_length=length)
        await it.raw(head)
    for _ in range(megabytes):
        await (it.send(piece) if it.streams else it.raw(piece))
    it.hang_up()


# --- answers that are no stream ------------------------------------------------------


@_named("empty_200")
async def empty(it: Exchange, kind: str = "text/event-stream") -> None:
    await it.body(200, b"", kind)


@_named("done_only")
async def done_only(it: Exchange) -> None:
    await it.open()
    await it.end(None)


@_named("ignores_stream")
async def whole(it: Exchange, text: str = "All at once.", kind: str = "application/json") -> None:
    """The answer as one JSON body, whatever was asked for."""
    await it.whole(it.completion(text), kind)


@_named("json")
async def body(it: Exchange, value: Any) -> None:
    """Any JSON with status 200."""
    await it.whole(value)


@_named("bytes")
async def raw_body(it: Exchange, content: bytes, kind: str = "application/json") -> None:
    """Any bytes with status 200."""
    await it.body(200, content, kind)
