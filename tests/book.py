"""One notebook that a page of a real browser shows.

``Book`` drives it by what a user sees and does, and reads what he sees. Nothing sleeps:
everything waits on a state of the page or of the server.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from lab import Lab
    from playwright.sync_api import Locator, Page

SECONDS = 60
POLL = 50
"""Milliseconds: to look at each frame, as is Playwright's way, makes the page draw all the time."""
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook"
"""The notebook in front: the page may hold others, in tabs behind."""
# as a text: Playwright's own way to bring objects over costs the page more
MODEL = """() => JSON.stringify(
  window.jupyterapp.shell.currentWidget.content.model.toJSON().cells.map(cell => ({
    ...cell, source: Array.isArray(cell.source) ? cell.source.join('') : cell.source
  }))
)"""
SHARED = "() => window.jupyterapp.shell.currentWidget.context.model.collaborative"
"""Whether all pages that show it write one notebook, as under `jupyter-collaboration`."""


class Book:
    """One notebook that a page shows."""

    def __init__(self, lab: Lab, page: Page, name: str) -> None:
        self.lab = lab
        self.page = page
        self.name = name

    @property
    def address(self) -> str:
        """Where the page goes.

        Its file browser looks at an empty folder: it lists its own anew after each save, and
        jupyter_server (2.21) answers that there is no such folder where a file of it is renamed
        meanwhile. A dialog says so then.
        """
        if self.lab.app == "notebook":
            return f"{self.lab.url}/notebooks/{self.name}"
        workspace = f"{self.lab.url}/doc/workspaces/w{uuid.uuid4().hex[:8]}"
        return f"{workspace}/tree/{self.name}?reset&file-browser-path=/{self.lab.empty}"

    def load(self) -> None:
        """Show it, and wait for its kernel."""
        self.page.goto(self.address)
        self.page.wait_for_selector(f"{SHOWN} .jp-Cell")
        self.until_idle()

    def open(self) -> None:
        """Show it as a user does: in the JupyterLab that the page shows, if it shows one."""
        if self.lab.app == "notebook" or not self.page.url.startswith(f"{self.lab.url}/"):
            self.load()
            return
        self.show()
        self.until_idle()

    def show(self) -> None:
        """Open its tab, or bring it to the front, where another one may be on its way to."""
        current = "() => window.jupyterapp.shell.currentWidget?.context?.path"
        while self.page.evaluate(current) != self.name:
            self.command("docmanager:open", path=self.name)
            self.page.wait_for_function(
                f"name => ({current})() === name",
                arg=self.name,
                timeout=SECONDS * 1000,
                polling=POLL,
            )
            self.until_shown()

    def until_shown(self) -> None:
        """Wait until the notebook is what the page shows."""
        self.page.wait_for_selector(f"{SHOWN} .jp-Cell")
        self.page.wait_for_function(
            """() => {
              const panel = window.jupyterapp?.shell.currentWidget;
              return panel?.context?.isReady && 'toJSON' in (panel.content.model ?? {});
            }""",
            polling=POLL,
        )

    def close(self) -> None:
        """Close its tab, which is in front; where it asks, the notebook is saved."""
        tabs = "[...window.jupyterapp.shell.widgets('main')].filter(each => each.context)"
        left = f"name => !{tabs}.some(each => each.context.path === name)"
        asked = self.page.locator(".jp-Dialog").get_by_role("button", name="Save")
        self.command("application:close")
        until(lambda: asked.count() or self.page.evaluate(left, self.name))
        if asked.count():
            asked.click()
        self.page.wait_for_function(left, arg=self.name, polling=POLL)

    def until_idle(self) -> None:
        """Wait until the kernel is idle; a cell may have to hear of its end yet."""
        self.page.wait_for_function(
            """() => {
              const panel = window.jupyterapp?.shell.currentWidget;
              const kernel = panel?.sessionContext?.session?.kernel;
              return kernel?.connectionStatus === 'connected' && kernel.status === 'idle'
                && panel.sessionContext.isReady
                && !document.querySelector('.jp-Dialog');
            }""",
            timeout=SECONDS * 1000,
            polling=POLL,
        )

    @property
    def cells(self) -> Locator:
        """All cells."""
        return self.page.locator(f"{SHOWN} .jp-Cell")

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
        """Select the cell of exactly this text and run it by the menu."""
        self.select(self.sources().index(source))
        self.command("notebook:run-cell")

    def ask(self, prompt: str) -> None:
        """Run the prompt of this text, and wait for its card; it has none yet."""
        cards = self.page.locator(f"{SHOWN} .codeact-Card")
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

    def choose(self, at: int, entry: str) -> None:
        """Choose an entry of a cell's context menu."""
        self.cell(at).locator(".jp-InputPrompt, .jp-MarkdownOutput").first.click(button="right")
        self.page.locator(".lm-Menu").get_by_text(entry, exact=True).click()

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
        found: list[dict[str, Any]] = json.loads(self.page.evaluate(MODEL))
        return found

    def prompts(self) -> list[str]:
        """What stands in the brackets beside each code cell."""
        return [
            re.sub(r"[\[\]:\s]", "", text)
            for text in self.page.locator(f"{SHOWN} .jp-CodeCell .jp-InputPrompt").all_inner_texts()
        ]

    def until_prompts(self, last: list[str]) -> None:
        """Wait until this stands beside the last code cells."""
        until(lambda: self.prompts()[-len(last) :] == last)

    def until_nothing_waits(self) -> None:
        """Wait until no cell looks as if it ran or waited."""
        until(lambda: "*" not in self.prompts())

    def write_into(self, at: int, source: str) -> None:
        """Replace a cell's text by typing."""
        self.cell(at).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        if source:
            self.page.keyboard.insert_text(source)
        else:
            self.page.keyboard.press("Delete")  # to insert nothing may leave all as it is
        self.page.keyboard.press("Escape")

    @property
    def cards(self) -> Locator:
        """The cards of all turns."""
        return self.page.locator(f"{SHOWN} .codeact-Card")

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

    def run_beside(self, code: str) -> None:
        """Run it as a console of the same kernel would, and do not wait for its end."""
        self.page.evaluate(
            """code => {
              const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
              kernel.requestExecute({ code }).done.catch(() => undefined);
            }""",
            code,
        )

    def kill(self) -> None:
        """Have the kernel die."""
        self.run_beside("import os; os.kill(os.getpid(), 9)")

    def shut_down(self) -> None:
        """End the kernel for good."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def start_kernel(self) -> None:
        """Give the notebook a new kernel, in the place of the one it has."""
        self.page.evaluate(
            """async () => {
              await window.jupyterapp.shell.currentWidget.sessionContext.changeKernel(
                { name: 'python3' });
            }"""
        )

    def use_kernel_of(self, other: Book) -> None:
        """Give the notebook the kernel that another one in this page has."""
        self.page.evaluate(
            """async path => {
              const { shell } = window.jupyterapp;
              const other = [...shell.widgets('main')].find(each => each.context?.path === path);
              await shell.currentWidget.sessionContext.changeKernel(
                { id: other.sessionContext.session.kernel.id });
            }""",
            other.name,
        )
        self.until_idle()

    @property
    def proposal(self) -> Locator:
        """The bar of the action that waits for its approval."""
        return self.page.get_by_role("group", name=re.compile("^CodeAct propose"))

    def until_proposed(self) -> None:
        """Wait for a proposal that can be approved: for a moment it can only be read."""
        expect(self.proposal.get_by_role("button", name="Run", exact=True)).to_be_enabled()

    def rename(self, name: str) -> None:
        """Give its file another name, as the dialog of JupyterLab does."""
        self.page.evaluate(
            """async name => {
              await window.jupyterapp.shell.currentWidget.context.rename(name);
            }""",
            name,
        )
        self.name = name

    def saved(self) -> Any:
        """The notebook as its file holds it."""
        return self.lab.saved(self.name)

    def until_saved(self) -> None:
        """Wait until the file holds what the page shows."""
        until(lambda: _content(self.saved().cells) == _content(self.model()))

    def until_save_heard(self) -> None:
        """Wait until the page has heard that it saved the file as it is now."""
        known = "() => window.jupyterapp.shell.currentWidget.context.contentsModel.hash"
        until(
            lambda: self.page.evaluate(known) == hashlib.sha256(self.path.read_bytes()).hexdigest()
        )

    def save(self) -> None:
        """Save it as the user does once nothing runs, and wait for that."""
        self.until_idle()
        self.until_nothing_waits()
        if not self.page.evaluate(SHARED):  # then the server saves it
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
