"""What the README claims, executed."""

import os
import re
import shlex
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import nbformat
import pexpect
import pytest
from examining import COUNTED, doctor
from kernels import ROOT, SECONDS
from nbformat.v4 import new_code_cell, new_notebook
from running import read, role, surroundings

from codeact_jupyter.actions._formats import _READERS
from codeact_jupyter.cli import EXIT_CODES
from codeact_jupyter.config import CodeAct
from codeact_jupyter.context.profiles import PROFILES
from codeact_jupyter.flags import SUBCOMMANDS, flags_help
from codeact_jupyter.progress import StepStarted

README = (ROOT / "README.md").read_text(encoding="utf-8")
SESSION = re.compile(r"````text\n.*?\n````", re.S)
PYTHON = re.findall(r"```python\n(.*?)\n```", SESSION.sub("", README), re.S)
CELLS, SCRIPT = PYTHON[:2], PYTHON[2]
ISLANDS = (
    "```python\nimport pandas as pd\np = pd.read_csv('penguins.csv')\n"
    "print(p.groupby('island')['body_mass_g'].mean().round())\n```"
)


def test_the_cells_work_as_they_stand(start_kernel, endpoint, tmp_path):
    (tmp_path / "sales.csv").write_text("city,amount\nOslo,1\nRome,5\nRome,2\n")
    kernel = start_kernel()
    kernel.run(f"import os; os.chdir({str(tmp_path)!r})")
    kernel.run("%unload_ext codeact_jupyter")
    endpoint.script(
        "```python\nimport pandas as pd\n"
        "print(pd.read_csv('sales.csv').groupby('city')['amount'].sum())\n```",
        "Rome, with 7.",
    )
    for cell in CELLS:
        ran = kernel.run(cell, answers=["y"])
        assert ran.status == "ok", ran.text
    assert "Rome, with 7." in ran.text


@pytest.fixture
def folder(tmp_path):
    """Where a reader would try the commands."""
    data = ROOT / "codeact_jupyter" / "data" / "penguins.csv"
    (tmp_path / "penguins.csv").write_bytes(data.read_bytes())
    prompt = new_code_cell("%%codeact\nWhich island has the heaviest penguins?")
    nbformat.write(new_notebook(cells=[prompt]), tmp_path / "analysis.ipynb")
    return tmp_path


def test_the_commands_work_as_they_stand(endpoint, folder):
    commands = re.findall(r"^\$ (codeact-jupyter run .*)$", README, re.M)
    commands += re.findall(r"`(codeact-jupyter export .*?)`", README)
    assert len(commands) == 3
    for command in commands:
        endpoint.script(ISLANDS, "Biscoe, with a mean of 4,716 g.")
        words = [sys.executable, "-m", "codeact_jupyter", *shlex.split(command)[1:]]
        with closing(
            pexpect.spawn(words[0], words[1:], cwd=folder, env=surroundings(endpoint))
        ) as it:
            answered = it.expect_exact(["[e]dit: ", pexpect.EOF], timeout=SECONDS)
            if answered == 0:
                it.sendline("y")
                it.expect(pexpect.EOF, timeout=SECONDS)
            it.wait()
            assert it.exitstatus == 0, it.before
    assert [role(cell) for cell in read(folder / "out.ipynb").cells][-1] == "answer"
    assert "%%codeact" in read(folder / "done.ipynb").cells[0].source
    assert "%%codeact" not in (folder / "plain.ipynb").read_text()


def test_the_result_of_the_evaluation_is_the_one_that_was_kept():
    kept = (ROOT / "benchmarks" / "effect" / "RESULTS.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| unseen \| (\w+) +\| (\d+) / 15", kept, re.M))
    assert f"gets {rows['product']} right" in README
    assert f"and {rows['plain']} with the paper's plain loop" in README


def test_the_exit_codes_are_those():
    for code, kind in ((1, "fault"), (3, "limit"), (4, "not approved")):
        assert EXIT_CODES[kind] == code
        assert f"{code} for a" in README


