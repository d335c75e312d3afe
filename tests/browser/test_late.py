"""Outputs that come late: the model reads them where the notebook shows them."""

from playwright.sync_api import expect
from waiting import until

PROMPT = "%%codeact --auto\nShow it."


def act(code):
    return f"```python\n{code}\n```"


def said(request):
    return request.json["messages"][-1]["content"]


def shown(book, source):
    """What stands below the cell of this text."""
    at = book.sources().index(source)
    return book.cell(at).locator(".jp-OutputArea-output")


def test_a_thread_of_an_action_prints_when_that_is_over(open_book, model, tmp_path):
    """It is shown below the action that began it, and read with what ran between the prompts."""
    go = tmp_path / "go"
    begins = (
        "import pathlib, threading, time\n\n\ndef late():\n"
        f"    while not pathlib.Path({str(go)!r}).exists():\n        time.sleep(0.01)\n"
        "    print('late words')\n\n\nthread = threading.Thread(target=late)\nthread.start()\n"
        "print('begun')"
    )
    goes_on = "thread.join()\nprint('second')"
    model.script(act(begins), act(goes_on), "It is shown.", "Seen.")
    book = open_book(PROMPT, "%%codeact\nWhat was shown?")
    book.run_cell(PROMPT)
    model.wait_for(2)
    go.touch()
    expect(book.holding("It is shown.")).to_be_visible()
    book.until_idle()
    below = [shown(book, source).all_inner_texts() for source in (begins, goes_on)]
    read = [said(request) for request in model.requests[1:3]]
    assert "begun" in below[0][0]
    assert "late words" in str(below)
    for number, name in enumerate(("first", "second")):
        in_notebook = "late words" in "".join(below[number])
        assert ("late words" in read[number]) is in_notebook, name


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
