"""A kernel of our own: what goes wrong in it is named, and what came out of it is kept."""

import asyncio
import math
import os
import signal
import subprocess
import sys
import tempfile

import pytest
from kernels import BARE, PAIRS, write_kernelspecs
from running import Shown, act, children_of, last_cell, read, text_of
from waiting import is_gone, until

from codeact_jupyter import CodeActError, Session
from codeact_jupyter.errors import (
    ConfigError,
    ExecutionError,
    KernelDied,
    KernelSilent,
    RecordError,
)
from codeact_jupyter.hosts import kernel as kernel_host
from codeact_jupyter.hosts import process
from codeact_jupyter.record import disk

DEATHS = {
    "import os; os._exit(3)": "exit status 3",
    "import ctypes; ctypes.string_at(0)": "killed by SIGSEGV",
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": "killed by SIGKILL, which",
}
BEGUN = "print('be' 'gun', flush=True)\n"


@pytest.fixture
def shown():
    return Shown()


def pid_of(session):
    return int(text_of(session.run_cell("import os\nprint(os.getpid())").outputs))


# --- kernels that end or do not answer


@pytest.mark.parametrize("code", DEATHS)
def test_a_kernel_that_dies_is_named_and_its_last_output_is_kept(model, tmp_path, shown, code):
    seen = tmp_path / "seen"
    shown.on["before"] = seen.touch
    wait = "import pathlib\nwhile not pathlib.Path('seen').exists(): pass\n"
    model.script(act(f"print('be' 'fore', flush=True)\n{wait}{code}"))
    with Session(folder=tmp_path, show=shown) as session:
        turn = session.ask("Die.", auto=True)
        assert turn.ending.kind == "fault"
        assert turn.ending.sentence.startswith(f"The kernel died ({DEATHS[code]}")
        run = last_cell(session)
        assert [output["output_type"] for output in run.outputs] == ["stream", "error"]
        assert run.outputs[0]["text"] == "before\n"
        assert (run.status, run.error.name) == ("error", "KernelDied")
        with pytest.raises(KernelDied, match="The kernel died"):
            session.ask("And now?", auto=True)
        with pytest.raises(KernelDied):
            session.run_cell("1 + 1")
        exported = read(session.export(tmp_path / "died.ipynb"))
    (died,) = (cell for cell in exported.cells if cell["cell_type"] == "code")
    assert [output.get("ename") for output in died["outputs"]] == [None, "KernelDied"]


def test_a_kernel_killed_from_outside_while_a_cell_runs(model, shown):
    model.script(act(BEGUN + "while True: pass"))
    with Session(show=shown) as session:
        pid = pid_of(session)
        shown.on["begun"] = lambda: os.kill(pid, signal.SIGKILL)
        turn = session.ask("Loop.", auto=True)
        assert "killed by SIGKILL" in turn.ending.sentence
        assert last_cell(session).outputs[0]["text"] == "begun\n"
    assert is_gone(pid)


def test_a_kernel_killed_while_the_model_thinks(model):
    with Session() as session:
        pid = pid_of(session)

        def answer(_):
            os.kill(pid, signal.SIGKILL)
            return act("print('ran')")

        model.script(answer)
        turn = session.ask("Think.", auto=True)
    assert turn.ending.kind == "fault"
    assert "killed by SIGKILL" in turn.ending.sentence
    assert len(turn.steps) == 1


def test_a_stopped_kernel_is_silent(model, shown, monkeypatch):
    monkeypatch.setattr(process, "STOP_SECONDS", 0.5)
    model.script(act(BEGUN + "while True: pass"))
    with Session(show=shown, cell_seconds=1) as session:
        pid = pid_of(session)
        shown.on["begun"] = lambda: os.kill(pid, signal.SIGSTOP)
        turn = session.ask("Loop.", auto=True)
        assert turn.ending.sentence.startswith("The kernel did not stop within 0.5 s")
        assert last_cell(session).outputs[0]["text"] == "begun\n"
        with pytest.raises(KernelSilent):
            session.ask("And now?", auto=True)
        with pytest.raises(KernelSilent):
            session.run_cell("1")
    assert is_gone(pid)


def test_a_kernel_stopped_between_cells_does_not_hang_the_next_turn(model, monkeypatch):
    monkeypatch.setattr(process, "STOP_SECONDS", 0.5)
    monkeypatch.setattr(kernel_host, "ANSWER_SECONDS", 1.0)
    with Session() as session:
        pid = pid_of(session)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(KernelSilent):
            session.ask("Look.", auto=True)
    assert is_gone(pid)