def test_the_script_works_as_it_stands(endpoint, folder):
    endpoint.script(
        ISLANDS.replace("p = pd.read_csv('penguins.csv')\n", "p = penguins\n"), "Biscoe."
    )
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env=surroundings(endpoint),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("Biscoe.\n1 import pandas as pd\n")
    assert "2 None None" in ran.stdout
    assert [role(cell) for cell in read(folder / "penguins.ipynb").cells][-1] == "answer"


def test_the_flags_and_subcommands_are_all_there():
    for flag in re.findall(r"--[a-z-]+", flags_help()):
        assert f"`{flag}" in README, flag
    for name in SUBCOMMANDS:
        assert re.search(rf"^\| `{name}\b", README, re.M), name


@pytest.mark.parametrize("path", re.findall(r"\]\(([\w./]+)\)", README))
def test_links_lead_somewhere(path):
    assert (ROOT / path).exists()


def test_its_codeactagent_of_llama_cpp_gets_that_profile_too(start_kernel, endpoint):
    (alias,) = re.findall(r"^\$ llama-server .*--alias (\S+)", README, re.M)
    endpoint.models = [alias]
    kernel = start_kernel(CODEACT_RUN="1", CODEACT_MODEL="")
    endpoint.script("Hello.")
    kernel.run("%%codeact --auto\nSay hello.")
    sent = endpoint.requests[-1].json
    assert sent["model"] == alias
    assert sent["messages"][0]["content"] == PROFILES["codeactagent"].system


def test_its_codeactagent_gets_the_profile_that_it_says(start_kernel, endpoint):
    (export,) = re.findall(r"^\$ export (CODEACT_BASE_URL=\S+ CODEACT_MODEL=\S+)$", README, re.M)
    values = dict(word.split("=", 1) for word in export.split())
    assert f"$ ollama pull {values['CODEACT_MODEL']}\n" in README
    kernel = start_kernel(CODEACT_RUN="1", CODEACT_MODEL=values["CODEACT_MODEL"])
    endpoint.script("<execute>\nprint(6 * 7)\n", "It is 42.")
    ran = kernel.run("%%codeact --auto\nWhat is 6 * 7?")
    assert ran.status == "ok", ran.text
    sent = endpoint.requests[-1].json
    assert sent["messages"][0]["content"] == PROFILES["codeactagent"].system
    assert sent["messages"][-1]["content"] == "Execution Output:\n42"
    assert f"context of {PROFILES['codeactagent'].window:,} tokens" in README
    assert "=http://127.0.0.1:11434/v1` |" in README
    assert values["CODEACT_BASE_URL"] == "http://127.0.0.1:11434/v1"


@pytest.mark.parametrize(("flag", "names"), [("profile", PROFILES), ("format", _READERS)])
def test_the_profiles_and_formats_are_all_there(flag, names):
    (row,) = re.findall(rf"^\| `--{flag} NAME` \|.*$", README, re.M)
    told = re.findall(r"`([\w-]+)`", row)
    assert told == list(names)
    assert all(repr(name) in CodeAct.class_traits()[flag].help for name in names)


def test_the_make_targets_exist():
    targets = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^\$ make (\w+)", README, re.M):
        assert re.search(rf"^{target}:", targets, re.M)


def test_it_says_that_approval_is_no_sandbox():
    assert "Approval is not a sandbox" in README


