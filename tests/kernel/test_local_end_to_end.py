"""The whole product with the real local model: what ran and how it ended, never the answer."""

import shutil

import nbformat
import pytest
from kernels import ROOT, Kernel
from local_model import local_model

from codeact_jupyter.demo import DATA, QUESTION

__all__ = ["local_model"]

MEASURED_SECONDS = 60  # on two cores


@pytest.mark.local_model
@pytest.mark.timeout(10 * MEASURED_SECONDS + 120)
@pytest.mark.usefixtures("local_model")
def test_a_real_model_acts_in_a_real_kernel(tmp_path):
    shutil.copyfile(ROOT / "codeact_jupyter/data" / DATA, tmp_path / DATA)
    with Kernel(cwd=tmp_path, CODEACT_RUN="1") as kernel:
        kernel.patience = 10 * MEASURED_SECONDS
        kernel.run("%load_ext codeact_jupyter")
        limit = 10 * MEASURED_SECONDS
        ran = kernel.run(f"%%codeact --auto --max-steps 6 --timeout {limit}\n{QUESTION}")
        kernel.run("%codeact export session.ipynb")
    notebook = nbformat.read(tmp_path / "session.ipynb", as_version=4)
    nbformat.validate(notebook)
    actions = [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("codeact", {}).get("role") == "action"
    ]
    assert actions, ran.text
    assert any(cell["outputs"] for cell in actions)
    (session,) = notebook["metadata"]["codeact"]["sessions"].values()
    assert session["endings"] in (["answered"], ["steps"], ["stuck"], ["empty"]), ran.error
    assert (ran.status == "ok") == (session["endings"] == ["answered"])
