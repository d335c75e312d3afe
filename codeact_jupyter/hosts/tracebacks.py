"""An exception as the user's own code saw it.

A notebook's traceback is written for eyes: colours, arrows, forty frames of pandas. The
model needs the exception and the lines of the *user's* code that led to it, so that is
what :func:`user_error` keeps. The full traceback stays in the cell's outputs.
"""

from __future__ import annotations

import linecache
import sys
import sysconfig
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import IPython

from codeact_jupyter.cells import UserError
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_MESSAGE_CHARACTERS = 10_000
_LIBRARIES = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_OURS = str(Path(__file__).parent.parent)
_EXIT = str(Path(IPython.__file__).parent / "core" / "autocall.py")


def last_shown() -> BaseException | None:
    """Return the exception that IPython showed last; it keeps that where Python itself does.

    Not every one ends its cell: IPython shows that of a ``__repr__``, or of a script that
    ``%run`` ran, and goes on.
    """
    found: BaseException | None = getattr(sys, "last_value", None)
    return found


def end_in_users_code(first: TracebackType | None) -> None:
    """Cut our frames off the end of a traceback, and IPython's that led from ``exit`` to them."""
    last = None
    found = first
    while found is not None:
        if not found.tb_frame.f_code.co_filename.startswith((_OURS, _EXIT)):
            last = found
        found = found.tb_next
    if last is not None:
        last.tb_next = None


def user_error(error: BaseException, compiler: Any) -> UserError:
    """Return name, message and the user's frames of ``error``.

    Args:
        error: What a cell raised.
        compiler: The shell's ``compile``, which knows the names of its cells.
    """
    frames = (
        _syntax_frames(error, compiler)
        if isinstance(error, SyntaxError)
        else _user_frames(error, compiler)
    )
    return UserError(
        name=type(error).__name__,
        message=_message(error),
        frames=tuple(redact(frame) for frame in frames),
    )


def _message(error: BaseException) -> str:
    try:
        text = str(error.msg) if isinstance(error, SyntaxError) else str(error)
        if isinstance(error, BaseExceptionGroup):
            parts = ((type(each).__name__, _message(each)) for each in error.exceptions)
            text += ": " + "; ".join(f"{name}: {message}" for name, message in parts)
    except Exception as fault:  # noqa: BLE001 - a user's __str__ may raise anything
        return f"(its text could not be read: {type(fault).__name__})"
    text = redact(text.encode("utf-8", "replace").decode("utf-8"))
    if len(text) > _MESSAGE_CHARACTERS:
        half = _MESSAGE_CHARACTERS // 2
        left_out = len(text) - 2 * half
        text = f"{text[:half]} [… {left_out:,} characters left out …] {text[-half:]}"
    return text


def _syntax_frames(error: SyntaxError, compiler: Any) -> Iterator[str]:
    place = _place(error.filename or "", compiler)
    if place and error.lineno:
        yield _frame(place, error.lineno, "", error.text or "")


def _user_frames(error: BaseException, compiler: Any) -> Iterator[str]:
    for frame, line in traceback.walk_tb(error.__traceback__):
        place = _place(frame.f_code.co_filename, compiler)
        if place:
            function = frame.f_code.co_name
            source = linecache.getline(frame.f_code.co_filename, line, frame.f_globals)
            yield _frame(place, line, function, source)


def _place(filename: str, compiler: Any) -> str:
    """What the user calls this file, or ``""`` when it is not his."""
    if cell := compiler.format_code_name(filename):
        return " ".join(cell)
    if not filename or filename.startswith(("<", *_LIBRARIES, _OURS)) or _is_compiled(filename):
        return ""
    return filename


def _is_compiled(filename: str) -> bool:
    """Whether a library's Cython code is meant, named by where it was built."""
    return filename.endswith((".pyx", ".pxi")) and not Path(filename).is_absolute()


def _frame(place: str, line: int, function: str, source: str) -> str:
    inside = f", in {function}" if function not in {"", "<module>"} else ""
    return f"{place}, line {line}{inside}\n    {source.strip()}".rstrip()
