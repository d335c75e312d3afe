"""Terminal IPython: a person at a real terminal is asked, and cells keep one count."""

import re

import pytest
from telling import ADD, ANSWER, told
from terminal import QUESTION, STOPPED


def test_yes_runs_the_action_here(terminal, endpoint):
    endpoint.script(ADD, ANSWER)
    number = terminal.number + 1
    shown = terminal.run("%%codeact\nWhat is 3 + 1?", "y")
    assert shown.count("I add.") == 1
    assert shown.count("sum 4\n") == 1
    assert shown.count(f"Out[{number}]: 4\n") == 1
    assert shown.count(ANSWER) == 1
    assert told(endpoint) == "Step 1: ok.\nsum 4\n4\nNew total: int, 4"
    assert "40" in terminal.run("total * 10")


def test_cells_keep_one_count(terminal, endpoint):
    endpoint.script(ADD, ADD.replace("3", "5"), ANSWER.replace("4", "6"))
    prompt, first, second, below = range(terminal.number, terminal.number + 4)
    shown = terminal.run("%%codeact --auto\nAdd.")
    assert re.findall(r"Out\[(\d+)\]: (\d)", shown) == [(str(first), "4"), (str(second), "6")]
    assert terminal.number == below
    assert "(4, 6, True)" in terminal.run(f"Out[{first}], Out[{second}], {prompt} not in Out")
    assert terminal.number == below + 1
    sources = f"[text in In[n] for text, n in (('3 + 1', {first}), ('5 + 1', {second}))]"
    assert "[True, True]" in terminal.run(sources)


def test_counts_hold_after_an_action_that_tried_to_exit(start_terminal, endpoint):
    terminal = start_terminal("--simple-prompt", "--colors=NoColor")
    terminal.run("%load_ext codeact_jupyter")
    endpoint.script("```python\nexit()\n```", ADD, ANSWER)
    shown = terminal.run("%%codeact --auto\nAdd.")
    assert "exit() would end the kernel" in told(endpoint, 1)
    assert "Out[4]: 4" in shown
    endpoint.script(ADD, ANSWER)
    assert terminal.number == 5
    shown = terminal.run("%%codeact --auto\nAdd.")
    assert "Out[6]: 4" in shown
    assert "ERROR!" not in shown
    assert terminal.number == 7


def test_no_stops(terminal, endpoint):
    endpoint.script(ADD)
    shown = terminal.run("%%codeact\nAdd.", "n")
    assert shown.count(STOPPED) == 1
    assert "Traceback" not in shown
    assert "False" in terminal.run("'total' in globals()")
    assert len(endpoint.requests) == 1


def test_a_reason_goes_to_the_model(terminal, endpoint):
    endpoint.script(ADD, ADD.replace("3 + 1", "2 + 2"), ANSWER)
    shown = terminal.run("%%codeact\nAdd.", "no, use 2 + 2", "y")
    assert told(endpoint, 1) == "Step 1: rejected, nothing ran. use 2 + 2"
    assert shown.count("sum 4\n") == 1


def test_a_slip_is_asked_again(terminal, endpoint):
    endpoint.script(ADD)
    terminal.type("%%codeact\nAdd.")
    terminal.child.expect(QUESTION)
    terminal.child.sendline("yess")
    terminal.child.expect("Please answer y, n, e")
    terminal.child.sendline("n")
    assert STOPPED in terminal.ready()
    assert "False" in terminal.run("'total' in globals()")


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_leaving_the_question_stops(terminal, endpoint, key):
    endpoint.script(ADD)
    terminal.type("%%codeact\nAdd.")
    terminal.child.expect(QUESTION)
    shown = terminal.leave(key)
    assert shown.count(STOPPED) == 1
    assert "Traceback" not in shown
    assert "False" in terminal.run("'total' in globals()")
