"""The thread on which a kernel runs its cells, reached from a turn's own thread.

A turn that does not block its cell has to look at the user's variables while the kernel
is idle, on the thread that owns them. What is handed over here waits until the cell that
runs has ended; a cell that awaits lets it through.

It never runs a cell and never waits on that thread.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class KernelThread:
    """The thread that makes this object, which must be running the kernel's event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def post(self, call: Callable[[], object]) -> None:
        """Have ``call`` done there, soon; from any thread."""
        self._loop.call_soon_threadsafe(call)

    async def call(self, read: Callable[[], T]) -> T:
        """Return ``read()``, called there once the kernel is idle."""
        done: Future[T] = Future()

        def call() -> None:
            if not done.set_running_or_notify_cancel():
                return  # the turn was stopped meanwhile
            try:
                done.set_result(read())
            except Exception as error:  # noqa: BLE001 - raised where it is awaited
                done.set_exception(error)

        self.post(call)
        return await asyncio.wrap_future(done)
