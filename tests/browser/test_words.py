"""What an endpoint says of itself is text in the card, and what the card says is said aloud."""

import threading

import pytest
from endpoint import fault
from nbformat.v4 import new_code_cell, new_output
from playwright.sync_api import expect

from codeact_jupyter.shared_names import CARD_MIME

HARM = (
    "<img src='https://collector.example/p.png' onerror='window.attacked = true'>"
    "<script>window.attacked = true</script> "
    "[click](https://collector.example/) ![p](https://collector.example/q.png) "
    "https://collector.example/plain"
)
ADD = "I add.\n\n```python\none = 1\n```"
SLOW = (
    "I wait.\n\n```python\nimport pathlib, time\nprint('begun')\n"
    "while not pathlib.Path({release!r}).exists():\n    time.sleep(0.01)\n```"
)
PROMPT = "%%codeact\nGo."
# The words of every live region since then, each as often as it was put there.
LISTEN = """() => {
  window.spoken = [];
  const notebook = document.querySelector('.jp-NotebookPanel');
  const note = changes => {
    for (const { target } of changes) {
      const node = target instanceof Element ? target : target.parentElement;
      const live = node?.closest('[aria-live]');
      const said = live?.textContent ?? '';
      if (said !== '' && said !== window.spoken.at(-1)) window.spoken.push(said);
    }
  };
  new MutationObserver(note).observe(notebook, {
    childList: true, characterData: true, subtree: true
  });
}"""


def expect_harmless(book, outside):
    """Nothing in the card is more than text, and nobody was asked for anything."""
    card = book.page.locator(".jp-Notebook .codeact-Card")
    assert card.locator("img, script, a, style, iframe").count() == 0
    assert book.page.evaluate("window.attacked") is None
    assert [url for url in outside if "collector" in url] == []


@pytest.fixture
def outside(page):
    """The addresses that the page asks for."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


@pytest.mark.own_page
def test_an_error_of_the_endpoint_is_text(open_book, model, outside):
    model.script(fault("500", message=HARM, status=418))
    book = open_book(PROMPT)
    book.ask(PROMPT)
    expect(book.card).to_contain_text("[click](https://collector.example/) ![p]")
    expect_harmless(book, outside)
    book.save()
    book.load()  # and as the file keeps it
    expect(book.card).to_contain_text("[click](https://collector.example/) ![p]")
    expect_harmless(book, outside)


@pytest.mark.own_page
def test_a_card_of_a_strangers_file_is_text(open_book, outside):
    card = {"turn": "1", "prompt_id": "2", "state": "ended", "model": HARM, "sentence": HARM}
    output = new_output("display_data", data={CARD_MIME: card, "text/plain": ""})
    book = open_book(new_code_cell(PROMPT, outputs=[output]), load=False)
    for place in (".codeact-Card-facts", ".codeact-Card-lines"):
        expect(book.card.locator(place)).to_contain_text(HARM)
    expect_harmless(book, outside)


def spoken(book):
    return book.page.evaluate("window.spoken")


def test_what_is_said_in_each_state_of_a_turn(open_book, model, tmp_path):
    think, write = threading.Event(), threading.Event()
    release = tmp_path / "release"
    slow = SLOW.format(release=str(release))

    model.script(
        fault("held", release=think, then=ADD),
        fault("held", release=write, text=slow[:9], then=slow[9:]),
        "All is done.",
    )
    book = open_book(PROMPT)
    book.page.evaluate(LISTEN)
    book.ask(PROMPT)
    state = book.page.locator(".codeact-Card-state[aria-live=polite]")
    expect(state).to_have_text("thinking")
    think.set()
    expect(state).to_have_text("waiting for you")
    book.approve()
    expect(state).to_have_text("writing")
    write.set()
    expect(state).to_have_text("waiting for you")
    book.approve()
    expect(state).to_have_text("running")
    release.touch()
    expect(book.card).to_contain_text("3 steps")
    expect(state).to_have_text("")
    expect(book.page.locator(".codeact-Live[aria-live=polite]")).to_have_text("CodeAct answered.")
    said = [words for words in spoken(book) if words != "connecting"]  # where the kernel is slow
    assert set(said) == {
        "thinking",
        "writing",
        "CodeAct proposes step 1 (no known risks found): run it or reject it.",
        "CodeAct proposes step 2 (no known risks found): run it or reject it.",
        "waiting for you",
        "running",
        "CodeAct answered.",
    }
    assert said[0] == "thinking"
    assert said[-1] == "CodeAct answered."
