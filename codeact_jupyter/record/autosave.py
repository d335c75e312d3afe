"""A notebook file that is written as its cells run.

The run tells of each change, a thread of its own writes the newest state, and the run
never waits for the disk until it closes. At every moment the file is whole. A file that
somebody else wrote to meanwhile is left as it is, and the rest of the run goes into a
file beside it.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeact_jupyter.errors import RecordError
from codeact_jupyter.record import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAUSE_SECONDS = 0.1  # between two writes
SHARE = 10  # and so many times as long as a write takes: a large notebook must not slow its run
CHANGED = (
    "{old!r} was changed by somebody else while it was being written; that is left as it is, and "
    "this run goes on in {new!r}."
)
KEPT_ELSEWHERE = "This run is kept in {path!r}."
LOST = "No other folder could be written to either, so what came after the last save is lost."


class Autosave:
    """Writes one file for as long as it is open.

    Args:
        path: The file.
        content: Returns the notebook as it stands; called on the writing thread.
        say: Told what the user should know, on the writing thread.

    Attributes:
        path: Where the notebook is.

    Raises:
        RecordError: The file cannot be written, or another run writes it.
    """

    def __init__(
        self,
        path: Path,
        content: Callable[[], Mapping[str, Any]],
        say: Callable[[str], None],
    ) -> None:
        self.path = path
        self._content = content
        self._say = say
        self._lock = disk.Lock(path)
        self._seen = _state(path)
        self._changed = threading.Event()
        self._closing = threading.Event()
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="codeact-autosave", daemon=True)
        self._kept = path.exists()  # an earlier notebook, until there is something to write
        try:
            if self._kept:
                disk.check_writable(path)
            else:
                self._write()
        except BaseException:
            self._lock.close()
            raise
        self._thread.start()

    def begin(self) -> None:
        """Let an earlier notebook of that name be replaced, from the next change on."""
        self._kept = False

    def changed(self) -> None:
        """Have the newest state written, soon; from any thread."""
        self._changed.set()

    def close(self) -> Path:
        """Write the last state and return where it is.

        Raises:
            RecordError: It could not be written there; says where it is kept.
        """
        self._closing.set()
        self._changed.set()
        self._thread.join()
        try:
            if not self._kept:
                self._write()
        except RecordError as fault:
            raise RecordError(f"{fault} {self._rescued()}") from None
        finally:
            self._lock.close()
        return self.path

    def _run(self) -> None:
        while not self._closing.is_set():
            self._changed.wait()
            self._changed.clear()
            if not self._closing.is_set():
                began = time.monotonic()
                self._try_to_write()
                took = time.monotonic() - began
                self._closing.wait(max(PAUSE_SECONDS, SHARE * took))

    def _try_to_write(self) -> None:
        """Write, and go on if that fails: the next change tries again, the end is strict."""
        try:
            self._write()
            self._failed = False
        except RecordError as fault:
            if not self._failed:
                self._say(f"{fault} The run goes on and tries again.")
            self._failed = True

    def _write(self) -> None:
        if self.path.exists() and _state(self.path) != self._seen:
            old, self.path = self.path, _free(self.path)
            self._say(CHANGED.format(old=str(old), new=str(self.path)))
        disk.write(self._content(), self.path)
        self._seen = _state(self.path)

    def _rescued(self) -> str:
        """Write the notebook where it can be, and say where that is."""
        for folder in (Path(tempfile.gettempdir()), Path.home()):
            path = _free(folder / self.path.name)
            with contextlib.suppress(RecordError):
                disk.write(self._content(), path)
                return KEPT_ELSEWHERE.format(path=str(path))
        return LOST


def _state(path: Path) -> tuple[int, int, int] | None:
    """What tells whether a file is the one that was written."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _free(path: Path) -> Path:
    """A name beside ``path`` that no file has."""
    number = 1
    while (free := path.with_stem(f"{path.stem}-{number}")).exists():
        number += 1
    return free
