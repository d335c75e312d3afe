"""How far a pull is, shown by the command on standard error.

Made by ``codeact-jupyter model pull``, told by :mod:`codeact_jupyter.models.pull`.
"""

from __future__ import annotations

import sys
import time

import click


class ProgressLine:
    """Bytes of a total: one line that moves in a terminal, else a line per tenth."""

    def __init__(self) -> None:
        self._moves = sys.stderr.isatty()
        self._started: tuple[float, int] | None = None
        self._tenth = 0
        self._open = False

    def say(self, sentence: str) -> None:
        """Print ``sentence`` on lines of its own; the rate counts anew after it."""
        self.close()
        self._started = None
        click.echo(sentence, err=True)

    def at(self, done: int, total: int) -> None:
        """Show ``done`` of ``total`` bytes."""
        now = time.monotonic()
        if self._started is None:
            self._started = (now, done)
            self._tenth = 10 * done // total
        line = self._line(done, total, now, *self._started)
        if self._moves:
            click.echo(f"\r{line:<60}", nl=False, err=True)
            self._open = True
        elif 10 * done // total > self._tenth:
            self._tenth = 10 * done // total
            click.echo(line, err=True)

    def close(self) -> None:
        """End the line that moves."""
        if self._open:
            click.echo(err=True)
            self._open = False

    @staticmethod
    def _line(done: int, total: int, now: float, began: float, first: int) -> str:
        rate = (done - first) / max(now - began, 0.1)
        bar = "#" * (20 * done // total)
        numbers = f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB"
        return f"[{bar:.<20}] {done / total:4.0%}  {numbers}  {rate / 1e6:.1f} MB/s"
