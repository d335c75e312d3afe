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


def goes_on(path, late):
    """An action whose thread goes on once the file is there."""
    return (
        "import pathlib, threading, time\nfrom IPython.display import display, update_display\n"
        f"def wait(go=pathlib.Path({str(path)!r})):\n    while not go.exists(): time.sleep(0.01)\n"
        f"    {late}\nthreading.Thread(target=wait).start()\nprint('begun')"
    )


def test_a_thread_prints_after_its_action_and_updates_an_earlier_cell(open_book, model, tmp_path):
    """While the next proposal waits; after the turn it stands below the cell that ran last."""
    mine = "from IPython.display import display\n_ = display('before', display_id='e')"
    first = goes_on(
        tmp_path / "go", "print('late', flush=True); update_display('now', display_id='e')"
    )
    second = goes_on(tmp_path / "again", "print('later still', flush=True)")
    ask = PROMPT.replace("--auto", "--ask")
    model.script(act(first), act(second), "It is shown.")
    book = open_book(mine, ask)
    book.run_cell(mine)
    expect(shown(book, mine)).to_have_text("'before'")
    book.run_cell(ask)
    book.until_proposed()
    book.approve()
    until(lambda: second in book.sources())
    book.until_proposed()
    (tmp_path / "go").touch()
    expect(shown(book, first)).to_contain_text("late")
    expect(shown(book, mine)).to_have_text("'now'")
    book.approve()
    expect(book.holding("It is shown.")).to_be_visible()
    told = model.requests[2].json["messages"][-1]["content"]
    assert "The cell of step 1 has put out since:\nlate" in told
    (tmp_path / "again").touch()
    expect(shown(book, second)).to_contain_text("later still")
