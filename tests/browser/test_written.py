"""A cell that the model is still writing runs by no way, and what the user does to it counts."""

import threading

import pytest
from endpoint import fault
from playwright.sync_api import expect

HALF = "I count.\n\n```python\nruns = globals().get('runs', 0) + 1\npass\n"
CODE = "runs = globals().get('runs', 0) + 1\npass"
PROMPT = "%%codeact\nCount."
LAST = "'in all', globals().get('runs', 0)"


@pytest.fixture
def writing(open_book, model):
    """A notebook with a half written action, and what lets the model go on."""
    release = threading.Event()
    model.script(fault("held", release=release, text=HALF, then="print(runs)\n```"), "Counted.")
    book = open_book(PROMPT, LAST)
    book.ask(PROMPT)
    expect(book.holding("pass")).to_contain_text("writing…")
    return book, release


def test_it_does_not_run(writing):
    book, release = writing
    for run in (
        lambda: book.run(3),
        lambda: book.command("notebook:run-cell"),
        lambda: book.page.locator(
            ".jp-NotebookPanel-toolbar [data-command='notebook:run-cell-and-select-next']"
        ).click(),
        lambda: book.page.evaluate(  # not awaited: it ends with the turn
            "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
        ),
    ):
        book.select(3)
        run()
    release.set()
    book.until_proposed()
    expect(book.holding("print(runs)")).not_to_contain_text("writing…")
    book.until_idle()
    book.run_cell(LAST)
    expect(book.cell(-1).locator(".jp-OutputArea-output")).to_have_text("('in all', 0)")
    book.proposal.get_by_role("button", name="Run", exact=True).click()
    expect(book.card).to_contain_text("2 steps")
    expect(book.holding("print(runs)").locator(".jp-OutputArea-output")).to_have_text("1")


def test_what_the_user_types_into_it_stays(writing, model):
    book, release = writing
    book.cell(3).locator(".cm-line").first.click()
    book.page.keyboard.press("Home")
    book.page.keyboard.type("mine = 7; ")
    release.set()
    book.until_proposed()
    assert book.sources()[3].startswith("mine = 7; runs")
    expect(book.cell(3).locator(".cm-content")).to_be_focused()
    book.page.keyboard.press("Shift+Enter")
    expect(book.card).to_contain_text("2 steps")
    assert "The user edited the block" in model.requests[-1].json["messages"][-1]["content"]


def test_its_deletion_is_a_rejection(writing, model):
    book, release = writing
    book.select(3)
    book.page.keyboard.press("d")
    book.page.keyboard.press("d")
    expect(book.holding("pass")).to_have_count(0)
    release.set()
    expect(book.card).to_contain_text("2 steps")
    told = model.requests[-1].json["messages"][-1]["content"]
    assert told.startswith("Step 1: rejected, nothing ran. The user deleted the cell.")
    assert book.sources()[1:] == [PROMPT, "I count.", "Counted.", LAST]
