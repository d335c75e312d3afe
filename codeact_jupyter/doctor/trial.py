"""A kernel started on trial: does it answer, load the extension and run a cell?

It is started as Jupyter would, asked over its own channels, and ended in every case. It
stores no history. Nothing of the product acts in it but the extension that is loaded.
"""

from __future__ import annotations

import shlex
import tempfile
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from codeact_jupyter.doctor.finding import Finding
from codeact_jupyter.models.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

START_SECONDS = 30.0
_CELL_SECONDS = 30.0
_LAST_WORDS = 300  # characters
_LOAD = "%load_ext codeact_jupyter"
_LOADED = "get_ipython().find_cell_magic('codeact') is not None"
_CELLS = ((_LOAD, ""), (_LOADED, "True"), ("1 + 1", "2"))


def trial(name: str, argv: Sequence[str] = (), *, seconds: float = START_SECONDS) -> Finding:
    """Start a kernel, run two cells there and end it.

    Args:
        name: The kernelspec.
        argv: How to start it instead of the kernelspec's own way.
        seconds: How long the start may take.
    """
    called = f"Kernel {name!r}" if not argv else f"A kernel of {argv[0]!r}"
    begun = time.monotonic()
    with tempfile.TemporaryFile() as words:
        try:
            with _started(name, argv, seconds, words) as client:
                took = time.monotonic() - begun
                problem = _problem(client)
        except (OSError, RuntimeError, ValueError) as error:
            return _not_started(called, error, _last(words), argv)
    if problem:
        return _fault(
            f"{called} starts, but {problem}.",
            "Run that cell in a notebook with this kernel and read its whole error.",
        )
    sentence = f"{called} starts in {took:.1f} s, loads codeact_jupyter and runs a cell."
    return Finding(name="kernel", level="ok", sentence=sentence)


@contextmanager
def _started(name: str, argv: Sequence[str], seconds: float, words: IO[bytes]) -> Iterator[Any]:
    """A client of a kernel that answers."""
    from jupyter_client.manager import KernelManager

    manager: Any = KernelManager(kernel_name=name)
    if argv:
        manager.kernel_spec.argv = list(argv)
    try:
        manager.start_kernel(stdout=words, stderr=words)
        client = manager.blocking_client()
        try:
            client.start_channels()
            client.wait_for_ready(timeout=seconds)
            yield client
        finally:
            client.stop_channels()
    finally:
        if manager.has_kernel:
            manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def _problem(client: Any) -> str:
    """What goes wrong with the cells, or ``""``."""
    for code, wanted in _CELLS:
        shown: list[str] = []
        try:
            reply = _run(client, code, shown)
        except TimeoutError:
            return f"`{code}` does not end within {_CELL_SECONDS:g} s"
        if reply["status"] != "ok":
            error = f"{reply.get('ename', '')}: {reply.get('evalue', '')}"
            return f"`{code}` fails there: {quoted(error, _LAST_WORDS)}"
        if code == _LOADED and shown == ["False"]:  # IPython only prints why
            return f"after `{_LOAD}` there is no `%%codeact`"
        if wanted and wanted not in shown:
            return f"`{code}` shows {quoted(''.join(shown), 100)!r}"
    return ""


def _run(client: Any, code: str, shown: list[str]) -> dict[str, Any]:
    def keep(message: dict[str, Any]) -> None:
        if message["msg_type"] == "execute_result":
            shown.append(str(message["content"]["data"].get("text/plain", "")))

    reply = client.execute_interactive(
        code, store_history=False, allow_stdin=False, timeout=_CELL_SECONDS, output_hook=keep
    )
    content: dict[str, Any] = reply["content"]
    return content


def _not_started(called: str, error: Exception, words: str, argv: Sequence[str]) -> Finding:
    why = words or quoted(str(error), _LAST_WORDS)
    python = shlex.quote(argv[0]) if argv else "that kernel's Python"
    return _fault(
        f"{called} does not start. Its last words: {why}",
        f"Try `-m ipykernel_launcher --version` with {python}; if that fails too, install "
        "ipykernel there again.",
    )


def _last(words: IO[bytes]) -> str:
    words.seek(0)
    lines = words.read().decode(errors="replace").strip().splitlines()
    return quoted("; ".join(lines[-2:]), _LAST_WORDS)


def _fault(sentence: str, cure: str) -> Finding:
    return Finding(name="kernel", level="fault", sentence=sentence, cure=cure)
