"""A real JupyterLab or Notebook server, and a real browser that shows it.

``Lab`` starts a server of its own on 127.0.0.1, with folders of its own; ``Book`` drives
one notebook in one page of the system's Chromium, by what a user sees and does. Nothing
sleeps: everything waits on a state of the page or of the server.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import nbformat
from nbformat.reader import NotJSONError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import expect
from running import UNPRIVILEGED
from waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

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
        env: More of the environment, for the kernels too.
    """

    def __init__(
        self,
        folder: Path,
        python: str = sys.executable,
        app: str = "lab",
        settings: dict[str, dict[str, Any]] | None = None,
        **env: str,
    ) -> None:
        self.folder = folder / "work"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.app = app
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._log = (folder / "server.log").open("w")
        self._python = python
        self._env = _environment(folder, python) | env
        news = {"fetchNews": "false", "checkForUpdates": False}
        settings = {"@jupyterlab/apputils-extension:notification": news, **(settings or {})}
        for plugin, values in settings.items():
            package, _, name = plugin.partition(":")
            path = folder / "config/lab/user-settings" / package / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))

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

    def _answers(self) -> bool:
        try:
            return bool(urllib.request.urlopen(f"{self.url}/api/status", timeout=5).status == 200)
        except OSError:
            return False

    def shut_down_kernels(self) -> None:
        """End all kernels of this server."""
        with urllib.request.urlopen(f"{self.url}/api/sessions") as answer:
            sessions = json.load(answer)
        for session in sessions:
            address = f"{self.url}/api/sessions/{session['id']}"
            urllib.request.urlopen(urllib.request.Request(address, method="DELETE")).close()

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


