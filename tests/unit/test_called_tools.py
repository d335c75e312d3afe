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

NAMES = """python python3 execute_python code_interpreter functions.python PythonREPL run-code
    executeIPythonCell jupyter_cell IPython codeact RUN"""
OTHER_NAMES = """bash run_bash shell executeSQL run_r R javascript python_or_shell node codex
    terminal run_command rpython run_код run…"""
CODE = 'print("é 🎉\\n")\n'


def piece(arguments=None, *, name=None, index=None, id_=None):
    """One entry of the field ``tool_calls``."""
    function = {"name": name, "arguments": arguments}
    call = {
        "index": index,
        "id": id_,
        "function": {k: v for k, v in function.items() if v is not None},
    }
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
    "fields",
    [
        {"name": "python"},
        {"name": "python", "index": 0},
        {"name": "python", "index": 0, "id_": "c1"},
        {"name": "python", "id_": "c1"},
        {"name": "python", "index": True},
    ],
)
def test_what_each_piece_repeats_begins_no_other_call(fields):
    texts = ["", '{"code": "print({', "}); print(", '1)"}', ""]
    call = call_of(*(piece(text, **fields) for text in texts))
    assert call == ToolCall(name="python", arguments={"code": "print({}); print(1)"})


def test_an_id_that_each_piece_has_anew_begins_no_other_call_of_an_index():
    texts = ['{"code": ', '"a"}']
    call = call_of(*(piece(t, name="run", index=0, id_=f"c{n}") for n, t in enumerate(texts)))
    assert call == ToolCall(name="run", arguments={"code": "a"})


@pytest.mark.parametrize("index", [None, 0])
@pytest.mark.parametrize("second", [{"name": "run"}, {"name": "go"}, {"name": "run", "id_": "c2"}])
def test_a_name_after_whole_arguments_begins_another_call(index, second):
    call = call_of(
        piece('{"code": ', name="run", index=index, id_="c1"),
        piece('"a"}', index=index),
        piece('{"code": ', index=index, **second),
        piece('"b"}', index=index),
    )
    assert call == ToolCall(name="run", arguments={"code": "a"})


def test_without_an_index_another_id_begins_a_call_although_the_first_is_broken():
    call = call_of(piece('{"co', name="run", id_="c1"), piece("{}", name="run", id_="c2"))
    assert call == ToolCall(name="run", arguments=None)


def test_an_index_that_is_none():
    """JSON's true is no index, though Python counts with it."""
    call = call_of(
        piece('{"code": "a"}', name="a", index=2), piece('{"code": "b"}', name="b", index=True)
    )
    assert call == ToolCall(name="a", arguments={"code": "a"})


@pytest.mark.parametrize(
    "part",
    [
        {"tool_calls": [piece(json.dumps(json.dumps({"code": CODE})), name="run")]},
        {"tool_calls": [piece({"code": CODE}, name="run")]},  # an object, as Ollama has it
        {"tool_calls": piece(json.dumps({"code": CODE}), name="run")},
        {"function_call": {"name": "run", "arguments": json.dumps({"code": CODE})}},
    ],
)
def test_the_fields_that_servers_have(part):
    assert assembled(part) == ToolCall(name="run", arguments={"code": CODE})


@pytest.mark.parametrize(
    "arguments", ['{"a', "[1]", "print(1)", '"print(1)"', '"[1]"', "[" * 100_000]
)
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
def test_code_is_the_action(language):
    call = ToolCall(name="execute", arguments={"code": CODE, **language})
    assert read_call(call, "I look.") == Reply(thought="I look.", code=CODE)


@pytest.mark.parametrize("around", ["```python\n{}```", "\n ```\n{}\n```\n", "~~~py\n{}~~~"])
def test_a_fence_around_the_code_is_taken_away(around):
    call = ToolCall(name="python", arguments={"code": around.format(CODE)})
    assert read_call(call).code == CODE.strip()


@pytest.mark.parametrize(
    "name",
    [
        "python",
        "python3",
        "execute_python",
        "code_interpreter",
        "functions.python",
        "PythonREPL",
        "run-code",
        "executeIPythonCell",
        "jupyter_cell",
        "IPython",
        "codeact",
        "RUN",
    ],
)
def test_a_tool_whose_name_says_python_or_no_language(name):
    assert read_call(ToolCall(name=name, arguments={"code": CODE})).code == CODE


@pytest.mark.parametrize(
    "name",
    [
        "",
        *[
            "bash",
            "run_bash",
            "shell",
            "executeSQL",
            "run_r",
            "R",
            "javascript",
            "python_or_shell",
            "node",
            "codex",
        ],
        *["terminal", "run_command", "rpython", "run_код", "run…"],
    ],
)
def test_a_tool_with_any_other_name_runs_nothing(name):
    """IPython would take much of what is no Python for a command of the shell."""
    reply = read_call(ToolCall(name=name, arguments={"code": "rm -rf victim"}), "I look.")
    assert reply.code is reply.answer is None
    assert reply.misread.startswith(f"You called the tool {name!r} without Python")


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
        ({"code": "```bash\nls\n```"}, "without Python"),
        ({"code": "```python\n```"}, "without Python"),
    ],
)
def test_any_other_call_is_told_back(arguments, words):
    reply = read_call(ToolCall(name="run", arguments=arguments), "I look.")
    assert reply.code is reply.answer is None
    assert reply.thought == "I look."
    assert reply.misread.startswith("You called the tool 'run'")
    assert words in reply.misread
