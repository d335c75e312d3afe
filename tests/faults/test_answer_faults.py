"""What a stream or a body can hold that is no good answer, and what the user gets for it.

One row for each of ``endpoint-faults.md``; refusals, silence and cuts are in
``test_endpoint_faults.py``.
"""

from __future__ import annotations

import pytest
from asking import HALF, KEY, Row, bad, check, delta, good, no, sse
from endpoint import ScriptedEndpoint, fault

from codeact_jupyter.errors import ContextFull

HTML = fault("bytes", content=b"<html>Log in</html>", kind="text/html")
STRANGER = ("not an OpenAI-style endpoint", "/v1", "CODEACT_BASE_URL")

SPLIT = ('"a \\u001b"', '"[3"', '"1mred\\u001b[0m \\u001b]8;;http"', '"://x\\u001b"', '"\\\\link."')

STREAMS = [
    bad(
        "bad JSON in an event",
        fault("lines", data=b"data: {oh no\n\n", text=HALF),
        words=("broken JSON",),
        text=HALF,
    ),
    bad(
        "two events without a blank line",
        fault("lines", data=b"data: {}\ndata: {}\n\n"),
        words=("broken JSON",),
    ),
    good(
        "BOM before the first event",
        fault("lines", data=b"\xef\xbb\xbf" + sse(delta('"Fi"'), delta('"ne."'))),
        text="Fine.",
    ),
    no(
        "error event",
        fault("events", items=[{"error": {"message": "The GPU is on fire."}}]),
        words=("reported an error", "The GPU is on fire."),
    ),
    no(
        "error event with a text",
        fault("events", items=[{"error": "The GPU is on fire."}]),
        words=("reported an error", "The GPU is on fire."),
    ),
    bad(
        "error event after text",
        fault("lines", data=b'data: {"error": "Out of memory"}\n\n', text=HALF),
        words=("cut", "Out of memory"),
        text=HALF,
    ),
    no(
        "event: error with a bare message",
        fault("lines", data=b'event: error\ndata: {"message": "The GPU is on fire."}\n\n'),
        words=("The GPU is on fire.",),
    ),
    no(
        "flat error event (vLLM)",
        fault("events", items=[{"object": "error", "message": "Engine died", "code": 400}]),
        words=("(400): Engine died.",),
    ),
    no(
        "error event with the key in it",
        fault("events", items=[{"error": f"Bad key {KEY[:9]}\x00{KEY[9:]} <b>{KEY}</b>"}]),
        words=("Bad key [masked API key] [masked API key]",),
    ),
    good(
        "overload told in an event",
        fault("events", items=[{"error": {"message": "busy", "code": 503}}]),
        "Fine.",
        text="Fine.",
        asked=2,
    ),
    bad(
        "context too long, told in an event",
        fault("events", items=[{"error": "maximum context length is 4096"}]),
        error=ContextFull,
    ),
    good(
        "CRLF, and no space after data:",
        fault("lines", data=sse(delta('"Fine."')).replace(b": {", b":{").replace(b"\n", b"\r\n")),
        text="Fine.",
    ),
    good(
        "UTF-8 split over packets",
        fault("bytewise", data=sse(delta('"Zürich 🎉 東京"'))),
        text="Zürich 🎉 東京",
    ),
    good(
        "other line ends inside the text",
        fault("lines", data=sse(delta('"a\u2028b\u2029c"'), delta('"\\u0085\\u000bd"'))),
        text="a\u2028b\u2029cd",
    ),
    good(
        "choices empty, null, missing",
        fault("lines", data=sse('{"choices": []}', '{"choices": null}', "{}", delta('"Fine."'))),
        text="Fine.",
    ),
    good(
        "delta null, content null",
        fault("deltas", items=[None, {"content": None}, {"content": "Fine."}]),
        text="Fine.",
    ),
    bad(
        "an empty answer, twice",
        *[fault("deltas", items=[{"content": ""}])] * 2,
        words=("twice with nothing",),
        asked=2,
    ),
    good("an empty answer, once", fault("deltas", items=[]), "Fine.", text="Fine.", asked=2),
    good(
        "content as a list of parts",
        fault("deltas", items=[{"content": [{"type": "text", "text": "Fi"}, {"text": "ne."}]}]),
        text="Fine.",
    ),
    bad(
        "an answer of blanks, twice",
        *[fault("finish", reason="stop", text=" \n")] * 2,
        words=("twice with nothing",),
        asked=2,
    ),
    good("finish length", fault("length"), text=HALF),
    good("finish length before any text", fault("length", text=""), text=""),
    bad(
        "content filter",
        fault("finish", reason="content_filter"),
        words=("content filter",),
        text=HALF,
    ),
    bad(
        "refusal",
        fault("deltas", items=[{"refusal": "I will "}, {"refusal": "not do that."}]),
        words=("refused: I will not do that.",),
    ),
    bad("finish error", fault("finish", reason="error"), words=("fault of its own",), text=HALF),
    good("unknown finish reason", fault("finish", reason="eos_token"), text=HALF),
    good(
        "<think> split over chunks",
        fault("deltas", items=[{"content": "<th"}, {"content": "ink>hm</think>Fine."}]),
        text="<think>hm</think>Fine.",
    ),
    good("usage missing", fault("no_usage"), text="Not counted."),
    bad("an event of 50 MB", fault("big"), words=("more than 8,000,000 bytes",)),
    bad(
        "a body of 50 MB",
        fault("done_only"),
        fault("big"),
        words=("more than 8,000,000 bytes",),
        asked=2,
    ),
    bad(
        "bytes that are not UTF-8",
        fault("lines", data=b'data: {"choices": "\xff\xfe"}\n\n', text=HALF),
        words=("not UTF-8",),
        text=HALF,
    ),
    good("lone surrogate", fault("lines", data=sse(delta('"a\\ud800b"'))), text="a\ufffdb"),
    good(
        "surrogate pair split over events",
        fault("lines", data=sse(delta('"a\\ud83c"'), delta('"\\udf89b"'))),
        text="a🎉b",
    ),
    good(
        "NUL and ANSI",
        fault("lines", data=sse(delta('"a\\u0000\\u001b[31mred\\u009b\\u007f\\tb\\r\\n"'))),
        text="ared\tb\r\n",
    ),
    good(
        "sequences for a terminal, split over events",
        fault("lines", data=sse(*map(delta, SPLIT))),
        text="a red link.",
    ),
]

