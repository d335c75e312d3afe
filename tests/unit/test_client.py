"""The model client where all goes well: what is sent, what comes back, which model."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from asking import KEY, PROMPT, ask
from endpoint import ScriptedEndpoint, fault
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.errors import BadReply, CodeActError, ConfigError, Unreachable
from codeact_jupyter.models.address import checked
from codeact_jupyter.models.answer import Answer
from codeact_jupyter.models.client import ChatModel
from codeact_jupyter.models.faults import Fault, Faulty
from codeact_jupyter.models.text import Cleaner, Meter, clean, estimate, quoted
from codeact_jupyter.progress import Delta
from codeact_jupyter.types import Completion, Endpoint, Usage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def model_at(url: str, name: str | None = "scripted", **options: Any) -> ChatModel:
    place = Endpoint(base_url=url, api_key=KEY, model=name, source="CODEACT_BASE_URL")
    return ChatModel(place, **options)


def run(model: ChatModel, call: Callable[[ChatModel], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        try:
            return await call(model)
        finally:
            await model.aclose()

    return asyncio.run(main())


def test_an_answer_that_was_cut_stays_so_whatever_follows(endpoint: ScriptedEndpoint) -> None:
    cut = {"choices": [{"delta": {"content": "x = 1"}, "finish_reason": "length"}]}
    endpoint.script(fault("events", items=[cut, {"choices": [{"finish_reason": "stop"}]}]))
    completion = ask(endpoint.base_url).completion
    assert completion
    assert completion.finish == "length"


# --- what is sent --------------------------------------------------------------------


def test_request_is_the_body_that_is_sent(endpoint: ScriptedEndpoint) -> None:
    endpoint.script("Fine.")
    ask(endpoint.base_url, temperature=0.0)
    body = model_at(endpoint.base_url, temperature=0.0).request(PROMPT)
    assert body == {
        "model": "scripted",
        "messages": [{"role": "user", "content": "Which city sells most?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.0,
    }
    assert endpoint.requests[0].json == body


def test_temperature_is_sent_only_when_given() -> None:
    assert "temperature" not in model_at("http://host/v1").request(PROMPT)


def test_broken_characters_of_an_output_can_be_sent(endpoint: ScriptedEndpoint) -> None:
    endpoint.script("Fine.")
    messages = [{"role": "user", "content": "a\ud800b 🎉 \x1b[31m"}]
    model = model_at(endpoint.base_url)
    run(model, lambda model: model.complete(messages, seconds=30, tokens=9, show=lambda _: None))
    assert endpoint.requests[0].json["messages"][0]["content"] == "a\ufffdb 🎉 \x1b[31m"


def test_every_request_has_a_connection_of_its_own(endpoint: ScriptedEndpoint) -> None:
    endpoint.script("One.", "Two.", fault("429"), "Three.")
    assert ask(endpoint.base_url, times=3).text == "Three."
    assert endpoint.connections == len(endpoint.requests) == 4


def test_nothing_heavy_is_loaded_before_the_first_request() -> None:
    code = (
        "import sys, codeact_jupyter.models.client\n"
        "print(sorted({'openai', 'httpx2', 'httpx', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- which model ---------------------------------------------------------------------


def test_only_model_is_chosen(endpoint: ScriptedEndpoint) -> None:
    endpoint.script("Fine.")
    model = model_at(endpoint.base_url, None)
    assert model.name == ""
    assert ask(endpoint.base_url, model=None).completion is not None
    assert endpoint.requests[0].json["model"] == "scripted"
    assert run(model, ChatModel.choose) == model.name == "scripted"
    assert len(endpoint.listings) == 2


def test_named_model_needs_no_list(endpoint: ScriptedEndpoint) -> None:
    assert run(model_at(endpoint.base_url, "mine"), ChatModel.choose) == "mine"
    assert endpoint.listings == []


@pytest.mark.parametrize(
    ("models", "error", "words"),
    [
        (["a", "b"], ConfigError, ("several models: 'a', 'b'.", "--model NAME", "CODEACT_MODEL")),
        ([f"m{number}" for number in range(25)], ConfigError, ("'m9' and 15 more", "%config")),
        ([f"a{KEY}", "\x1b[31mb"], ConfigError, ("'a[masked API key]', 'b'",)),
        ([], ConfigError, ("does not say which models", "--model NAME")),
        (fault("404_path", body={}), ConfigError, ("does not say which models",)),
        (fault("json", value="hello"), ConfigError, ("does not say which models",)),
        (fault("json", value={"data": [None, {"id": 7}]}), ConfigError, ("does not say",)),
        (fault("bytes", content=b"<html>", kind="text/html"), ConfigError, ("does not say",)),
        (fault("bytes", content=b"{oh no"), ConfigError, ("does not say which models",)),
        (fault("401"), Unreachable, ("refused the key (401)",)),
        (fault("500"), Unreachable, ("(500)",)),
        (fault("hang_up"), Unreachable, ("closed the connection",)),
    ],
)
def test_choice_that_cannot_be_made(
    endpoint: ScriptedEndpoint, models: Any, error: type[CodeActError], words: tuple[str, ...]
) -> None:
    endpoint.models = models
    with pytest.raises(error) as caught:
        run(model_at(endpoint.base_url, None), ChatModel.choose)
    for word in words:
        assert word in str(caught.value)
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None


def test_list_of_models_has_a_deadline(endpoint: ScriptedEndpoint) -> None:
    endpoint.models = fault("no_answer")
    outcome = ask(endpoint.base_url, model=None, seconds=0.3)
    assert isinstance(outcome.error, Unreachable)
    assert "0.3 s" in str(outcome.error)


def test_list_models_is_empty_where_there_is_none(endpoint: ScriptedEndpoint) -> None:
    assert run(model_at(endpoint.base_url), ChatModel.list_models) == ["scripted"]
    endpoint.models = fault("404_path", body={})
    assert run(model_at(endpoint.base_url), ChatModel.list_models) == []


# --- what comes back -----------------------------------------------------------------


def test_usage_is_the_servers(endpoint: ScriptedEndpoint) -> None:
    endpoint.script("Three whole words.")
    completion = ask(endpoint.base_url).completion
    assert completion is not None
    assert completion.usage == Usage(input=4, output=3, cached=3)
    assert completion.finish == "stop"
    assert completion.seconds > 0


@pytest.mark.parametrize(
    ("cost", "told"),
    [(0.0125, 0.0125), (0, 0.0), ("0.01", None), (-1, None), (float("nan"), None), (None, None)],
)
def test_money_is_counted_where_the_server_tells_it(
    endpoint: ScriptedEndpoint, cost: Any, told: float | None
) -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "cost": cost}
    endpoint.script(fault("no_usage", text="It costs.", usage=usage))
    completion = ask(endpoint.base_url).completion
    assert completion is not None
    assert completion.usage == Usage(input=5, output=2, cost=told)


def test_money_adds_up_over_the_requests_that_told_it() -> None:
    assert (Usage(cost=0.5) + Usage() + Usage(cost=0.25)).cost == 0.75
    assert (Usage() + Usage()).cost is None


@pytest.mark.parametrize(
    "usage",
    [None, {}, {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": float("nan")}],
)
def test_missing_usage_is_estimated(endpoint: ScriptedEndpoint, usage: Any) -> None:
    endpoint.script(fault("no_usage", text="Not counted at all.", usage=usage))
    completion = ask(endpoint.base_url).completion
    assert completion is not None
    assert completion.usage == Usage(input=5, output=4, estimated=True)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_apart(endpoint: ScriptedEndpoint, name: str) -> None:
    items = [{name: "Let me "}, {name: "see\x1b.", "content": None}, {"content": "Fine."}]
    endpoint.script(fault("deltas", items=items))
    outcome = ask(endpoint.base_url)
    assert outcome.completion is not None
    assert outcome.completion.text == outcome.text == "Fine."
    assert outcome.completion.reasoning == "Let me see."
    assert outcome.shown[0] == Delta(reasoning="Let me ")


def test_reasoning_counts_as_tokens(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("deltas", items=[{"reasoning": "hm "}] * 30))
    outcome = ask(endpoint.base_url, tokens=20)
    assert isinstance(outcome.error, BadReply)
    assert "20 tokens" in str(outcome.error)


def test_text_without_blanks_still_meets_the_token_limit(endpoint: ScriptedEndpoint) -> None:
    endpoint.script(fault("endless", word="x" * 100))
    outcome = ask(endpoint.base_url, tokens=1000)
    assert isinstance(outcome.error, BadReply)
    assert 4000 <= len(outcome.error.partial) <= 4300


def test_what_show_raises_is_no_fault_of_the_endpoint(endpoint: ScriptedEndpoint) -> None:
    endpoint.script("Hello.")

    def broken(_: object) -> None:
        raise TimeoutError("the host's own")

    async def main() -> None:
        place = Endpoint(base_url=endpoint.base_url, model="scripted", source="CODEACT_BASE_URL")
        model = ChatModel(place)
        try:
            await model.complete(PROMPT, seconds=30, tokens=100, show=broken)
        finally:
            await model.aclose()

    with pytest.raises(TimeoutError, match="the host's own"):
        asyncio.run(main())


WORDS = "choices delta message content text error code type usage index finish_reason refusal"
NAMES = st.sampled_from([*WORDS.split(), "tool_calls", "function", "name", "prompt_tokens"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(JSON | st.dictionaries(NAMES, JSON), max_size=4))
def test_no_payload_is_too_odd(payloads: list[Any]) -> None:
    place = Endpoint(base_url="http://host/v1", source="CODEACT_BASE_URL")
    answer = Answer(checked(place), "scripted", tokens=100)
    with contextlib.suppress(Faulty):
        for payload in payloads:
            answer.take(payload)
        assert isinstance(answer.complete(PROMPT, 1.0), Completion | Fault)


# --- texts ---------------------------------------------------------------------------


@given(st.text(), st.integers(1, 9))
def test_cleaning_and_counting_do_not_depend_on_the_pieces(text: str, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    cleaner, meter = Cleaner(), Meter()
    for piece in pieces:
        meter.add(piece)
    assert "".join(map(cleaner.feed, pieces)) + cleaner.held == clean(text)
    assert meter.tokens == estimate(text)


@given(st.text(st.characters(min_codepoint=0xD700, max_codepoint=0xE0FF)), st.integers(1, 3))
def test_clean_text_can_be_written_to_a_file(text: str, size: int) -> None:
    cleaner = Cleaner()
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    cleaned = "".join(map(cleaner.feed, pieces)) + cleaner.held
    assert cleaned.encode() == clean(text).encode()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("  ", 0), ("one two, three.", 3), ("x" * 400, 100), ('{"a": 1}', 3)],
)
def test_estimate(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain", "plain"),
        ("two\n lines\t\x00here", "two lines here"),
        ("<!DOCTYPE html><p>Bad <b>Gateway</b></p><script>x()</script>", "Bad Gateway"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("word " * 100, "word " * 59 + "word…"),
    ],
)
def test_quoted_is_one_short_line(text: str, words: str) -> None:
    assert quoted(text) == words


def test_quoted_hides_a_key_however_it_is_wrapped() -> None:
    ask("http://127.0.0.1:9/v1", tries=1)  # whoever holds a key protects it
    split = f"{KEY[:9]}\x00{KEY[9:]}"
    for text in (KEY, f"<b>{KEY}</b>", split, "x " * 140 + KEY, "<p>" * 6662 + KEY):
        assert KEY[:12] not in quoted(text)


def test_quoted_hides_a_key_that_looks_like_a_tag() -> None:
    checked(Endpoint(base_url="http://host/v1", api_key="sk-<b>canary", source="a test"))
    assert quoted("no: sk-<b>canary") == "no: [masked API key]"
