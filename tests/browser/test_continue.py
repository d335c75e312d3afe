"""A step that the user changes and runs again: what came after it is stale, and goes on from it."""

import re

import pytest
from playwright.sync_api import expect
from waiting import until

pytestmark = pytest.mark.own_page

PROMPT = "%%codeact --auto\nDouble it."
FIRST, SECOND = "ran.append('first'); x = 1", "ran.append('second'); y = 2 * x"
STALE = "Stale: a step above was changed and run again since."


def act(code):
    return f"```python\n{code}\n```"


@pytest.fixture
def changed(open_book, model):
    """A finished turn of two steps, whose first one was changed and run again."""
    book = open_book("ran = []", PROMPT, "ran")
    book.run_cell("ran = []")
    model.script(act(FIRST), act(SECOND), "It is 2.")
    book.ask(PROMPT)
    expect(book.holding("It is 2.")).to_be_visible()
    book.until_idle()
    edited = FIRST.replace("x = 1", "x = 10")
    book.write_into(book.sources().index(FIRST), edited)
    book.run_cell(edited)
    expect(book.page.get_by_text(STALE)).to_have_count(1)
    return book, edited


def go_on(book):
    book.page.get_by_role("button", name="Continue from here").click()


def test_the_turn_goes_on_from_it(changed, model):
    book, edited = changed
    third = "ran.append('third'); y = 3 * x"
    model.script(act(third), "It is 30.")
    go_on(book)
    expect(book.holding("It is 30.")).to_be_visible()
    book.until_idle()
    assert book.sources()[2:] == [PROMPT, edited, third, "It is 30.", "ran"]
    assert book.says("ran, y") == "(['first', 'second', 'first', 'third'], 30)"
    said = model.requests[-2].json["messages"]
    assert edited in said[-1]["content"]
    assert "Of this prompt's steps those up to step 1 have run" in said[-1]["content"]
    expect(book.page.get_by_text(STALE)).to_have_count(0)
    expect(book.card).to_contain_text("3 steps")
    book.save()
    book.run_all()  # it is answered, so nothing is asked
    book.until_idle()
    until(lambda: book.says("ran") == "['first', 'third']")
    assert model.unscripted == 0


def test_both_texts_and_the_replaced_steps_can_be_looked_at(changed, model):
    book, edited = changed
    model.script("It is 20.")
    go_on(book)
    expect(book.holding("It is 20.")).to_be_visible()
    book.until_idle()
    for cell, texts in ((edited, [FIRST]), (PROMPT, [SECOND, "It is 2."])):
        book.select(book.sources().index(cell))
        book.command("codeact:show-earlier")
        expect(book.page.locator(".codeact-Earlier-text")).to_have_text(texts)
        book.page.get_by_role("button", name=re.compile("^Ok$", re.IGNORECASE)).click()
    assert book.sources()[2:] == [PROMPT, edited, "It is 20.", "ran"]


def test_it_does_so_after_a_restart_and_a_reload(changed, model):
    """The kernel knows nothing of the turn then; the notebook tells all."""
    book, edited = changed
    book.save()
    book.restart()
    book.load()
    expect(book.page.get_by_text(STALE)).to_have_count(1)
    book.run_cell("%load_ext codeact_jupyter")
    book.run_cell("ran = []")
    model.script("Then 20.")
    go_on(book)
    expect(book.holding("Then 20.")).to_be_visible()
    assert edited in model.requests[-1].json["messages"][-1]["content"]
    assert book.sources()[2:] == [PROMPT, edited, "Then 20.", "ran"]
