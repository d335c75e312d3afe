"""``codeact-jupyter lab``: JupyterLab with a model that is ready when the page is.

Looks whether JupyterLab and our extension are installed in this environment, finds the
model as a kernel would, serves the local one where nothing else is set up, and hands the
terminal over to JupyterLab until that ends. A notebook that does not exist yet is begun
with the two cells that everybody needs; one that exists is only opened.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeact_jupyter import config, urls
from codeact_jupyter._version import __version__
from codeact_jupyter.config import CodeAct
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.keys import KeyRing
from codeact_jupyter.models import local
from codeact_jupyter.record import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_LOOK_SECONDS = 0.5  # how long a signal that came just before a wait may go unseen
EXTENSION = COMMAND = "codeact-jupyter"
NO_LAB = (
    "JupyterLab is not installed in {python!r}, so there is nothing to open. Install it there: "
    '`"{python}" -m pip install "codeact-jupyter[lab]"`.'
)
NO_EXTENSION = (
    "The JupyterLab extension of codeact_jupyter is not installed in {python!r}, so actions run "
    "inside the prompt's output instead of cells. A wheel brings it; in a clone it is built by "
    "`make labextension`."
)
OTHER_EXTENSION = (
    "The JupyterLab extension is of version {found} and the package of {__version__}, so actions "
    "run inside the prompt's output instead of cells. Install one version of both."
)
ROOT = (
    "You are root, and JupyterLab starts for root only where that is asked for, as its code and "
    "yours could do anything on this machine. Work as another user, or run: `{line}`"
)
FIRST_CELLS = ("%load_ext codeact_jupyter", "%%codeact\n")


def extension_fault() -> str:
    """Why JupyterLab in this environment has no extension of ours that fits, or ``""``."""
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("labextensions"):
        file = Path(folder) / EXTENSION / "package.json"
        if file.is_file():
            found = json.loads(file.read_text(encoding="utf-8"))["version"]
            if __version__.startswith(found):
                return ""
            return OTHER_EXTENSION.format(found=found, __version__=__version__)
    return NO_EXTENSION.format(python=sys.executable)


def next_step(notebook: Path) -> str:
    """The line by which a user goes on with ``notebook`` in JupyterLab."""
    opens = f"{_command()} lab {shlex.quote(str(notebook))}"
    if find_spec("jupyterlab") is None:
        python = shlex.quote(_shown(Path(sys.executable)))
        return f'{python} -m pip install "codeact-jupyter[lab]" && {opens}'
    return opens


def _command() -> str:
    """What calls this very installation in the user's shell: its name where that is enough."""
    found = shutil.which(COMMAND)
    script = Path(sysconfig.get_path("scripts"), COMMAND)
    if found is not None and script.exists() and script.samefile(found):
        return COMMAND
    if script.exists():
        return shlex.quote(_shown(script))
    return f"{shlex.quote(_shown(Path(sys.executable)))} -m codeact_jupyter"


def _shown(path: Path) -> str:
    """A path as the user would type it here."""
    if not path.is_relative_to(Path.cwd()):
        return str(path)
    near = str(path.relative_to(Path.cwd()))
    return near if os.sep in near else os.path.join(os.curdir, near)  # noqa: PTH118 - Path drops it


def root_fault(notebook: Path | None, words: Sequence[str]) -> str:
    """Why JupyterLab would end at once with these words, for it does so for root; or ``""``.

    Its own sentence names a flag, which `make lab` does not know. Where the settings allow it
    (``ServerApp.allow_root``), root needs no flag.
    """
    root = getattr(os, "geteuid", lambda: None)() == 0  # Windows has no such thing
    told = any(word.startswith(("--allow-root", "--ServerApp.allow_root")) for word in words)
    if not root or told or _settings_allow_root():
        return ""
    said = ["lab", *([] if notebook is None else [str(notebook)]), "--allow-root", *words]
    return ROOT.format(line=f"{_command()} {shlex.join(said)}")


def _settings_allow_root() -> bool:
    from jupyter_server.serverapp import ServerApp

    server: Any = ServerApp()
    server.load_config_file()
    return bool(server.allow_root)


def open_lab(notebook: Path | None, words: Sequence[str], say: Callable[[str], None]) -> int:
    """Open JupyterLab and return its exit code once it has ended.

    Args:
        notebook: What to show; begun where it does not exist.
        words: More of JupyterLab's own command line.
        say: Told each line for the user.

    Raises:
        ConfigError: JupyterLab is missing, or does not start for root.
        RecordError: The notebook could not be begun.
        LocalModelError: The local model does not start.
    """
    if find_spec("jupyterlab") is None:
        raise ConfigError(NO_LAB.format(python=sys.executable))
    if fault := root_fault(notebook, words):
        raise ConfigError(fault)
    if fault := extension_fault():
        say(fault)
    if notebook is not None and not notebook.exists():
        begin(notebook)
        say(f"Begun: {str(notebook)!r}.")
    with _model(say) as environment:
        command = [sys.executable, "-m", "jupyterlab", *words]
        command += [] if notebook is None else [str(notebook)]
        with subprocess.Popen(command, env=os.environ | environment) as process:  # noqa: S603
            return _until_it_ends(process)


def begin(path: Path) -> None:
    """Write a notebook with the cells that load the extension and ask."""
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
        | {"execution_count": None, "id": f"first-{number}"}
        for number, source in enumerate(FIRST_CELLS, 1)
    ]
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": spec, "language_info": {"name": "python"}}
    disk.write(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5},
        disk.absolute(path),
    )


@contextmanager
def _model(say: Callable[[str], None]) -> Iterator[dict[str, str]]:
    """Yield what a kernel's environment needs to find its model, which answers meanwhile."""
    endpoint = config.endpoint(CodeAct(), os.environ, KeyRing())
    if endpoint is not None:
        say(f"The model is at {urls.host(endpoint.base_url)} (from {endpoint.source}).")
        yield {}
    elif not local.is_there():
        say(config.NO_MODEL)
        yield {}
    else:
        from codeact_jupyter.models.serve import serve

        name = local.description().name
        say(f"Loading the local model {name}.")
        with serve() as address:
            say(f"It answers at {address}/v1, for this machine alone.")
            yield {"CODEACT_BASE_URL": f"{address}/v1", "CODEACT_MODEL": name}


def _until_it_ends(process: subprocess.Popen[bytes]) -> int:
    """Wait for JupyterLab; Ctrl-C reaches it by itself, and it asks whether that is meant.

    What ends us alone, as a service manager does, ends it too: nobody would find it again.
    """
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        while True:  # not in one go: CPython misses a signal that comes just before a wait
            with suppress(KeyboardInterrupt, subprocess.TimeoutExpired):
                return process.wait(timeout=_LOOK_SECONDS)
    finally:
        signal.signal(signal.SIGTERM, before)
