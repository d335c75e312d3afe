"""What the ground is like: Python, packages, the working folder, IPython's history.

Looks at the environment of this command only; which one a kernel uses is the business of
:mod:`codeact_jupyter.doctor.kernels`. It leaves no file behind and imports none of the
packages that it looks at.
"""

from __future__ import annotations

import platform
import shlex
import shutil
import sqlite3
import sys
import tempfile
import warnings
from contextlib import closing, suppress
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from codeact_jupyter.doctor.finding import Finding
from codeact_jupyter.lab import extension_fault
from codeact_jupyter.models.local import size

if TYPE_CHECKING:
    from collections.abc import Iterator

DISTRIBUTION = "codeact-jupyter"
_LEAST_ROOM = 200_000_000  # bytes: notebooks with plots, and the temporary files of a kernel
_PATIENCE = 1.0  # seconds for a lock of the history, which a running cell holds much shorter


def python() -> Iterator[Finding]:
    """Whether this Python is new enough."""
    here = f"Python {platform.python_version()} in {sys.prefix}"
    try:
        needed = metadata(DISTRIBUTION)["Requires-Python"]
    except PackageNotFoundError:  # said by the check of the packages
        needed = ""
    if SpecifierSet(needed).contains(platform.python_version(), prereleases=True):
        yield Finding(name="Python", level="ok", sentence=f"{here}.")
    else:
        yield Finding(
            name="Python",
            level="fault",
            sentence=f"{here} is too old: {needed} is needed.",
            cure="Make an environment with a newer Python and install this package there.",
        )


def packages() -> Iterator[Finding]:
    """Whether each package that we depend on is there and new enough."""
    try:
        needed = requirements()
    except PackageNotFoundError:
        yield Finding(
            name="packages",
            level="warning",
            sentence=f"{DISTRIBUTION} runs without being installed, so no kernel elsewhere has it.",
            cure="Run `pip install .` in its folder.",
        )
        return
    problems = [(one, problem) for one in needed if (problem := unmet(one))]
    for one, problem in problems:
        yield Finding(
            name="packages",
            level="fault",
            sentence=problem,
            cure=f"Run `{pip_install(f'{one.name}{one.specifier}')}`.",
        )
    if not problems:
        have = f"{DISTRIBUTION} {version(DISTRIBUTION)} and the {len(needed)} packages that it"
        yield Finding(name="packages", level="ok", sentence=f"{have} needs are there.")


def requirements(extra: str = "") -> list[Requirement]:
    """What this distribution needs, or what its ``extra`` adds to that.

    Raises:
        PackageNotFoundError: It is not installed.
    """
    every = [Requirement(line) for line in requires(DISTRIBUTION) or ()]
    always = [one for one in every if one.marker is None or one.marker.evaluate({"extra": ""})]
    if not extra:
        return always
    return [one for one in every if one.marker and one.marker.evaluate({"extra": extra})]


def installed(distribution: str) -> str:
    """The installed version of ``distribution``, or ``""``."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def unmet(requirement: Requirement) -> str:
    """Say how the installed version does not meet ``requirement``, or ``""``."""
    there = installed(requirement.name)
    if not there:
        return f"The package {requirement.name!r} is not installed ({requirement} is needed)."
    if requirement.specifier.contains(there, prereleases=True):
        return ""
    return f"{requirement.name} {there} does not do: {requirement} is needed."


def pip_install(wanted: str, python: str = sys.executable) -> str:
    """The command that installs ``wanted`` into the environment of ``python``."""
    return shlex.join([python, "-m", "pip", "install", wanted])


def jupyterlab() -> Iterator[Finding]:
    """Whether JupyterLab, where it is installed, shows actions as cells."""
    if find_spec("jupyterlab") is None:
        return
    if fault := extension_fault():
        what, _, cure = fault.rpartition(". ")
        yield Finding(name="JupyterLab", level="warning", sentence=f"{what}.", cure=cure)
    else:
        sentence = f"JupyterLab {version('jupyterlab')} has our extension."
        yield Finding(name="JupyterLab", level="ok", sentence=sentence)


def folder() -> Iterator[Finding]:
    """Whether a notebook could be written into the working folder."""
    here = str(Path.cwd())
    try:
        with tempfile.TemporaryFile(dir=here) as file:
            file.write(b"0")
    except OSError as error:
        yield Finding(
            name="folder",
            level="fault",
            sentence=f"The folder {here!r} cannot be written to: {error.strerror}.",
            cure="Start Jupyter in a folder of your own.",
        )
    else:
        yield room(here, shutil.disk_usage(here).free)


def room(here: str, free: int) -> Finding:
    """Whether ``free`` bytes in the folder ``here`` will do."""
    if free >= _LEAST_ROOM:
        sentence = f"The folder {here!r} can be written to; {size(free)} are free."
        return Finding(name="folder", level="ok", sentence=sentence)
    return Finding(
        name="folder",
        level="warning",
        sentence=f"Only {size(free)} are free in {here!r}: a notebook may not be saved.",
        cure="Free some room on that disk.",
    )


def history() -> Iterator[Finding]:
    """Whether IPython can write its history: where it cannot, cells wait or warn."""
    from IPython.paths import get_ipython_dir

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        folder = Path(get_ipython_dir())
    if said and folder.parent == Path(tempfile.gettempdir()):  # made in place of the user's
        with suppress(OSError):  # never one that holds anything
            folder.rmdir()
        yield Finding(
            name="history",
            level="warning",
            sentence=f"IPython cannot write its folder: {said[0].message}",
            cure="Set the environment variable IPYTHONDIR to a folder of your own.",
        )
        return
    file = folder / "profile_default" / "history.sqlite"
    if not file.exists():
        yield Finding(name="history", level="ok", sentence="IPython has no history here yet.")
        return
    try:
        _write_nothing(file)
    except sqlite3.Error as error:
        yield _bad_history(str(file), error)
    else:
        yield Finding(name="history", level="ok", sentence="IPython's history can be written.")


def _write_nothing(file: Path) -> None:
    """Begin to write, which reads the header and takes the lock, and take it back."""
    with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as base:
        base.execute("BEGIN IMMEDIATE")
        base.execute("ROLLBACK")


def _bad_history(file: str, error: sqlite3.Error) -> Finding:
    locked = "locked" in str(error)
    aside = shlex.join(["mv", file, f"{file}.bad"])
    return Finding(
        name="history",
        level="warning",
        sentence=f"IPython's history {file!r} cannot be written ({error}), which makes cells slow.",
        cure="End the other kernels, or the program that keeps it open."
        if locked
        else f"End all kernels and move it away, `{aside}`; IPython makes a new one.",
    )
