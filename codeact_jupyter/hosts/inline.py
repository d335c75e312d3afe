"""The host ``inline``: actions run inside the cell of the prompt.

For terminal IPython, for runners such as nbclient and papermill, and for notebooks
without our extension. The magic blocks: the turn lives on a thread of its own, with an
event loop, and everything that touches the user's kernel is handed back to the thread
that runs cells and is done there, one thing at a time. So an interrupt reaches a running
action like any other cell, and while the model is thinking it stops the turn.

It shows and runs what it is told to; it never decides whether an action may run.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import signal
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from codeact_jupyter.cells import CellRun
from codeact_jupyter.hosts.nesting import inner_cells
from codeact_jupyter.hosts.questions import approval

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import FrameType

    from codeact_jupyter.hosts.capture import Capture
    from codeact_jupyter.hosts.front import Front
    from codeact_jupyter.hosts.screens import Screen
    from codeact_jupyter.parts import Seen, Watch
    from codeact_jupyter.types import Action, Progress, Verdict

T = TypeVar("T")


class InlineHost:
    """Runs actions inside the cell that asked.

    Args:
        shell: The user's shell.
        capture: Sees the cells of that shell.
        screen: Shows the turn.
        front: What the front end of this request can do.
    """

    def __init__(self, shell: Any, capture: Capture, screen: Screen, front: Front) -> None:
        self._shell = shell
        self._capture = capture
        self._screen = screen
        self._front = front
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._interrupted = False

    # --- what the loop calls, on the turn's thread

    @property
    def stopping(self) -> bool:
        """Whether the user interrupted the turn, even if something swallowed that."""
        return self._interrupted

    def show(self, progress: Progress) -> None:
        """Show ``progress``, soon."""
        self._calls.put(lambda: self._screen.show(progress))

    async def ask(self, action: Action) -> Verdict:
        """Ask the user about ``action``."""
        return await self._call(lambda: approval(self._shell, self._front, action.code))

    async def run(self, action: Action, code: str, watch: Watch) -> tuple[CellRun, Seen]:
        """Run ``code`` as the cell of ``action``, with ``watch`` looking before and after."""

        def watched() -> tuple[CellRun, Seen]:
            watch.before()
            run = self._run_cell(action, code)
            return run, watch.after(run)

        return await self._call(watched)

    async def _call(self, read: Callable[[], T]) -> T:
        """Return ``read()``, called on the thread that runs cells."""
        done: Future[T] = Future()

        def call() -> None:
            if self._interrupted or not done.set_running_or_notify_cancel():
                done.cancel()  # nothing of ours starts after an interrupt
                return
            try:
                done.set_result(read())
            except Exception as error:  # noqa: BLE001 - raised where it is awaited
                done.set_exception(error)
            except BaseException:
                done.set_exception(asyncio.CancelledError())  # ends the turn, not its event loop
                raise

        self._calls.put(call)
        return await asyncio.wrap_future(done)

    # --- what the magic calls, on the thread that runs cells

    def serve(self, turn: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run ``turn()`` on a thread of its own and do what it asks for until it is over.

        An interrupt cancels the turn, which then has to come to its end by itself.
        """
        work = _Work(turn, over=lambda: self._calls.put(None))
        with self._seeing_interrupts():
            work.start()
            while True:
                try:
                    call = self._calls.get()
                    if call is None:
                        break
                    call()
                except KeyboardInterrupt:
                    self._interrupted = True
                    work.cancel()
                except BaseException:  # of a screen: the turn must not go on unseen
                    self._interrupted = True
                    work.cancel()
                    while self._calls.get() is not None:
                        pass
                    raise
        result: T = work.result()
        return result

    @contextlib.contextmanager
    def _seeing_interrupts(self) -> Iterator[None]:
        """Note every interrupt, then let it take its usual way.

        IPython's event callbacks and an ``except:`` in an action swallow the
        KeyboardInterrupt that it raises; the turn has to stop all the same.
        """
        usual = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(usual):
            yield
            return

        def note(number: int, frame: FrameType | None) -> None:
            __tracebackhide__ = True  # IPython's own mark: this frame is none of the user's
            self._interrupted = True
            usual(number, frame)

        signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, usual)

    def _run_cell(self, action: Action, code: str) -> CellRun:
        with inner_cells(self._shell):
            result = self._shell.run_cell(code, store_history=True, cell_id=action.cell_id)
        run = self._capture.latest()
        if run is not None and run.cell_id == action.cell_id:
            return run
        return CellRun(  # the action took our hooks away: only its end is known
            cell_id=action.cell_id,
            source=code,
            outputs=(),
            execution_count=result.execution_count,
            status="ok" if result.success else "error",
        )


class _Work:
    """A coroutine on a thread of its own, which can be cancelled from outside."""

    def __init__(
        self, start: Callable[[], Coroutine[Any, Any, Any]], over: Callable[[], None]
    ) -> None:
        self._start = start
        self._over = over
        self._outcome: Future[Any] = Future()
        self._cancelled = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._thread = threading.Thread(target=self._run, name="codeact-turn", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def cancel(self) -> None:
        self._cancelled = True
        if self._loop is not None and self._task is not None:
            with contextlib.suppress(RuntimeError):  # the loop has just been closed
                self._loop.call_soon_threadsafe(self._task.cancel)

    def result(self) -> Any:
        self._thread.join()
        return self._outcome.result()

    def _run(self) -> None:
        try:
            self._outcome.set_result(asyncio.run(self._main()))
        except BaseException as error:  # noqa: BLE001 - handed on to the thread that waits
            self._outcome.set_exception(error)
        finally:
            self._over()

    async def _main(self) -> Any:
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._start())
        if self._cancelled:
            self._task.cancel()
        return await self._task
