"""Tries, waits and Stop: what is shown, what is remembered, and that it ends."""

from __future__ import annotations

import asyncio
import re
import socket
from datetime import datetime, timedelta
from typing import Any

import pytest
from asking import HALF, PROMPT, ask
from endpoint import ScriptedEndpoint, fault

from codeact_jupyter.errors import Unreachable
from codeact_jupyter.models.client import ChatModel
from codeact_jupyter.progress import Delta, Notice
from codeact_jupyter.types import Endpoint


def test_refused_connection_is_tried_three_times() -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        outcome = ask(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
    assert isinstance(outcome.error, Unreachable)
    assert "refused the connection" in str(outcome.error)
    assert [notice.rpartition(":")[2] for notice in outcome.notices] == [
        " waiting 0.5 s, then try 2 of 3.",
        " waiting 1 s, then try 3 of 3.",
    ]


def test_unknown_host_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **kwargs: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    outcome = ask("http://no-such-host.invalid/v1")
    assert isinstance(outcome.error, Unreachable)
    assert "The host of no-such-host.invalid was not found." in str(outcome.error)


def test_tls_to_a_plain_server_is_told_without_a_retry(endpoint: ScriptedEndpoint) -> None:
    outcome = ask(endpoint.base_url.replace("http:", "https:"))
    assert isinstance(outcome.error, Unreachable)
    assert "TLS failed" in str(outcome.error)
    assert not outcome.notices


def test_connection_has_a_deadline_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes no connection, says nothing
        outcome = ask(f"https://127.0.0.1:{deaf.getsockname()[1]}/v1", connect_seconds=0.2)
    assert isinstance(outcome.error, Unreachable)
    assert "did not take the connection in time" in str(outcome.error)
    assert len(outcome.notices) == 2


def test_redirect_reaches_no_other_server(endpoint: ScriptedEndpoint) -> None:
    with ScriptedEndpoint(["Stolen."]) as other:
        endpoint.script(fault("redirect", to=f"{other.base_url}/chat/completions"))
        assert ask(endpoint.base_url).error is not None
        assert other.requests == []


# --- waits ---------------------------------------------------------------------------


def test_wait_counts_down_in_sight(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("429", retry_after=3), "Fine.")
    outcome = ask(endpoint.base_url)
    host = f"127.0.0.1:{endpoint.port}"
    assert outcome.notices == [
        f"The endpoint {host} is overloaded (429): waiting {left} s, then try 2 of 3."
        for left in (3, 2, 1)
    ]
    assert outcome.shown[0] == Notice(sentence=outcome.notices[0], passing=True)


def test_long_wait_is_left_to_the_user(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("429", retry_after=3600))
    before = datetime.now()
    outcome = ask(endpoint.base_url)
    times = [before, datetime.now()]
    told = re.search(r"try again at (\d\d:\d\d)", str(outcome.error))
    assert told
    assert told[1] in {f"{time + timedelta(hours=1):%H:%M}" for time in times}


def test_retry_after_may_be_a_date(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(
        fault("429", retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),  # past: no wait of its own
        fault("429", retry_after="soon"),
        fault("429", retry_after="Fri, 01 Jan 2100 00:00:00 GMT"),
    )
    outcome = ask(endpoint.base_url)
    assert len(endpoint.requests) == 3
    assert "try again at" in str(outcome.error)
    assert len(outcome.notices) == 2


def test_wait_never_outlasts_the_time_left(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("429", retry_after=20))
    outcome = ask(endpoint.base_url, seconds=10, pace=1)
    assert "overloaded" in str(outcome.error)
    assert not outcome.notices


def test_refused_field_is_remembered(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("no_stream_options"), fault("no_temperature"), "One.", "Two.")
    outcome = ask(endpoint.base_url, times=2, temperature=0.2)
    assert outcome.completion is not None
    bodies = [request.json for request in endpoint.requests]
    assert ["stream_options" in body for body in bodies] == [True, False, False, False]
    assert ["temperature" in body for body in bodies] == [True, True, False, False]


def test_server_that_ignores_stream_is_remembered(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(*[fault("ignores_stream")] * 3)
    outcome = ask(endpoint.base_url, times=2)
    assert outcome.text == "All at once."
    assert [request.json["stream"] for request in endpoint.requests] == [True, False, False]
    assert "stream_options" not in endpoint.requests[1].json


def test_one_empty_stream_is_not_remembered(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("done_only"), "One.", "Two.")
    assert ask(endpoint.base_url, times=2).completion is not None
    assert [request.json["stream"] for request in endpoint.requests] == [True, False, True]


# --- stop ----------------------------------------------------------------------------


def cancel_when(endpoint: ScriptedEndpoint, *, shown: type | None, pace: float = 1.0) -> None:
    """Cancel a call once the request is there, or once something of a kind was shown."""

    async def main() -> None:
        place = Endpoint(base_url=endpoint.base_url, model="scripted", source="CODEACT_BASE_URL")
        model, seen = ChatModel(place, pace=pace), asyncio.Event()

        def show(item: Delta | Notice) -> None:
            if shown is not None and isinstance(item, shown):
                seen.set()

        asking = asyncio.ensure_future(
            model.complete(PROMPT, seconds=100_000, tokens=10**9, show=show)
        )
        await (seen.wait() if shown else asyncio.to_thread(endpoint.wait_for, 1))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await model.aclose()

    asyncio.run(main())


def test_stop_while_waiting_for_the_answer(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("no_answer"))
    cancel_when(endpoint, shown=None)
    assert endpoint.requests[0].hung_up.wait(10)


def test_stop_while_the_answer_streams(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("endless", every=0.01))
    cancel_when(endpoint, shown=Delta)
    assert endpoint.requests[0].hung_up.wait(10)


def test_stop_while_comments_stream(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("keepalive_forever", text=HALF))
    cancel_when(endpoint, shown=Delta)
    assert endpoint.requests[0].hung_up.wait(10)


def test_stop_while_waiting_for_another_try(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("429", retry_after=30), "never asked for")
    cancel_when(endpoint, shown=Notice, pace=1000)
    assert endpoint.left == 1
