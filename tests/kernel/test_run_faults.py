"""``codeact-jupyter run`` when files, disks, kernels or other people get in its way."""

import json
import signal
import sys
import threading

import nbformat
import pytest
from endpoint import fault
from nbformat.v4 import new_code_cell, new_notebook
from running import UNPRIVILEGED, Run, act, names_in, read, role, run, sources, text_of
from waiting import until

PROMPT = "%%codeact\n"


def write(path, *cells):
    made = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=made), path)
    return path


# --- files that are no notebooks

CONFLICT = '{\n<<<<<<< HEAD\n "cells": [],\n=======\n "cells": [1],\n>>>>>>> other\n}'
NEW = '{"cell_type": "new", "metadata": {}}'
NEWER = f'{{"nbformat": 4, "nbformat_minor": 99, "metadata": {{}}, "cells": [{NEW}]}}'
NO_NOTEBOOKS = {
    "text.ipynb": (b"hello", "no valid notebook"),
    "json.ipynb": (b'{"name": "package"}', "no valid notebook"),
    "list.ipynb": (b"[1, 2]", "no valid notebook"),
    "conflict.ipynb": (CONFLICT.encode(), "conflict markers"),
    "empty.ipynb": (b"", "no valid notebook"),
    "latin.ipynb": ('{"cells": "Zürich"}'.encode("latin-1"), "no text in UTF-8"),
    "cut.ipynb": (json.dumps(new_notebook()).encode()[:-9], "no valid notebook"),
    "null.ipynb": (b"null", "its JSON is not built as a notebook's"),
    "future.ipynb": (b'{"nbformat": 9, "nbformat_minor": 0, "cells": []}', "no valid notebook"),
    "newer.ipynb": (NEWER.encode(), "format 4.99, newer than 4."),
}


@pytest.mark.parametrize("name", NO_NOTEBOOKS)
@pytest.mark.parametrize("command", ["run", "export"])
def test_a_file_that_is_no_notebook(endpoint, tmp_path, name, command):
    content, sentence = NO_NOTEBOOKS[name]
    (tmp_path / name).write_bytes(content)
    options = ["--auto"] if command == "run" else []
    ran = run(endpoint, tmp_path, command, name, "-o", "out.ipynb", *options)
    assert ran.code == 1
    assert sentence in ran.err
    assert len(ran.err.splitlines()) == 1
    assert names_in(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == content


def test_a_notebook_that_is_not_there(endpoint, tmp_path):
    (tmp_path / "folder.ipynb").mkdir()
    ran = run(endpoint, tmp_path, "run", "nowhere.ipynb", "--auto", "-o", "out.ipynb")
    assert (ran.code, "No such file" in ran.err) == (1, True)
    assert "a prompt does not end in '.ipynb'" in ran.err
    ran = run(endpoint, tmp_path, "run", "folder.ipynb", "--auto", "-o", "out.ipynb")
    assert (ran.code, "directory" in ran.err) == (1, True)
    assert run(endpoint, tmp_path, "run", "nowhere.ipynb", "--auto").code == 2  # no -o
    assert run(endpoint, tmp_path, "run", "x.ipynb", "--auto", "-o", "folder.ipynb").code == 2
    assert names_in(tmp_path) == ["folder.ipynb"]


# --- where the notebook cannot be written


@pytest.mark.parametrize("what", ["Say.", "in.ipynb"])
def test_a_file_of_the_user_is_never_replaced(endpoint, tmp_path, what):
    write(tmp_path / "in.ipynb", f"{PROMPT}Say.")
    mine = write(tmp_path / "mine.ipynb", "my_work = 1").read_bytes()
    ran = run(endpoint, tmp_path, "run", what, "--auto", "-o", "mine.ipynb")
    assert ran.code == 1
    assert "was not touched" in ran.err
    assert (tmp_path / "mine.ipynb").read_bytes() == mine
    assert endpoint.connections == 0
    assert run(endpoint, tmp_path, "run", what, "--auto", "-o", "out.txt").code == 2
    assert names_in(tmp_path) == ["in.ipynb", "mine.ipynb"]


@pytest.fixture
def locked(tmp_path):
    """A folder that nobody may write to."""
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


@pytest.mark.parametrize(
    "what", [("run", "Say.", "--auto"), ("run", "in.ipynb"), ("export", "in.ipynb")]
)
def test_a_folder_that_may_not_be_written_to(endpoint, tmp_path, locked, what):
    write(tmp_path / "in.ipynb", "1 + 1")
    ran = run(endpoint, tmp_path, *what, "-o", "locked/out.ipynb", python=UNPRIVILEGED)
    assert ran.code == 1
    assert f"'{locked / 'out.ipynb'}' could not be written: Permission denied." in ran.err
    assert len(ran.err.splitlines()) == 1
    assert endpoint.connections == 0
    assert names_in(locked) == []


@pytest.mark.parametrize("what", [("run", "--auto"), ("export",)])
def test_a_file_that_is_read_only(endpoint, tmp_path, what):
    """Its folder would let it be replaced; but whoever protects a file means it."""
    write(tmp_path / "in.ipynb", "1 + 1")
    assert run(endpoint, tmp_path, "export", "in.ipynb", "-o", "out.ipynb").code == 0
    target = tmp_path / ("in.ipynb" if what[0] == "run" else "out.ipynb")
    before = target.read_bytes()
    target.chmod(0o444)
    command, *options = what
    words = (command, "in.ipynb", "-o", target.name, *options)
    ran = run(endpoint, tmp_path, *words, python=UNPRIVILEGED)
    assert ran.code == 1
    assert f"'{target}' could not be written: the file is read-only." in ran.err
    assert len(ran.err.splitlines()) == 1
    assert target.read_bytes() == before


@pytest.mark.parametrize(
    ("path", "code", "sentence"),
    [
        ("/proc/out.ipynb", 1, "'/proc/out.ipynb' could not be written"),
        ("nowhere/out.ipynb", 2, "There is no folder 'nowhere'"),
        ("out.txt", 2, "'out.txt' does not end in '.ipynb'"),
    ],
)
def test_an_output_that_cannot_be_written(endpoint, tmp_path, path, code, sentence):
    ran = run(endpoint, tmp_path, "run", "Say.", "--auto", "-o", path)
    assert ran.code == code
    assert sentence in ran.err
    assert "Traceback" not in ran.err
    assert endpoint.connections == 0


def test_a_name_that_begins_like_the_home_of_somebody_else(endpoint, tmp_path):
    endpoint.script("Said.")
    ran = run(endpoint, tmp_path, "run", "Say.", "--auto", "-o", "~draft.ipynb")
    assert (ran.code, ran.err) == (0, "")
    assert role(read(tmp_path / "~draft.ipynb").cells[-1]) == "answer"


LIMITED = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)); "
LIMITED += "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"


