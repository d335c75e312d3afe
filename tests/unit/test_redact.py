"""Secrets of the environment, as Python, JSON, HTML, URLs and base64 spell them."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from codeact_jupyter.hosts.outputs import HEAD_CHARACTERS, TAIL_CHARACTERS, Displays, OutputLog
from codeact_jupyter.redact import half_secret, is_secret_name, redact, redact_values

PEM = "-----BEGIN KEY-----\nMIIEvgIBADANBgkqhkiG9w0\nq2hkiG9w0MIIEvgIBADANB\n-----END KEY-----\n"
VALUES = [
    "plain-canary-1",
    "pass\\word-canary",
    "pässwört-canary",
    "both'\"quotes",
    "a&b<c>-canary",
]


@pytest.fixture(params=[*VALUES, PEM], ids=lambda value: value[:8])
def secret(request, monkeypatch):
    monkeypatch.setenv("TEST_DB_PASSWORD", request.param)
    return request.param


@pytest.mark.parametrize(
    "write",
    [
        str,
        repr,
        lambda value: repr({"a": value}),
        json.dumps,
        lambda value: json.dumps(value, ensure_ascii=False),
        html.escape,
        lambda value: html.escape(value, quote=False),
        lambda value: f"x{value.strip()}y",
        lambda value: f"Error: {value!r}",
        lambda value: f"db://user:{quote(value)}@host",
        lambda value: f"db://user:{quote(value, safe='')}@host",
        lambda value: f"?p={quote_plus(value)}&q",
        lambda value: base64.b64encode(value.encode()).decode(),
        lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    ],
)
def test_a_secret_is_masked_however_it_is_written(secret, write):
    masked = redact(write(secret))
    assert "[masked TEST_DB_PASSWORD]" in masked
    assert "canary" not in masked
    assert "MIIEvg" not in masked


def test_a_secret_that_is_no_text_is_masked_too(monkeypatch):
    monkeypatch.setenv("TEST_DB_PASSWORD", "canary-\udcff-canary")
    assert "canary" not in redact("a canary-\udcff-canary")


def test_the_lines_of_a_key_are_masked_one_by_one(monkeypatch):
    monkeypatch.setenv("SSH_PRIVATE_KEY", PEM)
    assert redact("-----BEGIN KEY-----") == "-----BEGIN KEY-----"
    for line in PEM.splitlines()[1:3]:
        assert redact(f"{line}\n") == "[masked SSH_PRIVATE_KEY]\n"


def test_names_of_a_json_value_are_masked(monkeypatch):
    monkeypatch.setenv("JWT_TOKEN", "canary-token")
    assert redact_values({"canary-token": ["canary-token"]}) == {
        "[masked JWT_TOKEN]": ["[masked JWT_TOKEN]"]
    }
    monkeypatch.setenv("DB_PASSWORD", "metadata")  # a notebook needs its fields
    assert redact_values({"metadata": "metadata"}) == {"metadata": "[masked DB_PASSWORD]"}
    outputs = OutputLog(Displays())
    outputs.display({"application/json": {"canary-token": 1}}, {})
    assert "canary" not in str(outputs.finish(1))


@pytest.mark.parametrize("shift", range(0, 40, 3))
def test_no_half_of_a_secret_stays_at_a_cut(monkeypatch, shift):
    token = "".join(chr(97 + number % 26) for number in range(60)).upper()
    monkeypatch.setenv("JWT_TOKEN", token)
    for room in (HEAD_CHARACTERS - shift, HEAD_CHARACTERS + TAIL_CHARACTERS + 9_000 - shift):
        outputs = OutputLog(Displays())
        outputs.stream("stdout", "1" * room + token + "2" * (TAIL_CHARACTERS - 20))
        outputs.stream("stdout", "3" * 10)
        (stream,) = outputs.finish(1)
        assert "left out" in stream["text"]
        assert not any(token[start : start + 8] in stream["text"] for start in range(52))


def test_half_a_secret_is_known_at_either_edge(monkeypatch):
    monkeypatch.setenv("JWT_TOKEN", "canary-token")
    assert half_secret("xx canary-to", at_end=True) == len("canary-to")
    assert half_secret("ary-token xx", at_end=False) == len("ary-token")
    assert half_secret("xx", at_end=True) == 0


@pytest.mark.parametrize(
    "name",
    [
        *("OPENAI_API_KEY", "DB_PASSWORD", "MYSQL_PWD", "GITHUB_TOKEN", "SECRETKEY"),
        *("CLIENTSECRET", "PRIVATEKEY", "MYAPIKEY", "db_pwd", "passphrase"),
    ],
)
def test_names_of_secrets(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["PWD", "OLDPWD", "PATH", "monkeys", "n_pass", "compass", "tokenizer"]
)
def test_names_of_no_secrets(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize("name", ["DB_PASS", "SMTP_PASS", "SSHPASS", "GH_PAT", "MYSQL_PWD"])
def test_values_of_the_environment_are_masked(monkeypatch, name):
    monkeypatch.setenv(name, "canary-value")
    assert redact("It is canary-value.") == f"It is [masked {name}]."


def test_the_working_folder_is_no_secret(monkeypatch):
    monkeypatch.setenv("OLDPWD", "/home/somebody")
    monkeypatch.setenv("COMPASS", "north-by-northwest")
    assert redact("/home/somebody, north-by-northwest") == "/home/somebody, north-by-northwest"


@pytest.mark.parametrize("value", [" " * 12, "  short   ", "\n\n\n\n\n\n\n\n\n"])
def test_what_is_short_without_its_blanks_is_no_secret(monkeypatch, value):
    monkeypatch.setenv("DB_PASSWORD", value)
    assert redact("a short word") == "a short word"
