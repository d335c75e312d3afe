"""A real JupyterLab or Notebook server.

``Lab`` starts a server of its own on 127.0.0.1, with folders of its own, and opens
notebooks (:mod:`book`) in pages of the system's Chromium.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import nbformat
from book import Book
from nbformat.reader import NotJSONError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from ports import free_port
from running import UNPRIVILEGED
from waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECONDS = 60
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Lab:
    """A server.

    Args:
        folder: Where notebooks and all its settings live.
        python: Whose JupyterLab and kernels it has.
        app: ``lab`` or ``notebook``.
        settings: User settings, by plugin.
        page_config: More of what its pages are told, as `jupyter labextension disable` writes it.
        env: More of the environment, for the kernels too.
    """

    def __init__(
        self,
        folder: Path,
        python: str = sys.executable,
        app: str = "lab",
        settings: dict[str, dict[str, Any]] | None = None,
        page_config: dict[str, Any] | None = None,
        **env: str,
    ) -> None:
        self.folder = folder / "work"
        self.empty = "empty"  # a folder for the file browser
        (self.folder / self.empty).mkdir(parents=True, exist_ok=True)
        self.app = app
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._log = (folder / "server.log").open("w")
        self._python = python
        # Where the kernels' sockets are, whose names must be short.
        self._runtime = tempfile.TemporaryDirectory(prefix="lab-")
        runtime = {"JUPYTER_RUNTIME_DIR": self._runtime.name}
        self._env = _environment(folder, python) | runtime | env
        news = {"fetchNews": "false", "checkForUpdates": False}
        settings = {"@jupyterlab/apputils-extension:notification": news, **(settings or {})}
        for plugin, values in settings.items():
            package, _, name = plugin.partition(":")
            path = folder / "config/lab/user-settings" / package / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        # Each page that loads would have the server look for a second whether a build is due.
        told = {"buildCheck": False, "buildAvailable": False, **(page_config or {})}
        (folder / "config/labconfig").mkdir(exist_ok=True)
        (folder / "config/labconfig/page_config.json").write_text(json.dumps(told))

    def __enter__(self) -> Self:
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self._port,
            "ServerApp.port_retries": 0,
            "ServerApp.open_browser": False,
            "ServerApp.root_dir": self.folder,
            "ServerApp.allow_root": True,
            "IdentityProvider.token": "",
            "ServerApp.disable_check_xsrf": True,
            "KernelManager.transport": "ipc",  # kernels.Kernel says why
            "KernelRestarter.restart_limit": 100,  # tests kill kernels in quick succession
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        words.append("--expose-app-in-browser")
        self._process = subprocess.Popen(
            [
                self._python,
                *UNPRIVILEGED[1:],
                "-m",
                self.app if self.app == "notebook" else "jupyterlab",
                *words,
            ],
            env=self._env,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
        )
        deadline = time.monotonic() + SECONDS
        while not self._answers():
            assert self._process.poll() is None, Path(self._log.name).read_text()
            assert time.monotonic() < deadline, Path(self._log.name).read_text()
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        self._runtime.cleanup()

    def _answers(self) -> bool:
        try:
            return bool(urllib.request.urlopen(f"{self.url}/api/status", timeout=5).status == 200)
        except OSError:
            return False

    @property
    def runtime(self) -> Path:
        """Where the connection files of its kernels are."""
        return Path(self._runtime.name)

    def shut_down_kernels(self) -> None:
        """End all kernels of this server."""
        with urllib.request.urlopen(f"{self.url}/api/sessions") as answer:
            sessions = json.load(answer)
        # one of each kernel: those of other notebooks end with it
        of_kernel = {session["kernel"]["id"]: session["id"] for session in sessions}
        for session in of_kernel.values():
            address = f"{self.url}/api/sessions/{session}"
            urllib.request.urlopen(urllib.request.Request(address, method="DELETE")).close()

    def clear(self) -> None:
        """Remove all notebooks: pages and servers are slower with each that they have to list."""
        for left in [*self.folder.glob("*.ipynb"), *self.folder.glob("*/")]:
            if left.name != self.empty:
                shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)

    def write(self, *cells: str | dict[str, Any], name: str = "", kernel: str = "python3") -> str:
        """Write a notebook with these cells for that kernel, and return its name."""
        name = name or f"{uuid.uuid4().hex[:8]}.ipynb"
        made = []
        for cell in cells:
            if isinstance(cell, dict):
                made.append(cell)
            elif cell.startswith("# "):
                made.append(new_markdown_cell(cell))
            else:
                made.append(new_code_cell(cell))
        spec = {"display_name": "Python 3", "language": "python", "name": kernel}
        metadata = {"kernelspec": spec, "language_info": {"name": "python"}}
        nbformat.write(new_notebook(cells=made, metadata=metadata), self.folder / name)
        return name

    def saved(self, name: str) -> Any:
        """The notebook as its file holds it, once that is whole: the server writes in place."""
        found = []

        def is_whole() -> bool:
            try:
                found.append(nbformat.read(self.folder / name, as_version=4))
            except NotJSONError:
                return False
            return True

        until(is_whole)
        return found[-1]

    def open(self, page: Page, name: str) -> Book:
        """Open a notebook in ``page`` and wait until its kernel is idle."""
        book = Book(self, page, name)
        book.load()
        return book


def _environment(folder: Path, python: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CODEACT_", "OPENAI_", "JUPYTER", "IPYTHON"))
    }
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return {
        **kept,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "config/lab/user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "config/lab/workspaces"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}",
    }
