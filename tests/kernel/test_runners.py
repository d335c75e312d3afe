"""Notebooks that run by themselves: nbclient, papermill, nbconvert.

Nobody can answer there, and a finished notebook must execute free and offline. The runners
are those of the newest environment; they find a kernel of each pair by its kernelspec, as
they find any kernel.
"""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from endpoint import fault
from kernels import BARE, PAIRS, SECONDS, write_kernelspecs
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from papermill import execute_notebook
from papermill.exceptions import PapermillExecutionError
from running import text_of

ACT = "I calculate.\n\n```python\nx = 41 + 1\nprint('acted')\nx\n```"
ANSWER = "x is 42."


def with_nbclient(path: Path, kernel: str) -> Path:
    notebook = nbformat.read(path, as_version=4)
    try:
        NotebookClient(notebook, kernel_name=kernel, timeout=SECONDS).execute(cwd=str(path.parent))
    finally:
        nbformat.write(notebook, path)
    return path


def with_papermill(path: Path, kernel: str) -> Path:
    executed = path.with_name("executed.ipynb")
    execute_notebook(
        *(path, executed), kernel_name=kernel, cwd=path.parent, progress_bar=False, log_output=False
    )
    return executed


def with_nbconvert(path: Path, kernel: str) -> Path:
    jupyter = str(Path(sys.executable).with_name("jupyter"))
    command = [jupyter, "nbconvert", "--execute", "--to", "notebook", "--inplace"]
    options = [f"--ExecutePreprocessor.kernel_name={kernel}", str(path)]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode:
        raise ChildProcessError(done.stderr)
    return path


