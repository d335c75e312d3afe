"""``codeact-jupyter lab``: JupyterLab with a model that is ready."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import nbformat
import pytest
from kernels import PAIRS
from ports import free_port
from waiting import until

from codeact_jupyter import lab
from codeact_jupyter._version import __version__

OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
)


def start(folder, *words, python=sys.executable, **env):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODEACT_", "OPENAI_"))}
    own = {"JUPYTER_CONFIG_DIR": f"{folder}/config", "JUPYTER_RUNTIME_DIR": f"{folder}/run"}
    command = [str(Path(python).parent / "codeact-jupyter"), "lab", *words]
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            command, cwd=folder, env=kept | own | env, stdout=said, stderr=subprocess.STDOUT
        )


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


def test_it_begins_a_notebook_names_the_model_and_ends_with_jupyterlab(tmp_path, endpoint):
    port = free_port()
    process = start(tmp_path, "new.ipynb", *OPTIONS, f"--port={port}", **endpoint.environment)
    try:
        until(lambda: answers(port))
        notebook = nbformat.read(tmp_path / "new.ipynb", as_version=4)
        nbformat.validate(notebook)
        assert [cell.source for cell in notebook.cells] == list(lab.FIRST_CELLS)
        said = (tmp_path / "said").read_text()
        assert "Begun: 'new.ipynb'." in said
        assert f"The model is at {endpoint.base_url.split('/')[2]}" in said
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    assert not answers(port)


def test_a_notebook_that_exists_is_only_opened(tmp_path):
    """JupyterLab's part is a package that says how it was called."""
    (package := tmp_path / "path/jupyterlab").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("import sys; print(sys.argv[1:]); sys.exit(3)")
    (file := tmp_path / "mine.ipynb").write_text("mine")
    where = {"PYTHONPATH": str(tmp_path / "path"), "CODEACT_BASE_URL": "http://127.0.0.1:1/v1"}
    process = start(tmp_path, "mine.ipynb", "--allow-root", **where)
    assert process.wait(timeout=60) == 3
    assert "['--allow-root', 'mine.ipynb']" in (tmp_path / "said").read_text()
    assert file.read_text() == "mine"


def test_without_jupyterlab_the_line_that_installs_it_is_named(tmp_path):
    process = start(tmp_path, python=PAIRS["oldest"])
    assert process.wait(timeout=60) == 2
    said = (tmp_path / "said").read_text()
    assert "JupyterLab is not installed" in said
    assert 'pip install "codeact-jupyter[lab]"' in said


def test_an_extension_that_is_missing_or_of_another_version_is_said(tmp_path, monkeypatch):
    import jupyter_core.paths

    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *_: [str(tmp_path)])
    assert "is not installed" in lab.extension_fault()
    package = tmp_path / lab.EXTENSION / "package.json"
    package.parent.mkdir()
    package.write_text(json.dumps({"version": "9.9.9"}))
    assert "9.9.9" in lab.extension_fault()
    package.write_text(json.dumps({"version": __version__.partition(".dev")[0]}))
    assert lab.extension_fault() == ""


@pytest.mark.parametrize("how", ["nothing", "flag", "setting", "not root"])
def test_root_is_told_beforehand_what_lets_jupyterlab_start(monkeypatch, tmp_path, how):
    monkeypatch.setattr(os, "geteuid", lambda: 1000 if how == "not root" else 0)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    if how == "setting":
        setting = json.dumps({"ServerApp": {"allow_root": True}})
        (tmp_path / "jupyter_server_config.json").write_text(setting)
    words = ["--allow-root"] if how == "flag" else []
    fault = lab.root_fault(Path("my demo.ipynb"), [*words, "--no-browser"])
    if how == "nothing":
        line = fault.partition("or run: `")[2].removesuffix("`")
        assert line.endswith("codeact-jupyter lab 'my demo.ipynb' --allow-root --no-browser")
    else:
        assert fault == ""
