"""An action that is taken back while it waits behind a cell of the user's never runs."""

import threading

import nbformat
import pytest
from endpoint import fault
from tab import Tab, statuses

ACT = "```python\nacted = True\n```"
OWN = """import pathlib, time
def wait_for(name):
    while not pathlib.Path({folder!r}, name).exists():
        time.sleep(0.01)
wait_for('queued')
get_ipython().run_line_magic('codeact', 'stop')
wait_for('ended')
"""


def exported(kernel, folder):
    """What the record holds: the metadata of each cell by its text."""
    assert kernel.run(f"%codeact export {folder / 'out.ipynb'}").status == "ok"
    cells = nbformat.read(folder / "out.ipynb", as_version=4).cells
    return {cell.source: cell.metadata.get("codeact") for cell in cells}


def test_an_action_that_was_queued_when_its_turn_was_stopped_does_not_run(
    kernel, endpoint, tmp_path
):
    """Stop is heard while the user's cell runs, as it is where comms have a thread of their own."""
    think = threading.Event()
    endpoint.script(fault("held", release=think, then=ACT))
    tab = Tab(kernel)
    tab.open()
    tab.ask("Act.", "--auto")
    own = tab.add(OWN.format(folder=str(tmp_path)))
    tab.until(lambda: endpoint.requests)
    tab.run(own)
    tab.until(lambda: own["execution_count"])
    think.set()
    tab.until(lambda: tab._runs[list(tab._runs)[-1]]["cell"]["source"] == "acted = True")
    action = tab._runs[list(tab._runs)[-1]]["cell"]
    (tmp_path / "queued").touch()
    assert tab.until_ended()["ending"] == "stopped"
    (tmp_path / "ended").touch()
    tab.until(lambda: action["ran"])
    assert action["ran"].status == "error"
    assert "taken back before the kernel came to it" in action["ran"].error
    assert kernel.run("'acted' in globals()").text == "False\n"
    assert "acted = True" not in exported(kernel, tmp_path)
    action["metadata"]["codeact"]["status"] = "stopped"  # as a page marks it
    tab.run(action)
    tab.until(lambda: action["ran"])
    assert kernel.run("acted").text == "True\n"
    ran = exported(kernel, tmp_path)["acted = True"]
    assert (ran["role"], ran["status"]) == ("action", "ok")
    assert kernel.run("get_ipython().ast_transformers").text == "[]\n"


PRESSED = """import codeact_jupyter.hosts.capture as capture
def pressed(shell, look=capture.is_hidden, left=[None] * {times}):
    if left and 'acted = True' in shell.get_parent()['content']['code']:
        left.pop()
        raise KeyboardInterrupt
    return look(shell)
capture.is_hidden = pressed
del capture
"""


@pytest.mark.own_kernel
def test_an_interrupt_that_meets_an_action_as_it_begins_stops_it(tab, endpoint):
    """IPython would print it as an error of ours, and run the action all the same."""
    endpoint.script(ACT)
    tab.kernel.run(PRESSED.format(times=1))
    tab.ask("Act.", "--auto")
    assert tab.until_ended()["ending"] == "stopped"
    (action,) = tab.of_turn("action")
    tab.until(lambda: action["ran"])
    assert "Interrupted before it began" in action["ran"].error
    assert action["metadata"]["codeact"]["status"] == "interrupted"
    assert tab.kernel.run("'acted' in globals()").text == "False\n"
    assert tab.kernel.run("get_ipython().ast_transformers").text == "[]\n"


@pytest.mark.own_kernel
def test_an_action_that_nobody_saw_begin_is_known_to_have_run(tab, endpoint):
    endpoint.script(ACT, "Done.")
    tab.kernel.run(PRESSED.format(times=2))
    tab.ask("Act.", "--auto")
    assert tab.until_ended()["ending"] == "answered"
    (action,) = tab.of_turn("action")
    assert action["metadata"]["codeact"]["status"] == "ok"
    assert tab.kernel.run("acted").text == "True\n"


@pytest.mark.own_kernel
def test_an_action_that_nobody_saw_begin_stays_where_its_turn_is_stopped(tab, endpoint, tmp_path):
    """What ran is never taken out of the notebook, as what has not begun would be."""
    stop = "def halt(): get_ipython().run_line_magic('codeact', 'stop')\n"
    waiting = OWN.partition("wait_for('queued')")[0].format(folder=str(tmp_path))
    assert tab.kernel.run(waiting + stop).status == "ok"
    endpoint.script("```python\nhalt()\nwait_for('ended')\nacted = True\n```")
    tab.kernel.run(PRESSED.format(times=2))
    tab.ask("Act.", "--auto")
    assert tab.until_ended()["ending"] == "stopped"
    (tmp_path / "ended").touch()
    tab.until(lambda: statuses(tab) == [("code", "ok")])
    assert tab.kernel.run("acted").text == "True\n"


EXPECTED = """from codeact_jupyter.hosts.capture import Capture
told, withdrawn = [], {}
class Waits:
    def began(self, source, request): told.append('began')
    def ended_as(self, run): told.append(run.status)
capture = Capture(get_ipython(), lambda run: None)
capture.attach()
for name in ('early', 'late', 'runs'):
    capture.expect(name, Waits())
withdrawn['early'] = capture.withdraw('early')
def as_it_starts():
    if not told and get_ipython().get_parent()['metadata'].get('cellId') == 'late':
        withdrawn['late'] = capture.withdraw('late')
get_ipython().events.register('pre_execute', as_it_starts)
"""


@pytest.mark.own_kernel
def test_what_has_started_is_not_taken_back_and_what_is_taken_back_does_not_start(kernel):
    """One of both, whichever comes first: else an action ran whose cell is gone."""
    assert kernel.run(EXPECTED).status == "ok"
    running = {"codeact": {"status": "running"}}
    early = kernel.run("early = True", cell_id="early", metadata=running)
    assert "taken back before the kernel came to it" in early.error
    assert kernel.run("late = True", cell_id="late", metadata=running).status == "ok"
    runs = "withdrawn['runs'] = capture.withdraw('runs')"
    assert kernel.run(runs, cell_id="runs", metadata=running).status == "ok"
    assert kernel.run("withdrawn").text == "{'early': True, 'late': False, 'runs': False}\n"
    assert kernel.run("told").text == "['began', 'ok', 'began', 'ok']\n"
    assert kernel.run("late, 'early' in globals()").text == "(True, False)\n"
