"""Run the notebooks with the local model and keep their outputs: `make notebooks`.

A notebook is run from its own folder by nbclient, as a reader would run it, with
``CODEACT_RUN=1``. Which model wrote the outputs, and when, goes into its metadata. What is a
session in JupyterLab is recorded there instead, with the pictures: `make pictures`.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from codeact_jupyter.models.local import description

FOLDER = Path(__file__).parent
NOTEBOOKS = ("01_first_session.ipynb",)


def record(file: Path) -> None:
    """Execute ``file`` and write it back with its outputs."""
    notebook = nbformat.read(file, as_version=4)
    client = NotebookClient(notebook, timeout=1800, resources={"metadata": {"path": str(FOLDER)}})
    client.execute(env={**os.environ, "CODEACT_RUN": "1"})
    for cell in notebook["cells"]:
        cell["metadata"].pop("execution", None)
    notebook["metadata"]["codeact_recorded"] = {
        "model": description().title,
        "date": f"{datetime.now(tz=UTC):%Y-%m-%d}",
    }
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook)
    file.write_text(text.replace(f"{FOLDER}/", "") + "\n")  # a reader has a folder of his own


if __name__ == "__main__":
    for name in NOTEBOOKS:
        print(f"Recording {name}")
        record(FOLDER / name)
