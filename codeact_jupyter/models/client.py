"""One model at one OpenAI-compatible endpoint, asked for one answer at a time.

The loop calls :meth:`ChatModel.complete` from a worker thread's event loop and gets an
answer that arrived whole, or an error with one clear sentence. In between nothing is
hidden: the answer streams to ``show``, and so does every wait before another try, second
by second. Asking again happens only while nothing of the answer has been shown. Five
limits of our own end every request: connect, first token, silence, whole time, bytes;
a sixth counts tokens.

It never acts on an answer, never looks into its text, keeps no conversation, and sends
the key to no other address than the endpoint's. Cancelling the task stops it at any
point and closes the connection. The module itself loads neither ``openai`` nor an HTTP
library; the first request does, in a thread.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

from codeact_jupyter.errors import BadReply, ConfigError, ModelError, Unreachable
from codeact_jupyter.models import sentences
from codeact_jupyter.models.address import checked
from codeact_jupyter.models.answer import Answer
from codeact_jupyter.models.clock import Clock
from codeact_jupyter.models.faults import Fault, Faulty
from codeact_jupyter.models.listing import context_of, names
from codeact_jupyter.models.text import quoted, whole
from codeact_jupyter.models.window import check as check_window
from codeact_jupyter.progress import Delta, Notice
from codeact_jupyter.types import Completion, Endpoint, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codeact_jupyter.models.wire import Wire

_BACKOFF = (0.5, 1.0, 2.0)  # seconds before the second try, the third, and so on
_LIST_SECONDS = 15.0  # for GET /models
_AFTER_SECONDS = 2.0  # for the usage that may follow the finish reason
_MOST_NAMES = 10


class ChatModel:
    """One model at one OpenAI-compatible endpoint.

    Args:
        endpoint: Where, with the key for exactly that place and perhaps the model's name.
        temperature: Sent only when given; servers differ in what they take.
        stop: Strings at which the server ends an answer; it takes them out of the text.
        window: Tokens that the model takes in all, where that is known: a conversation that
            does not fit is not sent.
        connect_seconds: For a connection.
        first_token_seconds: From the request to the first piece of text or reasoning; a
            local machine may have to load the model first.
        idle_seconds: Of silence between pieces; comments and empty events are silence.
        most_bytes: Of one answer.
        tries: How often an overloaded or unreachable endpoint is asked.
        pace: Real seconds for each second of waiting before another try; for tests.

    Raises:
        ConfigError: The URL or the key cannot be used.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        temperature: float | None = None,
        stop: Sequence[str] = (),
        window: int | None = None,
        connect_seconds: float = 10.0,
        first_token_seconds: float = 300.0,
        idle_seconds: float = 120.0,
        most_bytes: int = 8_000_000,
        tries: int = 3,
        pace: float = 1.0,
    ) -> None:
        self._address = checked(endpoint)
        self._name = endpoint.model or ""
        self._temperature = temperature
        self._stop = list(stop)
        self._window = window
        self._connect_seconds = connect_seconds
        self._first_token_seconds = first_token_seconds
        self._idle_seconds = idle_seconds
        self._most_bytes = most_bytes
        self._tries = tries
        self._pace = pace
        self._unknown: set[str] = set()  # fields of the request that the server refused
        self._streams = True
        self._wire: Wire | None = None

    @property
    def name(self) -> str:
        """The model's name; ``""`` until :meth:`choose` has found one."""
        return self._name

    async def choose(self) -> str:
        """Return the model's name; without one, take the only model of the endpoint.

        Raises:
            ConfigError: The endpoint has several models, or does not tell.
            ModelError: It could not be asked.
        """
        return await self._chosen(_LIST_SECONDS)

    async def list_models(self) -> list[str]:
        """Return the names of the endpoint's models; empty when it lists none.

        Raises:
            ModelError: The endpoint could not be asked.
        """
        return await self._listed(_LIST_SECONDS)

    async def context(self) -> int | None:
        """Return the model's context size in tokens, or None where the endpoint tells none.

        Raises:
            ConfigError: No model is named and the endpoint has not exactly one.
            ModelError: The endpoint could not be asked.
        """
        name = await self._chosen(_LIST_SECONDS)
        return context_of(await self._listing(_LIST_SECONDS), name)

    def request(self, messages: Sequence[Message]) -> dict[str, Any]:
        """Return the JSON body of a request, exactly as it would be sent."""
        return self._body(messages, streaming=self._streams)

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        seconds: float,
        tokens: int,
        show: Callable[[Delta | Notice], None],
    ) -> Completion:
        """Ask for one answer and return it when it is whole.

        Args:
            messages: The conversation, the system message first.
            seconds: For everything: waiting, asking again, streaming.
            tokens: The most output tokens of this answer, by our estimate.
            show: Told every piece of the answer and every wait, in the loop's thread.

        Returns:
            The answer; with ``finish="length"`` it was cut by the server's own limit.

        Raises:
            ConfigError: No model is named and the endpoint has not exactly one.
            Unreachable: No usable answer came.
            BadReply: One came that must not be acted upon; ``partial`` holds its text.
            ContextFull: The conversation is too long for the model; where its window is
                known, nothing was sent.
        """
        if self._window is not None:
            check_window(messages, self._window)
        ask = _Ask(messages, seconds, tokens, show, begun=_now(), streaming=self._streams)
        await self._chosen(min(_LIST_SECONDS, seconds))
        while True:
            ask.answer = Answer(self._address, self._name, tokens=tokens)
            outcome = await self._once(ask)
            if isinstance(outcome, Completion):
                self._streams = self._streams and not ask.ignores_stream
                return outcome
            await self._recover(outcome, ask)

    async def aclose(self) -> None:
        """Close the connections, in the event loop that used them."""
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()

    # --- one request -------------------------------------------------------------

    def _body(self, messages: Sequence[Message], *, streaming: bool) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._name,
            "messages": [{**message, "content": whole(message["content"])} for message in messages],
            "stream": streaming,
        }
        if streaming:
            body["stream_options"] = {"include_usage": True}
        if self._temperature is not None:
            body["temperature"] = self._temperature
        if self._stop:
            body["stop"] = self._stop
        return {name: value for name, value in body.items() if name not in self._unknown}

    async def _once(self, ask: _Ask) -> Completion | Fault:
        """Ask once and return the whole answer, or what went wrong."""
        answer, clock = ask.answer, Clock(ask.ends)
        fault = None
        try:
            async with clock:
                await self._read(ask, clock)
        except Faulty as faulty:
            fault = faulty.fault
        except TimeoutError:
            if not clock.rang:
                raise
            fault = self._late(clock, ask)
        if fault and not (answer.finish and fault.kind in ("busy", "late")):
            return fault
        # whole, also when the connection broke or slept after the finish reason
        return answer.complete(ask.messages, _now() - ask.begun)

    async def _read(self, ask: _Ask, clock: Clock) -> None:
        """Feed the answer, show what is new in it, and set the next deadline."""
        wire, body = await self._connected(), self._body(ask.messages, streaming=ask.streaming)
        payloads = wire.stream(body) if ask.streaming else wire.whole(body)
        if ask.streaming:
            clock.allow("first", self._first_token_seconds)
        finished = False
        async with aclosing(payloads):
            async for payload in payloads:
                delta = ask.answer.take(payload)
                if delta:
                    ask.show(delta)
                if ask.answer.finish and not finished:
                    finished = True
                    clock.allow("after", _AFTER_SECONDS)
                elif delta and not finished:
                    clock.allow("idle", self._idle_seconds)

    def _late(self, clock: Clock, ask: _Ask) -> Fault:
        """Return the fault of the deadline that is over."""
        match clock.phase:
            case "first":
                sentence, seconds = sentences.NO_START, self._first_token_seconds
            case "idle":
                sentence, seconds = sentences.STILL, self._idle_seconds
            case "total" | "after":
                sentence, seconds = sentences.OUT_OF_TIME, ask.seconds
            case _:
                assert_never(clock.phase)
        text = sentence.format(at=self._address.host, seconds=round(seconds, 1))
        kind = BadReply if ask.answer.started else Unreachable
        return Fault(error=kind(text), kind="late")

    # --- another try -------------------------------------------------------------

    async def _recover(self, fault: Fault, ask: _Ask) -> None:
        """Return when asking again makes sense, after the wait it takes; else raise."""
        if ask.answer.started:
            raise _kept(fault.error, ask)
        if fault.kind == "field" and fault.field not in self._unknown:
            self._unknown.add(fault.field)
            self._notice(ask, sentences.WITHOUT, field=fault.field)
        elif fault.kind in ("empty", "no_stream") and not ask.asked_again:
            ask.asked_again = True
            ask.streaming = ask.streaming and not ask.answer.blank
            ask.ignores_stream = fault.kind == "no_stream"
            self._notice(ask, sentences.NOTHING_CAME)
        elif fault.kind == "busy" and (wait := self._wait(fault, ask)):
            await self._count_down(wait, fault, ask)
        elif fault.kind == "no_model":
            raise await self._with_names(fault.error, ask)
        else:
            raise fault.error

    def _wait(self, fault: Fault, ask: _Ask) -> float:
        """Return the seconds to wait before the next try, or 0 when there is none."""
        if ask.tried >= self._tries:
            return 0.0
        wait = max(_BACKOFF[min(ask.tried, len(_BACKOFF)) - 1], fault.wait or 0.0)
        return wait if wait * self._pace < ask.ends - _now() else 0.0

    async def _count_down(self, wait: float, fault: Fault, ask: _Ask) -> None:
        ask.tried += 1
        while wait > 0:
            numbers = {"seconds": round(wait, 1), "next": ask.tried, "tries": self._tries}
            self._notice(ask, sentences.WAITING, brief=fault.brief, **numbers)
            await asyncio.sleep(min(wait, 1.0) * self._pace)
            wait -= 1.0

    def _notice(self, ask: _Ask, sentence: str, **values: object) -> None:
        text = sentence.format(at=self._address.host, **values)
        ask.show(Notice(sentence=text, passing=True))

    async def _with_names(self, error: ModelError, ask: _Ask) -> ModelError:
        """Return ``error``, told with the models that the endpoint does have."""
        try:
            known = await self._listed(min(_LIST_SECONDS, ask.ends - _now()))
        except ModelError:
            known = []
        has = f"It has {_told(known)}. " if known else ""
        return Unreachable(f"{error} {has}{sentences.HOW}")

    # --- the endpoint ------------------------------------------------------------

    async def _connected(self) -> Wire:
        if self._wire is None:
            self._wire = await asyncio.to_thread(self._connect)
        if self._wire is None:
            raise ConfigError(sentences.NO_WIRE.format(at=self._address.host))
        return self._wire

    def _connect(self) -> Wire | None:
        """Load the client library; None when this machine's settings keep it from working."""
        from codeact_jupyter.models.wire import Wire

        try:
            return Wire(
                self._address,
                connect_seconds=self._connect_seconds,
                most_bytes=self._most_bytes,
            )
        except Exception:  # noqa: BLE001  # of a proxy's URL, which may hold a password
            return None

    async def _chosen(self, seconds: float) -> str:
        if not self._name:
            self._name = self._only(await self._listed(seconds))
        return self._name

    def _only(self, known: list[str]) -> str:
        """Return the one name of ``known``."""
        if len(known) == 1:
            return known[0]
        sentence = sentences.SEVERAL if known else sentences.NONE
        values = {"at": self._address.host, "names": _told(known), "how": sentences.HOW}
        raise ConfigError(sentence.format(**values))

    async def _listed(self, seconds: float) -> list[str]:
        return names(await self._listing(seconds))

    async def _listing(self, seconds: float) -> object:
        """Return what the endpoint lists; None when it has no list."""
        clock = Clock(_now() + seconds)
        try:
            async with clock:
                return await (await self._connected()).models()
        except Faulty as faulty:
            fault = faulty.fault
        except TimeoutError:
            text = sentences.NO_START.format(at=self._address.host, seconds=seconds)
            fault = Fault(error=Unreachable(text))
        if fault.kind == "no_path" or isinstance(fault.error, BadReply):
            return None  # a server that lists none, which the protocol allows
        raise fault.error


@dataclass(slots=True)
class _Ask:
    """One call of ``complete`` and how far it has got."""

    messages: Sequence[Message]
    seconds: float
    tokens: int
    show: Callable[[Delta | Notice], None]
    begun: float
    streaming: bool
    answer: Answer = field(init=False, repr=False)
    tried: int = 1
    asked_again: bool = False
    ignores_stream: bool = False

    @property
    def ends(self) -> float:
        return self.begun + self.seconds


def _now() -> float:
    return asyncio.get_running_loop().time()


def _kept(error: ModelError, ask: _Ask) -> ModelError:
    """Return ``error`` with what had come and what that took, told as a cut answer."""
    if isinstance(error, Unreachable):
        error = BadReply(sentences.BROKEN_OFF.format(message=error))
    error.partial = ask.answer.text
    usage = ask.answer.usage(ask.messages)
    error.sent, error.received, error.estimated = usage.input, usage.output, usage.estimated
    error.seconds = _now() - ask.begun
    return error


def _told(known: list[str]) -> str:
    """Return the first names for a sentence."""
    shown = ", ".join(repr(quoted(name, 80)) for name in known[:_MOST_NAMES])
    return f"{shown} and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else shown
