"""A kernel of our own: a process that runs cells, over jupyter_client.

Started by the host ``kernel`` for the command line, batch runs and scripts. It sends
requests and collects what comes of them, and it notices what a front end has a person
for: a kernel that dies, one that does not answer, a cell that never ends. A request is
over only at its reply *and* the kernel's idle message, so no output is left behind.

It knows nothing of models, turns or notebooks, and asks the kernel nothing by itself.
All of it lives in one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import tempfile
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from codeact_jupyter.errors import ConfigError, KernelDied, KernelSilent
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 5.0  # for an interrupted cell to end
_INTERRUPTS = 2  # the first may come a moment before the cell
_ASK_AGAIN_SECONDS = 0.1  # until the kernel's output channel is connected
_REMEMBERED = 100  # requests that are over, whose late outputs still find their way
_LAST_MILLISECONDS = 100  # without a message, after a kernel died
_SAID = 400  # characters of a dead kernel's last words
_SILENCE = (
    "The kernel did not stop within {seconds:g} s of an interrupt, so it was ended and its "
    "variables are gone. What had run before stays in the notebook; run it again without the "
    "cell that does not let itself be stopped."
)

Message = dict[str, Any]


@dataclass(slots=True)
class Request:
    """One request and how far it has got."""

    take: Callable[[Message], None]
    reply: asyncio.Future[Message]
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def over(self) -> Message:
        """Wait for reply and idle; return the reply's content."""
        reply = await asyncio.shield(self.reply)  # others may wait for it too
        await self.idle.wait()
        content: Message = reply["content"]
        return content


