"""Where the keyboard is when the button that it was on has gone, and what the shortcuts do."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

SCHEMA = Path(__file__).parents[2] / "labextension/schema/plugin.json"
ADD = "I add one.\n\n```python\ntotal = x + 1\ntotal\n```"
CODE = "total = x + 1\ntotal"
PROMPT = "%%codeact\nAdd, or not."
FOCUSED = """() => {
  const found = document.activeElement;
  return { in_notebook: found?.closest('.jp-Notebook') !== null,
    button: found?.tagName === 'BUTTON' ? found.textContent : '', shown: found?.checkVisibility() };
}"""
KEYS = {"Accel": "Control", "Alt": "Alt", "Shift": "Shift"}


@pytest.fixture
def waiting(open_book, model):
    """A notebook with a proposal that can be run."""
    model.script(ADD)
    book = open_book("x = 41", PROMPT)
    book.run(1)
    book.ask(PROMPT)
    expect(book.card).to_contain_text("waiting for you")
    for place in (book.proposal, book.card):
        expect(place.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    return book


def press(place, name):
    """Press a button by the keyboard."""
    button = place.get_by_role("button", name=name, exact=True)
    button.focus()
    button.press("Enter")


def expect_in_the_notebook(book):
    focused = book.page.evaluate(FOCUSED)
    assert focused == {"in_notebook": True, "button": "", "shown": True}


@pytest.mark.parametrize("where", ["proposal", "card"])
def test_after_run(waiting, model, where):
    model.script("It is 42.")
    press(getattr(waiting, where), "Run")
    expect(waiting.card).to_contain_text("2 steps")
    expect_in_the_notebook(waiting)
    assert waiting.says("total") == "42"


def test_after_run_all_remaining_steps(waiting, model):
    model.script("It is 42.")
    press(waiting.card, "Run all remaining steps")
    expect(waiting.card).to_contain_text("2 steps")
    expect_in_the_notebook(waiting)


def test_after_reject(waiting, model):
    model.script("Then not.")
    press(waiting.proposal, "Reject…")
    waiting.page.keyboard.press("Enter")
    expect(waiting.card).to_contain_text("2 steps")
    expect_in_the_notebook(waiting)


def test_after_stop(waiting):
    press(waiting.card, "Stop")
    expect(waiting.card).to_contain_text("Stopped by you")
    expect(waiting.proposal).to_have_count(0)
    expect_in_the_notebook(waiting)


def runs(book, model):
    expect(book.card).to_contain_text("2 steps")
    assert book.says("total") == "42"


def rejects(book, model):
    expect(book.page.get_by_label("Reason for the model (optional)")).to_be_focused()
    book.page.keyboard.press("Enter")
    expect(book.card).to_contain_text("2 steps")
    assert book.says("'total' in dir()") == "False"


def stops(book, model):
    expect(book.card).to_contain_text("Stopped by you")
    assert len(model.requests) == 1


def asks_anew(book, model):
    expect(book.holding("%%codeact")).to_have_count(2)
    book.page.keyboard.type("And now?")
    expect(book.holding("And now?")).to_have_count(1)


def opens_the_chat(book, model):
    expect(book.page.get_by_label("Message to the model")).to_be_focused()
    book.command("application:toggle-right-area")


WHAT = {
    "codeact:open-chat": opens_the_chat,
    "codeact:run-proposal": runs,
    "codeact:reject-proposal": rejects,
    "codeact:stop": stops,
    "codeact:new-prompt": asks_anew,
}
SHORTCUTS = json.loads(SCHEMA.read_text(encoding="utf-8"))["jupyter.lab.shortcuts"]


@pytest.mark.parametrize("shortcut", SHORTCUTS, ids=lambda shortcut: shortcut["command"])
def test_every_shortcut_does_what_its_label_says(waiting, model, shortcut):
    model.script("Then not." if shortcut["command"] == "codeact:reject-proposal" else "It is 42.")
    keys = [KEYS.get(key, key) for key in shortcut["keys"][0].split()]
    waiting.select(2)
    waiting.page.keyboard.press("+".join(keys))
    WHAT[shortcut["command"]](waiting, model)
