"""The thread on which turns live, beside the one that runs the user's cells.

One thread with one event loop, for one turn or for all turns in a kernel of our own, whose
sockets belong to that loop. A host starts work here and may cancel it; the work then comes
to its end by itself. Nothing here touches the kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

NAME = "codeact-turn"


class Worker:
    """A thread with an event loop, begun when there is work and ended by :meth:`close`."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()

    def start(
        self, begin: Callable[[], Coroutine[Any, Any, Any]], over: Callable[[], None]
    ) -> Work:
        """Run ``begin()`` on the worker's thread; call ``over`` there when it has ended."""
        if self._thread is None or not self._thread.is_alive():
            self._ready.clear()
            self._thread = threading.Thread(target=self._run, name=NAME, daemon=True)
            self._thread.start()
            self._ready.wait()
        assert self._loop is not None
        return Work(self._loop, begin, over)

    def close(self) -> None:
        """End the thread; what still runs is cancelled."""
        thread, self._thread = self._thread, None
        if thread is not None and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # a fork's copy of a loop that is over
                self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._ready.set()
            self._loop.run_forever()


class Work:
    """A coroutine on the worker's thread, which can be cancelled from outside."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        begin: Callable[[], Coroutine[Any, Any, Any]],
        over: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._begin = begin
        self._over = over
        self._outcome: Future[Any] = Future()
        self._task: asyncio.Task[None] | None = None
        loop.call_soon_threadsafe(self._start)

    def cancel(self) -> None:
        """Ask the coroutine to come to its end, if its thread still lives."""
        self.post(self._cancel)

    def post(self, call: Callable[[], object]) -> bool:
        """Have ``call`` done on the worker's thread; False when that has ended."""
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:
            return False
        return True

    def result(self) -> Any:
        """What the coroutine returned or raised, once it has ended."""
        return self._outcome.result()

    def _start(self) -> None:
        self._task = self._loop.create_task(self._main())
        self._task.add_done_callback(self._ended)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _main(self) -> None:
        try:
            self._outcome.set_result(await self._begin())
        except BaseException as error:  # noqa: BLE001 - handed on to the thread that waits
            self._outcome.set_exception(error)

    def _ended(self, _: asyncio.Task[None]) -> None:
        if not self._outcome.done():  # it was cancelled before it began
            self._outcome.set_exception(asyncio.CancelledError())
        self._over()


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Wait for ``work`` however often that is cancelled: an impatient user presses twice."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    return task.result()