def test_a_disk_that_is_full_during_the_run(endpoint, tmp_path):
    """No file may grow beyond a bound, which the notebook reaches in its second step."""
    release, over, path = threading.Event(), threading.Event(), tmp_path / "out.ipynb"
    flood = fault("held", release=release, then=act("print('x' * 100_000)"))
    endpoint.script(act("print('kept')"), flood, fault("held", release=over, then="Done."))
    words = ("run", "Print.", "--auto", "-o", path)
    with Run(endpoint, tmp_path, *words, python=[sys.executable, "-c", LIMITED]) as ran:
        endpoint.wait_for(2)
        until(lambda: "kept\\n" in path.read_text())
        release.set()
        ran.until_shown("The run goes on and tries again.")
        over.set()
        assert ran.code == 1
    assert "Done." in ran.out  # the turn came to its end
    assert "File too large" in ran.out
    assert "File too large" in ran.err
    assert "Traceback" not in ran.err
    outputs = [
        text_of(cell["outputs"])
        for cell in read(tmp_path / "out.ipynb").cells
        if role(cell) == "action"
    ]
    assert outputs[:1] == ["kept\n"]
    assert names_in(tmp_path) == ["out.ipynb"]


def test_a_disk_that_is_full_at_the_end_only(endpoint, tmp_path):
    """A folder that goes away: what was done is kept in another one."""
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    remove = (  # again where the run has written into it meanwhile
        f"import pathlib, shutil\nwhile pathlib.Path({str(folder)!r}).exists():\n"
        f"    shutil.rmtree({str(folder)!r}, ignore_errors=True)\nprint('kept')"
    )
    endpoint.script(act(remove), "Done.")
    path = folder / "out.ipynb"
    ran = run(endpoint, tmp_path, "run", "Go.", "--auto", "-o", path, TMPDIR=str(elsewhere))
    assert ran.code == 1
    rescued = elsewhere / "out-1.ipynb"
    assert f"This run is kept in '{rescued}'." in ran.err
    assert "Done." in sources(read(rescued), "markdown")