def test_the_first_session_of_the_demo(start_kernel, endpoint, tmp_path):
    """`codeact-jupyter demo` against a scripted model: right, wrong and each fault."""
    from codeact_jupyter.demo import run_demo

    look = "```python\nimport pandas as pd\np = pd.read_csv('penguins.csv')\nprint(len(p))\n```"
    means = "```python\nprint(p.groupby('species')['flipper_length_mm'].mean().round(1))\n```"
    cases = [
        ([look, means, "Gentoo: 217.2"], True, ""),
        ([look, means, "Adelie: 190.0"], False, ""),
        (["Gentoo: 217.2", "Gentoo: 217.2"], True, "No action ran."),
        ([look, "Gentoo: 217.2", "Gentoo: 217.2"], True, "The answer's number stands in no output"),
        ([look, look, look], False, "The turn did not end with an answer"),
    ]
    for script, right, fault in cases:
        endpoint.script(*script)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in endpoint.environment.items():
                patch.setenv(name, value)
            shown = []
            verdict = run_demo(tmp_path / "demo.ipynb", shown.append)
        assert verdict.right is right, verdict
        assert fault in "".join(verdict.faults), verdict
        assert bool(verdict.faults) == bool(fault)
        first = next(each for each in shown if isinstance(each, StepStarted))
        assert (first.number, first.model) == (1, endpoint.environment["CODEACT_MODEL"])


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("on_path", [True, False])
def test_the_demo_names_jupyterlab_as_the_next_step(monkeypatch, tmp_path, there, on_path):
    from codeact_jupyter import lab

    scripts = Path(sys.executable).parent
    monkeypatch.chdir(scripts.parent if on_path else tmp_path)
    path = [*([str(scripts)] if on_path else []), "/usr/bin", "/bin"]
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    monkeypatch.setattr(lab, "find_spec", lambda _: object() if there else None)
    line = lab.next_step(Path("my demo.ipynb"))
    install, _, opens = line.rpartition(" && ")
    command, _, notebook = opens.partition(" lab ")
    assert notebook == "'my demo.ipynb'"
    assert (command == "codeact-jupyter") is on_path
    assert (install == "") is there
    subprocess.run(f"{command} --version", shell=True, check=True)
    if not there:
        subprocess.run(f"{install.split(' install ')[0]} --version", shell=True, check=True)


def test_the_command_is_named_as_it_is_typed_where_the_user_is(monkeypatch):
    """As after `make demo`: the script is below the folder, and on no PATH."""
    from codeact_jupyter import lab

    scripts = Path(sys.executable).parent
    monkeypatch.chdir(scripts.parent.parent)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    line = lab.next_step(Path("demo.ipynb"))
    assert line == f"{scripts.relative_to(Path.cwd())}/codeact-jupyter lab demo.ipynb"


def test_make_demo_goes_on_with_make_lab():
    rules = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    assert "codeact-jupyter demo --next 'make lab'" in rules
    assert "codeact-jupyter lab demo.ipynb" in rules.partition("\nlab:")[2].partition("\n\n")[0]


def test_the_demo_replaces_nothing_of_the_users(tmp_path):
    from codeact_jupyter.demo import run_demo
    from codeact_jupyter.errors import CodeActError

    for name in ("demo.ipynb", "penguins.csv"):
        mine = tmp_path / name
        mine.write_text("mine")
        with pytest.raises(CodeActError):
            run_demo(tmp_path / "demo.ipynb", print)
        assert mine.read_text() == "mine"
        mine.unlink()


def test_the_doctor_does_what_is_said_of_it(asked):
    section = README.partition("## When something does not work")[2].partition("\n## ")[0]
    assert re.findall(r"^\$ codeact-jupyter (.*)", section, re.M) == ["doctor"]
    flags = re.findall(r"`(--[a-z-]+)", section)
    assert all(flag in doctor("--help").output for flag in flags)
    asked.script("ok.", COUNTED)
    well = doctor()
    assert well.exit_code == 0, well.output
    for part in ("Python 3", "packages", "Kernel 'python3' starts", "Endpoint:", "tokens/s"):
        assert part in well.output
    asked.close()
    ill = doctor()
    assert (ill.exit_code, "Start it, or check the URL" in ill.output) == (1, True)
    sent = [
        message["content"] for request in asked.requests for message in request.json["messages"]
    ]
    assert sent == ["Say ok.", "Count from 1 to 20."]
