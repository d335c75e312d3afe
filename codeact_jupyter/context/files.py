"""What the model is told of data files that the user named: how each one begins.

Asked by the session before a prompt. It reads the first few hundred bytes of each file and
never guesses what they mean.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_BEGINNING = 300  # bytes
_LINES = 3


def files_text(files: Sequence[Path], folder: Path, *, schema_only: bool = False) -> str:
    """Return one entry for each file, with its path as the kernel can open it.

    Args:
        files: The files; each must exist.
        folder: The kernel's working directory.
        schema_only: Leave out their sizes and how they begin.
    """
    return "\n".join(_file_text(file, folder, schema_only=schema_only) for file in files)


def _file_text(file: Path, folder: Path, *, schema_only: bool) -> str:
    name = os.path.relpath(file.absolute(), folder)
    size = file.stat().st_size
    with file.open("rb") as opened:
        beginning = opened.read(_BEGINNING)
    if schema_only:
        return f"- {name}"
    line = f"- {name} ({size:,} bytes)"
    if not beginning or b"\0" in beginning:
        return line
    lines = beginning.decode("utf-8", "replace").splitlines()
    if size > _BEGINNING and len(lines) > 1:
        lines.pop()  # it is cut
    return "\n".join([f"{line}, it begins:", *(f"  {each}" for each in lines[:_LINES])])
