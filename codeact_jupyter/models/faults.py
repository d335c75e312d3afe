"""What went wrong at an endpoint, read into a sentence and a decision.

One fault of one server reaches us as an HTTP status with a body of any shape, as an
exception of the client library, of its HTTP library or of Python, or as an ordinary
event inside a stream. All of them become one :class:`Fault`: the error to raise, and
whether asking again can help. The shapes were measured against a scripted server; there
is one test for each (``tests/faults/test_endpoint_faults.py``).

Called by :mod:`~codeact_jupyter.models.wire` and
:mod:`~codeact_jupyter.models.answer`. It never asks, waits or shows anything, and
imports no client library: exceptions are known by their attributes and class names.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

from codeact_jupyter import urls
from codeact_jupyter.errors import BadReply, ContextFull, ModelError, Unreachable
from codeact_jupyter.models import sentences
from codeact_jupyter.models.text import ended, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codeact_jupyter.models.address import Address

LONGEST_WAIT = 30.0
"""Seconds of a server's ``Retry-After`` that are waited for; above, the user decides."""


Kind = Literal["final", "busy", "late", "field", "empty", "no_stream", "no_model", "no_path"]
"""What to do about a fault: nothing; ask again after a wait; nothing, for a deadline is
over; ask without a field; ask once more, for nothing came; ask without streaming; name
the models there are; nothing, for the path is unknown there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One failed request.

    Attributes:
        error: What to raise when nothing helps.
        kind: What may help.
        brief: For ``busy``: what is wrong, to follow "The endpoint HOST".
        wait: For ``busy``: seconds that the server asked to wait, or None.
        field: For ``field``: what the server does not take.
    """

    error: ModelError
    kind: Kind = "final"
    brief: str = ""
    wait: float | None = None
    field: str = ""


