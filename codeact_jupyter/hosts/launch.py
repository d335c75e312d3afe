"""How a kernel of our own is launched: its folder, its sockets, its command and environment.

For :mod:`codeact_jupyter.hosts.process`, which talks to it from then on.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from codeact_jupyter.errors import ConfigError, KernelDied
from codeact_jupyter.hosts.worker import to_its_end

_NO_FOLDER = (
    "The kernel could not be started, since nothing can be written to a temporary folder "
    "({reason}). Make room there, or name another folder by the environment variable TMPDIR."
)
_OPTIONS = (
    "--log-level=40",
    "--HistoryManager.enabled=False",  # the user's history is of what he typed; saving costs 0.7 ms
)


def temporary(undo: contextlib.AsyncExitStack) -> tuple[Path, IO[bytes]]:
    """A folder for what belongs to one kernel, and a file there for what it says at its end."""
    try:
        made = tempfile.TemporaryDirectory(prefix="codeact-", ignore_cleanup_errors=True)
        folder = Path(undo.enter_context(made))
        return folder, undo.enter_context(tempfile.TemporaryFile(dir=folder))
    except OSError as error:
        raise KernelDied(_NO_FOLDER.format(reason=error)) from None


def manager_of(name: str | None, folder: Path, undo: contextlib.AsyncExitStack) -> Any:
    """The manager of a kernel that is not started yet; ``folder`` is for its sockets.

    Raises:
        ConfigError: There is no kernelspec ``name``.
    """
    import zmq.asyncio
    from jupyter_client.kernelspec import NoSuchKernel
    from jupyter_client.manager import AsyncKernelManager

    context = zmq.asyncio.Context()
    undo.callback(context.destroy, linger=0)
    context.setsockopt(zmq.RCVHWM, 0)  # a flood of outputs waits here instead of being dropped
    untyped: Any = AsyncKernelManager
    manager = untyped(kernel_name=name or "python3", context=context)
    sockets = str(folder / "kernel")
    # A port is looked for before the kernel binds it, and another may be faster: so sockets in a
    # folder, where their names ("kernel-1" and so on) are as short as the system asks.
    if os.name == "posix" and len(os.fsencode(sockets)) + 2 <= zmq.IPC_PATH_MAX_LEN:
        manager.transport = "ipc"
        manager.ip = sockets
    if name is None:
        launch = (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")
        manager.kernel_spec.argv = [*launch, *_OPTIONS]
        return manager
    try:
        manager.kernel_spec  # noqa: B018 - looks for it
    except NoSuchKernel:
        found = ", ".join(sorted(manager.kernel_spec_manager.find_kernel_specs())) or "none"
        raise ConfigError(
            f"There is no kernel {name!r} here; there are: {found}. Name one with --kernel."
        ) from None
    return manager


async def shut_down(manager: Any) -> None:
    """End the kernel, however often that is cancelled."""
    with contextlib.suppress(ProcessLookupError):
        await to_its_end(manager.shutdown_kernel(now=True))


def environment(without: tuple[str, ...]) -> dict[str, str]:
    """Our environment variables, without these."""
    return {key: value for key, value in os.environ.items() if key not in without}
