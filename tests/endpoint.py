"""A scripted OpenAI-compatible endpoint: real HTTP and SSE on 127.0.0.1, without a model.

The one fake that all tests share. It runs in a thread of its own on a free port, so a
kernel in another process can be pointed at it as well::

    with ScriptedEndpoint(["Hello.", fault("cut"), "Again."]) as server:
        ...                              # ask server.base_url, or give a process server.environment
        server.requests[0].json          # what was asked, with .headers and .hung_up

Each ``POST /v1/chat/completions`` takes the next reply of the script, in order of arrival:

* a string: streamed in small pieces with role, finish reason, usage and ``[DONE]``, or
  sent whole when the request does not stream;
* ``fault(name, **options)``: one of the faults in :mod:`endpoint_faults`, by name;
* a function that takes the request's JSON and returns one of the two. It runs in the
  server's thread and must not block: ``fault("held", release=event)`` waits.

When the script is used up the answer is a 500 that says so, and ``server.unscripted``
counts it. ``GET /v1/models`` lists ``server.models``, or meets the fault put there.

It speaks just the HTTP/1.1 that clients here use, written by hand on asyncio's streams,
because most faults lie below what a web server lets one do. Nothing sleeps but what a
fault asks for, and :meth:`ScriptedEndpoint.close` ends that at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from endpoint_faults import FAULTS

_TLS_HELLO = b"\x16"  # a first byte that no HTTP request has
_PIECE = 7  # characters of one piece of a streamed text


@dataclass(frozen=True)
class Fault:
    """A reply that goes wrong; made by :func:`fault`."""

    name: str
    options: dict[str, Any]


Reply = str | Fault | Callable[[dict[str, Any]], "str | Fault"]


def fault(name: str, **options: Any) -> Fault:
    """Name one of :data:`endpoint_faults.FAULTS`; its docstring there says what it does."""
    if name not in FAULTS:
        raise ValueError(f"no fault {name!r}; there are: {', '.join(sorted(FAULTS))}")
    return Fault(name, options)


@dataclass
class Received:
    """One request as it came.

    Attributes:
        path: Without the query.
        headers: By name in lower case.
        json: The body, or None where there is none.
        hung_up: Set when the client closed the connection before the reply was whole.
        came: When it was read, on the clock of ``time.time``.
        answered: When the last byte of its reply was sent, on that clock; 0 before.
    """

    path: str
    headers: dict[str, str]
    json: Any
    hung_up: threading.Event = field(default_factory=threading.Event)
    came: float = field(default_factory=time.time)
    answered: float = 0.0


class ScriptedEndpoint:
    """See the module's text; start it with ``with`` or :meth:`start` and :meth:`close`.

    Attributes:
        requests: The completions asked for, in order.
        listings: The requests for the list of models.
        models: What that list holds; a fault instead of a list is met there.
        connections: How many were made.
        unscripted: How many requests came after the script's end.
        errors: What a reply raised by itself: a mistake in the test.
    """

    def __init__(self, replies: Iterable[Reply] = ()) -> None:
        self.requests: list[Received] = []
        self.listings: list[Received] = []
        self.models: list[str] | Fault = ["scripted"]
        self.unscripted = 0
        self.errors: list[Exception] = []
        self.connections = 0
        self.port = 0
        self._replies: deque[Reply] = deque(replies)
        self._came = threading.Condition()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scripted endpoint", daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point another process here."""
        return {
            "CODEACT_BASE_URL": self.base_url,
            "CODEACT_API_KEY": "key-for-the-scripted-endpoint",
            "CODEACT_MODEL": "scripted",
        }

    def script(self, *replies: Reply) -> None:
        """Add replies at the script's end."""
        self._replies.extend(replies)

    def script_instead(self, *replies: Reply) -> None:
        """Put replies in the place of those that nobody has asked for."""
        self._replies.clear()
        self.script(*replies)

    def forget(self) -> None:
        """Forget the script and what was asked for, for the next test of a shared endpoint."""
        self._replies.clear()
        self.models = ["scripted"]
        self.requests.clear()
        self.listings.clear()
        self.errors.clear()
        self.unscripted = 0

    @property
    def left(self) -> int:
        """How many replies were not asked for yet."""
        return len(self._replies)

    def wait_for(self, count: int, seconds: float = 30.0) -> Received:
        """Wait until ``count`` completions were asked for, and return the last of them."""
        with self._came:
            if not self._came.wait_for(lambda: len(self.requests) >= count, seconds):
                raise TimeoutError(f"{len(self.requests)} of {count} requests after {seconds} s")
            return self.requests[count - 1]

    # --- its life ------------------------------------------------------------------

    def start(self) -> Self:
        self._thread.start()
        if not self._ready.wait(30):
            raise RuntimeError("the scripted endpoint did not start")
        return self

    def close(self) -> None:
        """Stop at once, whatever is being sent; may be called twice."""
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(30)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- connections -----------------------------------------------------------------

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests on one connection until a side closes it."""
        coming = asyncio.ensure_future(_first(reader))
        try:
            while first := await coming:
                if first == _TLS_HELLO:
                    writer.write(b"HTTP/1.1 400 This is plain HTTP\r\n\r\n")
                    break
                received = await _read(first, reader)
                coming = asyncio.ensure_future(_first(reader))  # b"" when the client hangs up
                exchange = Exchange(received, writer)
                replying = asyncio.ensure_future(self._reply(exchange))
                await asyncio.wait({coming, replying}, return_when=asyncio.FIRST_COMPLETED)
                if not replying.done() and not coming.result():
                    received.hung_up.set()
                    replying.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await replying
                if exchange.closing:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went away in the middle of its request
        finally:
            coming.cancel()
            await _close(writer)

    async def _reply(self, exchange: Exchange) -> None:
        try:
            await self._scripted(exchange)
        except ConnectionError:
            exchange.received.hung_up.set()
            exchange.closing = True
        except Exception as error:  # noqa: BLE001  # a test's own function may raise anything
            self.errors.append(error)
            await exchange.refuse(500, f"the script of this test failed: {error!r}")

    async def _scripted(self, exchange: Exchange) -> None:
        path = exchange.received.path
        if path == "/v1/models":
            self.listings.append(exchange.received)
            await self._list(exchange)
        elif path == "/v1/chat/completions":
            await self._play(exchange, self._next(exchange.received))
        else:
            await exchange.refuse(404, f"no such path: {path}")

    def _next(self, received: Received) -> str | Fault:
        with self._came:
            reply = self._replies.popleft() if self._replies else self._used_up()
            self.requests.append(received)
            self._came.notify_all()
        return reply(received.json) if callable(reply) else reply

    def _used_up(self) -> Fault:
        self.unscripted += 1
        asked = len(self.requests) + 1
        return fault("500", message=f"the script is used up: this is request {asked}")

    async def _list(self, exchange: Exchange) -> None:
        if isinstance(self.models, Fault):
            await self._play(exchange, self.models)
            return
        data = [{"id": name, "object": "model"} for name in self.models]
        await exchange.whole({"object": "list", "data": data})

    async def _play(self, exchange: Exchange, reply: str | Fault) -> None:
        if isinstance(reply, str):
            await exchange.say(reply)
        else:
            await FAULTS[reply.name](exchange, **reply.options)
        exchange.received.answered = time.time()


class Exchange:
    """One request and the means to answer it rightly or wrongly.

    Attributes:
        closing: True when the connection ends after this reply.
    """

    def __init__(self, received: Received, writer: asyncio.StreamWriter) -> None:
        self.received = received
        self.closing = False
        self._writer = writer

    @property
    def streams(self) -> bool:
        return bool((self.received.json or {}).get("stream"))

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def head(self, status: int = 200, **headers: str) -> None:
        """Send a status line and headers; ``content_type`` becomes ``content-type``."""
        lines = [f"HTTP/1.1 {status} Scripted"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.raw("\r\n".join([*lines, "", ""]).encode())

    async def body(self, status: int, content: bytes, kind: str, **headers: str) -> None:
        """Send a whole response."""
        length = str(len(content))
        await self.head(status, content_type=kind, content_length=length, **headers)
        await self.raw(content)

    async def refuse(self, status: int, message: str, headers: Any = None, **error: Any) -> None:
        """Send an error in OpenAI's shape."""
        content = json.dumps({"error": {"message": message, **error}}).encode()
        await self.body(status, content, "application/json", **(headers or {}))

    async def open(self, kind: str = "text/event-stream") -> None:
        """Begin a stream of server-sent events."""
        await self.head(content_type=kind, transfer_encoding="chunked")

    async def send(self, data: bytes) -> None:
        """Send a piece of the stream, as one chunk of HTTP."""
        await self.raw(b"%x\r\n%b\r\n" % (len(data), data))

    async def event(self, payload: Any) -> None:
        await self.send(b"data: " + json.dumps(payload).encode() + b"\n\n")

    async def chunk(self, delta: Any, finish: str | None = None) -> None:
        """Send an event with one choice."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        await self.event({"object": "chat.completion.chunk", "choices": [choice]})

    async def text(self, text: str) -> None:
        """Send the role, then a text in small pieces."""
        await self.chunk({"role": "assistant", "content": ""})
        for start in range(0, len(text), _PIECE):
            await self.chunk({"content": text[start : start + _PIECE]})

    async def end(self, finish: str | None = "stop", *, text: str = "", done: bool = True) -> None:
        """Send finish reason, usage and ``[DONE]``, and end the response."""
        if finish is not None:
            await self.chunk({}, finish)
            await self.event({"choices": [], "usage": self.usage(text)})
        if done:
            await self.send(b"data: [DONE]\n\n")
        await self.raw(b"0\r\n\r\n")

    async def whole(self, payload: Any, kind: str = "application/json") -> None:
        await self.body(200, json.dumps(payload).encode(), kind)

    async def say(self, text: str, finish: str = "stop") -> None:
        """Answer as a healthy server does."""
        if self.streams:
            await self.open()
            await self.text(text)
            await self.end(finish, text=text)
        else:
            await self.whole(self.completion(text, finish))

    def completion(self, text: str, finish: str | None = "stop") -> dict[str, Any]:
        """Return the body of an answer that is not streamed."""
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return {"object": "chat.completion", "choices": [choice], "usage": self.usage(text)}

    def usage(self, text: str) -> dict[str, Any]:
        """Count words as tokens, three of the prompt's as cached."""
        messages = (self.received.json or {}).get("messages", [])
        sent = sum(len(str(message["content"]).split()) for message in messages)
        received = len(text.split())
        return {
            "prompt_tokens": sent,
            "completion_tokens": received,
            "total_tokens": sent + received,
            "prompt_tokens_details": {"cached_tokens": 3},
        }

    def hang_up(self, *, reset: bool = False) -> None:
        """Close the connection after what was sent: in order, or with a TCP reset."""
        self.closing = True
        if reset:
            at_once = struct.pack("ii", 1, 0)
            handle = self._writer.get_extra_info("socket")
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)


async def _first(reader: asyncio.StreamReader) -> bytes:
    """Return the first byte of the next request, or nothing when none will come."""
    with contextlib.suppress(ConnectionError):
        return await reader.read(1)
    return b""


async def _read(first: bytes, reader: asyncio.StreamReader) -> Received:
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.strip().split("\r\n")
    pairs = (item.partition(":") for item in rest)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    path = urlsplit(line.split()[1]).path  # a proxy is asked for a whole URL
    return Received(path, headers, json.loads(content) if content else None)


async def _close(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        writer.close()
        await writer.wait_closed()
