"""What a test finds in a kernel that another one had: nothing of it."""

import pytest
from kernels import ENDS
from shared_kernels import SharedKernel, SharedKernels
from telling import ADD, ANSWER
from waiting import ENDLESS

LEFT = """
import os, sys
kept = 1
os.chdir({folder!r})
os.environ.update(CODEACT_LEFT="1")
%config CodeAct.max_steps = 9
%alias left echo
1 / 0
"""
FOUND = """
import os, sys
print(sorted({"kept", "total"} & set(globals())), os.getcwd(), Out, In[1:-1])
print("CODEACT_LEFT" in os.environ, hasattr(sys, "last_value"), get_ipython().find_magic("left"))
"""


@pytest.fixture(scope="module", params=ENDS)
def python(request):
    return ENDS[request.param]


@pytest.fixture
def shared(python):
    """A kernel for this test alone, in the hands that others are in."""
    with SharedKernel(python) as kernel:
        yield kernel


def test_the_next_test_finds_it_like_a_new_one(shared, endpoint, tmp_path):
    shared.begin(None, CODEACT_RUN="1", **endpoint.environment)
    new = shared.run(FOUND)
    assert new.execution_count == 1
    shared.run("%load_ext codeact_jupyter")
    endpoint.script(ADD, ANSWER)
    assert shared.run("%%codeact --auto\nWhat is 3 + 1?").status == "ok"
    assert "ZeroDivisionError" in shared.run(LEFT.format(folder=str(tmp_path))).text
    shared.put_away()
    assert not shared.used_up
    shared.begin(tmp_path, **endpoint.environment)
    again = shared.run("print(__import__('os').getcwd())\n%load_ext codeact_jupyter")
    assert (again.text, again.execution_count) == (f"{tmp_path}\n", 1)
    assert "0 turns" in shared.run("%codeact").text
    assert "max_steps = 20" in shared.run("%codeact config max_steps").text
    shared.put_away()
    shared.begin(None)
    found = shared.run(FOUND)
    assert (found.text, found.execution_count) == (new.text, 1)


STAYING = {
    "import sys; sys.path.append('/left')": "import sys; sys.path.remove('/left')",
    "import threading, builtins; builtins.gate = threading.Event();"
    "threading.Thread(target=gate.wait).start()": "gate.set()",
    "get_ipython().events.register('pre_execute', len)": (
        "get_ipython().events.unregister('pre_execute', len)"
    ),
    "get_ipython().ast_node_interactivity = 'all'": (
        "get_ipython().ast_node_interactivity = 'last_expr'"
    ),
    "%xmode Verbose": "%xmode Context",
    "import sys; sys.setprofile(lambda *_: None)": "import sys; sys.setprofile(None)",
    "%config IPCompleter.debug = True": "del get_ipython().config['IPCompleter']",
    "import signal, sys; sys.kept = signal.signal(signal.SIGTERM, signal.SIG_IGN)": (
        "import signal, sys; signal.signal(signal.SIGTERM, sys.kept)"
    ),
    "get_ipython().kernel.comm_manager.register_target('left', print)": (
        "get_ipython().kernel.comm_manager.unregister_target('left', print)"
    ),
    "import types, sys; sys.modules['left'] = left = types.ModuleType('left');"
    "left.__file__ = '/left.py'": "import sys; del sys.modules['left']",
}


def test_nobody_gets_one_in_which_something_stayed(shared, monkeypatch):
    monkeypatch.setattr("shared_kernels._PATIENCE", 1)
    for left, undo in STAYING.items():
        assert shared.run(left).status == "ok"
        shared.put_away()
        assert shared.used_up, left
        shared.used_up = False
        assert shared.run(undo).status == "ok"
        shared.put_away()
        assert not shared.used_up, left


def test_nobody_gets_one_that_is_at_work(shared, monkeypatch):
    monkeypatch.setattr("shared_kernels._PATIENCE", 1)
    shared.stream_until(shared.send(f"print('be' 'gun')\n{ENDLESS}"), "begun")
    shared.put_away()
    assert shared.used_up


def test_one_that_is_used_up_is_ended_and_another_is_kept(python):
    kernels = SharedKernels()
    first = kernels.take(python)
    kernels.give_back(first)
    assert kernels.take(python) is first
    first.used_up = True
    kernels.give_back(first)
    assert not first.is_alive
    second = kernels.take(python)
    kernels.give_back(second)
    kernels.close()
    assert second is not first
    assert not second.is_alive
