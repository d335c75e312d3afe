"""Which kernels Jupyter knows, whose Python each one uses, and what that Python has.

The classic trap: this package is installed in one environment and the notebook's kernel
runs in another one. So each kernel's own Python is asked, in a process that ends by
itself, and the kernel that matters is started (:mod:`codeact_jupyter.doctor.trial`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeact_jupyter.doctor.environment import DISTRIBUTION, installed, pip_install
from codeact_jupyter.doctor.finding import Finding
from codeact_jupyter.doctor.trial import trial
from codeact_jupyter.models.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

_USUAL = "python3"
_LOOK_SECONDS = 30.0
_OWN = {"python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info[:2])}
"""Words that Jupyter replaces by its own Python (``KernelManager.format_kernel_cmd``)."""

_PYTHON = re.compile(r"(python|pypy)[\d.]*(\.exe)?", re.IGNORECASE)
_LOOK = """
import json, platform, sys
sys.path[:] = [folder for folder in sys.path if folder]
def look(name):
    try:
        return getattr(__import__(name), "__version__", "?")
    except ImportError:
        return ""
print(json.dumps({"prefix": sys.prefix, "python": platform.python_version(),
    "ipykernel": look("ipykernel"), "ours": look("codeact_jupyter")}))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What the Python of a kernel says of itself.

    Attributes:
        prefix: Where its environment lies.
        python: Its version.
        ipykernel: The version of ipykernel there, or ``""``.
        ours: The version of this package there, or ``""``.
    """

    prefix: str
    python: str
    ipykernel: str
    ours: str

    @property
    def is_here(self) -> bool:
        """Whether it is the environment of this command."""
        return Path(self.prefix).resolve() == Path(sys.prefix).resolve()


def kernels(only: str | None) -> Iterator[Finding]:
    """Look at the kernels, and start the one that matters.

    Args:
        only: The only kernelspec to look at; None for all.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    manager: Any = KernelSpecManager()
    names = sorted(manager.find_kernel_specs())
    chosen = only or _USUAL
    yield _listed(names, chosen)
    for name in names:
        if not only and name != chosen:
            yield from _looked_at(manager, name, chosen=False)[0]
    here = False
    if chosen in names:
        findings, here = _looked_at(manager, chosen, chosen=True)
        yield from findings
        if all(finding.level != "fault" for finding in findings):
            yield from other_jupyter(manager.get_kernel_spec(chosen).argv[0])
            yield trial(chosen)
    if not (only or here):
        yield trial(_USUAL, (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"))


def _listed(names: list[str], chosen: str) -> Finding:
    known = ", ".join(map(repr, names)) or "none"
    if chosen in names:
        return Finding(name="kernels", level="ok", sentence=f"Kernels that Jupyter knows: {known}.")
    return Finding(
        name="kernels",
        level="fault",
        sentence=f"Jupyter knows no kernel {chosen!r}; it knows: {known}.",
        cure=_add_kernel() if chosen == _USUAL else "Name one of these with `--kernel`.",
    )


def _looked_at(manager: Any, name: str, *, chosen: bool) -> tuple[list[Finding], bool]:
    """What is found without starting the kernel, and whether it is of this environment."""
    try:
        spec = manager.get_kernel_spec(name)
        word = spec.argv[0]
    except Exception as error:  # noqa: BLE001  # of any file of any tool: JSON, traits, no argv
        sentence = f"The kernelspec {name!r} cannot be read: {type(error).__name__}."
        cure = f"Remove it with `jupyter kernelspec remove {name}` and install it again."
        return [_bad(sentence, cure, chosen=chosen)], False
    if spec.language.lower() != "python":
        cure = "Choose a Python kernel for the notebook."
        return [_bad(f"Kernel {name!r} is for {spec.language!r}.", cure, chosen=chosen)], False
    python = sys.executable if word in _OWN else shutil.which(word, path=spec.env.get("PATH"))
    if python is None:
        sentence = f"Kernel {name!r} is to be started by {word!r}, which is not there."
        cure = f"Remove it with `jupyter kernelspec remove {name}`. {_add_kernel()}"
        return [_bad(sentence, cure, chosen=chosen)], False
    if not _PYTHON.fullmatch(Path(python).name):
        sentence = f"Kernel {name!r} is started by {word!r}, so its Python is not known."
        return [Finding(name="kernel", level="note", sentence=sentence)], False
    try:
        there = look(python, spec.env)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        sentence = f"The Python of kernel {name!r}, {python!r}, does not run: {_why(error)}"
        return [_bad(sentence, "Install that environment again.", chosen=chosen)], False
    return [judged(name, python, there, chosen=chosen)], there.is_here


def look(python: str, env: dict[str, str]) -> Looked:
    """Ask ``python``, in the environment of a kernelspec, what it is.

    Raises:
        OSError: It cannot be started.
        SubprocessError: It failed, or took too long.
        ValueError: It said something else.
    """
    done = subprocess.run(  # noqa: S603  # the very program that Jupyter starts
        [python, "-c", _LOOK],
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LOOK_SECONDS,
        check=True,
    )
    return Looked(**json.loads(done.stdout.splitlines()[-1] if done.stdout else ""))


def judged(name: str, python: str, there: Looked, *, chosen: bool) -> Finding:
    """Judge a kernel by what its Python says."""
    where = f"Kernel {name!r} (Python {there.python} in {there.prefix})"
    if not there.ipykernel:
        cure = f"Run `{pip_install('ipykernel', python)}`."
        return _bad(f"{where} has no ipykernel, so it cannot start.", cure, chosen=chosen)
    if not there.ours:
        sentence = f"{where} does not have codeact_jupyter; this command runs in {sys.prefix}."
        cure = f"Install it there, `{pip_install(DISTRIBUTION, python)}`, or use another kernel."
        return _bad(sentence, cure, chosen=chosen)
    has = f"ipykernel {there.ipykernel} and codeact_jupyter {there.ours}"
    if (ours := installed(DISTRIBUTION)) and there.ours != ours:
        return Finding(
            name="kernel",
            level="warning",
            sentence=f"{where} has {has}, but this command is of version {ours}.",
            cure=f"Install the same version there with `{python} -m pip`.",
        )
    return Finding(name="kernel", level="ok", sentence=f"{where} has {has}.")


def other_jupyter(word: str) -> Iterator[Finding]:
    """Whether the command ``jupyter`` would start this kernel with another Python.

    Args:
        word: The first word of the kernelspec.
    """
    command = shutil.which("jupyter")
    python = _python_of_script(Path(command)) if command else None
    if word not in _OWN or python is None or python.parent.samefile(Path(sys.executable).parent):
        return
    yield Finding(
        name="kernel",
        level="warning",
        sentence=f"The command `jupyter` is {command!r}, which starts this kernel with its own "
        f"Python, {str(python)!r}.",
        cure=f"Start Jupyter with `{sys.executable} -m jupyter lab`.",
    )


def _python_of_script(script: Path) -> Path | None:
    """The Python that the first line of an installed command names, if it names one."""
    with script.open("rb") as file:
        first = file.readline(1000)
    python = Path(first.removeprefix(b"#!").decode(errors="replace").strip())
    usable = first.startswith(b"#!") and _PYTHON.fullmatch(python.name) and python.exists()
    return python if usable else None


def _bad(sentence: str, cure: str, *, chosen: bool) -> Finding:
    """A fault of the kernel that matters; of another one it is worth a note."""
    return Finding(name="kernel", level="fault" if chosen else "note", sentence=sentence, cure=cure)


def _why(error: Exception) -> str:
    match error:
        case subprocess.TimeoutExpired():
            return f"it took longer than {_LOOK_SECONDS:g} s."
        case subprocess.CalledProcessError():
            words = quoted("; ".join(str(error.stderr).strip().splitlines()[-1:]))
            return f"it ended with {error.returncode}. {words}"
        case OSError():
            return f"{error.strerror}."
    return "it said nothing that can be read."


def _add_kernel() -> str:
    return f"Make a kernel of this Python with `{sys.executable} -m ipykernel install --user`."
