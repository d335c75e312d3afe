"""Refusals, silence and cuts of an endpoint, and what the user gets for each.

One row for each of ``endpoint-faults.md``; those of what a stream or a body holds are in
``test_answer_faults.py``.
"""

from __future__ import annotations

import pytest
from asking import HALF, Row, bad, check, good, no
from endpoint import ScriptedEndpoint, fault

from codeact_jupyter.errors import ContextFull

REFUSALS = [
    no("401 with the key echoed", fault("401"), words=("refused the key (401)", "CODEACT_API_KEY")),
    no(
        "401 without a key",
        fault("401"),
        words=("asks for a key (401)", "CODEACT_API_KEY"),
        options={"api_key": None},
    ),
    no("403", fault("403"), words=("(403)", "Your country is not supported.")),
    no(
        "404 model",
        fault("404_model"),
        words=("no model 'scripted'", "/v1", "It has 'scripted'", "--model NAME"),
    ),
    no(
        "404 detail",
        fault("404_path", body={"detail": "Not Found"}),
        words=("Not Found", "usually ends in /v1"),
    ),
    no(
        "404 text",
        fault("404_path", body={"error": "page not found"}),
        words=("page not found", "usually ends in /v1"),
    ),
    no(
        "429 for ever",
        *[fault("429")] * 3,
        words=("overloaded (429)", "Rate limit reached."),
        asked=3,
    ),
    good("429 once", fault("429", retry_after=3), "Fine.", text="Fine.", asked=2),
    no("429 Retry-After 100", fault("429", retry_after=100), words=("try again at",)),
    no("429 Retry-After 3600", fault("429", retry_after=3600), words=("try again at",)),
    no("429 quota", fault("429_quota"), words=("quota", "used up", "will not help")),
    no("500", *[fault("500")] * 3, words=("(500)", "Something went wrong."), asked=3),
    no("502 html", *[fault("html")] * 3, words=("502 Bad Gateway nginx",), asked=3),
    no("503 empty", *[fault("503_empty")] * 3, words=("overloaded (503).",), asked=3),
    no(
        "redirect",
        fault("redirect", to="https://u:p@other.example:444/v1?k=secret"),
        words=("other.example:444 (307)", "CODEACT_BASE_URL"),
    ),
    good("stream_options refused", fault("no_stream_options"), "Fine.", text="Fine.", asked=2),
    good(
        "the same with 422", fault("no_stream_options", status=422), "Fine.", text="Fine.", asked=2
    ),
    no("stream_options refused twice", *[fault("no_stream_options")] * 2, words=("400",), asked=2),
    good(
        "temperature refused",
        fault("no_temperature"),
        "Fine.",
        text="Fine.",
        asked=2,
        options={"temperature": 0.2},
    ),
    no("any other 400", fault("500", status=400), words=("(400)", "Something went wrong.")),
    no("an error of 100,000 characters", fault("500", status=400, message="long " * 20_000)),
]
REFUSALS += [
    bad(f"context too long: {server}", fault("context", server=server), error=ContextFull)
    for server in ("openai", "vllm_flat", "vllm_nested", "llama.cpp", "ollama", "413")
]

TIMES = [
    no(
        "no answer",
        fault("no_answer"),
        words=("not begun to answer within 1.2 s",),
        options={"first_token_seconds": 1.2},
    ),
    no(
        "no answer, and no time left",
        fault("no_answer"),
        words=("1.2 s that were left",),
        options={"seconds": 1.2},
    ),
    bad(
        "headers, text, silence",
        fault("headers_then_silence", text=HALF),
        words=("nothing more for 1.5 s",),
        text=HALF,
        options={"idle_seconds": 1.5},
    ),
    no(
        "headers, silence",
        fault("headers_then_silence"),
        words=("not begun to answer",),
        options={"first_token_seconds": 1.2},
    ),
    no(
        "comments for ever: first token",
        fault("keepalive_forever", line=": keep-alive"),
        words=("not begun to answer",),
        options={"first_token_seconds": 1.2},
    ),
    bad(
        "comments for ever: silence",
        fault("keepalive_forever", text=HALF),
        words=("nothing more for 1.5 s",),
        text=HALF,
        options={"idle_seconds": 1.5},
    ),
    bad(
        "empty events for ever",
        fault("keepalive_forever", text=HALF, line='data: {"choices": [{"delta": {}}]}'),
        words=("nothing more for 1.5 s",),
        text=HALF,
        options={"idle_seconds": 1.5},
    ),
    no(
        "comments for ever: the whole time",
        fault("keepalive_forever"),
        words=("1.2 s that were left",),
        options={"seconds": 1.2},
    ),
    bad(
        "endless tokens: tokens",
        fault("endless"),
        words=("past the 20 tokens",),
        text="token " * 14,
        options={"tokens": 20},
    ),
    bad(
        "endless tokens: bytes",
        fault("endless"),
        words=("more than 50,000 bytes",),
        options={"most_bytes": 50_000},
    ),
    bad(
        "endless tokens: seconds",
        fault("endless", every=0.01),
        words=("2 s that were left",),
        options={"seconds": 2},
    ),
    good("very slow tokens", fault("slow"), text="Slow but whole. "),
]

CUTS = [
    bad("cut", fault("cut"), words=("cut", "nothing of it ran"), text=HALF),
    bad("reset", fault("reset"), words=("cut", "nothing of it ran"), text=HALF),
    good("cut before any text", fault("cut", text=""), "Fine.", text="Fine.", asked=2),
    good("closed without a word", fault("hang_up"), "Fine.", text="Fine.", asked=2),
    bad("no finish reason", fault("no_finish"), words=("cut", "finish reason"), text=HALF),
    bad("no finish reason, but [DONE]", fault("no_finish", done=True), words=("cut",), text=HALF),
    bad("ends in mid line", fault("no_finish_mid_line"), words=("cut",), text=HALF),
    good("finished, no [DONE]", fault("no_done"), text="Whole."),
    good("finished, then cut", fault("no_done", how="cut"), text="Whole."),
    good("finished, then silence", fault("no_done", how="open"), text="Whole."),
    no("body cut", fault("done_only"), *[fault("body_cut")] * 3, words=("closed",), asked=4),
    no("not HTTP", fault("not_http"), words=("does not speak HTTP",)),
    no(
        "not HTTP, half a line",
        *[fault("not_http", greeting=b"SSH-2.0-Open")] * 3,
        words=("closed the connection",),
        asked=3,
    ),
    no("bad gzip", fault("bad_gzip"), words=("cannot be unpacked",)),
]

ROWS = [*REFUSALS, *TIMES, *CUTS]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_fault(row: Row, endpoint: ScriptedEndpoint) -> None:
    check(row, endpoint)
