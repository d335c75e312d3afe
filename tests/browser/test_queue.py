"""What the user has queued around an action runs, and so does the action, once."""

import threading

import pytest
from endpoint import fault
from playwright.sync_api import expect

WAITS = """import pathlib, time
print('begun')
while not pathlib.Path({release!r}).exists():
    time.sleep(0.01)
"""
ACTION = "I count.\n\n```python\nran = globals().get('ran', 0) + 1\nprint('ran', ran)\n```"
OWN = ["own = 'first'\nown", "second = own + ' and second'\nsecond"]


@pytest.mark.parametrize("flags", [" --auto", ""], ids=["auto", "ask"])
@pytest.mark.parametrize("end", ["fails", "is stopped"])
def test_cells_queued_behind_an_action_that_ends_badly_run(open_book, model, tmp_path, flags, end):
    release = tmp_path / "release"
    code = WAITS.format(release=str(release)) + "1 / 0"
    model.script(f"I wait.\n\n```python\n{code}\n```", "That failed.")
    prompt = f"%%codeact{flags}\nWait, then fail."
    book = open_book(prompt, *OWN)
    book.ask(prompt)
    if not flags:
        book.until_proposed()
        book.run_cell(code)
    expect(book.cell(3)).to_contain_text("begun")
    for source in OWN:
        book.run_cell(source)
        expect(book.bracket(source.split("\n")[0])).to_have_text("[*]:")
    if end == "fails":
        release.touch()
        expect(book.card).to_contain_text("2 steps")
    else:
        book.card.get_by_role("button", name="Stop").click()
        expect(book.card).to_contain_text("Stopped by you")
    expect(book.cell(3)).to_contain_text("ZeroDivision" if end == "fails" else "KeyboardInterrupt")
    expect(book.cell(-1).locator(".jp-OutputArea-output")).to_contain_text("'first and second'")
    expect(book.cell(-2).locator(".jp-OutputArea-output")).to_contain_text("'first'")


@pytest.mark.parametrize("flags", [" --auto", ""], ids=["auto", "ask"])
def test_an_action_that_a_failing_cell_aborted_runs_once(open_book, model, tmp_path, flags):
    """The user's own failing cell aborts all that was queued behind it, also our action."""
    release = tmp_path / "release"
    own = WAITS.format(release=str(release)) + "1 / 0"
    prompt = f"%%codeact{flags}\nCount."
    book = open_book(prompt, own)
    think = threading.Event()
    model.script(fault("held", release=think, then=ACTION), "Counted.")
    book.ask(prompt)
    model.wait_for(1)
    book.run_cell(own)
    expect(book.cell(2)).to_contain_text("begun")
    think.set()
    action = book.holding("ran = globals()")
    if not flags:
        book.until_proposed()
        book.proposal.get_by_role("button", name="Run", exact=True).click()
    expect(action.locator(".jp-InputPrompt")).to_have_text("[*]:")
    release.touch()
    expect(book.cell(-1)).to_contain_text("ZeroDivision")
    if not flags:
        expect(action.locator(".jp-InputPrompt")).to_have_text("[ ]:")
        book.proposal.get_by_role("button", name="Run", exact=True).click()
    expect(action.locator(".jp-OutputArea-output")).to_have_text("ran 1")
    expect(book.card).to_contain_text("2 steps")
    assert model.unscripted == 0


def test_a_prompt_that_a_failing_cell_aborted_says_so(open_book, model, tmp_path):
    release = tmp_path / "release"
    own = WAITS.format(release=str(release)) + "1 / 0"
    prompt = "%%codeact\nCount."
    book = open_book(own, prompt)
    book.run_cell(own)
    expect(book.cell(1)).to_contain_text("begun")
    book.run_cell(prompt)
    release.touch()
    said = book.page.locator(".Toastify__toast")
    expect(said).to_contain_text("so a prompt did not run: run it again to ask")
    book.until_nothing_waits()
    assert model.requests == []
    said.locator(".jp-Notification-Toast-Close").click()
    model.script("There is nothing to count.")
    book.ask(prompt)
    expect(book.card).to_contain_text("1 step")


def test_an_aborted_proposal_can_be_deleted(open_book, model, tmp_path):
    release = tmp_path / "release"
    own = WAITS.format(release=str(release)) + "1 / 0"
    prompt = "%%codeact\nCount."
    book = open_book(prompt, own)
    model.script(ACTION, "Then not.")
    book.ask(prompt)
    book.until_proposed()
    book.run_cell(own)
    book.proposal.get_by_role("button", name="Run", exact=True).click()
    action = book.holding("ran = globals()")
    expect(action.locator(".jp-InputPrompt")).to_have_text("[*]:")
    release.touch()
    expect(action.locator(".jp-InputPrompt")).to_have_text("[ ]:")
    book.select(3)
    book.page.keyboard.press("d")
    book.page.keyboard.press("d")
    expect(book.card).to_contain_text("2 steps")
    assert "rejected, nothing ran" in model.requests[-1].json["messages"][-1]["content"]


@pytest.mark.parametrize("key", ["Shift+Enter", "button"])
def test_an_emptied_proposal_is_a_rejected_one(open_book, model, key):
    model.script(ACTION, "Then not.")
    prompt = "%%codeact\nCount."
    book = open_book(prompt)
    book.ask(prompt)
    book.until_proposed()
    book.write_into(3, "")
    if key == "button":
        book.proposal.get_by_role("button", name="Run", exact=True).click()
    else:
        book.run(3)
    expect(book.card).to_contain_text("2 steps")
    assert "rejected, nothing ran" in model.requests[-1].json["messages"][-1]["content"]
    book.until_idle()
    book.until_nothing_waits()
