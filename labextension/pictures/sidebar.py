"""Record ``notebooks/02_sidebar.ipynb`` and its pictures: the local model, asked in the chat.

``record.py`` calls this. The notebook is its own script: what its user wrote is run as it
stands, and each of its prompts is sent in the chat again, below the cell that it stands under.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import nbformat
from chat import Chat
from lab import Lab
from playwright.sync_api import expect
from waiting import until

from codeact_jupyter.demo import DATA

if TYPE_CHECKING:
    from pathlib import Path

    from lab import Book
    from playwright.sync_api import Browser

SIZE = {"width": 1280, "height": 800}
PATIENCE = 300  # seconds for one step, on slow cores
MAGIC = "%%codeact\n"


def record(
    browser: Browser, root: Path, folder: Path, model: dict[str, str], told: dict[str, str]
) -> None:
    """Play the notebook, and write it back with what came of it.

    Args:
        browser: Where to show it.
        root: Of the repository.
        folder: For a server and its files.
        model: What tells the kernel which model to ask.
        told: What the notebook is to tell of its recording.
    """
    file = root / "notebooks/02_sidebar.ipynb"
    script = [cell for cell in nbformat.read(file, as_version=4).cells if _is_users(cell)]
    with Lab(folder, **model) as lab:
        for name in ("notebooks", "codeact_jupyter/data"):
            (lab.folder / name).mkdir(parents=True)
        shutil.copy(root / "codeact_jupyter/data" / DATA, lab.folder / "codeact_jupyter/data")
        own = [_blank(cell) for cell in script if not cell.source.startswith(MAGIC)]
        name = lab.write(*own, name=f"notebooks/{file.name}")
        page = browser.new_page(viewport=SIZE)
        book = lab.open(page, name)
        chat = Chat(book)
        _play(book, chat, [cell.source for cell in script], root / "labextension/pictures")
        book.save()
        notebook = book.saved()
        page.close()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["codeact_recorded"] = told
    nbformat.validate(notebook)
    file.write_text(nbformat.writes(notebook) + "\n")


def _is_users(cell: Any) -> bool:
    """Whether the user wrote it: a prompt is his, what a turn made below it is not."""
    return cell.metadata.get("codeact", {}).get("role", "prompt") == "prompt"


def _blank(cell: Any) -> Any:
    """The cell as it was before it ran."""
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    return cell


def _play(book: Book, chat: Chat, sources: list[str], pictures: Path) -> None:
    """Run and ask one after the other; keep how it looks while the last prompt waits, and after."""
    prompts = [source for source in sources if source.startswith(MAGIC)]
    for before, source in zip(["", *sources], sources, strict=False):
        if source in prompts:
            book.select(book.sources().index(before))
            chat.say(source.removeprefix(MAGIC))
            last = source == prompts[-1]
            _approve_all(chat, pictures / "chat_waits.png" if last else None)
        elif not source.startswith("#"):
            book.run_cell(source)
            book.until_idle()
    _picture(chat, pictures / "chat_done.png")


def _approve_all(chat: Chat, picture: Path | None) -> None:
    """Run each action of the turn by the button in the chat; the first one is kept as a picture."""
    chat.button("Stop").first.wait_for()
    while _waits(chat):
        if picture:
            _picture(chat, picture)
            picture = None
        chat.run()
        chat.question.wait_for(state="detached")


def _waits(chat: Chat) -> bool:
    """Wait for the next proposal; False when the turn is over."""
    until(lambda: chat.question.count() or not chat.button("Stop").count(), PATIENCE)
    return chat.question.count() > 0


def _picture(chat: Chat, file: Path) -> None:
    """Keep how it looks once the chat has drawn its end."""
    expect(chat.node.locator(".codeact-Sidebar-foot").last).to_be_in_viewport(ratio=1)
    chat.book.picture(file)
