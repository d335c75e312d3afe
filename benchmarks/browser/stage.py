"""One JupyterLab server, one browser and one scripted model, for all figures of the page."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endpoint import Fault, Received, ScriptedEndpoint, fault
from lab import CHROMIUM, FLAGS, Lab
from playwright.sync_api import sync_playwright
from waiting import until

from benchmarks.scripted import block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from book import Book
    from playwright.sync_api import Browser

EXTENSION = Path(sys.prefix) / "share/jupyter/labextensions/codeact-jupyter"
WATCH = Path(__file__).with_name("watch.js").read_text("utf-8")
LOAD = "%load_ext codeact_jupyter"


def missing() -> str:
    """What is not there to measure in a browser, in one sentence, or ``""``."""
    if not Path(CHROMIUM).exists():
        return f"no Chromium at {CHROMIUM!r}; install it, or name it in the variable CHROMIUM"
    if not (EXTENSION / "package.json").exists():
        return f"no extension of JupyterLab at {str(EXTENSION)!r}; run `make labextension`"
    return ""


class Stage:
    """Where the figures are measured.

    Attributes:
        model: Says what the script tells it.
    """

    def __init__(self, lab: Lab, browser: Browser, model: ScriptedEndpoint) -> None:
        self._lab = lab
        self._browser = browser
        self.model = model

    @contextlib.contextmanager
    def open(self, *cells: str | dict[str, Any]) -> Iterator[Scene]:
        """Show a notebook with these cells below one that loads the extension and has run."""
        context = self._browser.new_context(viewport={"width": 1200, "height": 900})
        page = context.new_page()
        page.set_default_timeout(60_000)
        book = self._lab.open(page, self._lab.write(LOAD, *cells))
        book.run(0)
        book.until_idle()
        page.evaluate(WATCH)
        yield Scene(book, self.model)
        page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        context.close()


class Scene:
    """One notebook in one page, and the model that its turn asks.

    Attributes:
        book: The notebook.
        page: The page.
    """

    def __init__(self, book: Book, model: ScriptedEndpoint) -> None:
        self.book = book
        self.page = book.page
        self._model = model
        self._before = len(model.requests)

    def do(self, call: str, *arguments: Any) -> Any:
        """Return what ``bench.call(...arguments)`` comes to, as ``watch.js`` defines it."""
        return self.page.evaluate(f"given => bench.{call}(...given)", arguments)

    @property
    def seen(self) -> dict[str, Any]:
        """What the page has noted."""
        noted: dict[str, Any] = self.page.evaluate("bench.seen")
        return noted

    def request(self, number: int) -> Received:
        """Wait until the model was asked for reply ``number``, from 0."""
        return self._model.wait_for(self._before + number + 1)

    def wait_for_busy(self, count: int) -> float:
        """Wait for the kernel's word that it begins a cell, the ``count``-th, and its time."""
        self.page.wait_for_function("count => bench.seen.busy.length >= count", arg=count)
        date: str = self.seen["busy"][count - 1]["date"]
        return datetime.fromisoformat(date).timestamp()


class HeldStep:
    """A step whose reply stops before its last word until it is released."""

    def __init__(self, code: str) -> None:
        self._release = threading.Event()
        whole = block(code)
        cut = whole.rindex(code) + len(code) - 1
        self.code = code
        self.reply: Fault = fault("held", release=self._release, text=whole[:cut], then=whole[cut:])

    def release(self, scene: Scene) -> None:
        """Let the reply come to its end, once the page has shown all of it but that."""
        until(lambda: self.code[:-1] in scene.do("sources"))
        scene.do("quiet")
        self._release.set()


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """Start all three."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ScriptedEndpoint() as model,
        Lab(Path(folder), **model.environment) as lab,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield Stage(lab, browser, model)
        browser.close()
