"""Notebook files on disk: read with a clear word, written whole or not at all.

:func:`read` opens what a user wrote, :func:`write` puts a notebook in its place in one
step, and :class:`Lock` keeps two runs from writing one file. Nothing here knows what the
cells mean, and no file is replaced that somebody else may have written to.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
import warnings
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from codeact_jupyter.errors import RecordError
from codeact_jupyter.redact import redact, redact_values

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONFLICT = "<<<<<<< "
_NEWER = (
    "{path!r} is of the notebook format {version}, newer than {known}, the newest that is known "
    "here. Nothing was run. Update the package that reads it (`pip install -U nbformat`), or save "
    "the notebook in the older format."
)
_NO_LOCK = (
    "{path!r} was not touched, since nothing can be noted in the temporary folder, which keeps two "
    "runs from writing one file ({reason}). Make room there, or name another folder by the "
    "environment variable TMPDIR."
)


def read(path: Path) -> dict[str, Any]:
    """Read a notebook; one of format 3 is brought up to format 4.

    Raises:
        RecordError: It cannot be read, or is no notebook.
    """
    import nbformat

    untyped: Any = nbformat
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark at the beginning
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise RecordError(
            f"{str(path)!r} could not be read: {reason}. Name a notebook that can be; a "
            "prompt does not end in '.ipynb'."
        ) from None
    try:
        with warnings.catch_warnings(action="ignore"):  # of ids: a run gives each cell one
            notebook: dict[str, Any] = untyped.reads(text, as_version=4)
            nbformat.validate(notebook)
    except Exception as error:  # noqa: BLE001 - nbformat raises many kinds for a file that is none
        raise RecordError(_no_notebook(path, text, error)) from None
    minor = notebook["nbformat_minor"]
    if minor > nbformat.current_nbformat_minor:  # which nbformat lets pass whatever it holds
        known = f"4.{nbformat.current_nbformat_minor}"
        raise RecordError(_NEWER.format(path=str(path), version=f"4.{minor}", known=known))
    return notebook


def _no_notebook(path: Path, text: str, error: Exception) -> str:
    if any(line.startswith(_CONFLICT) for line in text.splitlines()):
        return (
            f"{str(path)!r} holds conflict markers ({_CONFLICT.strip()}) of a merge, so it is no "
            "notebook as it stands. Resolve the merge (nbdime can: `nbdime mergetool`), then run "
            "it again."
        )
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, AttributeError | TypeError | KeyError):  # words about nbformat's own code
        reason = "its JSON is not built as a notebook's"
    return (
        f"{str(path)!r} is no valid notebook ({redact(reason)[:200]}). Nothing was run. Name "
        "another file, or mend this one: JupyterLab may open it and save it anew."
    )


def at_home(path: Path) -> Path:
    """``path`` with its ``~`` expanded; of a user who is not here it is the name of a file."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def absolute(path: Path) -> Path:
    """Return ``path`` as a place for a notebook.

    Raises:
        RecordError: It does not end in ``.ipynb``, or there is no working directory.
    """
    try:
        path = at_home(path).absolute()
    except OSError:
        raise not_written(path, "the working directory does not exist any more") from None
    if path.suffix != ".ipynb":
        raise RecordError(f"{str(path)!r} does not end in '.ipynb'. Nothing was written.")
    return path


def write(notebook: Mapping[str, Any], path: Path) -> None:
    """Check ``notebook`` and write it to ``path`` in one step.

    Raises:
        RecordError: It could not be written; what was there is untouched.
    """
    content = serialised(notebook)
    try:
        replace(path, content)
    except OSError as error:
        raise not_written(path, error.strerror or type(error).__name__) from None


def not_written(path: Path, reason: str) -> RecordError:
    """The error of a file that could not be written."""
    return RecordError(
        f"{str(path)!r} could not be written: {reason}. What was there is untouched. Mend "
        "that, or name another file."
    )


def check_writable(path: Path) -> None:
    """See to it that a file can be put in the place of ``path``.

    Raises:
        RecordError: It cannot.
    """
    try:
        _check_not_protected(path)
        tempfile.TemporaryFile(dir=path.resolve().parent).close()
    except OSError as error:
        raise not_written(path, error.strerror or type(error).__name__) from None


def serialised(notebook: Mapping[str, Any]) -> bytes:
    """Return a notebook's file content, with secrets masked.

    Raises:
        RecordError: It is not valid.
    """
    import nbformat

    untyped: Any = nbformat
    # text by text: a secret in JSON is written in another way, and may be the name of a field
    node = untyped.from_dict(redact_values(notebook))
    try:
        nbformat.validate(node)
        text: str = untyped.writes(node)
        return text.encode("utf-8", "backslashreplace")  # lone surrogates, as JSON writes them
    except (nbformat.ValidationError, UnicodeError, ValueError) as error:
        raise RecordError(
            f"The record does not make a valid notebook ({redact(str(error))[:200]}), so nothing "
            "was written. This is a fault of codeact_jupyter: please report it."
        ) from None


def replace(path: Path, content: bytes) -> None:
    """Write next to the file, then put it in its place in one step.

    Raises:
        OSError: It could not be written; what was there is untouched.
    """
    path = path.resolve()  # a link stays, and leads to the new content
    _check_not_protected(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _check_not_protected(path: Path) -> None:
    """Leave a read-only file alone: its folder would let another one be put in its place."""
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only", str(path))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class Lock:
    """Says that this process writes a file; goes with the process, however that ends.

    Args:
        path: The file.

    Raises:
        RecordError: Another process writes it, or nothing can be written to the temporary
            folder, where that is noted.
    """

    def __init__(self, path: Path) -> None:
        self._file: IO[str] | None = None
        name = hashlib.sha256(str(path.resolve()).encode("utf-8", "replace")).hexdigest()[:16]
        user = getattr(os, "getuid", lambda: "")()
        try:
            import fcntl
        except ImportError:  # Windows: the check for changes on disk is all there is
            return
        try:
            lock = Path(tempfile.gettempdir()) / f"codeact-{user}-{name}.lock"
            self._file = lock.open("a", encoding="utf-8")
        except OSError as error:
            raise RecordError(_NO_LOCK.format(path=str(path), reason=error)) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise RecordError(
                f"Another run is writing {str(path)!r} just now. Let it end, or name another file."
            ) from None

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
