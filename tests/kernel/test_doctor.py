"""`codeact-jupyter doctor` as a whole, and what it finds of the ground and the kernels."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from endpoint import fault
from examining import COUNTED, KEY, doctor, findings, only
from IPython.paths import get_ipython_dir
from kernels import BARE, NEWEST
from running import UNPRIVILEGED

from codeact_jupyter.doctor import environment, trial

pytestmark = pytest.mark.usefixtures("quiet_place")


def put_kernel(name: str, *argv: str, language: str = "python", **env: str) -> None:
    folder = Path(os.environ["JUPYTER_PATH"], "kernels", name)
    folder.mkdir(parents=True)
    launch = [*argv, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": launch, "display_name": name, "language": language, "env": env}
    (folder / "kernel.json").write_text(json.dumps(spec))


# --- the whole -----------------------------------------------------------------------


def test_all_is_well(asked):
    asked.script("ok.", COUNTED)
    result = doctor()
    assert result.exit_code == 0, result.output
    assert "Faults: 0, warnings: 0." in result.output
    for words in (
        "ok       Python 3.",
        "can be written to",
        "Kernel 'python3' (Python 3.",
        "loads codeact_jupyter and runs a cell.",
        f"Endpoint: 127.0.0.1:{asked.port}, set by CODEACT_BASE_URL in this terminal, with a key",
        "Model: 'scripted'.",
        "finish reason 'stop'.",
        "tokens/s.",
    ):
        assert words in result.output, words
    sent = [request.json["messages"] for request in asked.requests]
    assert [[message["content"] for message in messages] for messages in sent] == [
        ["Say ok."],
        ["Count from 1 to 20."],
    ]


def test_no_model_sends_nothing(asked):
    found = findings("--no-model")
    assert any("`--no-model`" in one["sentence"] for one in found)
    assert asked.connections == 0


def test_ctrl_c_ends_with_a_sentence(asked):
    asked.script(fault("headers_then_silence"))
    command = [sys.executable, "-m", "codeact_jupyter", "doctor"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        asked.wait_for(1, 60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "Stopped. What was found so far is shown; the other checks did not run.\n"
    assert "Model: 'scripted'." in out
    assert KEY not in out


def test_a_check_that_breaks_hides_no_other(asked, monkeypatch):
    def broken():
        raise ZeroDivisionError(KEY)
        yield

    asked.script("ok.", COUNTED)
    monkeypatch.setattr(environment, "folder", broken)
    found = findings()
    assert (
        only(found, "fault")["sentence"] == "The check of the folder broke off: ZeroDivisionError."
    )
    assert found[-1]["name"] == "speed"


def test_a_secret_in_a_path_is_masked(asked, tmp_path, monkeypatch):
    (tmp_path / KEY).mkdir()
    monkeypatch.chdir(tmp_path / KEY)
    sentences = [one["sentence"] for one in findings("--no-model")]
    assert any("[masked CODEACT_API_KEY]' can be written to" in one for one in sentences)


# --- the ground ----------------------------------------------------------------------


def test_a_package_that_is_too_old_or_missing(monkeypatch):
    lines = ["click>=99", "no-such-package>=1", 'xllamacpp>=99; extra == "local"', "ipython>=8.37"]
    monkeypatch.setattr(environment, "requires", lambda name: lines)
    old, missing = environment.packages()
    assert old.sentence.startswith("click ")
    assert old.sentence.endswith("does not do: click>=99 is needed.")
    assert old.cure.endswith("-m pip install 'click>=99'`.")
    assert "'no-such-package' is not installed" in missing.sentence
    assert {old.level, missing.level} == {"fault"}


def test_a_folder_that_cannot_be_written_to(monkeypatch):
    monkeypatch.chdir("/proc")  # nobody can write there, not even root
    (found,) = environment.folder()
    assert found.level == "fault"
    assert found.sentence.startswith("The folder '/proc' cannot be written to: ")


def test_a_folder_that_may_not_be_written_to(tmp_path):
    code = "from codeact_jupyter.doctor import environment\nprint(*environment.folder())"
    tmp_path.chmod(0o555)
    done = subprocess.run(
        [*UNPRIVILEGED, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    tmp_path.chmod(0o755)
    assert f"The folder {str(tmp_path)!r} cannot be written to: " in done.stdout


def test_a_full_disk():
    assert environment.room("/x", 1_000_000_000).level == "ok"
    assert environment.room("/x", 100_000_000).level == "warning"


def a_history(folder: Path) -> Path:
    file = folder / "ipython" / "profile_default" / "history.sqlite"
    file.parent.mkdir(parents=True)
    return file


def test_a_history_that_is_well(tmp_path):
    with closing(sqlite3.connect(a_history(tmp_path))) as base:
        base.execute("CREATE TABLE sessions (remark)")
    assert [one.level for one in environment.history()] == ["ok"]


def test_a_damaged_history(tmp_path):
    file = a_history(tmp_path)
    file.write_bytes(b"no database at all" * 100)
    (found,) = environment.history()
    assert found.level == "warning"
    assert f"`mv {file} {file}.bad`" in found.cure
    assert file.exists()


def test_a_locked_history(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "_PATIENCE", 0.01)
    with closing(sqlite3.connect(a_history(tmp_path), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        (found,) = environment.history()
    assert (found.level, "locked" in found.sentence) == ("warning", True)
    assert found.cure.startswith("End the other kernels")


def test_a_history_without_a_folder(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "file" / "ipython"))
    (found,) = environment.history()
    assert (found.level, "IPYTHONDIR" in found.cure) == ("warning", True)


def test_a_folder_that_ipython_only_warns_of_is_left_alone(tmp_path, monkeypatch):
    for name in (".ipython", ".config/ipython"):
        (tmp_path / name).mkdir(parents=True)
    startup = tmp_path / ".ipython" / "startup.py"
    startup.touch()
    monkeypatch.delenv("IPYTHONDIR", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.warns(UserWarning, match="Ignoring"):
        assert get_ipython_dir() == str(startup.parent)
    assert [one.level for one in environment.history()] == ["ok"]
    assert startup.exists()


# --- kernels -------------------------------------------------------------------------


def test_a_kernel_of_an_environment_without_the_package(asked):
    put_kernel("stranger", BARE, PYTHONPATH="")
    found = findings("--kernel", "stranger", "--no-model")
    bad = only(found, "fault")
    assert "does not have codeact_jupyter" in bad["sentence"]
    assert f"`{BARE} -m pip install codeact-jupyter`" in bad["cure"]
    others = findings("--no-model")  # it is not the one that is used
    assert any("does not have codeact_jupyter" in one["sentence"] for one in others)
    assert not [one for one in others if one["level"] == "fault"]


def test_the_usual_kernel_is_of_another_environment(asked):
    put_kernel("python3", BARE, PYTHONPATH="")
    found = findings("--no-model")
    assert "does not have codeact_jupyter" in only(found, "fault")["sentence"]
    assert any(one["sentence"].startswith(f"A kernel of {NEWEST!r} starts") for one in found)


def test_a_kernel_whose_python_is_gone(asked, tmp_path):
    put_kernel("gone", str(tmp_path / "env/bin/python"))
    bad = only(findings("--kernel", "gone", "--no-model"), "fault")
    assert bad["sentence"].endswith("/env/bin/python', which is not there.")
    assert "jupyter kernelspec remove gone" in bad["cure"]


def test_a_kernel_whose_python_does_not_run(asked, tmp_path):
    script = tmp_path / "python3"
    script.write_text("#!/bin/sh\necho broken libraries >&2\nexit 3\n")
    script.chmod(0o755)
    put_kernel("ill", str(script))
    bad = only(findings("--kernel", "ill", "--no-model"), "fault")
    assert bad["sentence"].endswith("it ended with 3. broken libraries")


def test_a_kernel_without_ipykernel(asked):
    hide = "import sys; sys.modules['ipykernel'] = None"
    Path("sitecustomize.py").write_text(hide)
    put_kernel("empty", NEWEST, PYTHONPATH=str(Path.cwd()))
    bad = only(findings("--kernel", "empty", "--no-model"), "fault")
    assert "has no ipykernel" in bad["sentence"]


def test_a_kernel_that_dies_at_its_start(asked, tmp_path):
    launcher = tmp_path / "wrapper"
    launcher.write_text("#!/bin/sh\necho the wrapper is ill >&2\nexit 1\n")
    launcher.chmod(0o755)
    put_kernel("wrapped", str(launcher))
    bad = only(findings("--kernel", "wrapped", "--no-model"), "fault")
    assert bad["sentence"].endswith("does not start. Its last words: the wrapper is ill")


def test_a_kernel_in_which_the_extension_does_not_load(asked, tmp_path):
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("import sys; sys.modules['codeact_jupyter'] = None")
    bad = only(findings("--no-model"), "fault")
    assert (
        "starts, but after `%load_ext codeact_jupyter` there is no `%%codeact`" in bad["sentence"]
    )


@pytest.mark.parametrize(
    ("code", "words", "seconds"),
    [
        ("raise ValueError('ill')", "`CELL` fails there: ValueError: ill.", 60),
        ("1 + 2", "`CELL` shows '3'.", 60),
        ("while True: pass", "`CELL` does not end within 0.5 s.", 0.5),
    ],
)
def test_a_cell_of_the_trial_goes_wrong(monkeypatch, code, words, seconds):
    monkeypatch.setattr(trial, "_CELLS", ((code, "2"),))
    monkeypatch.setattr(trial, "_CELL_SECONDS", seconds)
    found = trial.trial("python3")
    assert found.level == "fault"
    assert found.sentence == f"Kernel 'python3' starts, but {words.replace('CELL', code)}"


@pytest.mark.parametrize("text", ["{", '{"argv": [], "language": "python"}'])
def test_a_kernelspec_that_cannot_be_read(asked, text):
    put_kernel("torn", NEWEST)
    Path(os.environ["JUPYTER_PATH"], "kernels/torn/kernel.json").write_text(text)
    bad = only(findings("--kernel", "torn", "--no-model"), "fault")
    assert "'torn' cannot be read" in bad["sentence"]


def test_a_kernel_of_another_language(asked):
    put_kernel("ir", "R", language="R")
    assert "is for 'R'" in only(findings("--kernel", "ir", "--no-model"), "fault")["sentence"]


def test_a_kernel_that_nobody_knows(asked):
    bad = only(findings("--kernel", "nobody", "--no-model"), "fault")
    assert bad["sentence"].startswith("Jupyter knows no kernel 'nobody'; it knows: 'python3'")


def test_the_command_jupyter_of_another_environment(tmp_path, monkeypatch):
    from codeact_jupyter.doctor.kernels import other_jupyter

    monkeypatch.setenv("PATH", str(tmp_path))
    command = tmp_path / "jupyter"
    for python, count in ((BARE, 1), (NEWEST, 0), ("/bin/sh", 0)):
        command.write_text(f"#!{python}\n")
        command.chmod(0o755)
        assert len(list(other_jupyter("python"))) == count, python
        assert not list(other_jupyter(NEWEST))
