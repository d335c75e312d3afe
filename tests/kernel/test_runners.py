"""Notebooks that run by themselves: nbclient, papermill, nbconvert.

Nobody can answer there, and a finished notebook must execute free and offline. A kernel of
each pair is found by its kernelspec, as these runners find any kernel.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from endpoint import ScriptedEndpoint, fault
from kernels import BARE, PAIRS, SECONDS, Kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from papermill import execute_notebook
from papermill.exceptions import PapermillExecutionError

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
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace"]
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
    """The endpoint for every kernel that starts here, and a kernelspec for every Python."""
    for name in [name for name in os.environ if name.startswith(("CODEACT_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    settings = {
        **endpoint.environment,
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    for name, python in {**PAIRS, "bare": BARE}.items():
        folder = tmp_path / "jupyter/kernels" / name
        folder.mkdir(parents=True)
        argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=50"]
        spec = {"argv": argv, "display_name": name, "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))


@pytest.fixture(params=PAIRS)
def kernel_name(request):
    """The kernelspec of each supported pair."""
    return request.param


def written(folder, *, flags=""):
    """A notebook as a user leaves it: its prompt was answered, its action stands below."""
    prompt = new_code_cell(f"%%codeact{flags}\nWhat is 41 + 1?", execution_count=2)
    prompt.outputs = [nbformat.v4.new_output("stream", name="stdout", text="an older output\n")]
    cells = [
        new_code_cell("%load_ext codeact_jupyter", execution_count=1),
        prompt,
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


def assert_quiet(outputs, endpoint):
    loaded, prompt, below, seen = outputs
    assert loaded == []
    (line,) = prompt
    assert (line["output_type"], line["name"]) == ("stream", "stderr")
    assert line["text"].count("\n") == 1
    assert "not asked" in line["text"]
    assert below[0]["text"] == "below 42\n"
    assert seen[0]["text"] == "False\n"
    assert endpoint.connections == 0


@each_runner
@pytest.mark.parametrize("flags", ["", " --auto"])
def test_a_finished_notebook_executes_free_and_offline(
    kernel_name, endpoint, tmp_path, execute, flags
):
    assert_quiet(outputs_of(execute(written(tmp_path, flags=flags), kernel_name)), endpoint)


@pytest.mark.parametrize("value", ["0", "true", ""])
def test_only_codeact_run_1_lets_a_runner_act(monkeypatch, endpoint, tmp_path, value):
    monkeypatch.setenv("CODEACT_RUN", value)
    assert_quiet(outputs_of(with_nbclient(written(tmp_path, flags=" --auto"), "newest")), endpoint)


def test_codeact_run_without_auto_is_quiet(monkeypatch, kernel_name, endpoint, tmp_path):
    monkeypatch.setenv("CODEACT_RUN", "1")
    assert_quiet(outputs_of(with_nbclient(written(tmp_path), kernel_name)), endpoint)


def test_it_is_quiet_without_any_model_too(monkeypatch, kernel_name, endpoint, tmp_path):
    for name in endpoint.environment:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CODEACT_MODELS_DIR", str(tmp_path / "no models"))
    assert_quiet(outputs_of(with_nbclient(written(tmp_path), kernel_name)), endpoint)


@each_runner
def test_auto_with_codeact_run_acts(monkeypatch, kernel_name, endpoint, tmp_path, execute):
    monkeypatch.setenv("CODEACT_RUN", "1")
    endpoint.script(ACT, ANSWER)
    loaded, prompt, below, seen = outputs_of(
        execute(written(tmp_path, flags=" --auto"), kernel_name)
    )
    assert loaded == []
    plain = [output for output in prompt if output["output_type"] != "display_data"]
    assert [output["output_type"] for output in plain] == ["stream", "execute_result"]
    assert plain[0]["text"] == "acted\n"
    assert plain[1]["data"] == {"text/plain": "42"}
    shown = [output["data"]["text/markdown"] for output in prompt if output not in plain]
    assert sum("I calculate." in text for text in shown) == 1
    assert sum(ANSWER in text for text in shown) == 1
    assert (below[0]["text"], seen[0]["text"]) == ("below 42\n", "42\n")
    assert len(endpoint.requests) == 2
    assert endpoint.unscripted == 0


@each_runner
def test_a_turn_that_fails_stops_the_run(monkeypatch, kernel_name, endpoint, tmp_path, execute):
    monkeypatch.setenv("CODEACT_RUN", "1")
    endpoint.script(fault("401"))
    with pytest.raises(FAILURES) as failed:
        execute(written(tmp_path, flags=" --auto"), kernel_name)
    text = str(failed.value)
    assert f"The endpoint 127.0.0.1:{endpoint.port} refused the key (401)." in text
    assert "Traceback (most recent call last)" not in text.partition("TurnFailed")[2]
    assert endpoint.environment["CODEACT_API_KEY"] not in text
    assert len(endpoint.requests) == 1


def test_the_file_of_a_failed_run_says_why(monkeypatch, kernel_name, endpoint, tmp_path):
    monkeypatch.setenv("CODEACT_RUN", "1")
    endpoint.script(fault("401"))
    path = written(tmp_path, flags=" --auto")
    with pytest.raises(CellExecutionError):
        with_nbclient(path, kernel_name)
    _, prompt, below, seen = outputs_of(path)
    assert prompt[-1]["output_type"] == "error"
    assert len(prompt[-1]["traceback"]) == 1
    assert (below, seen) == ([], [])


def test_an_action_that_fails_does_not_stop_the_run(monkeypatch, kernel_name, endpoint, tmp_path):
    monkeypatch.setenv("CODEACT_RUN", "1")
    endpoint.script("```python\n1 / 0\n```", ACT, ANSWER)
    _, prompt, below, seen = outputs_of(
        with_nbclient(written(tmp_path, flags=" --auto"), kernel_name)
    )
    kinds = [o["output_type"] for o in prompt if o["output_type"] != "display_data"]
    assert kinds == ["error", "stream", "execute_result"]
    assert (below[0]["text"], seen[0]["text"]) == ("below 42\n", "42\n")


# --- an exported notebook, where this package is unknown


@pytest.fixture(scope="module", params=PAIRS)
def session_export(request, tmp_path_factory):
    """A session with a value, a failed and an interrupted action, as `%codeact export` has it."""
    path = tmp_path_factory.mktemp("session") / "exported.ipynb"
    with (
        ScriptedEndpoint() as endpoint,
        Kernel(PAIRS[request.param], CODEACT_RUN="1", **endpoint.environment) as kernel,
    ):
        kernel.run("%load_ext codeact_jupyter")
        kernel.run("numbers = [1, 2]\nprint('by hand')")
        endpoint.script(
            "I add.\n\n```python\nprint('sum', sum(numbers))\nsum(numbers)\n```",
            "```python\nfrom IPython.display import Markdown, display\n"
            "display(Markdown('*rich*'))\n1 / 0\n```",
            "The sum is 3.",
            "```python\nprint('be' 'gun', flush=True)\nimport time\ntime.sleep(60)\n```",
        )
        assert kernel.run("%%codeact --auto\nAdd the numbers.").status == "ok"
        waiting = kernel.send("%%codeact --auto\nWait.")
        kernel.stream_until(waiting, "begun")  # its source, shown before it runs, has no such word
        kernel.interrupt()
        assert kernel.wait(waiting).status == "error"
        kernel.run("%config CodeAct.max_steps = 9\nafter = numbers + [3]\nafter")
        assert kernel.run(f"%codeact export {path}").status == "ok"
    return path.read_text()


@pytest.fixture
def exported(session_export, tmp_path):
    """That notebook in a file of its own."""
    path = tmp_path / "exported.ipynb"
    path.write_text(session_export)
    return path


def comparable(outputs):
    """Outputs without cell numbers, and errors without frames: those differ by version."""
    kept = {"output_type", "name", "text", "data", "metadata", "ename", "evalue"}
    return [{key: o[key] for key in kept if key in o} for o in outputs]


def test_an_exported_notebook_runs_in_a_bare_environment(exported, endpoint):
    missing = subprocess.run(
        [BARE, "-c", "import codeact_jupyter"],
        cwd=exported.parent,
        capture_output=True,
        check=False,
    )
    assert b"ModuleNotFoundError" in missing.stderr
    before = nbformat.read(exported, as_version=4)
    after = nbformat.read(with_nbclient(exported, "bare"), as_version=4)
    nbformat.validate(before)
    assert "codeact" not in "".join(c.source for c in before.cells if c.cell_type == "code")
    both = zip(before.cells, after.cells, strict=True)
    pairs = [(one, two) for one, two in both if one.cell_type == "code" and one.outputs]
    kinds = [[o["output_type"] for o in cell.outputs] for cell, _ in pairs]
    assert kinds == [
        ["stream"],
        ["stream", "execute_result"],
        ["display_data", "error"],
        ["stream", "error"],
        ["execute_result"],
    ]
    # nbclient times what it runs: all but the interrupted step
    assert ["execution" in cell.metadata for _, cell in pairs] == [True, True, True, False, True]
    for one, two in pairs:
        assert comparable(one.outputs) == comparable(two.outputs)
    assert endpoint.connections == 0


def test_failed_and_interrupted_steps_are_tagged(exported):
    cells = nbformat.read(exported, as_version=4).cells
    tags = {cell.source: cell.metadata.get("tags") for cell in cells if cell.metadata.get("tags")}
    (failed, failed_tags), (interrupted, interrupted_tags) = tags.items()
    assert failed.endswith("1 / 0")
    assert failed_tags == ["raises-exception"]
    assert interrupted.endswith("time.sleep(60)")
    assert interrupted_tags == ["raises-exception", "skip-execution"]


def test_without_its_tag_a_failed_step_would_stop_the_run(exported):
    """The tag is what carries the run through, not a lenient runner."""
    notebook = nbformat.read(exported, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)
    nbformat.write(notebook, exported)
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        with_nbclient(exported, "bare")
