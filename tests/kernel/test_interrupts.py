"""Ctrl-C in a kernel of our own, between two moments: nothing of the user's is lost."""

import asyncio
import os
import signal
import threading

import pytest
from endpoint import fault
from running import act, children_of, last_cell, text_of
from waiting import until

from codeact_jupyter import Session
from codeact_jupyter.hosts.desk import Desk
from codeact_jupyter.hosts.worker import Worker

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


ASKED = {
    "settings": lambda session: session.kernel_settings(),
    "variables": lambda session: session.dialogue.variables(session.settings),
    "preview": lambda session: session.dialogue.preview("Look.", session.settings),
    "cell": lambda session: session.run_cell("1"),
}


@pytest.mark.parametrize("what", ASKED)
def test_ctrl_c_while_the_kernel_is_asked(session, what):
    """A kernel that was stopped answers nothing until it may go on."""
    pid = int(text_of(session.run_cell("import os\nprint(os.getpid())").outputs))
    os.kill(pid, signal.SIGSTOP)
    pressing = threading.Thread(target=press_when_served, args=(pid,))
    pressing.start()
    with pytest.raises(KeyboardInterrupt):
        ASKED[what](session)
    pressing.join()
    assert session.run_cell("1 + 1").status == "ok"


def press_when_served(pid):
    until(lambda: signal.getsignal(signal.SIGINT) is not signal.default_int_handler)
    press_ctrl_c()
    os.kill(pid, signal.SIGCONT)


def test_ctrl_c_while_the_models_are_listed(session, model, monkeypatch):
    monkeypatch.setattr(model, "models", fault("no_answer"))
    before = len(model.listings)
    pressing = threading.Thread(target=press_when_listing, args=(model, before))
    pressing.start()
    with pytest.raises(KeyboardInterrupt):
        session.dialogue.models(session.settings)
    pressing.join()


def press_when_listing(model, before):
    until(lambda: len(model.listings) > before)
    press_ctrl_c()


def test_ctrl_c_while_a_kernel_starts_leaves_none(model, tmp_path):
    before = children_of(os.getpid())
    started = threading.Thread(
        target=lambda: (until(lambda: children_of(os.getpid()) - before), press_ctrl_c())
    )
    started.start()
    with pytest.raises(KeyboardInterrupt):
        Session(folder=tmp_path).open()
    started.join()
    assert children_of(os.getpid()) <= before


class PressedAtOnce(Worker):
    """A worker whose turn has just begun when Ctrl-C is pressed."""

    def __init__(self):
        super().__init__()
        self.begun = threading.Event()

    def start(self, begin, over):
        work = super().start(begin, over)
        self.begun.wait(30)
        press_ctrl_c()
        return work


def test_ctrl_c_before_the_desk_is_served_leaves_no_turn_behind():
    worker, ended = PressedAtOnce(), []

    async def turn():
        worker.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    with pytest.raises(KeyboardInterrupt):
        Desk(worker).serve(turn)
    assert ended == ["ended"]
    worker.close()


class PressedWhenDone(Worker):
    """A worker whose turn has just ended when Ctrl-C is pressed."""

    desk: Desk

    def start(self, begin, over):
        return super().start(begin, lambda: (over(), self.desk.interrupt()))


def test_ctrl_c_in_the_moment_behind_the_end_is_not_lost():
    async def turn():
        return 42

    worker = PressedWhenDone()
    desk = worker.desk = Desk(worker)
    with pytest.raises(KeyboardInterrupt):
        desk.serve(turn)
    desk.close()


def test_a_kernel_that_has_just_started_when_ctrl_c_is_pressed_is_ended(tmp_path, monkeypatch):
    before, serve = children_of(os.getpid()), Desk.serve

    def pressed_when_done(desk, turn):
        serve(desk, turn)
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(Desk, "serve", pressed_when_done)
    with pytest.raises(KeyboardInterrupt):
        Session(folder=tmp_path).open()
    assert children_of(os.getpid()) <= before