FAILURES = (CellExecutionError, PapermillExecutionError, ChildProcessError)
RUNNERS = [
    pytest.param(with_nbclient, id="nbclient"),
    pytest.param(with_papermill, id="papermill"),
    pytest.param(with_nbconvert, id="nbconvert"),
]
each_runner = pytest.mark.parametrize("execute", RUNNERS)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, endpoint, tmp_path):
    """The endpoint for every kernel that starts here, and the kernelspecs."""
    for name in [name for name in os.environ if name.startswith(("CODEACT_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    settings = {
        **endpoint.environment,
        "JUPYTER_PATH": write_kernelspecs(tmp_path / "jupyter", **PAIRS, bare=BARE),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=PAIRS)
def kernel_name(request):
    """The kernelspec of each supported pair."""
    return request.param


def written(folder, *flags):
    """A notebook as a user leaves it: each prompt was answered, its action stands below."""
    older = nbformat.v4.new_output("stream", name="stdout", text="an older output\n")
    prompts = [
        new_code_cell(f"%%codeact{words}\nWhat is 41 + 1?", execution_count=2, outputs=[older])
        for words in flags
    ]
    cells = [
        new_code_cell("%load_ext codeact_jupyter", execution_count=1),
        *prompts,
        new_markdown_cell("I calculate."),
        new_code_cell("y = 2 * 21\nprint('below', y)"),
        new_code_cell("print('x' in globals() and x)"),
    ]
    path = folder / "notebook.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def outputs_of(path):
    """The outputs of each code cell in a file, without what is set by the runner."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return [cell.outputs for cell in notebook.cells if cell.source and cell.cell_type == "code"]


def assert_one_quiet_line(outputs):
    (line,) = outputs
    assert (line["output_type"], line["name"]) == ("stream", "stderr")
    assert line["text"].count("\n") == 1
    assert "not asked" in line["text"]


def assert_quiet(outputs, endpoint):
    loaded, *prompts, below, seen = outputs
    assert loaded == []
    for prompt in prompts:
        assert_one_quiet_line(prompt)
    assert below[0]["text"] == "below 42\n"
    assert seen[0]["text"] == "False\n"
    assert endpoint.connections == 0


@each_runner
def test_a_finished_notebook_executes_free_and_offline(kernel_name, endpoint, tmp_path, execute):
    outputs = outputs_of(execute(written(tmp_path, "", " --auto"), kernel_name))
    assert len(outputs) == 5
    assert_quiet(outputs, endpoint)


@pytest.mark.parametrize("value", ["0", "true", ""])
def test_only_codeact_run_1_lets_a_runner_act(monkeypatch, endpoint, tmp_path, value):
    monkeypatch.setenv("CODEACT_RUN", value)
    assert_quiet(outputs_of(with_nbclient(written(tmp_path, " --auto"), "newest")), endpoint)


def test_it_is_quiet_without_any_model_too(monkeypatch, kernel_name, endpoint, tmp_path):
    for name in endpoint.environment:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CODEACT_MODELS_DIR", str(tmp_path / "no models"))
    assert_quiet(outputs_of(with_nbclient(written(tmp_path, ""), kernel_name)), endpoint)


@each_runner
def test_only_auto_with_codeact_run_acts(monkeypatch, kernel_name, endpoint, tmp_path, execute):
    monkeypatch.setenv("CODEACT_RUN", "1")
    endpoint.script(ACT, ANSWER)
    notebook = written(tmp_path, "", " --auto")
    loaded, without_auto, prompt, below, seen = outputs_of(execute(notebook, kernel_name))
    assert loaded == []
    assert_one_quiet_line(without_auto)
    plain = [output for output in prompt if output["output_type"] != "display_data"]
    assert [output["output_type"] for output in plain[-2:]] == ["stream", "execute_result"]
    assert text_of(plain[:-1]) == "acted\n"
    assert plain[-1]["data"] == {"text/plain": "42"}
    shown = [output["data"]["text/markdown"] for output in prompt if output not in plain]
    assert sum("I calculate." in text for text in shown) == 1
    assert sum(ANSWER in text for text in shown) == 1
    # a print may come in two pieces on a busy machine, which papermill does not join
    assert (text_of(below), text_of(seen)) == ("below 42\n", "42\n")
    assert len(endpoint.requests) == 2
    assert endpoint.unscripted == 0


@each_runner
def test_a_turn_that_fails_stops_the_run(monkeypatch, kernel_name, endpoint, tmp_path, execute):
    monkeypatch.setenv("CODEACT_RUN", "1")
    endpoint.script(fault("401"))
    with pytest.raises(FAILURES) as failed:
        execute(written(tmp_path, " --auto"), kernel_name)
    text = str(failed.value)
    assert f"The endpoint 127.0.0.1:{endpoint.port} refused the key (401)." in text
    assert "Traceback (most recent call last)" not in text.partition("TurnFailed")[2]
    assert endpoint.environment["CODEACT_API_KEY"] not in text
    assert len(endpoint.requests) == 1


def test_the_file_of_a_failed_run_says_why(monkeypatch, kernel_name, endpoint, tmp_path):
    monkeypatch.setenv("CODEACT_RUN", "1")
    endpoint.script(fault("401"))
    path = written(tmp_path, " --auto")
    with pytest.raises(CellExecutionError):
        with_nbclient(path, kernel_name)
    _, prompt, below, seen = outputs_of(path)
    assert prompt[-1]["output_type"] == "error"
    assert len(prompt[-1]["traceback"]) == 1
    assert (below, seen) == ([], [])


def test_an_action_that_fails_does_not_stop_the_run(monkeypatch, kernel_name, endpoint, tmp_path):
    monkeypatch.setenv("CODEACT_RUN", "1")
    endpoint.script("```python\n1 / 0\n```", ACT, ANSWER)
    _, prompt, below, seen = outputs_of(with_nbclient(written(tmp_path, " --auto"), kernel_name))
    kinds = [o["output_type"] for o in prompt if o["output_type"] != "display_data"]
    assert kinds == ["error", "stream", "execute_result"]
    # a print may come in two pieces on a busy machine, which papermill does not join
    assert (text_of(below), text_of(seen)) == ("below 42\n", "42\n")
