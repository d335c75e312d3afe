"""Waiting on a condition, for tests of processes that come and go."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


# A cell that ends only when it is interrupted. In one long sleep CPython would miss an interrupt
# that comes in the moment before it begins, and a test sends it as soon as it reads the last word.
ENDLESS = "import time\nwhile True:\n    time.sleep(0.01)"


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Look at ``condition`` until it holds.

    What is dear to look at, as a page is, would be kept from its work by who looks all the time.
    """
    deadline = time.monotonic() + seconds
    began = time.monotonic()
    while not condition():
        ended = time.monotonic()
        assert ended < deadline, "waited in vain"
        time.sleep(min(max(0.01, ended - began), 0.1))
        began = time.monotonic()


def is_gone(pid: int) -> bool:
    """Whether a process has ended, also when nobody has asked for its code yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


# An action that no interrupt ends, only a file: all that it does is where it catches them.
DEAF = """```python
import pathlib, time
told = False
while True:
    try:
        if not told:
            told = True
            print('be' 'gun', flush=True)
        if pathlib.Path('enough').exists():
            break
        time.sleep(0.01)
    except KeyboardInterrupt:
        print('not me', flush=True)
```"""
