"""The notebooks run from top to bottom: with the model scripted, or without one."""

import os
import re
import shutil

import nbformat
import pytest
from kernels import ROOT
from nbclient import NotebookClient

MEANS = (
    "I group by species.\n\n```python\n"
    'means = penguins.groupby("species")["body_mass_g"].mean().round(1)\nprint(means)\n```'
)
ISLANDS = "I count.\n\n```python\nprint(heavy['island'].value_counts())\n```"
SCRIPTS = {
    "01_first_session.ipynb": [
        MEANS,
        "Gentoo is the heaviest, with 5076.0 g.",
        ISLANDS,
        "All of them live on Biscoe.",
    ]
}


REPRODUCES = ("02_sidebar.ipynb",)
"""Its cells came from a session in JupyterLab: they are run again, and no model is asked."""


def test_every_notebook_is_run():
    run = sorted([*SCRIPTS, *REPRODUCES])
    assert run == sorted(file.name for file in (ROOT / "notebooks").glob("0*.ipynb"))


def executed(name, endpoint, tmp_path):
    """The notebook, executed where the files lie around it as they do in the repository."""
    shutil.copytree(ROOT / "codeact_jupyter/data", tmp_path / "codeact_jupyter/data")
    (tmp_path / "notebooks").mkdir()
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    where = {"metadata": {"path": str(tmp_path / "notebooks")}}
    client = NotebookClient(notebook, timeout=120, resources=where)
    client.execute(env={**os.environ, **endpoint.environment, "CODEACT_RUN": "1"})
    return notebook


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_notebook_runs(name, endpoint, tmp_path):
    endpoint.script(*SCRIPTS[name])
    notebook = executed(name, endpoint, tmp_path)
    assert endpoint.left == 0
    shown = str(notebook["cells"])
    assert "Gentoo       5076.0" in shown
    exported = nbformat.read(tmp_path / "notebooks/first_session_export.ipynb", as_version=4)
    nbformat.validate(exported)


@pytest.mark.parametrize("name", REPRODUCES)
def test_the_notebook_reproduces_without_a_model(name, endpoint, tmp_path):
    committed = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    again = executed(name, endpoint, tmp_path)
    assert endpoint.requests == []
    shown = [shown_by(cell) for cell in committed["cells"]]
    assert [shown_by(cell) for cell in again["cells"]] == shown
    assert "Gentoo       5076" in str(shown)


def shown_by(cell):
    """What a cell of code shows, but for a prompt: that tells of its turn, or that it has none."""
    if cell["cell_type"] != "code" or cell["source"].startswith("%%codeact"):
        return []
    return [output.get("text") or output["data"] for output in cell["outputs"]]


@pytest.mark.parametrize("name", [*SCRIPTS, *REPRODUCES])
def test_the_committed_outputs_are_of_the_local_model(name):
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    assert "Qwen2.5-Coder" in notebook["metadata"]["codeact_recorded"]["model"]
    prompts = [cell for cell in notebook["cells"] if cell["source"].startswith("%%codeact")]
    assert prompts
    for cell in prompts:
        assert re.search(r"CodeAct · |'ending': 'answered'", str(cell["outputs"]))
        assert all(output["output_type"] != "error" for output in cell["outputs"])
