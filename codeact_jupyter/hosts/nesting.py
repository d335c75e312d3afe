"""Running a cell inside a cell.

An ``inline`` action runs while the ``%%codeact`` cell around it still does. IPython
allows that, with four things to see to: the count of cells, the event loop, what the
kernel's reply says, and ``exit()``, which would end the kernel and take the user's
variables with it.
"""

from __future__ import annotations

import asyncio
import asyncio.events
import contextlib
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from traitlets import TraitType

from codeact_jupyter.console import count, warn
from codeact_jupyter.hosts.taps import goes_into_a_widget, request_of
from codeact_jupyter.hosts.tracebacks import end_in_users_code

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")

ENDED_TASKS = (
    "{tasks} ended with this action, which runs inside of the prompt's cell. What is to go on has "
    "to be awaited there."
)


class ExitRefused(RuntimeError):
    """Raised in an action that calls ``exit()`` or ``quit()``."""


@contextlib.contextmanager
def inner_cells(shell: Any, cleared: Callable[[], None]) -> Iterator[None]:
    """Prepare ``shell`` for cells inside the running one, and restore it.

    Args:
        shell: The user's shell.
        cleared: Called when an inner cell cleared the outputs of the cell around it.
    """
    with (
        _counting(shell),
        _own_event_loop(shell),
        _no_exit(shell),
        _heard_commands(shell),
        _own_failures(shell),
        _without_our_frames(shell),
        _telling_of_clears(shell, cleared),
    ):
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
    before = shell.execution_count, len(shell.history_manager.input_hist_raw)
    try:
        yield
    finally:
        counted = shell.execution_count - before[0]
        kept = len(shell.history_manager.input_hist_raw) - before[1]
        for sources in (
            shell.history_manager.input_hist_raw,
            shell.history_manager.input_hist_parsed,
        ):
            sources.extend([""] * (counted - kept))  # IPython counts `exit()` but does not keep it
        if late:
            shell.execution_count -= 1


@contextlib.contextmanager
def _own_event_loop(shell: Any) -> Iterator[None]:
    """Let inner cells use top-level ``await`` although the kernel's loop is running."""
    with _replaced(shell, "loop_runner", lambda work: _run_on_own_loop(shell, work)):
        yield


def _run_on_own_loop(shell: Any, work: Coroutine[Any, Any, T]) -> T:
    outer = asyncio.events._get_running_loop()  # documented, for authors of loops
    asyncio.events._set_running_loop(None)
    try:
        with contextlib.ExitStack() as after, asyncio.Runner() as runner:
            try:
                result = runner.run(work)
                if left := len(asyncio.all_tasks(runner.get_loop())):
                    warn(ENDED_TASKS.format(tasks=count(left, "background task")))
                return result
            except KeyboardInterrupt:
                # closing the loop cancels the cell, which would be shown as a second error
                after.enter_context(_replaced(shell, "showtraceback", lambda *_, **__: None))
                raise
    finally:
        asyncio.events._set_running_loop(outer)


@contextlib.contextmanager
def _heard_commands(shell: Any) -> Iterator[None]:
    """Let a terminal's ``!command`` write where the model can read it.

    There IPython hands the terminal itself to commands, as a user's own ``!vim`` needs.
    """
    if getattr(shell, "kernel", None) is not None:
        yield  # ipykernel captures commands by itself
        return
    with _replaced(shell, "system", shell.system_piped):
        yield


@contextlib.contextmanager
def _own_failures(shell: Any) -> Iterator[None]:
    """Let a value of an inner cell that cannot be shown not fail the request around it.

    ipykernel 7 notes it for its reply (ipykernel/zmqshell.py, ``_showtraceback``).
    """
    with _replaced(shell, "_last_traceback_during_displayhook", False):
        yield


@contextlib.contextmanager
def _telling_of_clears(shell: Any, cleared: Callable[[], None]) -> Iterator[None]:
    """The message that clears outputs knows no part of a cell, only all of it, or a widget."""
    publisher = shell.display_pub
    clear = publisher.clear_output

    def clear_output(*args: Any, **options: Any) -> None:
        clear(*args, **options)
        if not goes_into_a_widget(request_of(shell)):
            cleared()

    with _replaced(publisher, "clear_output", clear_output):
        yield


@contextlib.contextmanager
def _without_our_frames(shell: Any) -> Iterator[None]:
    with _replaced(shell, "showtraceback", _showing_users_frames(shell.showtraceback)):
        yield


def _showing_users_frames(show: Callable[..., None]) -> Callable[..., None]:
    """Let a traceback end where the user's code does, not in how we see an interrupt or an exit.

    IPython always shows the last frame, whatever marks it has.
    """

    def show_shortened(*args: Any, **options: Any) -> None:
        end_in_users_code(sys.exc_info()[2])
        show(*args, **options)

    return show_shortened


@contextlib.contextmanager
def _no_exit(shell: Any) -> Iterator[None]:
    with _replaced(shell, "ask_exit", _refuse):
        yield


def refuse_exit(shell: Any) -> None:
    """Let ``exit()`` do nothing in a kernel that is ours for as long as it lives."""
    shell.ask_exit = _refuse
    shell.showtraceback = _showing_users_frames(shell.showtraceback)


def _refuse() -> None:
    raise ExitRefused(
        "exit() would end the kernel and lose the user's variables, so it does nothing "
        "here. To finish, answer without a block."
    )


@contextlib.contextmanager
def _replaced(shell: Any, name: str, value: Any) -> Iterator[None]:
    """Give ``shell`` another attribute for a while."""
    had_own = name in vars(shell)
    before = getattr(shell, name, None)
    setattr(shell, name, value)
    try:
        yield
    finally:
        if had_own or isinstance(getattr(type(shell), name, None), TraitType):
            setattr(shell, name, before)
        else:
            delattr(shell, name)
