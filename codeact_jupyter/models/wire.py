"""The only module that speaks through the ``openai`` package.

Importing it costs about a second, so :mod:`~codeact_jupyter.models.client` does that in a
thread when the first request is made. The package brings connections, TLS, proxies and
the reading of server-sent events; asking again, waiting and deadlines are not its
business here, because it does them in silence. Payloads are handed on as plain JSON.

What it must never do: follow a redirect (the prompt would go to a stranger), send what
OPENAI_* variables hold to an endpoint that another variable named, go through a proxy to
this very machine, or let an exception of a library out.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2
from openai import AsyncOpenAI, AsyncStream, DefaultAsyncHttpxClient, Omit

from codeact_jupyter.models.faults import Faulty, TooMuch, of_exception, stranger

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator

    from codeact_jupyter.models.address import Address

_PLAIN = {"Accept-Encoding": "identity"}  # counted bytes are then the bytes of the answer


class Wire:
    """Requests to one endpoint, each on a connection of its own, from one event loop.

    Between two requests of a turn lies an action of any length, and servers close idle
    connections after seconds (llama.cpp after five): kept ones broke when used again.

    Args:
        address: Where to.
        connect_seconds: For the connection, and again for its TLS.
        most_bytes: The most bytes of one answer.
    """

    def __init__(self, address: Address, *, connect_seconds: float, most_bytes: int) -> None:
        self._address = address
        self._most_bytes = most_bytes
        timeout = httpx2.Timeout(None, connect=connect_seconds)
        library = AsyncOpenAI if address.of_openai else _Reserved
        self._client = library(
            base_url=address.url,
            api_key=address.key,
            max_retries=0,
            timeout=timeout,
            default_headers=_PLAIN,
            http_client=DefaultAsyncHttpxClient(
                timeout=timeout,
                follow_redirects=False,
                limits=httpx2.Limits(max_keepalive_connections=0),
                trust_env=not address.loopback,
                event_hooks={"response": [self._limit]},
            ),
        )

    async def stream(self, body: dict[str, Any]) -> AsyncGenerator[object]:
        """Yield the payloads of a streamed answer.

        Raises:
            Faulty: The request or its answer failed, or no stream came at all.
        """
        came = False
        with self._told(body):
            answer = await self._client.post(
                _PATH, body=body, cast_to=object, stream=True, stream_cls=AsyncStream[object]
            )
            async with answer:
                async for payload in answer:
                    came = True
                    yield payload
            kind = answer.response.headers.get("content-type", "")
        if not came and "event-stream" not in kind:
            raise Faulty(replace(stranger(self._address), kind="no_stream"))

    async def whole(self, body: dict[str, Any]) -> AsyncGenerator[object]:
        """Yield the one payload of an answer that is not streamed; raises as ``stream``."""
        with self._told(body):
            payload = await self._client.post(_PATH, body=body, cast_to=object)
            payload = _read(payload) if isinstance(payload, str) else payload
        yield payload

    async def models(self) -> object:
        """Return what the endpoint lists as its models; raises as ``stream``."""
        with self._told({}):
            return await self._client.get("/models", cast_to=object)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    @contextmanager
    def _told(self, body: dict[str, Any]) -> Iterator[None]:
        """Turn every exception into a fault, so that none carries a header up with it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  # measured: JSON, Unicode and Attribute errors too
            fault = of_exception(error, self._address, body.get("model", ""))
            raise Faulty(fault) from None

    async def _limit(self, response: httpx2.Response) -> None:
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Limited(response.stream, self._most_bytes)


_PATH = "/chat/completions"


def _read(text: str) -> object:
    """Return the JSON that came under another content type, or None."""
    try:
        return json.loads(text)
    except ValueError:
        return None


class _Reserved(AsyncOpenAI):
    """A client that sends no organisation, project or header from OPENAI_* variables.

    The package reads those in its constructor whatever URL it is given, and adds what it
    finds about this machine. An endpoint of someone else has no use for either.
    """

    @property
    def default_headers(self) -> dict[str, str | Omit]:
        return {
            "Accept": "application/json",
            "Authorization": f"Bearer {self.api_key}",
            "Content-Type": "application/json",
            "User-Agent": "codeact-jupyter",
            **_PLAIN,
        }


class _Limited(httpx2.AsyncByteStream):
    """A response's bytes up to a limit, for one event, and so one read, may have any size.

    A byte order mark at the start is left out: with it the package loses the first event.
    """

    def __init__(self, stream: httpx2.AsyncByteStream, most: int) -> None:
        self._stream = stream
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        came = 0
        async for piece in self._stream:
            yield piece if came else piece.removeprefix(BOM_UTF8)
            came += len(piece)
            if came > self._most:
                raise TooMuch(self._most)

    async def aclose(self) -> None:
        await self._stream.aclose()