# --- somebody else at the same file


def test_a_file_that_somebody_else_changes_during_the_run(endpoint, tmp_path):
    release = threading.Event()
    endpoint.script(act("print('one')"), fault("held", release=release))
    path = tmp_path / "out.ipynb"
    with Run(endpoint, tmp_path, "run", "Go.", "--auto", "-o", path) as ran:
        endpoint.wait_for(2)
        until(lambda: "one" in path.read_text())
        theirs = write(path, "their_work = 1").read_bytes()
        release.set()
        assert ran.code == 0, ran.err
    assert "was changed by somebody else" in ran.out
    assert ran.out.endswith(f"The notebook is in {tmp_path / 'out-1.ipynb'}\n")
    assert path.read_bytes() == theirs
    roles = [role(cell) for cell in read(tmp_path / "out-1.ipynb").cells]
    assert roles == ["prompt", "thought", "action", "answer"]
    assert names_in(tmp_path) == ["out-1.ipynb", "out.ipynb"]


def test_two_runs_that_write_one_file(endpoint, tmp_path):
    release = threading.Event()
    endpoint.script(fault("held", release=release))
    with Run(endpoint, tmp_path, "run", "Go.", "--auto", "-o", "out.ipynb") as first:
        endpoint.wait_for(1)
        second = run(endpoint, tmp_path, "run", "Go.", "--auto", "-o", "./out.ipynb")
        assert second.code == 1
        assert "Another run is writing" in second.err
        assert len(endpoint.requests) == 1
        release.set()
        assert first.code == 0, first.err
    endpoint.script("Free again.")
    assert run(endpoint, tmp_path, "run", "Go.", "--auto", "-o", "out.ipynb").code == 0


# --- the file at every moment


class Poller:
    """Reads a notebook all the time and keeps what was wrong with it.

    It must be valid and hold all of the user's cells in order, and no output may go again.
    """

    def __init__(self, path):
        self.path, self.faults, self.states = path, [], set()
        self._mine, self._outputs = mine(read(path)["cells"]), 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _read(self):
        while not self._over.wait(0.001):
            if self.path.exists():
                self._check(self.path.read_bytes())

    def _check(self, content):
        if content in self.states:
            return
        self.states.add(content)
        try:
            notebook = nbformat.reads(content.decode(), as_version=4)
            nbformat.validate(notebook)
            outputs = sum(len(text_of(cell.get("outputs", ()))) for cell in notebook["cells"])
            assert mine(notebook["cells"]) == self._mine
            assert outputs >= self._outputs
            self._outputs = outputs
        except (AssertionError, ValueError, nbformat.ValidationError) as error:
            self.faults.append(error)


def mine(cells):
    """The user's own cells, prompts among them."""
    return [cell["source"] for cell in cells if role(cell) in {None, "prompt"}]


def test_the_file_is_whole_at_every_moment(endpoint, tmp_path):
    cells = [f"print({number}, 'x' * 2000)" for number in range(30)]
    path = write(tmp_path / "work.ipynb", *cells[:20], f"{PROMPT}Count.", *cells[20:], "endless()")
    steps = [act(f"print({number}, 'y' * 2000)") for number in range(10)]
    endpoint.script(*steps, "Counted.")
    words = ("run", path, "--auto", "-o", path)
    with Poller(path) as poller, Run(endpoint, tmp_path, *words) as ran:
        assert ran.code == 1  # there is no endless()
    assert poller.faults == []
    assert len(poller.states) > 2
    assert "NameError" in ran.err
    done = [cell for cell in read(path).cells if cell["cell_type"] == "code"]
    assert [cell["source"] for cell in done if not role(cell)] == [*cells, "endless()"]
    assert all(cell["outputs"] for cell in done if role(cell) != "prompt")
    assert names_in(tmp_path) == ["work.ipynb"]


