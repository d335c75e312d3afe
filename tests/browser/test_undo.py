"""What one undo takes back, and one redo brings again."""

import threading

import pytest
from endpoint import fault
from playwright.sync_api import expect

FIRST = "I set one.\n\n```python\none = 1\none\n```"
FAILS = "I fail.\n\n```python\nnothing_of_that_name\n```"
SECOND = "I set two.\n\n```python\ntwo = 2\ntwo\n```"
PROMPT = "%%codeact --auto\nSet them."


def undo(book):
    book.command("notebook:undo-cell-action")


def redo(book):
    book.command("notebook:redo-cell-action")


def content(book):
    """Texts and outputs of all cells but the card."""
    return [
        (cell["source"], [output.get("data", output) for output in cell.get("outputs", [])])
        for cell in book.model()
        if not cell["source"].startswith("%%codeact")
    ]


def finished(open_book, model, *replies):
    model.script(*replies, "All set.")
    book = open_book(PROMPT)
    book.ask(PROMPT)
    expect(book.card).to_contain_text(f"{len(replies) + 1} steps")
    book.until_idle()
    book.select(1)
    return book


def test_one_undo_for_each_step(open_book, model):
    book = finished(open_book, model, FIRST, SECOND)
    whole = content(book)
    steps = [whole, whole[:5], whole[:3], whole[:1]]
    assert [source for source, _ in whole[1:]] == [
        "I set one.", "one = 1\none", "I set two.", "two = 2\ntwo", "All set.",
    ]  # fmt: skip
    for fewer in steps[1:]:
        undo(book)
        assert content(book) == fewer
    for more in reversed(steps[:-1]):
        redo(book)
        assert content(book) == more


def test_removing_and_tidying_a_turn_are_one_undo_each(open_book, model):
    book = finished(open_book, model, FIRST, FAILS, SECOND)
    whole = content(book)
    for command, kept in (
        ("codeact:tidy-turn", whole[:3] + whole[5:]),
        ("codeact:remove-turn", whole[:1]),
    ):
        book.select(2)
        book.command(command)
        assert content(book) == kept
        undo(book)
        assert content(book) == whole


def test_undo_right_after_a_rejection(open_book, model):
    model.script(FIRST, SECOND, "All set.")
    prompt = PROMPT.replace(" --auto", "")
    book = open_book(prompt)
    book.ask(prompt)
    book.until_proposed()
    book.proposal.get_by_role("button", name="Reject").click()
    book.page.keyboard.press("Enter")
    expect(book.holding("two = 2").get_by_role("button", name="Run", exact=True)).to_be_visible()
    waits = book.sources()
    undo(book)  # the newest step goes, and that alone
    assert book.sources() == waits[:-2]
    expect(book.card).to_contain_text("3 steps")  # its deletion was an answer
    assert "rejected, nothing ran" in model.requests[-1].json["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("keys", "back"), [("dd", "z"), ("x", "z"), ("x", "v"), ("m", "z"), ("r", "z")]
)
def test_a_proposal_that_was_put_away_comes_back_as_a_rejected_one(open_book, model, keys, back):
    release = threading.Event()
    model.script(FIRST, fault("held", release=release, then=SECOND), "All set.")
    prompt = PROMPT.replace(" --auto", "")
    book = open_book(prompt)
    book.ask(prompt)
    book.until_proposed()
    book.select(3)
    for key in keys:
        book.page.keyboard.press(key)
    model.wait_for(2)
    book.page.keyboard.press(back)
    first = book.page.locator(".jp-CodeCell", has_text="one = 1")
    expect(first).to_contain_text("You rejected this; it did not run.")
    expect(book.proposal).to_have_count(0)
    release.set()
    book.until_proposed()
    book.approve()
    expect(book.card).to_contain_text("3 steps")
    assert "rejected, nothing ran" in model.requests[1].json["messages"][-1]["content"]
    book.run_cell("one = 1\none")
    expect(first).not_to_contain_text("rejected")
    assert book.says("(one, two)") == "(1, 2)"