class Faulty(Exception):
    """Carries a :class:`Fault` up to the caller; never leaves this package."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault = fault


class TooMuch(Exception):
    """The server sent more bytes than one answer may have."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A server's no: a status and a body, or an event in a stream that reports an error.

    Attributes:
        status: The HTTP status, or the number in an event's ``code``, or 0.
        words: What the server said, fit for a sentence.
        code: Its ``code`` and ``type``, joined.
        headers: The response's headers; empty for an event.
        model: The model that was asked.
    """

    status: int
    words: str
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    model: str = ""

    @property
    def said(self) -> str:
        """The words as the end of a sentence; only its full stop when there are none."""
        return f": {ended(self.words)}" if self.words else "."


def of_exception(error: Exception, address: Address, model: str) -> Fault:
    """Read an exception of the client library, its HTTP library or Python."""
    status, body = getattr(error, "status_code", None), getattr(error, "body", None)
    if isinstance(status, int):
        headers = getattr(getattr(error, "response", None), "headers", {})
        return _of_refusal(_refusal(status, body, headers, model), address)
    if isinstance(error, TooMuch):
        return bad(sentences.TOO_MUCH, address, limit=error.limit)
    if body is not None:  # an error event, which the library has turned into an APIError
        return of_event(body, address, model)
    if isinstance(error, UnicodeEncodeError):
        return bad(sentences.UNSENDABLE, address)
    if isinstance(error, UnicodeDecodeError):
        return bad(sentences.UNREADABLE, address, text="text that is not UTF-8")
    if isinstance(error, json.JSONDecodeError):
        return bad(sentences.UNREADABLE, address, text="broken JSON")
    return _of_connection(error, address)


def of_event(payload: object, address: Address, model: str) -> Fault:
    """Read an event of a stream, or a body with status 200, that reports an error."""
    no = _refusal(0, payload, {}, model)
    if no.status or _is_context(no):
        return _of_refusal(no, address)
    return _unreachable(sentences.REPORTED, address, no)


def stranger(address: Address) -> Fault:
    """The fault of a server that answers something, but not as this protocol says."""
    return bad(sentences.STRANGER, address)


def bad(sentence: str, address: Address, **values: object) -> Fault:
    """A fault of what came, by one of our sentences and the values it names."""
    return Fault(error=BadReply(sentence.format(at=address.host, address=address, **values)))


def _unreachable(sentence: str, address: Address, no: Refusal, **values: object) -> Fault:
    """A fault of a server that said no."""
    text = sentence.format(at=address.host, address=address, no=no, **values)
    return Fault(error=Unreachable(text))


# --- statuses ----------------------------------------------------------------------


def _of_refusal(no: Refusal, address: Address) -> Fault:
    """Read a status, or an event that names one, by the first rule that knows it."""
    for rule in _RULES:
        if fault := rule(no, address):
            return fault
    return _unreachable(sentences.NO, address, no)


def _redirected(no: Refusal, address: Address) -> Fault | None:
    if not 300 <= no.status < 400:
        return None
    to = urls.host(no.headers.get("location", "")) or address.host
    return _unreachable(sentences.REDIRECTED, address, no, to=quoted(to, 100))


def _key_refused(no: Refusal, address: Address) -> Fault | None:
    if no.status != 401:
        return None
    sentence = sentences.KEY_REFUSED if address.has_key else sentences.KEY_MISSING
    return _unreachable(sentence, address, no)


def _not_allowed(no: Refusal, address: Address) -> Fault | None:
    return _unreachable(sentences.NOT_ALLOWED, address, no) if no.status == 403 else None


def _quota(no: Refusal, address: Address) -> Fault | None:
    if no.status == 402 or (no.status == 429 and _QUOTA.search(f"{no.code} {no.words}")):
        return _unreachable(sentences.USED_UP, address, no)
    return None


def _is_context(no: Refusal) -> bool:
    """True for the one fault that every server words in its own way (see the facts)."""
    return bool(_CONTEXT.search(f"{no.code} {no.words}"))


def _context(no: Refusal, address: Address) -> Fault | None:
    if no.status == 413 or (no.status in (0, 400, 422, 500) and _is_context(no)):
        return Fault(error=ContextFull(sentences.FULL.format(at=address.host, no=no)))
    return None


def _field(no: Refusal, address: Address) -> Fault | None:
    if no.status not in (400, 422):
        return None
    for name, pattern in _FIELDS.items():
        if pattern.search(no.words):
            return replace(_unreachable(sentences.NO, address, no), kind="field", field=name)
    return None


def _model_missing(no: Refusal, address: Address) -> Fault | None:
    if no.status not in (400, 404) or not _MODEL.search(f"{no.code} {no.words}"):
        return None
    return replace(_unreachable(sentences.NO_MODEL, address, no), kind="no_model")


def _path_missing(no: Refusal, address: Address) -> Fault | None:
    if no.status not in (404, 405):
        return None
    return replace(_unreachable(sentences.NO_PATH, address, no), kind="no_path")


def _overloaded(no: Refusal, address: Address) -> Fault | None:
    if no.status != 429 and no.status < 500:
        return None
    what = "is overloaded" if no.status in (429, 503, 529) else "has a fault of its own"
    brief = f"{what} ({no.status})"
    wait = _retry_after(no.headers)
    if wait is not None and wait > LONGEST_WAIT:
        return _unreachable(sentences.LATER, address, no, brief=brief, time=_clock(wait))
    fault = _unreachable(sentences.OVERLOADED, address, no, brief=brief)
    return replace(fault, kind="busy", brief=brief, wait=wait)


_RULES = (
    _redirected,
    _key_refused,
    _not_allowed,
    _quota,
    _context,
    _field,
    _model_missing,
    _path_missing,
    _overloaded,
)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of ``Retry-After``: a number, or an HTTP date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    try:
        if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
            return float(value)
        when = parsedate_to_datetime(value)
        return max(0.0, (when - datetime.now(when.tzinfo)).total_seconds())
    except ValueError:
        return None


def _clock(seconds: float) -> str:
    """Return the local time in ``seconds``, with the day when that is another one."""
    now = datetime.now()
    then = now + timedelta(seconds=seconds)
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%H:%M on %d %B %Y}"


# --- bodies ------------------------------------------------------------------------


def _refusal(status: int, body: object, headers: Mapping[str, str], model: str) -> Refusal:
    inner = body.get("error") if isinstance(body, dict) else None
    facts: dict[str, Any] = {}
    for part in (body, inner):
        facts |= part if isinstance(part, dict) else {}
    code, kind = (_short(facts.get(name)) for name in ("code", "type"))
    if not status and re.fullmatch("[45][0-9]{2}", code):
        status = int(code)
    return Refusal(
        status=status,
        words=quoted(_words(body)),
        code=f"{code} {kind}",
        headers=headers,
        model=model,
    )


def _short(value: object) -> str:
    return str(value)[:100] if isinstance(value, (str, int)) else ""


def _words(body: object, depth: int = 4) -> str:
    """Return the sentence inside a body, whatever shape a server gave it."""
    if isinstance(body, str):
        return body
    if not depth:
        return ""
    if isinstance(body, list):
        return "; ".join(_words(item, depth - 1) for item in body[:3])
    if not isinstance(body, dict):
        return ""
    for name in ("message", "error", "detail", "msg"):
        if words := _words(body.get(name), depth - 1):
            return words
    return ", ".join(f"{key}: {value}" for key, value in body.items() if isinstance(value, str))


# --- connections -------------------------------------------------------------------


def _of_connection(error: Exception, address: Address) -> Fault:
    """Read why no answer came; the client library says only "Connection error."."""
    causes = list(_causes(error))
    names = {base.__name__ for cause in causes for base in type(cause).__mro__}
    words = " ".join(str(cause) for cause in causes)
    known = (rest for wanted, *rest in _CONNECTIONS if wanted & names)
    sentence, brief = next(known, (sentences.UNKNOWN, ""))
    if "RemoteProtocolError" in names and not _BROKEN_OFF.search(words):
        sentence, brief = sentences.NOT_HTTP, ""
    name = type(causes[-1]).__name__
    text = sentence.format(at=address.host, address=address, name=name)
    return Fault(error=Unreachable(text), kind="busy" if brief else "final", brief=brief)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and all that led to it, groups included."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _causes(inner)
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _causes(cause)


_CONTEXT = re.compile(
    r"context_length_exceeded|exceed_context_size|context[ _](length|size|window)"
    r"|too many tokens|prompt is too long",
    re.IGNORECASE,
)
_MODEL = re.compile(
    r"model_not_found|no such model|unknown model"
    r"|\bmodel\b.{0,200}?(not found|not exist|not available|not loaded)",
    re.IGNORECASE,
)
_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota", re.IGNORECASE)
_FIELDS = {
    "stream_options": re.compile("stream_options", re.IGNORECASE),
    "temperature": re.compile(
        r"temperature.*(support|not permitted|not allowed|only the default)"
        r"|(unsupported|unknown|unrecognized|unexpected|extra).*temperature",
        re.IGNORECASE,
    ),
    "stop": re.compile(
        r"['\"`]stop['\"`].*(support|not permitted|not allowed)"
        r"|(unsupported|unknown|unrecognized|unexpected|extra)[^.]*['\"`: ]stop\b(?! sequence)",
        re.IGNORECASE,
    ),
}
_BROKEN_OFF = re.compile("disconnected|closed connection|incomplete", re.IGNORECASE)

# Names of exception classes of Python, httpcore and httpx; a brief means: worth another try.
_CONNECTIONS: tuple[tuple[frozenset[str], str, str], ...] = (
    (
        frozenset({"ConnectTimeout", "PoolTimeout"}),
        sentences.NO_CONNECTION,
        "does not take the connection",
    ),
    (frozenset({"ConnectionRefusedError"}), sentences.REFUSED, "refuses the connection"),
    (frozenset({"gaierror"}), sentences.NOT_FOUND, "was not found"),
    (frozenset({"SSLError"}), sentences.TLS, ""),
    (frozenset({"DecodingError"}), sentences.DAMAGED, ""),
    (frozenset({"ProxyError"}), sentences.PROXY, ""),
    (
        frozenset({"UnsupportedProtocol", "InvalidURL", "LocalProtocolError"}),
        sentences.UNUSABLE,
        "",
    ),
    (
        frozenset({"NetworkError", "RemoteProtocolError", "ConnectionError"}),
        sentences.BROKE_OFF,
        "broke the connection off",
    ),
)
