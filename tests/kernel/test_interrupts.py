"""Ctrl-C in a kernel of our own, between two moments: nothing of the user's is lost."""

import os
import signal
import threading

import pytest
from running import act, last_cell
from waiting import until

BEGUN = "print('be' 'gun', flush=True)\n"


def press_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_while_a_cell_that_timed_out_is_interrupted(session, printed, monkeypatch):
    monkeypatch.setattr(session._place.cells, "_seconds", 0.5)
    printed.on["caught"] = press_ctrl_c
    deaf = "import threading\ntry:\n    threading.Event().wait()\nexcept KeyboardInterrupt:\n"
    with pytest.raises(KeyboardInterrupt):
        session.run_cell(f"{BEGUN}{deaf}    print('cau' 'ght', flush=True)\nwhile True: pass")
    run = last_cell(session)
    assert (run.status, run.error.name) == ("timed_out", "KeyboardInterrupt")
    assert run.outputs[0]["text"] == "begun\ncaught\n"


@pytest.fixture
def when_there(tmp_path):
    """Do something as soon as a file is there, on another thread."""
    threads = []

    def begin(path, do):
        thread = threading.Thread(target=lambda: (until(path.exists), do()))
        threads.append(thread)
        thread.start()

    yield begin
    for thread in threads:
        thread.join()


def slow_to_look_at(path):
    """A variable whose look takes for ever, and says by a file that it has begun."""
    return (
        "class Slow:\n    def _repr_llm_(self):\n"
        f"        open({str(path)!r}, 'w').close()\n        while True: pass\nslow = Slow()\n"
    )


def test_ctrl_c_while_a_failed_cell_is_looked_at(session, model, tmp_path, when_there):
    when_there(tmp_path / "looking", press_ctrl_c)
    model.script(act(f"{BEGUN}{slow_to_look_at(tmp_path / 'looking')}1 / 0"))
    turn = session.ask("Divide.", auto=True)
    assert turn.ending.kind == "stopped"
    run = last_cell(session)
    assert (run.status, run.error.name) == ("error", "ZeroDivisionError")
    assert run.outputs[0]["text"] == "begun\n"
    assert session.run_cell("del slow\n1 + 1").status == "ok"
