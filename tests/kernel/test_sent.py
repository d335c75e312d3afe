"""What a turn sends to the model, what it says of that before, and what it never sends."""

import itertools
import json

import pytest
from endpoint import fault
from telling import ADD, ANSWER, spoken


def test_the_prefix_is_kept_byte_for_byte(kernel, endpoint):
    endpoint.script(*[f"```python\nx{n} = {n}\nx{n}\n```" for n in range(8)], "8", ADD, "4")
    kernel.run("%%codeact --auto\nGo.")
    kernel.run("y = 1")
    kernel.run("%%codeact --auto\nAnd now?")
    bodies = [request.json["messages"] for request in endpoint.requests]
    assert len(bodies) == 11
    for one, next_one in itertools.pairwise(bodies):
        assert next_one[: len(one)] == one


def test_the_first_request_to_another_machine_is_announced(start_kernel, endpoint):
    # the scripted endpoint is the proxy on the way to a machine that there is not
    names = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    proxies = dict.fromkeys(names, f"http://127.0.0.1:{endpoint.port}")
    nowhere = {"NO_PROXY": "", "no_proxy": "", "CODEACT_BASE_URL": "http://model.example/v1"}
    kernel = start_kernel(CODEACT_RUN="1", **proxies, **nowhere)
    endpoint.script("Hello.", "Hello.", "Hello.")
    first = kernel.run("%%codeact --auto\nSay hello.").text
    assert "The model is at model.example." in first
    assert "%config CodeAct.schema_only = True" in first
    assert "The model is at" not in kernel.run("%%codeact --auto\nSay hello.").text
    # an address by which a server says that it listens everywhere leads to this machine
    kernel.run(f"%env CODEACT_BASE_URL=http://0.0.0.0:{endpoint.port}/v1")
    here = kernel.run("%%codeact --auto\nSay hello.").text
    assert "Hello." in here
    assert "The model is at" not in here


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"CODEACT_BASE_URL": "ftp://model.example/v1"}, "'ftp://model.example/v1', set in"),
        ({"CODEACT_BASE_URL": "http://me:pw@model.example/v1"}, "holds a user name or a password"),
        (
            {"CODEACT_BASE_URL": "http://model.example/v1", "CODEACT_API_KEY": "ä-key-of-no-use"},
            "so it cannot be a key",
        ),
    ],
)
def test_what_cannot_be_asked_is_not_announced(start_kernel, environ, words):
    kernel = start_kernel(CODEACT_RUN="1", **environ)
    ran = kernel.run("%%codeact --auto\nSay hello.")
    assert words in ran.error
    assert "The model is at" not in ran.text


def test_schema_only_sends_no_value_and_no_output(start_kernel, endpoint):
    kernel = start_kernel(CODEACT_RUN="1")
    kernel.run("secret_city = 'Atlantis'\nprint(secret_city[::-1])")
    kernel.run("%config CodeAct.schema_only = True")
    endpoint.script("```python\nprint(secret_city)\n1 / 0\n```", "Done.")
    kernel.run("%%codeact --auto\nWhat is secret_city?")
    sent = str([text for role, text in spoken(endpoint) if role == "user"])
    assert "secret_city: str" in sent
    assert "ZeroDivisionError" in sent
    for value in ("Out: sitnaltA", "\\nAtlantis", "division by zero"):
        assert value not in sent


def test_schema_only_begins_anew_where_values_were_told(start_kernel, endpoint):
    kernel = start_kernel(CODEACT_RUN="1")
    kernel.run("city = 'Atlantis'")
    endpoint.script("```python\nprint(city)\n```", "Done.", "Fine.")
    kernel.run("%%codeact --auto\nPrint city.")
    kernel.run("%config CodeAct.schema_only = True")
    dry = kernel.run("%%codeact --dry-run\nGo.").text
    ran = kernel.run("%%codeact --auto\nGo.")
    assert "A new conversation begins" in ran.text
    told = str([text for role, text in spoken(endpoint) if role == "user"])
    assert "\\nAtlantis" not in told + dry
    assert "city: str" in told


def test_a_dry_run_shows_what_is_sent_and_changes_nothing(kernel, endpoint):
    endpoint.script(ADD, ANSWER, "Fine.")
    kernel.run("%%codeact --auto\nAdd.")
    kernel.run("newvar = 5")
    dry = [kernel.run("%%codeact --dry-run --max-steps 3\nAnd now?").text for _ in range(2)]
    kernel.run("%%codeact --dry-run --new\nAnd now?")
    kernel.run("%%codeact --auto\nAnd now?")
    sent = endpoint.requests[-1].json
    assert json.loads(dry[0]) == json.loads(dry[1]) == sent
    assert "New newvar: int, 5" in spoken(endpoint)[-1][1]


def test_the_model_is_told_why_a_turn_ended_and_none_of_our_advice(kernel, endpoint):
    endpoint.script(ADD, fault("cut", text="It"), "Fine.", "Fine.")
    kernel.run("%%codeact --auto\nGo.")
    kernel.run("%%codeact --auto\nSay hello.")
    (told,) = [text for role, text in spoken(endpoint) if "ended here" in text]
    assert told == "(The turn ended here, without an answer: no whole reply came.)"