WHOLES = [
    bad("200 html", HTML, HTML, words=STRANGER, asked=2),
    bad(
        "200 text", *[fault("bytes", content=b"hi", kind="text/plain")] * 2, words=STRANGER, asked=2
    ),
    bad("JSON list", fault("json", value=[]), fault("json", value=[1]), words=STRANGER, asked=2),
    bad("JSON null", *[fault("json", value=None)] * 2, words=STRANGER, asked=2),
    bad("a list as an event", fault("events", items=[["hello"]]), words=STRANGER),
    good("server ignores stream", *[fault("ignores_stream")] * 2, text="All at once.", asked=2),
    good("empty stream", fault("empty_200"), "Fine.", text="Fine.", asked=2),
    good("[DONE] only", fault("done_only"), "Fine.", text="Fine.", asked=2),
    bad("[DONE] only, then no choices", fault("done_only"), fault("json", value={}), asked=2),
    bad("empty body", *[fault("empty_200", kind="application/json")] * 2, asked=2),
    bad(
        "body that is not UTF-8",
        fault("done_only"),
        fault("bytes", content=b'{"choices": "\xff"}'),
        words=("not UTF-8",),
        asked=2,
    ),
    good(
        "JSON under a wrong type",
        fault("done_only"),
        fault("ignores_stream", kind="text/plain"),
        text="All at once.",
        asked=2,
    ),
    bad(
        "whole, without a finish reason",
        fault("done_only"),
        fault("json", value={"choices": [{"message": {"content": HALF}}]}),
        words=("cut",),
        text=HALF,
        asked=2,
    ),
    no(
        "whole, with an error inside",
        fault("done_only"),
        fault("json", value={"error": {"message": "The GPU is on fire."}}),
        words=("The GPU is on fire.",),
        asked=2,
    ),
]

ROWS = [*STREAMS, *WHOLES]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_fault(row: Row, endpoint: ScriptedEndpoint) -> None:
    check(row, endpoint)
