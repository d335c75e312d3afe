"""Cells that are tagged ``codeact-hide``: no request holds anything of them.

All that they say holds the word ``canary``: text, output, error, names, values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from running import read, run, text_of
from tab import Tab, run_proposal
from telling import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from endpoint import ScriptedEndpoint
    from kernels import Kernel

SECRET = "canary = 'CANARY value'  # canary\nprint('the', canary)\ncanary_row = {'canary': 1}"
FAILS = "raise ValueError('CAN' 'ARY')  # canary"
FUNCTION = "def canary_call():\n    return 1 / 0  # canary"
# names that are near to hidden ones, for what helps after an error
NEAR = "I look.\n\n```python\ntotal = 3\nprint(canari)\n```"
ADD = "I add.\n\n```python\ntotal = 3 + 1\ntotal\n```"
CALL = "```python\n[f for n, f in globals().items() if n[:5] == 'canar' and callable(f)][0]()\n```"
ANSWER = "The sum is 4."
HIDDEN = {"tags": ["codeact-hide"]}


@pytest.fixture
def unloaded(take_kernel: Callable[..., Kernel], pair: str) -> Kernel:
    """A kernel in which the extension is not loaded yet."""
    return take_kernel(pair, CODEACT_RUN="1")


def ran(tab: Tab, source: str, *, hidden: bool = False):
    """Run a new cell of the user's to its end."""
    cell = tab.add(source, hidden=hidden)
    tab.run(cell)
    tab.until(lambda: cell["ran"])
    return cell


def turn(tab: Tab, prompt: str = "What is 3 + 1?", flags: str = "--auto"):
    tab.cards.clear()
    tab.ask(prompt, flags)
    return tab.until_ended()


def assert_hidden(endpoint: ScriptedEndpoint, *, requests: int) -> str:
    """No request holds the canary; returns all that was sent."""
    sent = "".join(str(request.json) for request in endpoint.requests)
    assert len(endpoint.requests) == requests
    assert re.findall(".{0,60}canary.{0,60}", sent, re.IGNORECASE) == []
    return sent


def test_nothing_of_cells_that_ran_before_the_load_is_told(unloaded, endpoint):
    tab = Tab(unloaded)
    ran(tab, "shown = 1")
    ran(tab, f"{SECRET}\n\n", hidden=True)
    ran(tab, FAILS, hidden=True)
    ran(tab, FUNCTION, hidden=True)
    ran(tab, "%%time\nimport math as canary_math\nfor canary_of in range(3): pass", hidden=True)
    ran(tab, "def f():\n    shown = 'a local name'", hidden=True)
    gone = ran(tab, "deleted = shown + 1")
    tab.cells.remove(gone)
    ran(tab, "%load_ext codeact_jupyter")
    tab.open()
    endpoint.script(NEAR, ADD, ANSWER)
    turn(tab)
    sent = assert_hidden(endpoint, requests=3)
    assert "In [1]: shown = 1" in sent
    assert "deleted = shown + 1" in sent  # ran, and stands nowhere: from the history
    assert "shown: int, 1" in sent
    ran(tab, SECRET, hidden=True)  # again, and still
    endpoint.script(ANSWER)
    turn(tab, "Go on.")
    assert_hidden(endpoint, requests=4)


def test_the_cell_that_loads_us_may_be_hidden_too(unloaded, endpoint):
    tab = Tab(unloaded)
    ran(tab, f"{SECRET}\n%load_ext codeact_jupyter\ncanary_late = 'canary'", hidden=True)
    tab.open()
    endpoint.script(NEAR, ANSWER, ANSWER)
    turn(tab, "Say the sum.")
    assert_hidden(endpoint, requests=len(endpoint.requests))


def test_nothing_of_cells_that_run_around_a_turn_is_told(tab, endpoint):
    ran(tab, "shown = 1")
    ran(tab, SECRET, hidden=True)
    ran(tab, FAILS, hidden=True)
    endpoint.script(NEAR, ADD, ANSWER)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    ran(tab, f"{SECRET}\ncanary_more = canary", hidden=True)
    ran(tab, FAILS, hidden=True)
    ran(tab, "free = 'yes'")
    run_proposal(tab)
    run_proposal(tab)
    tab.until_ended()
    sent = assert_hidden(endpoint, requests=3)
    assert "free = 'yes'" in sent
    assert "Changed total: int, 4" in sent


