"""Which profile a model gets, and that each one fits the format in which it is read."""

import re

import pytest
from asking import ask
from endpoint import fault

from codeact_jupyter import cli
from codeact_jupyter.actions import parse_reply
from codeact_jupyter.cells import CellRun, UserError
from codeact_jupyter.context.conversation import Conversation
from codeact_jupyter.context.observation import observation_text
from codeact_jupyter.context.profiles import (
    CODEACTAGENT,
    CODEACTAGENT_4K,
    DEFAULT,
    PROFILES,
    SMALL,
    profile_for,
)
from codeact_jupyter.errors import ConfigError, ContextFull
from codeact_jupyter.models.window import MOST_ROOM, check, tokens_of
from codeact_jupyter.types import Observation, Reply


def test_the_command_names_every_profile():
    (option,) = [each for each in cli.run.params if each.name == "profile"]
    assert option.help == f"{', '.join(PROFILES)}."


@pytest.mark.parametrize(
    ("name", "model", "local", "profile"),
    [
        (None, None, False, DEFAULT),
        (None, "gpt-5", False, DEFAULT),
        (None, "qwen2.5-coder", True, SMALL),
        (None, "xingyaow/codeact-agent-mistral", False, CODEACTAGENT),
        (None, "xingyaow/codeact-agent-mistral:latest", False, CODEACTAGENT),
        (None, "xingyaoww/CodeActAgent-Mistral-7b-v0.1", False, CODEACTAGENT),
        (None, "CodeActAgent-Llama-2-7b", False, CODEACTAGENT_4K),
        (None, "codeact", False, DEFAULT),
        ("default", "codeactagent", True, DEFAULT),
        ("codeactagent", "gpt-5", False, CODEACTAGENT),
        ("codeactagent-4k", None, False, CODEACTAGENT_4K),
    ],
)
def test_a_profile_is_set_or_goes_by_the_model(name, model, local, profile):
    assert profile_for(name, model=model, local=local) is profile


@pytest.mark.parametrize(("wrong", "right"), [("smol", "small"), ("CodeActAgent", "codeactagent")])
def test_a_wrong_name_gets_the_nearest_one(wrong, right):
    with pytest.raises(ConfigError, match=rf"no profile '{wrong}'; the nearest one is '{right}'\."):
        profile_for(wrong, model=None, local=False)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_no_part_of_a_system_prompt_runs_when_a_model_quotes_it(profile):
    lines = profile.system.split("\n")
    sentences = re.split(r"(?<=[.])\s+", profile.system)
    stopped = profile.system.partition("</execute>")[0]
    for quote in (profile.system, *lines, *sentences, stopped, f"My rules: {profile.system}"):
        assert parse_reply(quote, profile.format).code is None, quote


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_what_a_conversation_shows_as_an_action_is_read_as_one(profile):
    conversation = Conversation(profile)
    reply = Reply(thought="I look.", code="s = '</execute>```'\nprint(s)")
    conversation.ask("Go.")
    conversation.reply(reply)
    assert parse_reply(conversation.messages[-1]["content"], profile.format) == reply
    for message in conversation.messages:
        if message["role"] == "assistant" and profile.example:
            assert parse_reply(message["content"], profile.format) != Reply()


def test_small_differs_from_default_in_name_and_temperature_only():
    assert Conversation(SMALL).messages[0] == Conversation(DEFAULT).messages[0]
    assert (DEFAULT.temperature, SMALL.temperature) == (None, 0.0)


def run(*outputs, status="ok", error=None):
    return CellRun(
        cell_id="a", source="x = 1", outputs=outputs, execution_count=1, status=status, error=error
    )


TEXT = {"output_type": "stream", "name": "stdout", "text": "4\n"}
PLOT = {"output_type": "display_data", "data": {"image/png": "A", "text/plain": "<Figure>"}}
ERROR = {"output_type": "error", "ename": "KeyError", "evalue": "'a'", "traceback": []}


@pytest.mark.parametrize(
    ("observation", "text"),
    [
        (Observation(status="ok", run=run(TEXT)), "4"),
        (Observation(status="ok", run=run()), "[Code executed successfully with no output]"),
        (Observation(status="ok", run=run(PLOT)), "[An image is already displayed to the user.]"),
        (Observation(status="interrupted", run=run(status="interrupted")), "(no output)"),
        (
            Observation(
                status="error",
                run=run(
                    ERROR,
                    status="error",
                    error=UserError(name="KeyError", message="'a'", frames=()),
                ),
            ),
            "KeyError: 'a'",
        ),
        (
            Observation(status="rejected", reason="use the {median}"),
            "[Not executed: rejected.] use the {median}",
        ),
        (
            Observation(status="ok", run=run(TEXT), edited=True),
            "The user edited the block. What ran:\n<execute>\nx = 1\n</execute>\n4",
        ),
    ],
)
def test_codeactagent_reads_outputs_in_its_own_words(observation, text):
    seen = observation_text(1, observation, wording=CODEACTAGENT.wording)
    assert seen == f"Execution Output:\n{text}"


def test_a_smaller_window_gets_shorter_outputs():
    long = Observation(status="ok", run=run({**TEXT, "text": "word " * 10_000}))
    lengths = [
        len(observation_text(1, long, wording=profile.wording))
        for profile in (CODEACTAGENT_4K, CODEACTAGENT)
    ]
    assert 1_000 < lengths[0] < 1_500 < 3_500 < lengths[1]


# --- the window ----------------------------------------------------------------------


def test_what_fits_the_window_less_the_room_for_the_reply_is_sent(endpoint):
    endpoint.script("Fine.")
    message = {"role": "user", "content": "Which city sells most?"}  # the one that ask() sends
    least = tokens_of(message) * 4 // 3
    for window in (least - 2, least + 2):
        assert (ask(endpoint.base_url, window=window).error is None) == (window > least)
    assert len(endpoint.requests) == 1


def test_a_conversation_over_the_window_is_refused_in_one_sentence():
    messages = [{"role": "user", "content": "word " * 4_000}]
    with pytest.raises(ContextFull, match=r"about 5,005 tokens .* window of 4,096 with 1,024 kept"):
        check(messages, 4_096)
    check(messages, 5_005 + MOST_ROOM)


def test_a_table_of_numbers_counts_for_its_digits():
    words, numbers = ({"role": "user", "content": text * 100} for text in ("abcdefg ", "3120.57 "))
    assert tokens_of(numbers) > 3 * tokens_of(words)


def test_a_server_that_takes_no_stop_strings_is_asked_without(endpoint):
    refusal = "Unsupported parameter: 'stop' is not supported with this model."
    endpoint.script(fault("500", status=400, message=refusal), "Fine.")
    outcome = ask(endpoint.base_url, stop=["</execute>"])
    assert outcome.completion.text == "Fine."
    assert [("stop" in request.json) for request in endpoint.requests] == [True, False]
    assert "does not take `stop`" in outcome.notices[0]
