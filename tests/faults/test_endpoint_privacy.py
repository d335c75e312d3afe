"""What is sent to an endpoint besides the prompt, and what no message may show."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from asking import KEY, ask
from endpoint import ScriptedEndpoint, fault

from codeact_jupyter.errors import ConfigError
from codeact_jupyter.models.client import ChatModel
from codeact_jupyter.types import Endpoint


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"base_url": ""}, "is empty"),
        ({"base_url": "localhost:8000/v1"}, "'localhost:8000/v1'"),
        ({"base_url": "ftp://host/v1"}, "cannot be used"),
        ({"base_url": "http:///v1"}, "cannot be used"),
        ({"base_url": "http://127.0.0.1:99999/v1"}, "cannot be used"),
        ({"base_url": "http://[::1/v1"}, "cannot be used"),
        ({"base_url": "http://ho st/v1"}, "cannot be used"),
        ({"base_url": f"http://user:{KEY}@host/v1"}, "user name or a password"),
        ({"base_url": f"http://{KEY}@host/v1"}, "user name or a password"),
        ({"base_url": f"ftp://{KEY}@[host/v1"}, "cannot be used"),
        ({"base_url": f"http://host/v1?key={KEY}"}, "from '?' or '#' on"),
        ({"base_url": f"host/v1?key={KEY}"}, "from '?' or '#' on"),
        ({"base_url": f"http://[host/v1?key={KEY}"}, "cannot be used"),
        ({"api_key": f"{KEY}\n{KEY}"}, "cannot be a key"),
        ({"api_key": f"{KEY} "[::-1] + "ä"}, "cannot be a key"),
        ({"api_key": f"{KEY}\u2028x"}, "cannot be a key"),
    ],
)
def test_unusable_setting_is_told_before_any_request(place: dict[str, str], words: str) -> None:
    values = {"base_url": "http://host/v1", "api_key": KEY, "source": "CODEACT_BASE_URL"} | place
    with pytest.raises(ConfigError) as caught:
        ChatModel(Endpoint(**values))
    assert words in str(caught.value)
    assert "CODEACT_BASE_URL" in str(caught.value)
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown
    assert KEY[::-1] not in shown


def test_key_with_a_line_break_at_its_end_is_stripped(endpoint: ScriptedEndpoint) -> None:
    endpoint.script("Fine.")
    assert ask(endpoint.base_url, api_key=f"  {KEY}\n").completion is not None
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_server_without_keys_gets_a_stand_in(endpoint: ScriptedEndpoint) -> None:
    endpoint.script("Fine.")
    assert ask(endpoint.base_url, api_key="").completion is not None
    assert endpoint.requests[0].headers["authorization"] == "Bearer no-key"


OTHERS = {
    "OPENAI_ORG_ID": "org-of-someone",
    "OPENAI_PROJECT_ID": "project-of-someone",
    "OPENAI_CUSTOM_HEADERS": "X-Team: blue-team\nAuthorization: Bearer other-key\nHost: elsewhere",
    "OPENAI_API_KEY": "sk-of-someone-else",
    "OPENAI_ADMIN_KEY": "sk-admin-of-someone",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
}


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OTHERS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("others")
def test_openai_variables_stay_away_from_other_endpoints(endpoint: ScriptedEndpoint) -> None:
    endpoint.script("Fine.")
    assert ask(endpoint.base_url).completion is not None
    headers = endpoint.requests[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["host"] == f"127.0.0.1:{endpoint.port}"
    sent = repr(headers)
    for word in ("someone", "blue-team", "other-key", "elsewhere", "openai", "stainless-os"):
        assert word not in sent


@pytest.mark.usefixtures("others")
def test_openai_variables_go_where_they_belong(
    endpoint: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Team: blue-team")
    endpoint.script("Fine.")
    assert ask(endpoint.base_url, source="OPENAI_BASE_URL").completion is not None
    headers = endpoint.requests[0].headers
    assert headers["openai-organization"] == "org-of-someone"
    assert headers["x-team"] == "blue-team"
    assert headers["authorization"] == f"Bearer {KEY}"


def test_no_proxy_stands_before_this_machine(
    endpoint: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    endpoint.script("Fine.", "Fine.")
    with ScriptedEndpoint(["Overheard."]) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert ask(endpoint.base_url).text == "Fine."
        assert ask(endpoint.base_url.replace("127.0.0.1", "localhost")).text == "Fine."
        assert proxy.requests == []
        assert ask("http://model.example/v1").text == "Overheard."


def test_unusable_proxy_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", f"gopher://user:{KEY}@proxy.example")
    outcome = ask("http://model.example/v1")
    assert isinstance(outcome.error, ConfigError)
    assert "HTTPS_PROXY" in str(outcome.error)


ALONE = "the default URL of OpenAI (only OPENAI_API_KEY is set; for another server set OPENAI_BASE"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (fault("401"), f"to a key that belongs to {ALONE}"),
        (fault("404_path", body={}), f"check {ALONE}"),
        (fault("redirect", to="http://model.example/v1"), "set it in OPENAI_BASE_URL"),
    ],
)
def test_a_key_set_alone_is_told_as_that(endpoint: ScriptedEndpoint, step: Any, words: str) -> None:
    endpoint.script(step)
    outcome = ask(endpoint.base_url, source="OPENAI_API_KEY")
    assert words in str(outcome.error)
    assert "set in OPENAI_API_KEY" not in str(outcome.error)


def test_a_server_that_is_not_there_with_a_key_set_alone() -> None:
    error = str(ask("http://127.0.0.1:9/v1", times=1, source="OPENAI_API_KEY").error)
    assert f"Start it, or check {ALONE}" in error


def test_a_bad_key_set_alone_stands_in_its_own_variable() -> None:
    place = Endpoint(base_url="https://api.openai.com/v1", api_key="a b", source="OPENAI_API_KEY")
    with pytest.raises(ConfigError, match=r"for api\.openai\.com, set in OPENAI_API_KEY, holds"):
        ChatModel(place)