def test_a_name_is_told_once_another_cell_binds_it(tab, endpoint):
    ran(tab, SECRET, hidden=True)
    ran(tab, "canary += '!'\ncanary_row.update(more=2)\nif not canary: canary_row = 1", hidden=True)
    endpoint.script(ANSWER)
    turn(tab, "Hello.")
    assert_hidden(endpoint, requests=1)
    ran(tab, "canary = 'no secret'")
    endpoint.script(ANSWER)
    turn(tab, "Hello again.")
    assert "canary: str, 'no secret'" in told(endpoint)
    assert "canary_row" not in told(endpoint)


def test_what_only_changes_or_might_bind_a_hidden_name_does_not_show_it(tab, endpoint):
    ran(tab, "number = None\nrows = []", hidden=True)
    ran(tab, "rows.append(1)\nif rows is None:\n    number = None")
    endpoint.script(ANSWER)
    turn(tab, "Hello.")
    variables = told(endpoint)
    assert "number: " not in variables
    assert "rows: " not in variables
    ran(tab, "number = None")  # the very same object, but surely bound
    endpoint.script(ANSWER)
    turn(tab, "Hello again.")
    assert "New number: None" in told(endpoint)


def test_an_error_names_no_line_of_a_hidden_function(tab, endpoint):
    ran(tab, FUNCTION, hidden=True)
    endpoint.script(CALL, ANSWER)
    turn(tab)
    sent = assert_hidden(endpoint, requests=2)
    assert "ZeroDivisionError" in sent


def test_without_a_tab_the_tag_in_the_request_is_enough(kernel, endpoint):
    kernel.run(SECRET, metadata=HIDDEN)
    kernel.run(FAILS, metadata=HIDDEN)
    kernel.run("shown = 1")
    endpoint.script(NEAR, ADD, ANSWER)
    asked = kernel.run("%%codeact --auto\nWhat is 3 + 1?")
    assert asked.status == "ok", asked.text
    assert "shown: int, 1" in assert_hidden(endpoint, requests=3)


def test_what_actions_bind_is_told_also_where_the_prompt_itself_has_the_tag(kernel, endpoint):
    endpoint.script(ADD, ANSWER, ANSWER)
    kernel.run("%%codeact --auto\nWhat is 3 + 1?", metadata=HIDDEN)
    assert "New total: int, 4" in told(endpoint)
    kernel.run("%%codeact --auto --new\nHello.")
    assert "total: int, 4" in told(endpoint)


def test_the_preview_hides_what_a_turn_hides(unloaded):
    tab = Tab(unloaded)
    ran(tab, SECRET, hidden=True)
    ran(tab, "%load_ext codeact_jupyter")
    tab.open()
    prompt = tab.ask("Hello.", "--dry-run")
    tab.until(lambda: "Hello." in str(prompt["outputs"]))
    assert "canary" not in str(prompt["outputs"]).lower()


def test_a_run_tells_nothing_of_them_and_keeps_them(endpoint, tmp_path):
    cells = [
        new_code_cell("shown = 1"),
        *(new_code_cell(source, metadata=HIDDEN) for source in (SECRET, FUNCTION, "# canary")),
        new_code_cell(FAILS, metadata={"tags": ["codeact-hide", "raises-exception"]}),
        new_code_cell("%%codeact\nWhat is 3 + 1?"),
        new_code_cell(f"{SECRET}\ncanary_more = 1", metadata=HIDDEN),
        new_code_cell("free = 'yes'"),
        new_code_cell("%%codeact\nGo on."),
        new_code_cell("get_ipython().run_cell('canary_row = None')", metadata=HIDDEN),
        new_code_cell("%%codeact --new\nAgain."),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "in.ipynb")
    endpoint.script(NEAR, CALL, ADD, ANSWER, ANSWER, ANSWER)
    done = run(endpoint, tmp_path, "run", "in.ipynb", "--auto", "-o", "out.ipynb")
    assert done.code == 0, done.err
    sent = assert_hidden(endpoint, requests=6)
    assert "ZeroDivisionError" in sent
    assert "Changed total: int, 4" in sent
    assert "free = 'yes'" in sent
    kept = read(tmp_path / "out.ipynb").cells
    assert [text_of(cell.outputs) for cell in kept if cell.source == SECRET] == [
        "the CANARY value\n"
    ]


def test_in_a_run_a_name_is_told_once_another_cell_binds_it(endpoint, tmp_path):
    cells = [
        new_code_cell(SECRET, metadata=HIDDEN),
        new_code_cell("canary = 'no secret'"),
        new_code_cell("%%codeact\nHello."),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "in.ipynb")
    endpoint.script(ANSWER, ANSWER)
    done = run(endpoint, tmp_path, "run", "in.ipynb", "--auto", "-o", "out.ipynb")
    assert done.code == 0, done.err
    assert "canary: str, 'no secret'" in told(endpoint)
    assert "canary_row" not in told(endpoint)
