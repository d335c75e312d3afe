"""Exports of a session, and what comes of them where this package is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
from kernels import BARE, Kernel

if TYPE_CHECKING:
    from pathlib import Path


def block(code: str) -> str:
    """A reply whose action is ``code``."""
    return f"```python\n{code}\n```"


def export_of(kernel: Kernel, folder: Path) -> list[dict[str, Any]]:
    """The cells of an export of the session in ``kernel``."""
    file = folder / "export.ipynb"
    assert kernel.run(f"%codeact export {file}").status == "ok"
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    return list(notebook["cells"])


def actions_in(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cells of actions that ran."""
    about = [cell["metadata"].get("codeact", {}) for cell in cells]
    return [c for c, told in zip(cells, about, strict=True) if told.get("role") == "action"]


def run_all_bare(cells: list[dict[str, Any]], folder: Path) -> None:
    """Run the cells in order without this package: none does what its tags and outputs do not say.

    An error may be shown where the request goes on; whether it fails is the newest kernel's word.
    """
    with Kernel(BARE, cwd=folder) as bare:
        for cell in cells:
            if cell["cell_type"] == "code":
                ran = bare.run(cell["source"])
                passes = "raises-exception" in cell["metadata"].get("tags", [])
                assert passes or ran.status == "ok", (cell["source"], ran.text)
                assert _comparable(ran.outputs) == _comparable(cell["outputs"])
        assert bare.run("'alive'").status == "ok"


def _comparable(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outputs without numbers of cells and without frames."""
    left_out = {"execution_count", "traceback"}
    return [{key: o[key] for key in o if key not in left_out} for o in outputs]
