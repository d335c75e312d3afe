"""The local model, served by llama.cpp in this process over an OpenAI-compatible API.

``python -m codeact_jupyter.models.serve`` is what a kernel starts beside itself
(:class:`codeact_jupyter.models.local.LocalServer`); ``codeact-jupyter model serve`` calls
:func:`serve` in the terminal.

Settings of llama.cpp, where they differ from its own, and why (figures measured on two
cores of an AMD EPYC with the 1.5B model):

- No weights are rearranged in memory (``no_extra_bufts``): loads in 1.1 s instead of 3.3,
  takes 0.4 GB of its own instead of 1.0 (the 1.1 GB of the file are shared by all kernels
  that use it), reads 112 instead of 90 and writes 26 instead of 31 tokens a second: a
  notebook's turn reads far more than it writes.
- Threads that wait for each other soon sleep instead of spinning (``GOMP_SPINCOUNT``): while
  something else keeps one core busy, it writes 13 instead of 0.7 tokens a second.
- The prompt is read 64 tokens at a time instead of 2048: llama.cpp notices only in between
  that nobody waits any more. After a stop while it read, the next answer came after 0.8 s
  instead of 90 (on busy cores), at a tenth more work.
- No page of a browser may read an answer (``cors_origins``), no web page, slots, tools.
- The cache for other conversations is 256 MiB, one full context, instead of 8 GiB.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeact_jupyter.errors import LocalModelError
from codeact_jupyter.models.child import end_with_parent
from codeact_jupyter.models.local import CONTEXT, EXTRA, description, require

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL_CORES = -1  # llama.cpp's word for "one thread per physical core"
_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_ERRORS_ONLY = 1
_SHORT_SPIN = ("GOMP_SPINCOUNT", "1000")  # read when xllamacpp's OpenMP loads
_CACHE_MIB = 256
_TOKENS_AT_ONCE = 64


@contextlib.contextmanager
def serve(*, port: int = 0, context: int = CONTEXT, key: str = "") -> Iterator[str]:
    """Serve the local model on 127.0.0.1 while the block runs.

    Args:
        port: The port, or 0 for a free one.
        context: How many tokens a conversation may have.
        key: What a client must send as its API key; empty asks for none.

    Yields:
        The address that answers, without ``/v1``; the model is loaded.

    Raises:
        LocalModelError: The file or the extra ``local`` is missing, the port is taken, or
            the file cannot be loaded; llama.cpp's own words went to standard error.
    """
    file = require()
    os.environ.setdefault(*_SHORT_SPIN)
    try:
        import xllamacpp
    except ImportError as fault:
        raise LocalModelError(
            f"The local model needs the package `xllamacpp`, which cannot be loaded here: {fault}. "
            f"`{EXTRA}`, then try again."
        ) from fault
    settings = _settings(xllamacpp.CommonParams(), file=file, port=port, context=context, key=key)
    try:
        server = xllamacpp.Server(settings)
    except RuntimeError as fault:
        raise LocalModelError(
            f"The local model does not start from {str(file)!r} on port {port} with a context of "
            f"{context} tokens: see the lines above. A port that is taken: choose another with "
            "`--port`; a damaged file: `codeact-jupyter model pull` fetches it again."
        ) from fault
    try:
        yield server.listening_address
    finally:
        del server  # ends its threads


def _settings(settings: Any, *, file: Path, port: int, context: int, key: str) -> Any:
    settings.model.path = str(file)
    settings.model_alias = {description().name}
    settings.hostnames = ["127.0.0.1"]
    settings.port = port
    settings.api_keys = [key] if key else []
    settings.n_ctx = context
    settings.n_parallel = 1
    settings.n_batch = settings.n_ubatch = _TOKENS_AT_ONCE
    settings.cpuparams.n_threads = threads()
    settings.no_extra_bufts = True
    settings.cache_ram_mib = _CACHE_MIB
    settings.cors_origins = ""
    settings.cors_credentials = False
    settings.ui = False
    settings.endpoint_slots = False
    settings.verbosity = _ERRORS_ONLY
    return settings


def threads(quota: Path = _QUOTA) -> int:
    """How many threads to compute with: one per physical core, fewer under a quota.

    llama.cpp does not see a container's share of the processor, and more threads than
    that wait for each other most of the time.

    Args:
        quota: The control group's ``cpu.max``: microseconds, or ``max``, of a period
            (kernel.org, admin-guide/cgroup-v2).
    """
    try:
        granted, period = quota.read_text(encoding="ascii").split()
        share = max(1, round(int(granted) / int(period)))
    except (OSError, ValueError):  # no control groups, or no limit in this one
        return ALL_CORES
    return share if share < (os.cpu_count() or 1) else ALL_CORES


def _main() -> None:
    key = end_with_parent()
    try:
        with serve(context=int(sys.argv[1]), key=key) as address:
            sys.stdout.write(f"{address}\n")
            sys.stdout.flush()
            threading.Event().wait()  # until end_with_parent() ends the process
    except LocalModelError as fault:  # the parent puts the cause into its own sentence
        raise SystemExit(str(fault.__cause__ or fault)) from None


if __name__ == "__main__":
    _main()
