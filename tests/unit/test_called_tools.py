"""Tool calls that nobody offered: put together from their pieces, and read as actions."""

import json

import pytest
from asking import ask
from endpoint import fault
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.actions import read_call
from codeact_jupyter.models.calls import ToolCalls
from codeact_jupyter.types import Reply, ToolCall

CODE = 'print("é 🎉\\n")\n'


def piece(arguments=None, *, name=None, index=None):
    """One entry of the field ``tool_calls``."""
    function = {"name": name, "arguments": arguments}
    call = {"index": index, "function": {k: v for k, v in function.items() if v is not None}}
    return {key: value for key, value in call.items() if value is not None}


def assembled(*deltas):
    calls = ToolCalls()
    for delta in deltas:
        calls.add(delta)
    return calls.first


def call_of(*pieces):
    return assembled(*({"tool_calls": [each]} for each in pieces))


# --- put together -------------------------------------------------------------------


@given(st.dictionaries(st.text(), st.text() | st.integers()), st.integers(1, 9), st.booleans())
def test_how_the_arguments_are_cut_changes_nothing(arguments, size, indexed):
    text, index = json.dumps(arguments), 0 if indexed else None
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    call = call_of(
        piece(name="python", index=index), *(piece(each, index=index) for each in pieces)
    )
    assert call == call_of(piece(text, name="python"))
    assert call.arguments.keys() == arguments.keys()


def test_pieces_of_two_calls_are_told_apart_by_their_index():
    call = call_of(
        piece('{"code": "b', name="second", index=1),
        piece('{"code": ', name="first", index=0),
        piece('b"}', index=1),
        piece('"a"}', index=0),
    )
    assert call == ToolCall(name="first", arguments={"code": "a"})


def test_without_an_index_a_name_begins_a_call():
    call = call_of(
        piece('{"code": ', name="first"), piece('"a"}'), piece('{"code": "b"}', name="second")
    )
    assert call == ToolCall(name="first", arguments={"code": "a"})


@pytest.mark.parametrize(
    "part",
    [
        {"tool_calls": [piece({"code": CODE}, name="run")]},  # an object, as Ollama has it
        {"tool_calls": piece(json.dumps({"code": CODE}), name="run")},
        {"function_call": {"name": "run", "arguments": json.dumps({"code": CODE})}},
    ],
)
def test_the_fields_that_servers_have(part):
    assert assembled(part) == ToolCall(name="run", arguments={"code": CODE})


@pytest.mark.parametrize("arguments", ['{"a', "[1]", "print(1)", "[" * 100_000])
def test_arguments_that_are_no_object(arguments):
    assert call_of(piece(arguments, name="run")) == ToolCall(name="run", arguments=None)


def test_a_call_without_arguments():
    assert call_of(piece(name="<b>go\n")) == ToolCall(name="go", arguments={})


def test_what_no_notebook_can_carry_is_cleaned():
    call = call_of(piece(r'{"code": "a\ud800 = \u001b1", "n": 1}', name="run"))
    assert call.arguments == {"code": "a\ufffd = 1", "n": 1}


def test_an_answer_keeps_its_call_and_its_prose(endpoint):
    deltas = [
        {"content": "I look."},
        {"tool_calls": [piece('{"code": ', name="python", index=0)]},
        {"tool_calls": [piece('"x = 1"}', index=0)]},
    ]
    endpoint.script(fault("deltas", items=deltas, finish="tool_calls"))
    done = ask(endpoint.base_url).completion
    assert (done.text, done.finish) == ("I look.", "tool_calls")
    assert done.call == ToolCall(name="python", arguments={"code": "x = 1"})


def test_arguments_count_as_tokens(endpoint):
    items = [{"tool_calls": [piece("word ", index=0)]}] * 30
    endpoint.script(fault("deltas", items=items))
    assert "20 tokens" in str(ask(endpoint.base_url, tokens=20).error)


# --- read ---------------------------------------------------------------------------


@pytest.mark.parametrize("language", [{}, {"language": "Python"}, {"language": "python3"}])
def test_code_is_the_action_whatever_the_tool_is_called(language):
    call = ToolCall(name="execute", arguments={"code": CODE, **language})
    assert read_call(call, "I look.") == Reply(thought="I look.", code=CODE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (None, "not a JSON object"),
        ({}, "without Python in an argument `code`"),
        ({"code": " "}, "without Python"),
        ({"code": ["x"]}, "without Python"),
        ({"command": "ls"}, "without Python"),
        ({"code": "ls", "language": "bash"}, "without Python"),
        ({"code": "ls", "language": None}, "without Python"),
    ],
)
def test_any_other_call_is_told_back(arguments, words):
    reply = read_call(ToolCall(name="run", arguments=arguments), "I look.")
    assert reply.code is reply.answer is None
    assert reply.thought == "I look."
    assert reply.misread.startswith("You called the tool 'run'")
    assert words in reply.misread
