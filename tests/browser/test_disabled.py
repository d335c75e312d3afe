"""The extension is disabled in JupyterLab: a turn runs inside its cell, as where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lab import Lab
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.own_page

ADD = "I add.\n\n```python\ntotal = x + 1\ntotal\n```"
PROMPT = "%%codeact --auto\nAdd one to x."


@pytest.fixture(scope="module")
def lab(tmp_path_factory, shared_endpoint) -> Iterator[Lab]:
    """A server whose page config disables it, as `jupyter labextension disable` writes it."""
    page_config = {"disabledExtensions": {"codeact-jupyter": True}}
    folder = tmp_path_factory.mktemp("lab")
    with Lab(folder, page_config=page_config, **shared_endpoint.environment) as server:
        yield server


def test_a_turn_runs_inside_its_cell(open_book, model):
    cells = ["x = 41", PROMPT, "'after', total"]
    book = open_book(*cells)
    assert not book.page.evaluate("() => window.jupyterapp.commands.hasCommand('codeact:stop')")
    model.script(ADD, "It is **42**.")
    book.run_all()
    expect(book.cell(-1)).to_contain_text("('after', 42)")
    expect(book.cell(2)).to_contain_text("It is 42.")
    book.until_nothing_waits()
    assert book.sources()[1:] == cells
    expect(book.cards).to_have_count(0)
    assert len(model.requests) == 2
    book.save()