class Book:
    """One notebook that a page shows."""

    def __init__(self, lab: Lab, page: Page, name: str) -> None:
        self.lab = lab
        self.page = page
        self.name = name

    @property
    def address(self) -> str:
        """Where the page goes."""
        if self.lab.app == "notebook":
            return f"{self.lab.url}/notebooks/{self.name}"
        return f"{self.lab.url}/doc/workspaces/w{uuid.uuid4().hex[:8]}/tree/{self.name}?reset"

    def load(self) -> None:
        """Show it, and wait for its kernel."""
        self.page.goto(self.address)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.until_idle()

    def until_idle(self) -> None:
        """Wait until the kernel is idle and no cell waits for it."""
        self.page.wait_for_function(
            """() => {
              const panel = window.jupyterapp?.shell.currentWidget;
              const kernel = panel?.sessionContext?.session?.kernel;
              return kernel?.connectionStatus === 'connected' && kernel.status === 'idle'
                && panel.sessionContext.isReady
                && !document.querySelector('.jp-Notebook .jp-mod-running, .jp-Dialog');
            }""",
            timeout=SECONDS * 1000,
        )

    @property
    def cells(self) -> Locator:
        """All cells."""
        return self.page.locator(".jp-Notebook .jp-Cell")

    def cell(self, at: int) -> Locator:
        """The cell at that place; negative from the end."""
        return self.cells.nth(at)

    def holding(self, text: str) -> Locator:
        """The cells whose text holds ``text``."""
        return self.cells.filter(has_text=text)

    def select(self, at: int) -> None:
        """Make a cell the active one, in command mode."""
        self.cell(at).locator(".jp-InputPrompt, .jp-MarkdownOutput").first.click()
        self.page.keyboard.press("Escape")

    def run(self, at: int) -> None:
        """Select a cell and press Shift-Enter."""
        self.select(at)
        self.page.keyboard.press("Shift+Enter")

    def run_cell(self, source: str) -> None:
        """Select the cell of exactly this text and press Control-Enter."""
        self.select(self.sources().index(source))
        self.page.keyboard.press("Control+Enter")

    def ask(self, prompt: str) -> None:
        """Run the prompt of this text, and wait for its card; it has none yet."""
        cards = self.page.locator(".jp-Notebook .codeact-Card")
        before = cards.count()
        self.run_cell(prompt)
        cards.nth(before).wait_for()

    def bracket(self, text: str) -> Locator:
        """What stands beside the cell that holds ``text``."""
        return self.holding(text).locator(".jp-InputPrompt").first

    def command(self, name: str, **args: Any) -> None:
        """Do what a menu entry does, without waiting for what comes of it."""
        self.page.evaluate(
            "([name, args]) => { void window.jupyterapp.commands.execute(name, args); }",
            [name, args],
        )

    def run_all(self) -> None:
        """Run all cells; does not wait for them."""
        self.command("notebook:run-all-cells")

    def restart(self, command: str = "notebook:restart-kernel") -> None:
        """Restart the kernel as a user does, who is asked whether he means it."""
        self.command(command)
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def sources(self) -> list[str]:
        """The texts of all cells, as the notebook's model holds them."""
        return [cell["source"] for cell in self.model()]

    def model(self) -> list[dict[str, Any]]:
        """All cells as the notebook's model holds them."""
        found: list[dict[str, Any]] = self.page.evaluate(
            """() => {
              const shell = window.jupyterapp.shell;
              const panel = shell.currentWidget;
              return panel.content.model.toJSON().cells.map(cell => ({
                ...cell, source: Array.isArray(cell.source) ? cell.source.join('') : cell.source
              }));
            }"""
        )
        return found

    def prompts(self) -> list[str]:
        """What stands in the brackets beside each code cell."""
        return [
            re.sub(r"[\[\]:\s]", "", text)
            for text in self.page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
        ]

    def write_into(self, at: int, source: str) -> None:
        """Replace a cell's text by typing."""
        self.cell(at).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Escape")

    @property
    def cards(self) -> Locator:
        """The cards of all turns."""
        return self.page.locator(".jp-Notebook .codeact-Card")

    @property
    def card(self) -> Locator:
        """The card of the last turn."""
        return self.cards.last

    def number(self, at: int) -> Locator:
        """What stands in the brackets beside a cell."""
        return self.cell(at).locator(".jp-InputPrompt")

    def approve(self) -> None:
        """Run the proposal by its button."""
        self.proposal.get_by_role("button", name="Run", exact=True).click()

    def says(self, expression: str) -> str:
        """What a Python expression is in the kernel, asked beside the notebook's cells."""
        shown: str = self.page.evaluate(
            """async code => {
              const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
              const asked = { code: '', silent: true, user_expressions: { it: code } };
              const { content } = await kernel.requestExecute(asked).done;
              const { it } = content.user_expressions;
              return it.status === 'ok' ? it.data['text/plain'] : `${it.ename}: ${it.evalue}`;
            }""",
            expression,
        )
        return shown

    def kill(self) -> None:
        """Have the kernel die."""
        self.page.evaluate(
            """code => {
              const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
              kernel.requestExecute({ code, silent: true }).done.catch(() => undefined);
            }""",
            "import os; os.kill(os.getpid(), 9)",
        )

    def shut_down(self) -> None:
        """End the kernel for good."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    @property
    def proposal(self) -> Locator:
        """The bar of the action that waits for its approval."""
        return self.page.get_by_role("group", name="CodeAct proposes this cell")

    def until_proposed(self) -> None:
        """Wait for a proposal that can be approved: for a moment it can only be read."""
        expect(self.proposal.get_by_role("button", name="Run", exact=True)).to_be_enabled()

    def saved(self) -> Any:
        """The notebook as its file holds it."""
        return self.lab.saved(self.name)

    def until_saved(self) -> None:
        """Wait until the file holds what the page shows."""

        until(lambda: _content(self.saved().cells) == _content(self.model()))

    def save(self) -> None:
        """Save it as the user does once nothing runs, and wait for that."""
        self.until_idle()
        self.command("docmanager:save")
        self.until_saved()

    @property
    def path(self) -> Path:
        """Its file."""
        return self.lab.folder / self.name

    def insert_below(self, at: int, source: str) -> None:
        """Insert a code cell below that one by the key, and type its text."""
        self.select(at)
        self.page.keyboard.press("b")
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Escape")

    def picture(self, path: Path | str) -> None:
        """Keep what the page looks like."""
        self.page.screenshot(path=path)


def _content(cells: list[Any]) -> list[Any]:
    """What of the cells has to be the same in page and file."""
    kept = ("id", "cell_type", "source", "metadata", "outputs", "execution_count")
    found = json.loads(json.dumps([{name: cell.get(name) for name in kept} for cell in cells]))
    for cell in found:
        cell["metadata"].pop("trusted", None)  # JupyterLab's own, which it does not save
    return found


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
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
