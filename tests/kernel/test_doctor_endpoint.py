"""`codeact-jupyter doctor` and the endpoints that it may meet, the local model among them."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from endpoint import fault
from examining import COUNTED, KEY, findings, of_endpoint, only
from tiny_model import MODEL, WHOLE

from codeact_jupyter.config import CodeAct
from codeact_jupyter.config import endpoint as place_of
from codeact_jupyter.doctor import endpoint as endpoint_checks
from codeact_jupyter.doctor import environment, local_model, speed
from codeact_jupyter.keys import KeyRing
from codeact_jupyter.models import local
from codeact_jupyter.models.client import ChatModel

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("quiet_place")


# --- the endpoint --------------------------------------------------------------------


def test_a_refused_key(asked):
    asked.models = fault("401")
    found = findings()
    assert "refused the key (401)" in only(found, "fault")["sentence"]
    assert "CODEACT_API_KEY" in only(found, "fault")["cure"]


def test_a_key_that_is_refused_only_when_asked(asked):
    asked.script(fault("401"))
    *_, bad = of_endpoint()
    assert (bad.level, "refused the key (401)" in bad.sentence) == ("fault", True)


def test_an_endpoint_that_is_down(asked):
    asked.close()
    *_, bad = of_endpoint()
    assert "no server listens there" in bad.sentence
    assert bad.cure.startswith("Start it")


def test_several_models_and_none_named(asked, monkeypatch):
    monkeypatch.delenv("CODEACT_MODEL")
    asked.models = ["small", "large"]
    *_, bad = of_endpoint()
    assert "'small', 'large'" in bad.sentence
    assert bad.cure.startswith("Name one:")


def test_a_model_that_is_not_listed(asked):
    asked.models = ["other"]
    asked.script(fault("404_model"))
    found = of_endpoint()
    assert (
        "does not hold the model 'scripted'"
        in next(one for one in found if one.level == "warning").sentence
    )
    assert found[-1].level == "fault"


def test_a_url_with_a_password_in_it(monkeypatch):
    monkeypatch.setenv("CODEACT_BASE_URL", f"http://me:{KEY}@host/v1")
    found = findings()
    assert "holds a user name or a password" in found[-1]["sentence"]


def test_a_key_without_its_url(monkeypatch):
    monkeypatch.setenv("CODEACT_API_KEY", KEY)
    (bad,) = of_endpoint()
    assert bad.cure == "Set CODEACT_BASE_URL too, or use OPENAI_API_KEY for OpenAI."


def test_another_machine_is_named_before_it_is_asked(asked, monkeypatch):
    """A proxy on this machine plays the endpoint on another one."""
    monkeypatch.setenv("CODEACT_BASE_URL", "http://model.example/v1")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{asked.port}")
    asked.script("ok.")
    with closing(endpoint_checks.endpoint(ask=True)) as checks:
        found = [next(checks) for _ in range(3)]
        connections = asked.connections
        last = list(checks)[-1]
    assert "HTTP_PROXY: requests to model.example go through it" in found[1].sentence
    assert found[2].sentence == (
        "model.example is asked now. Sent there: its key and the words 'Say ok.'; nothing of yours."
    )
    assert connections == 0
    assert "too short to tell" in last.sentence
    assert [request.json["messages"] for request in asked.requests] == [
        [{"role": "user", "content": "Say ok."}]
    ]


def test_a_proxy_is_gone_past_on_this_machine(asked, monkeypatch):
    monkeypatch.setenv("https_proxy", f"http://me:{KEY}@proxy.example")
    asked.script("ok.", COUNTED)
    found = findings()
    (note,) = [one for one in found if one["name"] == "proxy"]
    assert "HTTPS_PROXY" in note["sentence"]
    assert "go past it" in note["sentence"]


def test_a_slow_endpoint(asked, monkeypatch):
    monkeypatch.setattr(speed, "SLOW", 1e9)  # by this measure every server is slow
    asked.script("ok.", fault("slow", text=COUNTED))
    found = of_endpoint()[-1]
    assert found.level == "warning"
    assert found.sentence.startswith("The model is slow: ")
    assert "GOMP_SPINCOUNT=1000" in found.cure


def test_a_server_that_tells_its_context(asked):
    asked.models = fault("json", value={"data": [{"id": "scripted", "max_model_len": 2048}]})
    asked.script("ok.", COUNTED)
    (found,) = [one for one in of_endpoint() if one.name == "context"]
    assert (found.level, "only 2,048 tokens" in found.sentence) == ("warning", True)


def test_an_answer_that_does_not_end_is_measured(asked):
    async def ask():
        model = ChatModel(place_of(CodeAct(), os.environ, KeyRing()))
        try:
            await model.list_models()  # loads the client's library
            return await endpoint_checks.measured(model, "Say ok.", seconds=3)
        finally:
            await model.aclose()

    asked.script(fault("headers_then_silence", text="one two"))
    measure = asyncio.run(ask())
    assert (measure.finish, measure.tokens > 0) == ("", True)


# --- the local model -----------------------------------------------------------------


def test_no_model_is_set_up():
    bad = only(findings(), "fault")
    assert bad["sentence"] == "No model is set up."
    assert "`codeact-jupyter model pull`" in bad["cure"]


@pytest.fixture
def tiny(monkeypatch, tmp_path) -> Path:
    """Where the file of a model of a few bytes belongs."""
    monkeypatch.setattr(local, "description", lambda: MODEL)
    (tmp_path / "models").mkdir()
    return local.path()


@pytest.mark.parametrize(
    ("content", "words"),
    [(WHOLE[:-1], "bytes instead of"), (WHOLE[:-1] + b"?", "its SHA-256 is not the model's")],
)
def test_a_damaged_file_of_the_local_model(tiny, content, words):
    tiny.write_bytes(content)
    found = of_endpoint()  # it is not started
    (bad,) = [one for one in found if one.level == "fault"]
    assert words in bad.sentence
    assert bad.cure.startswith("Run `codeact-jupyter model pull`")
    assert found[-1].name == "local model"


def test_a_local_model_that_is_half_there(tiny):
    local.partial(tiny).write_bytes(WHOLE[:500])
    (bad,) = of_endpoint()
    assert bad.sentence.startswith("The local model is not whole: ")


def test_a_local_model_that_does_not_start(tiny):
    tiny.write_bytes(WHOLE)  # its hash is right, but it is no model
    *_, bad = of_endpoint()
    assert bad.level == "fault"
    assert bad.sentence.startswith("The local model does not start: its server ended with code 1.")


def test_a_whole_local_model_that_is_not_asked(tiny):
    tiny.write_bytes(WHOLE)
    found = of_endpoint(ask=False)
    assert "`--no-model`" in found[-1].sentence
    assert "fault" not in {one.level for one in found}


def test_the_program_of_the_local_model_is_missing(monkeypatch):
    monkeypatch.setattr(local_model, "_PROGRAM", "no_such_program")
    assert "cannot be loaded: that ended with 1" in local_model.program().sentence
    monkeypatch.undo()
    monkeypatch.setattr(environment, "requires", lambda name: ['xllamacpp>=9999; extra == "local"'])
    found = local_model.program()
    assert (found.level, found.cure) == ("fault", f"Run `{local.EXTRA}`.")