@pytest.mark.parametrize("moment", ["my cell", "the model", "the action"])
def test_ctrl_c_keeps_the_notebook(endpoint, tmp_path, moment):
    begun = f"open({str(tmp_path / 'begun')!r}, 'w').close()\n"
    loop = f"print('be' 'gun')\n{begun}while True: pass"
    mine = loop if moment == "my cell" else "mine = 1\nmine"
    path = write(tmp_path / "work.ipynb", "'first'", mine, f"{PROMPT}Act.", "'last'")
    endpoint.script(fault("no_answer") if moment == "the model" else act(loop))
    with Run(endpoint, tmp_path, "run", path, "--auto", "-o", path) as ran:
        if moment == "the model":
            endpoint.wait_for(1)
            ran.until_kernel()
        else:
            until((tmp_path / "begun").exists)
        ran.interrupt()
        assert ran.code == 130, ran.err
    assert "Stopped by you" in ran.err
    assert ran.leaves_nothing()
    code = [cell for cell in read(path).cells if cell["cell_type"] == "code"]
    first, second, prompt, *action, last = code
    assert len(action) == (moment == "the action")
    assert text_of(first["outputs"]) == "'first'"
    assert (prompt["source"], last["source"]) == (f"{PROMPT}Act.", "'last'")
    assert (last["outputs"], last["execution_count"]) == ([], None)
    stopped = {"my cell": [second], "the action": action, "the model": []}[moment]
    for cell in stopped:
        assert cell["outputs"][0]["text"] == "begun\n"
        assert cell["outputs"][-1]["ename"] == "KeyboardInterrupt"


def test_ctrl_c_while_the_command_is_loaded(endpoint, tmp_path):
    pressed = """
import runpy, sys
class Pressed:
    def find_spec(self, name, *_):
        if name == "click":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
del sys.argv[:2]
runpy.run_module("codeact_jupyter", run_name="__main__")
"""
    ran = run(endpoint, tmp_path, "run", "Say.", "--auto", python=[sys.executable, "-c", pressed])
    assert (ran.code, ran.err) == (130, "Stopped by you.\n")


def test_a_run_that_is_killed_leaves_a_whole_file_and_no_lock(endpoint, tmp_path):
    release = threading.Event()
    endpoint.script(act("print('one')"), fault("held", release=release))
    path = tmp_path / "out.ipynb"
    with Run(endpoint, tmp_path, "run", "Go.", "--auto", "-o", path) as ran:
        endpoint.wait_for(2)
        until(lambda: "one" in path.read_text())
        ran.until_kernel()
        ran.process.send_signal(signal.SIGKILL)
        assert ran.code == -signal.SIGKILL
        release.set()
        assert ran.leaves_nothing()  # the kernel sees that nobody is there any more
    assert [role(cell) for cell in read(path).cells] == ["prompt", "thought", "action"]
    endpoint.script("Free.")
    assert run(endpoint, tmp_path, "run", "Go.", "--auto", "-o", path).code == 0


# --- kernels


def test_a_kernel_that_dies_in_a_cell_of_the_user(endpoint, tmp_path):
    seen = "import os, sys\nprint('before', flush=True)\nos._exit(3)"
    write(tmp_path / "in.ipynb", "1 + 1", seen, f"{PROMPT}Never.")
    ran = run(endpoint, tmp_path, "run", "in.ipynb", "--auto", "-o", "out.ipynb")
    assert ran.code == 1
    assert "The kernel died (exit status 3)" in ran.err
    first, second, third = read(tmp_path / "out.ipynb").cells
    assert text_of(first["outputs"]) == "2"
    assert second["outputs"][-1]["ename"] == "KernelDied"
    assert third["source"] == f"{PROMPT}Never."
    assert endpoint.connections == 0


def test_a_cell_of_the_user_that_takes_too_long(endpoint, tmp_path):
    left_out = new_code_cell("raise KeyError", metadata={"tags": ["skip-execution"]})
    write(tmp_path / "in.ipynb", left_out, "while True: pass", "2")
    words = ("run", "in.ipynb", "--auto", "-o", "out.ipynb", "--cell-timeout", "1")
    ran = run(endpoint, tmp_path, *words)
    assert ran.code == 1
    assert "In [1] had not ended after 1 s and was interrupted, so the run ends here" in ran.err
    assert [bool(cell["outputs"]) for cell in read(tmp_path / "out.ipynb").cells] == [0, 1, 0]


def test_a_run_that_cannot_begin_leaves_an_earlier_one_as_it_was(endpoint, tmp_path):
    endpoint.script("Done.")
    assert run(endpoint, tmp_path, "run", "Say done.", "--auto", "-o", "out.ipynb").code == 0
    before = (tmp_path / "out.ipynb").read_bytes()
    words = ("run", "Again.", "--auto", "-o", "out.ipynb", "--kernel", "nope")
    assert run(endpoint, tmp_path, *words).code == 2
    assert (tmp_path / "out.ipynb").read_bytes() == before
