"""A fresh kernel of this Python in a folder of its own; both loops act in one.

It has nothing of the person who runs it: no IPython profile, no endpoint, no key.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kernels

from benchmarks import ROOT
from benchmarks.effect.outcome import Fault
from benchmarks.effect.questions import DATA
from codeact_jupyter.models.local import FOLDER_VARIABLE, folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.effect.questions import Question

_FOREVER = 3600.0
_LOOK_AGAIN = 1.0
_AFTER_INTERRUPT = 20.0


class Kernel(kernels.Kernel):
    """The kernel; :func:`fresh_kernel` makes one. A cell may have a time limit.

    Attributes:
        late: Whether the last cell was interrupted because its time was over.
    """

    late = False
    _ends = float("inf")

    def run_for(self, code: str, seconds: float = _FOREVER, **request: Any) -> kernels.Ran:
        """Run a cell to its end, and interrupt it after ``seconds``.

        Raises:
            Fault: The kernel is gone, or does not take the interrupt.
        """
        self.patience, self.late = _LOOK_AGAIN, False
        self._ends = time.monotonic() + seconds
        return self.run(code, **request)

    def _next(self, answers: list[str]) -> dict[str, Any]:
        while True:
            if time.monotonic() > self._ends:
                self._interrupt()
            try:
                return super()._next(answers)
            except TimeoutError:
                if not self._manager.is_alive():
                    raise Fault("The kernel died.") from None

    def _interrupt(self) -> None:
        if self.late:
            raise Fault("A cell went on after it was interrupted.")
        self.late, self._ends = True, time.monotonic() + _AFTER_INTERRUPT
        self.interrupt()


@contextmanager
def fresh_kernel(question: Question) -> Iterator[tuple[Kernel, Path]]:
    """A kernel in a new folder that holds the question's files, and an empty folder beside."""
    with tempfile.TemporaryDirectory(prefix="effect-") as parent:
        work, home = Path(parent, "work"), Path(parent, "home")
        work.mkdir()
        home.mkdir()
        for file in question.files:
            shutil.copy(DATA / file, work)
        paths = filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))
        own = {
            "IPYTHONDIR": str(home),
            "PYTHONPATH": os.pathsep.join(paths),  # this checkout, whatever is installed
            FOLDER_VARIABLE: str(folder()),
        }
        with Kernel(cwd=work, **own) as kernel:
            yield kernel, home
