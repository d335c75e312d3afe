"""Whether the local model can run: its file, its program, memory and cores.

Called for the endpoint when none is set. It serves nothing, and loads the program only in
a process of its own, which may crash on a processor that lacks an instruction.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codeact_jupyter import config
from codeact_jupyter.doctor.environment import requirements, unmet
from codeact_jupyter.doctor.finding import Finding, told
from codeact_jupyter.doctor.speed import cores
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.models import local
from codeact_jupyter.models.partial import is_right

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDED = 2_000_000_000  # bytes: the file 1.1 GB, the context 0.2, the program 0.4
_NAME = "local model"
_PROGRAM = "xllamacpp"
_LOAD_SECONDS = 60.0
_PULL = "Run `codeact-jupyter model pull`, which keeps what is right and fetches the rest."


def local_model() -> Iterator[Finding]:
    """Look at all that the local model needs."""
    if not local.path().exists():
        yield _missing()
        return
    yield file(local.path())
    yield program()
    yield memory(free_memory())
    yield Finding(name=_NAME, level="ok", sentence=f"It may compute on {cores()} cores.")


def _missing() -> Finding:
    """No model at all is set up, or a pull of the local one did not come to its end."""
    kept = local.partial(local.path())
    if not kept.exists():
        return told("endpoint", ConfigError(config.NO_MODEL))
    have = f"{local.size(kept.stat().st_size)} of {local.size(local.description().bytes)}"
    sentence = f"The local model is not whole: {have} are there."
    return Finding(name=_NAME, level="fault", sentence=sentence, cure=_PULL)


def file(path: Path) -> Finding:
    """Whether the model's file is the right one; reads all of it, about 1 s."""
    model = local.description()
    there = path.stat().st_size
    if there != model.bytes:
        sentence = f"{str(path)!r} has {there:,} bytes instead of {model.bytes:,}."
    elif not is_right(path, model):
        sentence = f"{str(path)!r} is damaged: its SHA-256 is not the model's."
    else:
        sentence = f"No endpoint is set, so the local model is used: {model.title}, whole."
        return Finding(name=_NAME, level="ok", sentence=sentence)
    cure = f"Run `codeact-jupyter model pull`, which fetches it again ({local.size(model.bytes)})."
    return Finding(name=_NAME, level="fault", sentence=sentence, cure=cure)


def program() -> Finding:
    """Whether llama.cpp can be loaded here."""
    cure = f"Run `{local.EXTRA}`."
    for requirement in requirements("local"):
        if requirement.name == _PROGRAM and (problem := unmet(requirement)):
            return Finding(name=_NAME, level="fault", sentence=problem, cure=cure)
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-P", "-c", f"import {_PROGRAM}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_LOAD_SECONDS,
        check=False,
    )
    if done.returncode == 0:
        sentence = f"Its program, {_PROGRAM}, can be loaded."
        return Finding(name=_NAME, level="ok", sentence=sentence)
    return Finding(
        name=_NAME,
        level="fault",
        sentence=f"Its program, {_PROGRAM}, cannot be loaded: that ended with {done.returncode}.",
        cure=f"{cure[:-1]} again; after a crash (a number below 0) this processor is too old for "
        "it and another endpoint is needed.",
    )


def free_memory(table: Path = Path("/proc/meminfo")) -> int | None:
    """Bytes that a new process may take, or None where the system does not tell.

    Args:
        table: Linux' own account of it (proc_meminfo(5)).
    """
    try:
        lines = dict(line.split(":", 1) for line in table.read_text("ascii").splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, ValueError, KeyError):  # another system
        return None


def memory(free: int | None) -> Finding:
    """Whether ``free`` bytes are enough for the local model."""
    if free is None:
        sentence = f"This system does not tell its free memory; {local.size(NEEDED)} are needed."
        return Finding(name=_NAME, level="note", sentence=sentence)
    if free >= NEEDED:
        return Finding(name=_NAME, level="ok", sentence=f"{local.size(free)} of memory are free.")
    return Finding(
        name=_NAME,
        level="warning",
        sentence=f"Only {local.size(free)} of memory are free; {local.size(NEEDED)} are needed.",
        cure="End other programs or kernels, or use an endpoint on another machine.",
    )
