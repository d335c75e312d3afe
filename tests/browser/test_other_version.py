"""The extension and the package of different versions: one sentence, and nothing breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lab import Lab
from other_version import OTHER, other_extension
from playwright.sync_api import expect

from codeact_jupyter import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

SAYS = (
    f"CodeAct is {__version__} in the kernel, {OTHER} in this page, so it adds no cells. "
    "Install one version, restart the kernel and reload."
)
PROMPT = "%%codeact --auto\nAdd one to x."
ADD = "I add one.\n\n```python\ntotal = x + 1\ntotal\n```"


@pytest.fixture(scope="module")
def lab(tmp_path_factory, shared_endpoint) -> Iterator[Lab]:
    """A server with the extension of another version."""
    folder = tmp_path_factory.mktemp("lab")
    path = str(other_extension(folder))
    with Lab(folder, JUPYTER_PATH=path, **shared_endpoint.environment) as server:
        yield server


def test_it_is_said_once_and_a_turn_runs_inside_its_cell(open_book, model, page):
    book = open_book("x = 41", PROMPT, "after = total + 1")
    notices = page.locator(".Toastify__toast", has_text="CodeAct is")
    expect(notices).to_have_count(1)
    expect(notices).to_contain_text(SAYS)
    model.script(ADD, "It is **42**.")
    book.run_all()
    expect(book.cell(2)).to_contain_text("It is 42.")
    expect(book.number(-1)).not_to_have_text("[*]:")
    book.until_idle()
    assert book.says("after") == "43"
    assert len(book.sources()) == 4
    expect(book.cell(2)).to_contain_text("so the turn runs inside its cell")
    expect(notices).to_have_count(1)
    book.page.keyboard.press("Control+s")
    book.until_saved()
