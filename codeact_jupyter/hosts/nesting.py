"""Running a cell inside a cell.

An ``inline`` action runs while the ``%%codeact`` cell around it still does. IPython
allows that, with three things to see to: the count of cells, the event loop, and
``exit()``, which would end the kernel and take the user's variables with it.
"""

from __future__ import annotations

import asyncio
import asyncio.events
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

T = TypeVar("T")


class ExitRefused(RuntimeError):
    """Raised in an action that calls ``exit()`` or ``quit()``."""


@contextlib.contextmanager
def inner_cells(shell: Any) -> Iterator[None]:
    """Prepare ``shell`` for cells inside the running one, and restore it."""
    with _counting(shell), _own_event_loop(shell), _no_exit(shell):
        yield


@contextlib.contextmanager
def _counting(shell: Any) -> Iterator[None]:
    """Give inner cells numbers of their own.

    IPython 9.18 counts when a cell starts, 8.37 when it ends; there the outer and the
    first inner cell would share a number and a line of history. Which scheme it is shows
    in the history: the outer cell's source stands in it already.
    """
    late = shell.execution_count < len(shell.history_manager.input_hist_raw)
    if late:
        shell.execution_count += 1
    try:
        yield
    finally:
        if late:
            shell.execution_count -= 1


@contextlib.contextmanager
def _own_event_loop(shell: Any) -> Iterator[None]:
    """Let inner cells use top-level ``await`` although the kernel's loop is running."""
    kept = shell.loop_runner
    shell.loop_runner = _run_on_own_loop
    try:
        yield
    finally:
        shell.loop_runner = kept


def _run_on_own_loop(work: Coroutine[Any, Any, T]) -> T:
    outer = asyncio.events._get_running_loop()
    asyncio.events._set_running_loop(None)
    try:
        with asyncio.Runner() as runner:
            return runner.run(work)
    finally:
        asyncio.events._set_running_loop(outer)


@contextlib.contextmanager
def _no_exit(shell: Any) -> Iterator[None]:
    def refuse() -> None:
        raise ExitRefused(
            "exit() would end the kernel and lose the user's variables, so it does nothing "
            "here. To finish, answer without a block."
        )

    own = vars(shell)
    before = {name: own[name] for name in ("ask_exit",) if name in own}
    shell.ask_exit = refuse
    try:
        yield
    finally:
        del shell.ask_exit
        own.update(before)
