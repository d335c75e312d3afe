"""Where a turn, on the worker's thread, has things done on the thread that asked for it.

The thread that asked is the one that runs the user's cells, or the one that owns the
terminal: it serves the desk until the turn is over, doing one thing at a time. So an
interrupt reaches a running action like any other cell, and while the model is thinking
it stops the turn. Hosts put their calls here; the desk knows nothing of what they do.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import signal
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import FrameType

    from codeact_jupyter.hosts.worker import Work, Worker

T = TypeVar("T")

_LOOK_SECONDS = 0.2


class Desk:
    """The desk of one turn.

    Args:
        worker: Where the turn lives.

    Attributes:
        interrupted: Whether the user interrupted the turn, even if something swallowed that.
    """

    def __init__(self, worker: Worker) -> None:
        self.interrupted = False
        self._worker = worker
        self._calling = False
        self._work: Work | None = None
        self._met_call = asyncio.Event()  # an interrupt came while a call was being done
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    # --- on the turn's thread

    def post(self, call: Callable[[], None]) -> None:
        """Have ``call`` done, soon."""
        self._calls.put(call)

    async def call(self, read: Callable[[], T]) -> T:
        """Return ``read()``, called on the thread that serves."""
        done: Future[T] = Future()

        def call() -> None:
            if self.interrupted or not done.set_running_or_notify_cancel():
                done.cancel()  # nothing of ours starts after an interrupt
                return
            try:
                done.set_result(read())
            except Exception as error:  # noqa: BLE001 - raised where it is awaited
                done.set_exception(error)
            except BaseException:
                if not done.done():  # an interrupt may come in the moment behind its result
                    done.set_exception(asyncio.CancelledError())  # ends the turn, not its loop
                raise

        self._calls.put(call)
        return await asyncio.wrap_future(done)

    async def interruption(self) -> None:
        """Wait until an interrupt meets a call that is being done, which may swallow it."""
        await self._met_call.wait()

    # --- on any thread

    def interrupt(self) -> None:
        """Do what an interrupt of the thread that serves would do."""
        self._calls.put(_interrupt)

    # --- on the thread that asked

    def serve(self, turn: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run ``turn()`` on the worker's thread and do what it asks for until it is over.

        An interrupt cancels the turn, which then has to come to its end by itself.

        Raises:
            KeyboardInterrupt: It was interrupted, and the turn came to nothing by that, or had
                just come to its end.
        """
        cancelled = False
        with self._seeing_interrupts():
            work = self._worker.start(turn, over=lambda: self._calls.put(None))
            self._work = work
            while (call := self._next()) is not None:
                try:
                    self._calling = True
                    call()
                    self._calling = False
                except KeyboardInterrupt:
                    self._calling = False
                    self.interrupted = cancelled = True
                    work.cancel()
                except BaseException:  # of a screen: the turn must not go on unseen
                    self._calling = False
                    self.interrupted = True
                    work.cancel()
                    while self._next() is not None:
                        pass
                    raise
        try:
            result: T = work.result()
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        if not cancelled:
            self._too_late()
        return result

    def _too_late(self) -> None:
        """Let an interrupt that found nothing to stop any more take its usual way."""
        with contextlib.suppress(queue.Empty):
            while True:
                if (call := self._calls.get_nowait()) is not None:
                    call()

    def _next(self) -> Callable[[], None] | None:
        """Wait for the next call, or for the end of the turn, which is None.

        Not in one go: CPython misses an interrupt that comes in the moment before a wait
        begins, or on another thread, until that wait is over.
        """
        while True:
            with contextlib.suppress(queue.Empty):
                return self._calls.get(timeout=_LOOK_SECONDS)

    def close(self) -> None:
        """End the worker, where no other turn is to live on it."""
        self._worker.close()

    @contextlib.contextmanager
    def _seeing_interrupts(self) -> Iterator[None]:
        """Note every interrupt, then let it take its usual way.

        IPython's event callbacks and an ``except:`` in an action swallow the
        KeyboardInterrupt that it raises; the turn has to stop all the same. Between two
        calls it waits for the next one: raised in our own lines it would end the serving
        and leave the turn alone.
        """
        usual = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(usual):
            yield
            return

        def note(number: int, frame: FrameType | None) -> None:
            __tracebackhide__ = True  # IPython's own mark: this frame is none of the user's
            self.interrupted = True
            if self._calling:
                if self._work is not None:
                    self._work.post(self._met_call.set)
                usual(number, frame)
            else:
                self._calls.put(lambda: usual(number, frame))

        signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, usual)


def _interrupt() -> None:
    raise KeyboardInterrupt
