"""Turns in each profile: a real kernel, and a scripted model that behaves as its kind does."""

import json
import re

import pytest

from codeact_jupyter.context.conversation import LEFT_OUT
from codeact_jupyter.context.profiles import CODEACTAGENT, CODEACTAGENT_4K, DEFAULT

ADD = "I add.\n<execute>\ntotal = 3 + 1\nprint('sum', total)\n</execute>"
ANSWER = "The sum is 4."
FLAG = "%%codeact --auto --profile codeactagent\n"


def stopping(text):
    """What a server sends of ``text`` that ends replies at the stop strings and removes them."""

    def reply(request):
        ends = [text.find(stop) for stop in request["stop"]]
        return text[: min((end for end in ends if end >= 0), default=len(text))]

    return reply


def spoken(request):
    return [(message["role"], message["content"]) for message in request.json["messages"]]


@pytest.fixture
def kernel(start_kernel):
    return start_kernel(CODEACT_RUN="1")


def test_a_server_that_removes_the_stop_string(kernel, endpoint):
    endpoint.script(stopping(ADD), stopping(ANSWER))
    ran = kernel.run(f"{FLAG}What is 3 + 1?")
    assert ran.status == "ok", ran.text
    assert kernel.run("total").text == "4\n"
    first, second = endpoint.requests
    assert first.json["stop"] == ["<|im_end|>", "</execute>"]
    assert first.json["temperature"] == 0.0
    assert spoken(second)[0] == ("system", CODEACTAGENT.system)
    assert spoken(second)[1] == ("user", "What is 3 + 1?")
    assert spoken(second)[2] == ("assistant", ADD.replace("add.\n", "add.\n\n"))
    assert spoken(second)[3] == ("user", "Execution Output:\nsum 4\nNew total: int, 4")
    assert spoken(second)[: len(spoken(first))] == spoken(first)


def test_a_server_that_ignores_stop_strings_and_a_model_that_invents_the_output(kernel, endpoint):
    invented = "\nExecution Output:\nsum 5\nThe sum is 5.\n<execute>\ntotal = 5\n</execute>"
    endpoint.script(ADD + invented, ANSWER)
    ran = kernel.run(f"{FLAG}What is 3 + 1?")
    assert ran.status == "ok", ran.text
    assert kernel.run("total").text == "4\n"
    assert "sum 5" not in str(spoken(endpoint.requests[1]))


def test_a_quotation_of_the_prompt_is_an_answer(kernel, endpoint):
    endpoint.script(stopping(f"I follow these rules. {CODEACTAGENT.system}"))
    ran = kernel.run(f"{FLAG}Who are you?")
    assert ran.status == "ok", ran.text
    assert len(endpoint.requests) == 1
    assert "step 2" not in ran.text


def test_a_refused_and_an_empty_action_are_told_in_its_words(kernel, endpoint):
    endpoint.script(stopping("<execute>\ny = 1\ndel y\n</execute>"), ADD, "It is done.")
    kernel.run(f"{FLAG.replace('--auto ', '')}Do.", answers=["y", "no, wait"])
    told = [text for role, text in spoken(endpoint.requests[-1]) if role == "user"]
    assert told[1] == "Execution Output:\n[Code executed successfully with no output]"
    assert told[2] == "Execution Output:\n[Not executed: rejected.] wait"


# --- the window ----------------------------------------------------------------------


def tokens(request):
    """What a vocabulary like Llama's makes of a request: a token for each digit and mark."""
    texts = (text for _, text in spoken(request))
    return sum(len(re.findall(r"\d|[^\W\d]{1,4}|[^\w\s]", text)) + 5 for text in texts)


def look(number):
    return (
        f"I look at part {number}.\n<execute>\nfor row in range(300):\n"
        f"    print(row * {number}, 'some', row + {number}, 'words')\n</execute>"
    )


def test_many_steps_with_long_outputs_in_a_small_window(kernel, endpoint):
    steps = 8
    for _ in range(2):
        endpoint.script(*(stopping(look(number)) for number in range(1, steps + 1)), "All done.")
    for _ in range(2):
        ran = kernel.run("%%codeact --auto --profile codeactagent-4k\nLook at all parts.")
        assert ran.status == "ok", ran.text
        assert re.search(
            r"longer than the model takes: .* shortened by [\d,]+ characters", ran.text
        )
    assert len(endpoint.requests) == 2 * (steps + 1)
    for request in endpoint.requests:
        assert tokens(request) < CODEACTAGENT_4K.window
        assert spoken(request)[0] == ("system", CODEACTAGENT_4K.system)
        assert "Look at all parts." in spoken(request)[1][1]
        assert [role for role, _ in spoken(request)[1:3]] in (["user"], ["user", "assistant"])
    assert LEFT_OUT in spoken(endpoint.requests[-1])[1][1]