def test_a_cell_that_does_not_let_itself_be_stopped(model, monkeypatch):
    monkeypatch.setattr(process, "STOP_SECONDS", 0.5)
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    with Session(cell_seconds=1) as session:
        pid = pid_of(session)
        with pytest.raises(KernelSilent, match="did not stop within"):
            session.run_cell(deaf + BEGUN + "while True: pass")
        assert last_cell(session).outputs[0]["text"] == "begun\n"
    assert is_gone(pid)


@pytest.mark.parametrize("part", ["content", "signature"])
def test_a_kernel_that_sends_what_cannot_be_read(model, part):
    sign = "kernel.session.key = b'another'\n" if part == "signature" else ""
    send = "kernel.session.send(kernel.iopub_socket, 'stream', {}, parent=kernel.get_parent())"
    with Session() as session:
        pid = pid_of(session)
        cell = f"{BEGUN}kernel = get_ipython().kernel\n{sign}{send}\nwhile True: pass"
        with pytest.raises(ExecutionError, match="What the kernel sent could not be read"):
            session.run_cell(cell)
        run = last_cell(session)
        assert (run.outputs[0]["text"], run.error.name) == ("begun\n", "ExecutionError")
        with pytest.raises(ExecutionError, match="run it again"):
            session.ask("And now?", auto=True)
    assert is_gone(pid)


def test_an_interrupt_may_cut_what_the_kernel_sends_just_then(model):
    """As Jupyter Server does, we leave out what cannot be read then, and hear what follows."""
    cut = """kernel = get_ipython().kernel
key, kernel.session.key = kernel.session.key, b'another'
kernel.session.send(kernel.iopub_socket, 'stream', {}, parent=kernel.get_parent())
kernel.session.key = key
1 + 1"""
    with Session() as session:
        assert session.run_cell("1").status == "ok"
        session._place.cells._process._interrupted = math.inf
        run = session.run_cell(cut)
        assert (run.status, text_of(run.outputs)) == ("ok", "2")
        session._place.cells._process._interrupted = -math.inf
        with pytest.raises(ExecutionError, match="What the kernel sent could not be read"):
            session.run_cell(cut)


def test_a_kernel_that_has_just_died_is_not_interrupted(tmp_path):
    async def main():
        kernel = await process.KernelProcess.start(tmp_path)
        try:
            request = kernel.send("while True: pass", lambda _: None)
            await request.begun.wait()
            os.kill(kernel._manager.provisioner.pid, signal.SIGKILL)
            while kernel._manager.has_kernel:  # noqa: ASYNC110 - another task ends that
                await asyncio.sleep(0)
            await kernel.interrupt(request)
        finally:
            await kernel.close()

    with pytest.raises(KernelDied):
        asyncio.run(main())


def test_an_interrupt_that_meets_the_kernels_own_code_leaves_its_variables(model, monkeypatch):
    """Its reply is lost then, and only the idle message comes."""
    monkeypatch.setattr(process, "STOP_SECONDS", 0.5)
    interrupted = (
        "def interrupted(*_):\n    del kernel.finish_metadata\n    raise KeyboardInterrupt"
    )
    with Session(cell_seconds=1) as session:
        cell = f"kernel = get_ipython().kernel\n{interrupted}\nkernel.finish_metadata = interrupted"
        assert session.run_cell(f"kept = 7\n{cell}").status == "timed_out"
        assert text_of(session.run_cell("kept").outputs) == "7"


@pytest.mark.parametrize("folder", ["nowhere", "file"])
def test_no_temporary_folder(model, tmp_path, monkeypatch, folder):
    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / folder))
    with pytest.raises(KernelDied, match=r"nothing can be written to a temporary folder.*TMPDIR"):
        Session(folder=tmp_path).open()
    with pytest.raises(RecordError, match=r"was not touched.*TMPDIR"):
        disk.Lock(tmp_path / "out.ipynb")


def test_a_temporary_folder_with_a_long_name(model, tmp_path, monkeypatch):
    """No socket can be made there: names of sockets have at most 107 bytes on Linux."""
    deep = tmp_path / ("long" * 30)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with Session(folder=tmp_path) as session:
        assert text_of(session.run_cell("6 * 7").outputs) == "42"


