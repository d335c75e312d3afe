"""Terminal IPython: a turn is stopped by Ctrl-C, and IPython left."""

import re
import threading

import pexpect
import pytest
from endpoint import fault
from telling import ADD, ANSWER
from terminal import CONTROL, STOPPED
from waiting import DEAF, ENDLESS


def test_ctrl_c_while_the_model_thinks(terminal, endpoint):
    endpoint.script(fault("headers_then_silence"), ADD, ANSWER)
    terminal.type("%%codeact --auto\nAdd.")
    asked = endpoint.wait_for(1)
    shown = terminal.interrupt_after("step 1")
    assert shown.count(STOPPED) == 1
    assert "Traceback" not in shown
    assert asked.hung_up.wait(10)
    assert "sum 4" in terminal.run("%%codeact --auto\nAdd.")


def test_ctrl_c_before_the_model_answers_at_all(terminal, endpoint):
    release = threading.Event()
    endpoint.script(fault("held", release=release), "Hello.")
    terminal.type("%%codeact --auto\nAdd.")
    endpoint.wait_for(1)
    terminal.child.sendintr()
    shown = terminal.ready()
    release.set()
    assert shown.count(STOPPED) == 1
    assert "Hello." in terminal.run("%%codeact --auto\nAgain.")


@pytest.mark.parametrize(
    "wait",
    [ENDLESS, "import asyncio\nwhile True:\n    await asyncio.sleep(0.01)"],
    ids=["sleep", "await"],
)
def test_ctrl_c_while_an_action_runs(terminal, endpoint, wait):
    endpoint.script(f"```python\nprint('be' 'gun', flush=True)\n{wait}\n```", "Fine.")
    terminal.type("%%codeact --auto\nWait.")
    shown = terminal.interrupt_after("begun")
    assert shown.count(STOPPED) == 1
    assert shown.count("(most recent call last)") == 1  # the action's own traceback
    assert len(endpoint.requests) == 1
    assert re.search(r"Out\[\d+\]: 2\n", terminal.run("1 + 1"))
    assert "Fine." in terminal.run("%%codeact --auto\nGo on.")
    assert "interrupted" in str(endpoint.requests[-1].json["messages"])


def test_an_action_that_outlives_ctrl_c_is_said_to_do_so(terminal, endpoint, tmp_path):
    endpoint.script(DEAF, "Fine.")
    terminal.type("%%codeact --auto\nWait.")
    terminal.child.expect("begun")
    terminal.child.sendintr()
    terminal.child.expect("goes on although it was interrupted.*restart IPython")
    (tmp_path / "enough").touch()
    assert STOPPED in terminal.ready()
    terminal.run("%%codeact --auto\nGo on.")
    told = str(endpoint.requests[-1].json["messages"])
    assert "not me" in told
    assert "goes on although" not in told


@pytest.mark.parametrize("key", ["exit\n", "\x04"], ids=["exit", "ctrl-d"])
def test_leaving_ipython_waits_for_no_thread(start_terminal, endpoint, key):
    """Not even after a turn that was stopped while the model was thinking."""
    terminal = start_terminal("--simple-prompt", "--colors=NoColor")
    threads = "import threading; print([t.name for t in threading.enumerate()])"
    terminal.run("%load_ext codeact_jupyter")
    before = terminal.run(threads)
    endpoint.script(ADD, ANSWER, fault("headers_then_silence"))
    terminal.run("%%codeact --auto\nAdd.")
    terminal.type("%%codeact --auto\nAgain.")
    endpoint.wait_for(3)
    terminal.interrupt_after("step 1")
    assert terminal.run(threads) == before
    assert "MainThread" in before
    terminal.child.send(key)
    terminal.child.expect(pexpect.EOF)
    assert CONTROL.sub("", terminal.child.before).strip() in {"", "exit"}
    assert terminal.child.wait() == 0
