"""IPython without a terminal: a script, a notebook run as one, and cells from a pipe."""

import subprocess

import nbformat
import pytest
from endpoint import fault
from kernels import SECONDS
from nbformat.v4 import new_code_cell, new_notebook
from telling import told
from terminal import surroundings

ACT = "```python\nx = 41 + 1\nprint('acted')\n```"
PIPED = "%load_ext codeact_jupyter\n%%codeact{flags}\nGo.\n\n\nprint('below', 'x' in globals())\n"
SCRIPT = (
    "%load_ext codeact_jupyter\nget_ipython().run_cell_magic('codeact', '{flags}', 'Go.')\n"
    "print('below', 'x' in globals())\n"
)


def as_script(python, folder, flags):
    (folder / "script.ipy").write_text(SCRIPT.format(flags=flags))
    return ["script.ipy"], ""


def as_notebook(python, folder, flags):
    sources = [
        "%load_ext codeact_jupyter",
        f"%%codeact{flags}\nGo.",
        "print('below', 'x' in globals())",
    ]
    nbformat.write(new_notebook(cells=[new_code_cell(s) for s in sources]), folder / "n.ipynb")
    return ["n.ipynb"], ""


def as_pipe(python, folder, flags):
    return ["--simple-prompt"], PIPED.format(flags=flags)


each_way = pytest.mark.parametrize("way", [as_script, as_notebook, as_pipe])


def without_terminal(ipython, endpoint, folder, way, flags="", **env):
    options, typed = way(ipython, folder, flags)
    return subprocess.run(
        [ipython, "-m", "IPython", "--no-banner", "--colors=NoColor", *options],
        env=surroundings(endpoint, folder, **env),
        cwd=folder,
        input=typed,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@each_way
@pytest.mark.parametrize("run", [{}, {"CODEACT_RUN": "1"}], ids=["plain", "CODEACT_RUN"])
def test_nobody_at_the_terminal_is_quiet(ipython, endpoint, tmp_path, way, run):
    flags = "" if run else " --auto"  # either alone lets nothing act
    done = without_terminal(ipython, endpoint, tmp_path, way, flags, **run)
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("%%codeact: not asked")
    assert "below False\n" in done.stdout
    assert endpoint.connections == 0


@each_way
def test_auto_and_codeact_run_act_without_a_terminal(ipython, endpoint, tmp_path, way):
    endpoint.script(ACT, "x is 42.")
    done = without_terminal(ipython, endpoint, tmp_path, way, " --auto", CODEACT_RUN="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\nacted\n") == 1
    assert "below True\n" in done.stdout
    assert told(endpoint) == "Step 1: ok.\nacted\nNew x: int, 42"


@pytest.mark.parametrize("way", [as_script, as_notebook])
def test_a_turn_that_fails_fails_the_script(ipython, endpoint, tmp_path, way):
    endpoint.script(fault("401"))
    done = without_terminal(ipython, endpoint, tmp_path, way, " --auto", CODEACT_RUN="1")
    assert done.returncode != 0
    assert "refused the key (401)" in done.stdout + done.stderr
    assert "below" not in done.stdout
