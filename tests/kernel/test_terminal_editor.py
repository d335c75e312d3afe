"""Terminal IPython: an action is edited before it runs."""

import re

import pytest
from telling import ADD, ANSWER, told
from terminal import QUESTION, STOPPED


def test_what_was_edited_runs_and_the_model_is_told(terminal, endpoint):
    endpoint.script(ADD, "The sum is 14.")
    number = terminal.number + 1
    terminal.type("%%codeact\nAdd.")
    lines = r"total = 3 \+ 1.*print\('sum', total\).*total"
    terminal.edit(f"(?s){lines}", " + 10\x1b\r")
    shown = terminal.ready()
    assert shown.count(f"Out[{number}]: 14\n") == 1
    assert told(endpoint) == (
        "Step 1: ok.\nThe user edited the block. What ran:\n```python\n"
        "total = 3 + 1\nprint('sum', total)\ntotal + 10\n```\nsum 4\n14\nNew total: int, 4"
    )
    assert "total + 10" in terminal.run(f"print(In[{number}])")


def test_the_editor_has_lines(terminal, endpoint):
    endpoint.script("```python\na = 1\n```", "Done.")
    terminal.type("%%codeact\nGo.")
    terminal.edit("a = 1", "\rb = a + 1\rprint('b is', b)\x1b\r")
    assert "b is 2" in terminal.ready()
    assert "What ran:\n```python\na = 1\nb = a + 1\nprint('b is', b)\n```" in told(endpoint)


def test_an_unchanged_text_is_no_edit(terminal, endpoint):
    endpoint.script(ADD, ANSWER)
    terminal.type("%%codeact\nAdd.")
    terminal.edit("print", "\x1b\r")
    assert re.search(r"Out\[\d+\]: 4\n", terminal.ready())
    assert "edited" not in told(endpoint)


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_leaving_the_editor_runs_nothing(terminal, endpoint, key):
    endpoint.script("```python\nran = 1\n```")
    terminal.type("%%codeact\nGo.")
    # Ctrl-D ends the input only where nothing is left
    terminal.edit("ran = 1", {"\x03": key, "\x04": "\x7f" * len("ran = 1") + key}[key])
    shown = terminal.ready()
    assert shown.count(STOPPED) == 1
    assert "Traceback" not in shown
    assert "False" in terminal.run("'ran' in globals()")


def test_the_full_prompt_asks_and_edits_too(start_terminal, endpoint):
    terminal = start_terminal("--colors=NoColor")
    endpoint.script("```python\nprint('the' ' output')\n```", ADD, "The sum is 14.")

    def until(number):  # the prompt is drawn again with each key
        while terminal.number != number:
            terminal.ready()

    terminal.child.send("%load_ext codeact_jupyter\r")
    until(2)
    terminal.child.send("\x1b[200~%%codeact\nAdd.\x1b[201~")
    terminal.child.expect(r"Add\.")
    terminal.child.send("\x1b\r")
    terminal.child.expect(QUESTION)
    terminal.child.sendline("y")
    terminal.child.expect("the output")
    terminal.edit("print", " + 10\x1b\r")
    terminal.child.expect(r"Out\[4\]:.*14")
    until(5)
    assert "The user edited the block" in told(endpoint)
