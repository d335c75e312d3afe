"""A proposal that the user puts away without a word: its turn goes on, and says why."""

import pytest
from playwright.sync_api import expect

ADD = "I add.\n\n```python\ntotal = 3 + 1\n```"
AGAIN = "```python\ntotal = 2 + 2\n```"
PROMPT = "%%codeact\nWhat is 3 + 1?"


@pytest.fixture
def chosen(open_book, model):
    """A notebook whose proposal is the active cell, and a model that will propose again."""
    model.script(ADD, AGAIN, "It is 4.")
    book = open_book(PROMPT)
    book.ask(PROMPT)
    book.until_proposed()
    book.select(3)
    return book


@pytest.mark.parametrize(
    ("key", "deed"),
    [("m", "turned the cell into Markdown."), ("r", "turned the cell into a raw cell.")],
    ids=["Markdown", "raw"],
)
def test_one_that_becomes_text_is_rejected_and_stays_the_users(chosen, model, key, deed):
    book = chosen
    book.page.keyboard.press(key)
    model.wait_for(2)
    told = model.requests[1].json["messages"][-1]["content"]
    assert told == f"Step 1: rejected, nothing ran. The user {deed}"
    expect(book.card).to_contain_text(f"Step 1 was rejected, and did not run: you {deed}")
    book.until_proposed()
    book.approve()
    expect(book.card).to_contain_text("3 steps")
    kept = book.model()[-1]
    assert kept["cell_type"] == {"m": "markdown", "r": "raw"}[key]
    assert kept["source"] == "total = 3 + 1"
    assert "codeact" not in kept["metadata"]
    assert book.sources()[2:] == ["I add.", "total = 2 + 2", "It is 4.", "total = 3 + 1"]


@pytest.mark.parametrize("key", ["x", "d"])
def test_one_that_is_cut_or_deleted_is_told_once(chosen, model, key):
    book = chosen
    book.page.keyboard.press(key)
    if key == "d":
        book.page.keyboard.press(key)
    expect(book.card).to_contain_text("rejected, and did not run: you deleted the cell.")
    book.until_proposed()
    told = model.requests[1].json["messages"][-1]["content"]
    assert told == "Step 1: rejected, nothing ran. The user deleted the cell."
    book.approve()
    expect(book.card).to_contain_text("3 steps")
    assert "deleted" not in model.requests[2].json["messages"][-1]["content"]


def test_a_reason_that_reads_like_a_deed_is_a_reason(chosen):
    book = chosen
    book.proposal.get_by_role("button", name="Reject").click()
    book.page.keyboard.type("The user deleted the cell.")
    book.page.keyboard.press("Enter")
    book.until_proposed()
    book.approve()
    expect(book.card).to_contain_text("3 steps")
    expect(book.card).not_to_contain_text("rejected")
