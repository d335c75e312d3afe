"""Make the pictures of the README: real sessions of the local model in a real JupyterLab.

``make pictures`` runs this, which records ``notebooks/02_sidebar.ipynb`` too. The model is what
it is: look at the pictures before you keep them. They are named after the model in
``pictures.json``, with the day.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from lab import CHROMIUM, FLAGS, Lab
from playwright.sync_api import sync_playwright
from sidebar import record as record_the_sidebar

from codeact_jupyter.demo import DATA, QUESTION
from codeact_jupyter.models import local
from codeact_jupyter.models.serve import serve

if TYPE_CHECKING:
    from lab import Book
    from playwright.sync_api import Page

HERE = Path(__file__).parent
SIZE = {"width": 980, "height": 760}
PATIENCE = 300_000  # milliseconds for one step, on slow cores
DARK = {"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Dark"}}


def main() -> None:
    """Record a session of cells, whose end is shown in the dark theme too, and one in the chat."""
    name = local.description().name
    day = datetime.now(UTC).date().isoformat()
    with tempfile.TemporaryDirectory() as folder, serve() as address, sync_playwright() as engine:
        model = {"CODEACT_BASE_URL": f"{address}/v1", "CODEACT_MODEL": name}
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport=SIZE)
        with Lab(Path(folder) / "light", **model) as lab:
            shutil.copy(ROOT / "codeact_jupyter/data" / DATA, lab.folder)
            prompt = "\n".join(["%%codeact", *textwrap.wrap(QUESTION, 88)])
            notebook = lab.write("%load_ext codeact_jupyter", prompt, name="penguins.ipynb")
            _session(lab.open(page, notebook))
            content = lab.folder / notebook
        with Lab(Path(folder) / "dark", settings=DARK, **model) as lab:
            shutil.copy(content, lab.folder / "penguins.ipynb")
            book = lab.open(page, "penguins.ipynb")
            book.select(1)
            book.picture(HERE / "done_dark.png")
        told = {"model": local.description().title, "date": day}
        record_the_sidebar(browser, ROOT, Path(folder) / "chat", model, told)
        browser.close()
    told = {"model": name, "day": day}
    (HERE / "pictures.json").write_text(json.dumps(told, indent=1) + "\n")


def _session(book: Book) -> None:
    """Ask, approve each action, and keep how it looks while one waits and at the end."""
    book.run(0)
    book.until_idle()
    book.run(1)
    waiting = 0
    while _until_waiting_or_over(book.page):
        waiting += 1
        if waiting == 2:
            book.picture(HERE / "waits.png")
        book.proposal.get_by_role("button", name="Run", exact=True).click()
        book.proposal.wait_for(state="detached", timeout=PATIENCE)
    book.until_saved()
    book.select(1)
    book.picture(HERE / "done.png")


def _until_waiting_or_over(page: Page) -> bool:
    """Wait for the next proposal; False when the turn is over."""
    either = page.locator(".codeact-Bar, .codeact-Card.codeact-mod-ended")
    either.first.wait_for(timeout=PATIENCE)
    return page.locator(".codeact-Bar").count() > 0


if __name__ == "__main__":
    main()
