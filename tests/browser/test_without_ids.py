"""A notebook of nbformat 4.4, whose file keeps no ids of its cells, until a turn begins in it."""

import json

import pytest
from book import Book
from playwright.sync_api import expect
from running import act

pytestmark = pytest.mark.own_page

PROMPT = "%%codeact\nAdd."


@pytest.fixture
def old(lab, nothing_left, page):
    """A page that shows it, and has loaded the extension."""
    name = lab.write("%load_ext codeact_jupyter", PROMPT, "after = 1")
    content = json.loads((lab.folder / name).read_text())
    for cell in content["cells"]:
        del cell["id"]
    (lab.folder / name).write_text(json.dumps({**content, "nbformat_minor": 4}))
    book = Book(lab, page, name)
    book.open()
    book.run(0)
    book.until_idle()
    return book


def test_a_prompt_that_was_answered_stays_quiet_when_the_notebook_is_opened_again(old, model):
    model.script(act("1 + 1"), "It is **2**.")
    old.ask(PROMPT)
    old.until_proposed()
    old.approve()
    expect(old.card).to_contain_text("2 steps")
    old.save()
    old.shut_down()
    old.load()
    old.run_all()
    expect(old.card).to_contain_text("Answered before")
    old.until_nothing_waits()
    assert old.says("after") == "1"
    assert len(model.requests) == 2


def test_a_turn_that_waits_goes_on_when_the_page_is_loaded_again(old, model):
    model.script(act("total = 1 + 1"), "It is **2**.")
    old.ask(PROMPT)
    old.until_proposed()
    old.until_saved()
    old.page.reload()
    old.until_proposed()
    old.approve()
    expect(old.card).to_contain_text("2 steps")
    assert old.says("total") == "2"
    assert len(model.requests) == 2
