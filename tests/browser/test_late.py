"""An output that is changed later: the model reads it as the notebook shows it."""

from playwright.sync_api import expect
from waiting import until

PROMPT = "%%codeact --auto\nShow it."


def act(code):
    return f"```python\n{code}\n```"


def shown(book, source):
    """What stands below the cell of this text."""
    at = book.sources().index(source)
    return book.cell(at).locator(".jp-OutputArea-output")


def test_an_action_updates_what_an_earlier_cell_shows(open_book, model):
    """The notebook changes the earlier output; the model is told of it at the next prompt."""
    mine = (
        "from IPython.display import display, update_display\n_ = display('before', display_id='d')"
    )
    updates = "update_display('after', display_id='d')\nprint('updated')"
    asks = "%%codeact\nWhat does it show?"
    model.script(act(updates), "It is updated.", "After.")
    book = open_book(mine, PROMPT, asks)
    book.run_cell(mine)
    expect(shown(book, mine)).to_have_text("'before'")
    book.run_cell(PROMPT)
    expect(book.holding("It is updated.")).to_be_visible()
    expect(shown(book, mine)).to_have_text("'after'")
    expect(shown(book, updates)).to_have_text("updated")
    book.until_idle()
    book.run_cell(asks)
    expect(book.holding("After.")).to_be_visible()
    until(lambda: len(model.requests) == 3)
    assert "'after'" in "".join(each["content"] for each in model.requests[2].json["messages"])