class KernelProcess:
    """One kernel that was started; :meth:`start` makes it."""

    def __init__(self, manager: Any, said: IO[bytes]) -> None:
        self._manager = manager
        self._said = said
        self._client = manager.client()
        self._requests: OrderedDict[str, Request] = OrderedDict()
        self._tasks: list[asyncio.Task[None]] = []
        self._died: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._silence = ""  # why it was ended

    @classmethod
    async def start(
        cls, folder: Path, name: str | None = None, *, without: tuple[str, ...] = ()
    ) -> KernelProcess:
        """Start a kernel and wait until it answers.

        Args:
            folder: Its working directory.
            name: Of a kernelspec; None for a kernel of this very Python.
            without: Environment variables that it does not get.

        Raises:
            ConfigError: There is no such kernelspec.
            KernelDied: It ended before it answered.
            KernelSilent: It did not answer.
        """
        manager = _manager(name)
        said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the kernel
        try:
            await manager.start_kernel(cwd=str(folder), env=_environment(without), stderr=said)
        except OSError as error:
            said.close()
            manager.context.destroy(linger=0)
            raise KernelDied(
                f"The kernel {name!r} could not be started ({error.strerror}: "
                f"{error.filename!r}). Install it again, or name another one with --kernel."
            ) from None
        kernel = cls(manager, said)
        try:
            await kernel._connect()
        except BaseException:
            await kernel.close()
            raise
        return kernel

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return not self._died.done()

    def send(
        self,
        code: str,
        take: Callable[[Message], None],
        *,
        cell_id: str | None = None,
        silent: bool = False,
        expressions: Mapping[str, str] | None = None,
    ) -> Request:
        """Send an execute request; its outputs go to ``take`` as they come.

        Raises:
            KernelSilent: The kernel was ended, since it did not stop.
        """
        content = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": dict(expressions or {}),
            "allow_stdin": False,
            "stop_on_error": False,  # what we ask next must not be aborted
        }
        metadata = {"cellId": cell_id} if cell_id else {}
        return self._send("execute_request", content, take, metadata)

    async def wait(self, request: Request, seconds: float | None = None) -> Message:
        """Wait until a request is over and return its reply's content.

        Raises:
            TimeoutError: It took longer than ``seconds``.
            KernelDied: The kernel ended.
        """
        over = asyncio.ensure_future(request.over())
        try:
            await self._first(over, seconds)
            if over.done():
                return over.result()
            if self._died.done():
                await self._drain()
                raise self._death()
            raise TimeoutError
        finally:
            over.cancel()

    async def _first(self, awaited: asyncio.Future[Any], seconds: float | None = None) -> None:
        """Wait for ``awaited``, the kernel's death or the time, whichever comes first."""
        either: set[asyncio.Future[Any]] = {awaited, self._died}
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def interrupt(self, request: Request) -> None:
        """Interrupt the kernel and wait until ``request`` is over.

        Raises:
            KernelDied: The kernel ended.
            KernelSilent: It goes on regardless; it was ended then.
        """
        begun = asyncio.ensure_future(request.begun.wait())
        await self._first(begun, STOP_SECONDS)  # before that a kernel ignores interrupts
        begun.cancel()
        for _ in range(_INTERRUPTS):
            if self.alive:
                await self._manager.interrupt_kernel()
            with contextlib.suppress(TimeoutError):
                await self.wait(request, STOP_SECONDS / _INTERRUPTS)
                return
        await self.close()
        self._silence = _SILENCE.format(seconds=STOP_SECONDS)
        raise KernelSilent(self._silence)

    async def close(self) -> None:
        """End the kernel."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._client.stop_channels()
        with contextlib.suppress(ProcessLookupError):
            await self._manager.shutdown_kernel(now=True)
        self._manager.context.destroy(linger=0)
        self._said.close()

    async def _drain(self) -> None:
        """Take what a kernel that died had still sent."""
        socket = self._client.iopub_channel.socket
        while await socket.poll(_LAST_MILLISECONDS):  # noqa: ASYNC110 - a reader empties it
            await asyncio.sleep(0)

    # --- starting

    async def _connect(self) -> None:
        self._client.start_channels(stdin=False, hb=False)
        channels = (
            (self._client.shell_channel, self._take_reply),
            (
                self._client.iopub_channel,
                self._take_output,
            ),
        )
        self._tasks = [asyncio.create_task(_read(*channel)) for channel in channels]
        self._tasks.append(asyncio.create_task(self._watch_over()))
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._answers()
        except TimeoutError:
            raise KernelSilent(
                f"The kernel has started but did not answer within {START_SECONDS:g} s. "
                "`codeact-jupyter doctor` looks for the cause."
            ) from None

    async def _answers(self) -> None:
        """Ask for the kernel's name until both its channels are heard."""
        while True:
            asked = self._send("kernel_info_request", {}, lambda _: None, {})
            await self._first(asked.reply)
            if self._died.done():
                raise self._death()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked.idle.wait(), _ASK_AGAIN_SECONDS)
                return

    async def _watch_over(self) -> None:
        status = await self._manager.provisioner.wait()
        self._died.set_result(status or 0)

    def _death(self) -> KernelDied:
        status = self._died.result()
        reason = f"exit status {status}"
        if status < 0:
            reason = f"killed by {_signal_name(-status)}"
            if -status == signal.SIGKILL:
                reason += ", which is often memory that ran out"
        return KernelDied(
            f"The kernel died ({reason}), so its variables are gone.{self._last_words()} What had "
            "run before stays in the notebook; run it again with smaller data, or without the "
            "cell that ended it."
        )

    def _last_words(self) -> str:
        """The first line of what a dying kernel wrote, which names the fault."""
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").splitlines()
        faults = [line for line in lines if "rror" in line]
        return f" It said: {redact(faults[-1])[:_SAID]!r}." if faults else ""

    # --- messages

    def _send(
        self,
        kind: str,
        content: Message,
        take: Callable[[Message], None],
        metadata: Message,
    ) -> Request:
        if self._silence:
            raise KernelSilent(self._silence)
        message = self._client.session.msg(kind, content, metadata=metadata)
        request = Request(take, asyncio.get_running_loop().create_future())
        self._requests[message["header"]["msg_id"]] = request
        while len(self._requests) > _REMEMBERED:
            self._requests.popitem(last=False)
        # not by the channel, which sends past asyncio's socket: a reply that comes at that
        # moment would wake nobody, and neither would any later one
        parts = self._client.session.serialize(message)
        self._client.shell_channel.socket.send_multipart(parts)
        return request

    def _take_reply(self, message: Message) -> None:
        request = self._request_of(message)
        if request is not None and not request.reply.done():
            request.reply.set_result(message)

    def _take_output(self, message: Message) -> None:
        request = self._request_of(message)
        if request is None:
            return
        request.begun.set()
        request.take(message)
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            request.idle.set()

    def _request_of(self, message: Message) -> Request | None:
        return self._requests.get(message["parent_header"].get("msg_id", ""))


async def _read(channel: Any, take: Callable[[Message], None]) -> None:
    while True:
        take(await channel.get_msg())


def _manager(name: str | None) -> Any:
    import zmq.asyncio
    from jupyter_client.kernelspec import NoSuchKernel
    from jupyter_client.manager import AsyncKernelManager

    context = zmq.asyncio.Context()
    context.setsockopt(zmq.RCVHWM, 0)  # a flood of outputs waits here instead of being dropped
    untyped: Any = AsyncKernelManager
    manager = untyped(kernel_name=name or "python3", context=context)
    if name is None:
        launch = (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")
        manager.kernel_spec.argv = [*launch, "--log-level=40"]
        return manager
    try:
        manager.kernel_spec  # noqa: B018 - looks for it
    except NoSuchKernel:
        context.destroy(linger=0)
        found = ", ".join(sorted(manager.kernel_spec_manager.find_kernel_specs())) or "none"
        raise ConfigError(
            f"There is no kernel {name!r} here; there are: {found}. Name one with --kernel."
        ) from None
    return manager


def _environment(without: tuple[str, ...]) -> dict[str, str]:
    import os

    return {key: value for key, value in os.environ.items() if key not in without}


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
