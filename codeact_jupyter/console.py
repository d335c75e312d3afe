"""The words of this package in the output of a cell: the one place that writes them."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Write a line for the user."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """Write a line to the error stream, for what a runner's log should show."""
    sys.stderr.write(f"{text}\n")