def test_an_endless_action_times_out_and_the_turn_goes_on(model):
    model.script(act(BEGUN + "while True: pass"), "It never ends.")
    with Session(cell_seconds=1) as session:
        turn = session.ask("Loop.", auto=True)
    assert turn.answer == "It never ends."
    observation = turn.steps[0].observation
    assert (observation.status, observation.run.status) == ("timed_out", "timed_out")
    told = model.requests[-1].json["messages"][-1]["content"]
    assert "begun" in told
    assert "interrupted after 1 s" in told


def test_memory_that_runs_out_is_an_error_of_the_cell(model):
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\n"
    model.script(act(limit + "bytearray(2**40)"), "Too large.")
    with Session() as session:
        turn = session.ask("Allocate.", auto=True)
        assert turn.answer == "Too large."
        assert turn.steps[0].observation.run.error.name == "MemoryError"
        assert text_of(session.run_cell("1 + 1").outputs) == "2"


# --- outputs


def test_no_output_is_lost(session, printed):
    session.run_cell(
        "from IPython.display import display\nfor number in range(10_000): display(number)"
    )
    expected = [f"{number}" for number in range(10_000)]
    assert [output["data"]["text/plain"] for output in last_cell(session).outputs] == expected
    printed.progress.clear()
    session.run_cell("for number in range(100_000): print(number)")
    expected = "".join(f"{number}\n" for number in range(100_000))
    assert printed.text == expected
    assert text_of(last_cell(session).outputs) == expected


def test_outputs_of_a_thread(session):
    run = session.run_cell(
        "import threading\n"
        "thread = threading.Thread(target=lambda: [print(n) for n in range(2000)])\n"
        "thread.start(); thread.join(); print('joined')"
    )
    text = text_of(run.outputs)
    assert sorted(text.split()) == sorted([*map(str, range(2000)), "joined"])


@pytest.mark.parametrize("before", ["nothing", "a question to the kernel"])
def test_what_a_thread_puts_out_after_its_cell_is_kept(session, tmp_path, before):
    go = tmp_path / "go"
    run = session.run_cell(
        "import pathlib, threading\nfrom IPython.display import display\n"
        f"def wait(go=pathlib.Path({str(go)!r})):\n    while not go.exists(): pass\n"
        "    for number in range(3): print(f'late {number}', flush=True)\n    display('shown')\n"
        "print('begun')\nthreading.Thread(target=wait).start()\n'result'"
    )
    if before != "nothing":
        session.kernel_settings()
    go.touch()
    until(lambda: "'shown'" in text_of(run.outputs))
    assert text_of(run.outputs) == "begun\n'result'late 0\nlate 1\nlate 2\n'shown'"
    assert last_cell(session) is run
    exported = read(session.export(tmp_path / "late.ipynb"))
    assert text_of(exported.cells[-1]["outputs"]) == text_of(run.outputs)


