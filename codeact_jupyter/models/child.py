"""A Python process of ours that does not outlive us.

Three things run beside the user's kernel: the model's server, a download from the hub
and pip. Each is a :class:`Child`: no shell, no file of the working directory imported
(``-P``), a session of its own so that Jupyter's interrupt of the kernel's process group
does not reach it, and an end in every case: :meth:`Child.end`, the interpreter's exit,
or, when we are killed, the end of its standard input (:func:`end_with_parent`).
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from typing import IO, TYPE_CHECKING, Self

from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS = 8_000  # characters of a child's last words that are worth reading
_GRACE = 2.0  # seconds between asking a child to end and ending it


class Child:
    """``python`` with ``arguments``, running until :meth:`end` or until it ends by itself.

    Args:
        arguments: What follows the interpreter, for example ``"-m", "pip", "--version"``.
        python: The interpreter; ours unless told otherwise.
        env: Environment variables to add to ours.
        secret: A first line for its standard input, where no process list shows it.
    """

    def __init__(
        self,
        *arguments: str,
        python: str | None = None,
        env: Mapping[str, str] | None = None,
        secret: str = "",
    ) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        self._owner = os.getpid()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            [python or sys.executable, "-P", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        atexit.register(self.end)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        with contextlib.suppress(BrokenPipeError):  # gone already: code and words say why
            self._process.stdin.write(f"{secret}\n".encode())
            self._process.stdin.flush()
        self._said = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> bool:
        """Wait for the end for at most ``seconds``; say whether it came."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def line(self) -> str | None:
        """The first line of its standard output once it is whole; never waits."""
        out = self._process.stdout
        if out is not None and not out.closed:
            self._said += out.read() or b""
        first, end, _ = self._said.partition(b"\n")
        return first.decode(errors="replace") if end else None

    def words(self, lines: int = 3) -> str:
        """The last non-empty ``lines`` of its standard error, without secrets."""
        if self._errors.closed:
            return ""
        file = self._errors.fileno()  # read by position: the child writes through this file
        start = max(0, os.fstat(file).st_size - _WORDS)
        text = redact(os.pread(file, _WORDS, start).decode(errors="replace"))
        return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])

    def end(self) -> None:
        """End it, if need be by force, and free what it held. Safe to call twice."""
        atexit.unregister(self.end)
        if os.getpid() != self._owner:  # a fork of ours: the child is not its own
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        if not self.wait(0):
            self._process.terminate()
        if not self.wait(_GRACE):
            self._process.kill()
            self._process.wait()
        self._errors.close()


def end_with_parent() -> str:
    """Called first in a child of ours: read its secret, then watch for the parent's end.

    The end shows as the end of standard input. Another process may hold that pipe's
    other end open (a fork of the parent), so a new parent counts as the end too.

    Returns:
        The secret that the parent passed, may be empty.
    """
    secret = sys.stdin.readline().rstrip("\n")
    parent = os.getppid()
    closed = threading.Event()

    def read() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        closed.set()

    def watch() -> None:
        while not closed.wait(1.0) and os.getppid() == parent:
            pass
        os._exit(0)

    for task in (read, watch):
        threading.Thread(target=task, daemon=True).start()
    return secret
