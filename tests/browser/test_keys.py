"""Card and bar by keyboard, by screen reader, and without moving the user."""

from playwright.sync_api import expect

ONE = "I set one.\n\n```python\none = 1\n```"
TWO = "I set two.\n\n```python\ntwo = 2\n```"
PROMPT = "%%codeact\nSet them."
OWN = "own = 1"
ACTIVE = """() => window.jupyterapp.shell.currentWidget.content
  .activeCell.model.sharedModel.getSource()"""
MODE = "() => window.jupyterapp.shell.currentWidget.content.mode"


def proposed(open_book, model, *replies):
    model.script(*replies)
    book = open_book(PROMPT, OWN)
    book.ask(PROMPT)
    book.until_proposed()
    return book


def test_all_remaining_steps_from_the_card_while_the_user_is_elsewhere(open_book, model):
    book = proposed(open_book, model, ONE, TWO, "All set.")
    book.cell(-1).locator(".cm-content").click()
    book.page.keyboard.type("0")
    button = book.card.get_by_role("button", name="Run all remaining steps")
    button.click()
    expect(book.card).to_contain_text("3 steps")
    assert book.page.evaluate(ACTIVE) == "own = 10"
    assert [cell["execution_count"] for cell in book.model() if "execution_count" in cell] == [
        1, 2, 3, 4, None,
    ]  # fmt: skip
    assert book.page.evaluate(MODE) == "edit"
    book.page.keyboard.type("0")
    assert book.sources()[-1] == "own = 100"


def test_reject_by_keyboard(open_book, model):
    book = proposed(open_book, model, ONE, "Then not.")
    run = book.proposal.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_enabled()
    run.focus()
    book.page.keyboard.press("Tab")
    reject = book.proposal.get_by_role("button", name="Reject…")
    expect(reject).to_be_focused()
    book.page.keyboard.press("Enter")
    reason = book.proposal.get_by_role("textbox", name="Reason for the model (optional)")
    expect(reason).to_be_focused()
    book.page.keyboard.type("dd no")
    book.page.keyboard.press("Escape")
    expect(reject).to_be_focused()
    assert "one = 1" in book.sources()
    book.page.keyboard.press("Enter")
    expect(reason).to_have_value("")
    book.page.keyboard.type("never")
    book.page.keyboard.press("Enter")
    expect(book.card).to_contain_text("2 steps")
    assert model.requests[-1].json["messages"][-1]["content"].endswith("nothing ran. never")
    assert "one = 1" not in book.sources()


def test_names_and_what_is_said(open_book, model):
    book = proposed(open_book, model, ONE)
    page = book.page
    expect(page.get_by_role("group", name="CodeAct turn")).to_be_visible()
    expect(page.locator(".codeact-Card-state[aria-live=polite]")).to_have_text("waiting for you")
    expect(page.locator(".codeact-Live[aria-live=polite]")).to_have_text(
        "CodeAct proposes step 1 (no known risks found): run it or reject it."
    )
    assert book.card.get_by_role("button").all_inner_texts() == [
        "Run",
        "Run all remaining steps",
        "Stop",
    ]
