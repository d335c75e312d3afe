"""The kernels that tests share, and what a test finds in one.

To start a kernel and to ask a model in it for the first time costs more than most tests do in
it. So a worker keeps its kernels, and each test finds one as a new one would be: the extension
not loaded, no names, the next cell ``In [1]``, the folder and the variables that it asks for.
Only what was imported is imported already. A test that needs more says so, with
``pytest.mark.own_kernel``: who looks at how a kernel starts, changes a module in it, or leaves
it at work.

No test pays for another: a kernel is shared on only where the test passed, and where nothing is
in it that was not there before (:mod:`kernel_state`).
"""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any, Self

import kernel_state
from kernels import SECONDS, Kernel
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path

_INSIDE = inspect.getsource(kernel_state) + "\nimport json\nprint(json.dumps({call}))"
_PATIENCE = 10  # seconds of silence, or until the threads of the last turn are over


class SharedKernel(Kernel):
    """A kernel that several tests have, one after the other.

    Attributes:
        python: Its Python.
        used_up: Whether no other test may have it.
    """

    def __init__(self, python: str) -> None:
        super().__init__(python)
        self.python = python
        self.used_up = False

    def __enter__(self) -> Self:
        super().__enter__()
        self._folder, self._variables = self._inside("surroundings()")
        self._inside("put_away()")  # it never is quite as before
        self._at_work = self._inside("at_work()")
        self._state = self._inside("state()")
        return self

    def begin(self, cwd: Path | None, **variables: str) -> None:
        """Be like a new ``Kernel(python, cwd=cwd, **variables)``."""
        self._inside(
            f"begin({str(cwd or self._folder)!r}, { ({**self._variables, **variables})!r})"
        )

    def put_away(self) -> None:
        """Take out what a test has left, and see whether all of it is gone."""
        vars(self).pop("tabs", None)
        self.patience = _PATIENCE
        try:
            self._inside("put_away()")
            until(lambda: self._inside("at_work()") == self._at_work, _PATIENCE)
            self.used_up = self._inside("state()") != self._state
        except (TimeoutError, AssertionError, ValueError):  # no word, not gone, words of others
            self.used_up = True
        self.patience = SECONDS

    def _inside(self, call: str) -> Any:
        """What a function of :mod:`kernel_state` returns."""
        code = _INSIDE.replace("{call}", call)
        ran = self.run(f"exec({code!r}, {{}})", silent=True)
        assert ran.status == "ok", ran.error
        return json.loads(ran.text)


class SharedKernels:
    """Those of a worker that no test has just now."""

    def __init__(self) -> None:
        self._idle: list[SharedKernel] = []

    def take(self, python: str) -> SharedKernel:
        """One of this Python, or a new one."""
        for kernel in self._idle:
            if kernel.python == python:
                self._idle.remove(kernel)
                return kernel
        return SharedKernel(python).__enter__()

    def give_back(self, kernel: SharedKernel) -> None:
        """Keep it for the next test, or end it where that may not have it."""
        if not kernel.used_up:
            kernel.put_away()
        if kernel.used_up:
            kernel.__exit__()
        else:
            self._idle.append(kernel)

    def close(self) -> None:
        """End all of them."""
        while self._idle:
            self._idle.pop().__exit__()
