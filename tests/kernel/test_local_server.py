"""The real local model in a process of its own: it answers, and it ends."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from local_model import local_model
from waiting import is_gone, until

from codeact_jupyter.models.local import start_local_server

__all__ = ["local_model"]
pytestmark = [pytest.mark.local_model, pytest.mark.usefixtures("local_model")]


@pytest.fixture(scope="module")
def server(local_model):
    server = asyncio.run(start_local_server())
    yield server
    server.close()


def ask(endpoint, path, body=None, seconds=60, **headers):
    """The status, the headers and the JSON of an answer."""
    data = json.dumps(body).encode() if body else None
    request = Request(endpoint.base_url + path, data, headers)
    try:
        with urlopen(request, timeout=seconds) as answer:
            return answer.status, answer.headers, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, refused.headers, json.load(refused)


def key(endpoint):
    return {"Authorization": f"Bearer {endpoint.api_key}", "Content-Type": "application/json"}


def test_it_answers_as_soon_as_it_is_started(server):
    endpoint = server.endpoint
    assert endpoint.local
    assert endpoint.base_url.startswith("http://127.0.0.1:")
    assert endpoint.api_key not in repr(endpoint)
    body = {"messages": [{"role": "user", "content": "Count to ten."}], "max_tokens": 5}
    status, _, answer = ask(endpoint, "/chat/completions", body, **key(endpoint))
    assert status == HTTPStatus.OK
    assert answer["model"] == endpoint.model
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 5


def test_it_is_the_only_model_listed(server):
    _, _, answer = ask(server.endpoint, "/models", **key(server.endpoint))
    assert [model["id"] for model in answer["data"]] == [server.endpoint.model]


def test_it_reads_a_prefix_once(server):
    words = "The quick brown fox jumps over the lazy dog. " * 20
    body = {"messages": [{"role": "user", "content": words}], "max_tokens": 1}
    ask(server.endpoint, "/chat/completions", body, **key(server.endpoint))
    _, _, again = ask(server.endpoint, "/chat/completions", body, **key(server.endpoint))
    assert again["usage"]["prompt_tokens_details"]["cached_tokens"] > 180


def test_it_reads_no_further_when_nobody_waits(server):
    words = " ".join(f"Row {number} has the value {number * 37 % 101}." for number in range(30))
    body = {"messages": [{"role": "user", "content": words}], "max_tokens": 1}
    with pytest.raises(TimeoutError):
        ask(server.endpoint, "/chat/completions", body, seconds=0.05, **key(server.endpoint))
    _, _, again = ask(server.endpoint, "/chat/completions", body, **key(server.endpoint))
    tokens = again["usage"]["prompt_tokens"]
    assert tokens > 300
    assert again["usage"]["prompt_tokens_details"]["cached_tokens"] < tokens - 100


def test_a_web_page_can_neither_ask_nor_read(server):
    page = {"Origin": "http://a.page.example", "Content-Type": "text/plain"}
    body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
    status, headers, _ = ask(server.endpoint, "/chat/completions", body, **page)
    assert status == HTTPStatus.UNAUTHORIZED
    assert not headers["Access-Control-Allow-Origin"]
    assert ask(server.endpoint, "/models", **page)[0] == HTTPStatus.UNAUTHORIZED


def test_its_key_stands_in_no_process_list(server):
    arguments = Path(f"/proc/{server.pid}/cmdline").read_bytes()
    variables = Path(f"/proc/{server.pid}/environ").read_bytes()
    assert server.endpoint.api_key.encode() not in arguments + variables


def test_it_ends_when_closed(local_model):
    server = asyncio.run(start_local_server(context=512))
    server.close()
    assert not server.running
    assert is_gone(server.pid)
    with pytest.raises(URLError):
        ask(server.endpoint, "/models")
    server.close()


PARENT = """
import asyncio, os, sys, threading
from codeact_jupyter.models.local import start_local_server
server = asyncio.run(start_local_server(context=512))
print(server.pid, flush=True)
if sys.argv[1] == "killed":
    threading.Event().wait()
"""


@pytest.mark.parametrize("how", ["killed", "exit"])
def test_it_ends_with_the_process_that_started_it(local_model, how):
    parent = subprocess.Popen([sys.executable, "-c", PARENT, how], stdout=subprocess.PIPE)
    with parent:
        pid = int(parent.stdout.readline())
        if how == "killed":
            assert not is_gone(pid)
            parent.kill()
    until(lambda: is_gone(pid))


def test_the_command_serves_it_without_a_key(local_model):
    command = [sys.executable, "-m", "codeact_jupyter", "model", "serve", "--port", "0"]
    quiet = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=quiet, text=True) as terminal:
        try:
            address = terminal.stdout.readline().split()[-1]
            assert terminal.stdout.readline().split("=") == [
                "Use it in a notebook: %env CODEACT_BASE_URL",
                f"{address}\n",
            ]
            with urlopen(f"{address}/models", timeout=60) as answer:
                assert not answer.headers["Access-Control-Allow-Origin"]
                assert len(json.load(answer)["data"]) == 1
        finally:
            terminal.send_signal(2)
        assert terminal.wait(30) == 0
