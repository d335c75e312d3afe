"""Two browser tabs show one notebook, each its own copy: the turn ends in both."""

import pytest
from book import Book
from playwright.sync_api import expect

pytestmark = pytest.mark.own_page

ADD = "I add.\n\n```python\ntotal = 3 + 1\n```"
ENDLESS = "```python\nimport time\nprint('begun')\nwhile True:\n    time.sleep(0.01)\n```"
QUESTION = "What is 3 + 1?"
PROMPT = f"%%codeact\n{QUESTION}"


def test_the_other_tab_comes_to_the_end_too_and_saves_nothing(lab, open_book, page, model):
    model.script(ADD, "It is 4.")
    book = open_book(PROMPT)
    book.ask(PROMPT)
    book.until_proposed()
    book.until_saved()
    other = Book(lab, page.context.new_page(), book.name)
    other.load()
    expect(other.card).to_contain_text("waiting for you")
    book.approve()
    expect(book.card).to_contain_text("2 steps")
    expect(other.card).to_contain_text("2 steps")
    expect(other.card.get_by_role("button")).to_have_count(0)
    book.save()
    assert book.saved().cells[-1].source == "It is 4."


@pytest.mark.parametrize("runs", [False, True], ids=["waits", "runs"])
def test_the_other_tab_stops_the_turn(lab, open_book, page, model, runs):
    model.script(ENDLESS)
    book = open_book(PROMPT)
    book.ask(PROMPT)
    book.until_proposed()
    book.until_saved()
    other = Book(lab, page.context.new_page(), book.name)
    other.load()
    if runs:
        book.approve()
        expect(book.holding("while True")).to_contain_text("begun")
    other.card.get_by_role("button", name="Stop").click()
    for each in (book, other):
        expect(each.card).to_contain_text("Stopped by you")
        expect(each.card.get_by_role("button")).to_have_count(0)
    expect(book.proposal).to_have_count(0)
    book.until_idle()
    book.until_nothing_waits()


def test_it_does_not_interrupt_what_the_user_runs(lab, open_book, page, model, tmp_path):
    release = tmp_path / "release"
    own = (
        f"import pathlib, time\nwhile not pathlib.Path({str(release)!r}).exists():\n"
        "    time.sleep(0.01)\n'whole'"
    )
    model.script(ADD)
    book = open_book(PROMPT, own)
    book.ask(PROMPT)
    book.until_proposed()
    book.until_saved()
    other = Book(lab, page.context.new_page(), book.name)
    other.load()
    book.run_cell(own)
    expect(book.bracket("'whole'")).to_have_text("[*]:")
    other.card.get_by_role("button", name="Stop").click()
    expect(other.card).to_contain_text("stopping")
    release.touch()
    expect(book.card).to_contain_text("Stopped by you")
    expect(book.cell(-1).locator(".jp-OutputArea-output")).to_have_text("'whole'")