def test_a_flood_is_bounded(tmp_path, model):
    """In a process of its own, whose memory is measured.

    Of 400 MB that are printed 1 MB is kept, which takes 140 to 320 MB: what the kernel sends
    faster than it is read waits there too. All of it kept would take 880 MB.
    """
    script = (
        "import resource, sys\n"
        "from codeact_jupyter import Session\n"
        "from codeact_jupyter.hosts.screens import TerminalScreen\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with Session(show=TerminalScreen().show) as session:\n"
        "    session.run_cell('print(1)')\n"
        "    before = peak()\n"
        "    run = session.run_cell('for _ in range(4000): print(\"x\" * 100_000)')\n"
        "kept = sum(len(output['text']) for output in run.outputs)\n"
        "print(kept, peak() - before, run.status, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    kept, grown, status = done.stderr.split()
    assert status == "ok"
    assert 900_000 < int(kept) < 1_100_000
    assert int(grown) < 500_000, "KB"
    assert len(done.stdout) < 25_000
    assert "the rest of this output is not shown here" in done.stdout


def test_displays_are_updated_across_cells(session):
    shown = session.run_cell(
        "from IPython.display import display\nhandle = display('old', display_id='one')"
    )
    session.run_cell("handle.update('new')")
    assert text_of(shown.outputs) == "'new'"
    cleared = session.run_cell(
        "from IPython.display import clear_output\n"
        "print('one'); clear_output(); print('two'); clear_output(wait=True); print('three')"
    )
    assert text_of(cleared.outputs) == "three\n"


def test_what_a_cell_of_the_user_may_not_do(session):
    assert session.run_cell("input()").error.name == "StdinNotImplementedError"
    session.run_cell("kept = 1")
    assert session.run_cell("exit()").error.name == "ExitRefused"
    assert session.run_cell("kept").status == "ok"
    assert session.run_cell("%reset -f").status == "ok"
    assert session.run_cell("kept").error.name == "NameError"
    assert session.run_cell("import sys; sys.exit(3)").error.name == "SystemExit"


def test_a_turn_survives_a_reset_of_the_variables(session, model):
    model.script(act("%reset -f"), act("print(2 + 2)"), "4")
    turn = session.ask("Reset.", auto=True)
    assert (turn.answer, turn.steps[1].observation.status) == ("4", "ok")


@pytest.mark.parametrize("last", ["", "\n1 / 0"], ids=["ok", "error"])
def test_what_cells_in_a_cell_did_is_told_once_with_the_outer_one(session, model, last):
    code = f"get_ipython().run_cell('inner = 1')\nouter = 2{last}"
    model.script(act("%reset -f"), act(code), "Done.")
    turn = session.ask("Act.", auto=True)
    assert turn.steps[1].observation.changes.new.keys() == {"inner", "outer"}


def test_lone_surrogates_do_not_stop_anything(session, tmp_path):
    session.run_cell("from IPython.display import Markdown; Markdown('\\udfff')")
    assert text_of(session.run_cell("'\\ud800'").outputs) == "'\\ud800'"
    assert text_of(session.run_cell("print('still here')").outputs) == "still here\n"
    read(session.export(tmp_path / "surrogates.ipynb"))


def test_secrets_are_in_nothing_that_is_kept_or_shown(model, shown, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "canary-of-the-environment")
    secrets = {"canary-of-the-environment", model.environment["CODEACT_API_KEY"]}
    show = (
        "import os\nfrom IPython.display import display, Markdown\n"
        "for name in ('SECRET_TOKEN', 'CODEACT_API_KEY'):\n    print(os.environ.get(name))\n"
        "display(Markdown(os.environ['SECRET_TOKEN']))\nraise OSError(os.environ['SECRET_TOKEN'])"
    )
    model.script(act(show), "It is canary-of-the-environment.")
    with Session(show=shown, folder=tmp_path) as session:
        session.run_cell(f"given = 'canary-of-the-environment'\n{show}")
        turn = session.ask("Show canary-of-the-environment.", auto=True)
        exported = session.export(tmp_path / "secrets.ipynb").read_text()
        record = repr(session.record)
    assert turn.ending.kind == "answered"
    sent = repr([request.json for request in model.requests])
    for text in (exported, record, shown.text, sent):
        assert "[masked SECRET_TOKEN]" in text
        assert not [secret for secret in secrets if secret in text]


# --- kernels of other environments


@pytest.fixture
def kernelspecs(tmp_path, monkeypatch):
    write_kernelspecs(tmp_path, bare=BARE, oldest=PAIRS["oldest"], broken="/no/such/python")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))


def test_a_kernel_without_this_package(model, kernelspecs, tmp_path):
    before = children_of(os.getpid())
    with pytest.raises(ConfigError, match=r"-m pip install codeact-jupyter$") as refused:
        Session(kernel="bare", folder=tmp_path).open()
    assert BARE in str(refused.value)
    until(lambda: children_of(os.getpid()) <= before)


def test_the_oldest_kernel(model, kernelspecs, tmp_path):
    model.script(act("import IPython\nprint(IPython.__version__)"), "8.37.0")
    with Session(kernel="oldest", folder=tmp_path) as session:
        turn = session.ask("Which IPython?", auto=True)
    assert text_of(turn.steps[0].observation.run.outputs) == "8.37.0\n"
    assert turn.answer == "8.37.0"


@pytest.mark.parametrize("name", ["nowhere", "broken"])
def test_a_kernel_that_does_not_exist(model, kernelspecs, name):
    with pytest.raises(CodeActError, match=name):
        Session(kernel=name).open()


def test_what_runs_there_is_no_part_of_the_users_history(model, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    with Session(folder=tmp_path) as session:
        assert session.run_cell("x = 'never typed'").status == "ok"
        run = session.run_cell("In[1], len(list(get_ipython().history_manager.get_tail(9)))")
    assert run.outputs[0]["data"]["text/plain"].startswith('("x = ')
    saved = b"".join(path.read_bytes() for path in tmp_path.rglob("history.sqlite*"))
    assert b"never typed" not in saved
