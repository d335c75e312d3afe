"""The notebooks run from top to bottom, with the model scripted."""

import os
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


def test_every_notebook_has_a_script():
    assert sorted(SCRIPTS) == sorted(file.name for file in (ROOT / "notebooks").glob("0*.ipynb"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_notebook_runs(name, endpoint, tmp_path):
    shutil.copytree(ROOT / "codeact_jupyter/data", tmp_path / "codeact_jupyter/data")
    (tmp_path / "notebooks").mkdir()
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    endpoint.script(*SCRIPTS[name])
    where = {"metadata": {"path": str(tmp_path / "notebooks")}}
    client = NotebookClient(notebook, timeout=120, resources=where)
    client.execute(env={**os.environ, **endpoint.environment, "CODEACT_RUN": "1"})
    assert endpoint.left == 0
    shown = str(notebook["cells"])
    assert "Gentoo       5076.0" in shown
    exported = nbformat.read(tmp_path / "notebooks/first_session_export.ipynb", as_version=4)
    nbformat.validate(exported)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_committed_outputs_are_of_the_local_model(name):
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    assert "Qwen2.5-Coder" in notebook["metadata"]["codeact_recorded"]["model"]
    prompts = [cell for cell in notebook["cells"] if cell["source"].startswith("%%codeact")]
    assert prompts
    for cell in prompts:
        assert "CodeAct · " in str(cell["outputs"])
        assert all(output["output_type"] != "error" for output in cell["outputs"])
