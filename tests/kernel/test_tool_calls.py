"""A model that calls a tool although none was offered to it."""

import nbformat
import pytest
from endpoint import fault
from tab import run_proposal

CODE = "total = 3 + 1\nprint('sum', total)"
ANSWER = "The sum is 4."


def call(*arguments, name="python", said=""):
    """An answer whose call comes in these pieces."""
    pieces = [{"name": name}, *({"arguments": piece} for piece in arguments)]
    calls = [{"tool_calls": [{"index": 0, "function": piece}]} for piece in pieces]
    return fault("deltas", items=[{"content": said}, *calls], finish="tool_calls")


GOOD = call('{"code": "total = 3 + 1\\npri', "nt('sum', total)\"}", said="I add.")
BROKEN = call('{"code": "total = 3', said="I call.")


def test_its_code_is_an_action_like_any_other(kernel, endpoint, tmp_path):
    endpoint.script(GOOD, ANSWER)
    ran = kernel.run("%%codeact --ask\nWhat is 3 + 1?", answers=["y"])
    assert ran.status == "ok"
    assert kernel.run("total").text == "4\n"
    messages = endpoint.requests[-1].json["messages"]
    assert messages[-2]["content"] == f"I add.\n\n```python\n{CODE}\n```"
    assert "tools" not in endpoint.requests[0].json
    kernel.run(f"%codeact export {tmp_path / 'x.ipynb'}")
    cells = nbformat.read(tmp_path / "x.ipynb", as_version=4).cells
    assert CODE in [cell.source for cell in cells if cell.cell_type == "code"]


def test_a_call_that_the_user_does_not_approve_does_not_run(kernel, endpoint):
    endpoint.script(GOOD, "Nothing ran.")
    kernel.run("%%codeact --ask\nWhat is 3 + 1?", answers=["n"])
    assert kernel.run("'total' in globals()").text == "False\n"


@pytest.mark.parametrize("broken", [BROKEN, call('{"city": "Bern"}', name="get_weather")])
def test_a_call_that_says_no_python_is_told_back_once(kernel, endpoint, broken, tmp_path):
    endpoint.script(broken, f"I add.\n\n```python\n{CODE}\n```", ANSWER)
    ran = kernel.run("%%codeact --auto\nWhat is 3 + 1?")
    assert ran.status == "ok"
    assert "The model called a tool instead of writing Python" in ran.text
    told = endpoint.requests[1].json["messages"][-1]["content"]
    assert told.startswith("You called the tool")
    assert "write your Python in a block" in told
    assert told.endswith("\nThe question was: What is 3 + 1?")
    kernel.run(f"%codeact export {tmp_path / 'x.ipynb'}")
    assert "You called the tool" in (tmp_path / "x.ipynb").read_text()


def test_a_call_in_another_language_runs_nothing(kernel, endpoint, tmp_path):
    kernel.run(f"%cd -q {tmp_path}")
    (tmp_path / "victim").mkdir()
    endpoint.script(call('{"code": "rm -rf victim"}', name="bash"), "It stands.")
    assert kernel.run("%%codeact --auto\nClean up.").status == "ok"
    assert (tmp_path / "victim").is_dir()
    told = endpoint.requests[1].json["messages"][-1]["content"]
    assert told.startswith("You called the tool 'bash' without Python")


def test_a_model_that_only_calls_ends_the_turn(kernel, endpoint):
    endpoint.script(BROKEN, BROKEN)
    ran = kernel.run("%%codeact --auto\nWhat is 3 + 1?")
    assert ran.status == "error"
    assert "neither an answer nor a block of Python" in ran.error
    assert kernel.run("'total' in globals()").text == "False\n"


def test_in_a_front_end_it_becomes_a_cell_and_what_was_told_back_goes(tab, endpoint):
    endpoint.script(BROKEN, GOOD, ANSWER)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    assert [cell["source"] for cell in tab.cells[1:]] == ["I add.", CODE]
    run_proposal(tab)
    assert tab.until_ended()["ending"] == "answered"
    assert "You called the tool" in endpoint.requests[1].json["messages"][-1]["content"]
