"""The built extension of JupyterLab as one of another version than the package."""

from __future__ import annotations

import shutil
from pathlib import Path

from codeact_jupyter import __version__

BUILT = Path(__file__).parents[1] / "codeact_jupyter" / "labextension"
OTHER = "0.0.1"


def other_extension(folder: Path) -> Path:
    """A copy that says it is another version; what JUPYTER_PATH is to name."""
    path = folder / "other"
    copy = path / "labextensions" / "codeact-jupyter"
    shutil.copytree(BUILT, copy)
    changed = 0
    for file in (copy / "static").glob("*.js"):
        before = file.read_text(encoding="utf-8")
        after = before.replace(f'"{__version__}"', f'"{OTHER}"')
        changed += after != before
        file.write_text(after, encoding="utf-8")
    assert changed == 1, "one file of the bundle names the version"
    return path