def test_a_prompt_that_can_never_fit_ends_in_one_sentence_and_is_not_sent(kernel, endpoint):
    ran = kernel.run(f"%%codeact --auto --profile codeactagent-4k\n{'word ' * 5_000}")
    assert ran.status == "error"
    assert "window of 4,096" in ran.error
    assert "`%%codeact --new`" in ran.error
    assert endpoint.requests == []
    endpoint.script("Fine.")
    assert kernel.run("%%codeact --auto --new --profile codeactagent-4k\nGo.").status == "ok"


# --- which profile -------------------------------------------------------------------


def system_of(request):
    return spoken(request)[0][1]


def test_the_models_name_chooses_the_profile(kernel, endpoint):
    endpoint.script("Hello.", "Hello.")
    kernel.run("%%codeact --auto\nSay hello.")
    ran = kernel.run("%%codeact --auto --model xingyaow/codeact-agent-mistral\nSay hello.")
    assert [system_of(request) for request in endpoint.requests] == [
        DEFAULT.system,
        CODEACTAGENT.system,
    ]
    assert "stop" not in endpoint.requests[0].json
    assert "A new conversation begins" in ran.text
    assert "'default'" in ran.text
    assert "'codeactagent'" in ran.text


def test_the_only_model_of_an_endpoint_chooses_it_too(start_kernel, endpoint):
    endpoint.models = ["codeact-agent-mistral:latest"]
    kernel = start_kernel(CODEACT_RUN="1", CODEACT_MODEL="")
    endpoint.script(stopping(ADD), ANSWER)
    ran = kernel.run("%%codeact --auto\nWhat is 3 + 1?")
    assert ran.status == "ok", ran.text
    assert system_of(endpoint.requests[0]) == CODEACTAGENT.system
    assert endpoint.requests[0].json["model"] == "codeact-agent-mistral:latest"
    assert len(endpoint.listings) == 1


def test_another_profile_begins_a_new_conversation_and_the_same_one_does_not(kernel, endpoint):
    endpoint.script(*["Hello."] * 4)
    kernel.run("city = 'Oslo'")
    for profile, words in (
        ("codeactagent", ""),
        ("codeactagent", ""),
        ("default", "A new conversation begins"),
    ):
        kernel.run(f"%config CodeAct.profile = {profile!r}")
        dry = json.loads(kernel.run("%%codeact --dry-run\nSay hello.").text)
        ran = kernel.run("%%codeact --auto\nSay hello.")
        assert ("A new conversation begins" in ran.text) == bool(words)
        assert dry == endpoint.requests[-1].json
    first, second, third = endpoint.requests
    assert spoken(second)[: len(spoken(first))] == spoken(first)
    assert "city: str" in spoken(third)[-1][1]
    assert "Execution Output" not in str(spoken(third))


def test_a_dry_run_shows_the_stop_strings_and_changes_nothing(kernel, endpoint):
    dry = json.loads(kernel.run("%%codeact --dry-run --profile codeactagent\nGo.").text)
    assert dry["stop"] == ["<|im_end|>", "</execute>"]
    assert dry["messages"][0]["content"] == CODEACTAGENT.system
    assert "stop" not in json.loads(kernel.run("%%codeact --dry-run\nGo.").text)


def test_a_dry_run_without_a_models_name_says_that_another_profile_may_be_chosen(
    start_kernel, endpoint
):
    endpoint.models = ["codeactagent"]
    kernel = start_kernel(CODEACT_MODEL="")
    dry = json.loads(kernel.run("%%codeact --dry-run\nGo.").text)
    assert dry["messages"][0]["content"] == DEFAULT.system
    assert "may choose another profile than 'default'" in dry["model"]
    dry = json.loads(kernel.run("%%codeact --dry-run --profile default\nGo.").text)
    assert dry["model"] == "(the only one that the endpoint lists)"
    assert endpoint.listings == []


def test_a_format_of_ones_own_is_read_in_any_profile(kernel, endpoint):
    endpoint.script(ADD, ANSWER)
    ran = kernel.run("%%codeact --auto --format execute\nWhat is 3 + 1?")
    assert ran.status == "ok", ran.text
    assert system_of(endpoint.requests[0]) == DEFAULT.system
    assert spoken(endpoint.requests[1])[-1][1].startswith("Step 1: ok.\nsum 4")


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("%%codeact --profile codeactagnt\nGo.", "the nearest one is 'codeactagent'"),
        ("%%codeact --dry-run --profile smol\nGo.", "the nearest one is 'small'"),
        ("%%codeact --dry-run --format fenc\nGo.", "'fence'"),
        ("%%codeact --dry-run --max-tokens 3\nGo.", "--max-tokens"),
        ("%%codeact --profile codeactagent --format exec\nGo.", "nearest one is 'execute'"),
    ],
)
def test_a_wrong_name_gets_one_sentence_and_loses_nothing(kernel, endpoint, cell, sentence):
    endpoint.script("Hello.", "Hello.")
    kernel.run("%%codeact --auto\nSay hello.")
    ran = kernel.run(cell, answers=[])
    assert ran.status == "error"
    assert sentence in ran.outputs[-1]["evalue"]
    kernel.run("%%codeact --auto\nAgain.")
    first, second = endpoint.requests
    assert spoken(second)[: len(spoken(first))] == spoken(first)
