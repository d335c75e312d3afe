"""Runs of our own kernel for tests: ``codeact-jupyter run`` and ``Session``.

:func:`act` is a model's reply with an action, :func:`surroundings` the environment of a
command that asks a scripted endpoint, and :class:`Run` the command itself. Whatever it
was told, a run must leave no process behind: :meth:`Run.ended` looks.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import nbformat
from kernels import SECONDS
from waiting import until

from codeact_jupyter.progress import Printed
from codeact_jupyter.record.log import Cell

if TYPE_CHECKING:
    from collections.abc import Callable

    from endpoint import ScriptedEndpoint

    from codeact_jupyter import Session
    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.progress import Progress


# Python that may not write where it is forbidden: that binds not even root, where tests are run
# as root. Its permission to do so all the same is given up, which the next program inherits.
_GIVEN_UP = """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
if os.getuid() == 0:
    failed = ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)
    assert not failed
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
UNPRIVILEGED = [sys.executable, "-c", _GIVEN_UP]


def act(code: str) -> str:
    """A reply of the model with an action."""
    return f"I act.\n\n```python\n{code}\n```"


def surroundings(endpoint: ScriptedEndpoint, **more: str) -> dict[str, str]:
    """The environment of a command that asks ``endpoint``."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODEACT_", "OPENAI_"))}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **endpoint.environment, **more}


class Shown:
    """What a session shows; ``on[words]`` is done when these words were put out."""

    def __init__(self) -> None:
        self.progress: list[Progress] = []
        self.on: dict[str, Callable[[], object]] = {}

    def __call__(self, progress: Progress) -> None:
        self.progress.append(progress)
        for words in [words for words in self.on if words in self.text]:
            self.on.pop(words)()

    @property
    def text(self) -> str:
        """All that cells have put out."""
        return "".join(each.text for each in self.progress if isinstance(each, Printed))


def last_cell(session: Session) -> CellRun:
    """The cell that a session recorded last."""
    return [entry for entry in session.record.entries if isinstance(entry, Cell)][-1].run


class Run:
    """``codeact-jupyter`` in a process of its own, without a terminal."""

    def __init__(self, endpoint: ScriptedEndpoint, cwd: Path, *words: Any, **options: Any) -> None:
        python = options.pop("python", [sys.executable])
        mark = uuid.uuid4().hex
        self._mark = mark.encode()
        self._was_seen = False
        self.process = subprocess.Popen(
            [*python, "-m", "codeact_jupyter", *map(str, words)],
            env=surroundings(endpoint, MARK_OF_THIS_RUN=mark, **options),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out = self.err = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    @property
    def code(self) -> int:
        """Wait for the end; the exit code, for SIGINT as a shell tells it.

        Python ends by SIGINT itself, 130 in a shell, where Ctrl-C came while a text was
        executed as code, as dataclasses do when they are imported, though it was caught.
        """
        if self.process.returncode is None:
            rest, self.err = self.process.communicate(timeout=SECONDS)
            self.out += rest
        code = self.process.returncode
        return 130 if code == -signal.SIGINT else code

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._was_seen |= self.process.pid in self._processes()
        self.process.send_signal(signal.SIGINT)

    def until_kernel(self) -> int:
        """Wait until a kernel has been started; its process."""
        until(lambda: children_of(self.process.pid))
        kernel = next(iter(children_of(self.process.pid)))
        self._was_seen |= kernel in self._processes()
        return kernel

    def leaves_nothing(self) -> bool:
        """Whether every process that it had started is gone, those of its kernels too."""
        assert self._was_seen, "none of its processes was looked at"
        until(lambda: not self._processes())
        return True

    def _processes(self) -> set[int]:
        """All that have its mark in their environment, which a child inherits."""
        found = set()
        for environment in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                if self._mark in environment.read_bytes():
                    found.add(int(environment.parent.name))
        return found

    def until_shown(self, words: str) -> None:
        """Read what it prints until ``words`` have come."""
        assert self.process.stdout is not None
        while words not in self.out:
            ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
            piece = os.read(self.process.stdout.fileno(), 2**16) if ready else b""
            assert piece, f"{words!r} did not come: {self.out!r}"
            self.out += piece.decode()


def run(endpoint: ScriptedEndpoint, cwd: Path, *words: Any, **options: Any) -> Run:
    """Run the command to its end."""
    with Run(endpoint, cwd, *words, **options) as ran:
        assert isinstance(ran.code, int)
    return ran


def children_of(pid: int) -> set[int]:
    """The processes that ``pid`` has started and that have not ended."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[1] == str(pid) and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def read(path: Path) -> Any:
    """A notebook file, which must be valid."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def names_in(folder: Path) -> list[str]:
    """All that lies in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def role(cell: Any) -> str | None:
    """What a cell is in a conversation."""
    return cell["metadata"].get("codeact", {}).get("role")


def sources(notebook: Any, kind: str = "code") -> list[str]:
    """The texts of all cells of one kind."""
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == kind]


def text_of(outputs: Any) -> str:
    """What a person reads of a cell's outputs."""
    texts = []
    for output in outputs:
        data = output.get("data", {})
        texts.append(output.get("text") or output.get("evalue") or data.get("text/plain", ""))
    return "".join(texts)
