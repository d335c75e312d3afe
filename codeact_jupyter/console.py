"""The words of this package in the output of a cell: the one place that writes them.

Also how a number of things is said, wherever that is.
"""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Write a line for the user."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """Write a line to the error stream, for what a runner's log should show."""
    sys.stderr.write(f"{text}\n")


def count(number: int, noun: str) -> str:
    """Return ``1 item`` or ``1,204 items``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
