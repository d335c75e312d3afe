"""A turn in JupyterLab as a user sees it: cells appear, he runs them, the model reads them."""

import threading

from endpoint import fault
from playwright.sync_api import expect
from telling import told

ADD = "I add one to `x`.\n\n```python\ntotal = x + 1\nprint('sum', total)\ntotal\n```"
ANSWER = "The sum is **42**."


def test_a_proposal_waits_and_runs_by_shift_enter(open_book, model):
    model.script(ADD, ANSWER)
    book = open_book("x = 41\nx", "%%codeact\nWhat is x + 1?", "after = 1")
    book.run(1)
    book.until_idle()
    book.run(2)
    book.until_proposed()
    expect(book.card).to_contain_text("waiting for you")
    expect(book.proposal).to_contain_text("no known risks found")
    book.until_prompts(["", ""])
    book.run(4)
    expect(book.card).to_contain_text("2 steps")
    assert book.sources()[3:] == [
        "I add one to `x`.",
        "total = x + 1\nprint('sum', total)\ntotal",
        ANSWER,
        "after = 1",
    ]
    assert "The notebook above the prompt:\nIn [2]: x = 41" in told(model, 0)
    assert "sum 42\n42" in told(model)
    expect(book.cell(5).locator("strong")).to_have_text("42")  # rendered
    book.until_saved()
    saved = book.saved().cells
    assert [cell.metadata.codeact.status for cell in saved[2:6]] == [
        "answered",
        "done",
        "ok",
        "done",
    ]
    assert saved[4].outputs[0].text == "sum 42\n"
    assert saved[4].execution_count == 4


def test_the_run_button_and_the_users_edit(open_book, model):
    model.script(ADD, "The sum is 141.")
    book = open_book("x = 41", "%%codeact\nWhat is x + 1?")
    book.run(1)
    book.run(2)
    book.until_proposed()
    book.write_into(4, "total = x + 100")
    book.proposal.get_by_role("button", name="Run", exact=True).click()
    expect(book.card).to_contain_text("2 steps")
    assert "The user edited the block. What ran:\n```python\ntotal = x + 100" in told(model)
    assert book.sources()[4] == "total = x + 100"


def test_reject_with_a_reason(open_book, model):
    model.script(ADD, "Then not.")
    book = open_book("x = 41", "%%codeact\nAdd, or not.")
    book.run(1)
    book.run(2)
    book.proposal.get_by_role("button", name="Reject").click()
    book.page.keyboard.type("I did it myself")
    book.page.keyboard.press("Enter")
    expect(book.card).to_contain_text("2 steps")
    assert told(model) == "Step 1: rejected, nothing ran. I did it myself"
    assert book.sources()[3:5] == ["I add one to `x`.", "Then not."]


def test_auto_runs_by_itself(open_book, model):
    release = threading.Event()
    model.script(ADD, fault("held", release=release, then=ANSWER))
    book = open_book("x = 41", "%%codeact --auto\nWhat is x + 1?")
    book.run(1)
    book.run(2)
    expect(book.card).to_contain_text("nothing checks its effects")
    release.set()
    expect(book.card).to_contain_text("2 steps")
    assert book.sources()[5] == ANSWER


LONG = "```python\nfor line in range(300):\n    print('line', line)\n```"


def test_who_follows_a_turn_sees_the_next_proposal_also_behind_a_long_output(open_book, model):
    model.script(LONG, ADD, ANSWER)
    book = open_book("x = 41", "%%codeact\nWhat is x + 1?")
    book.run(1)
    book.run(2)
    book.until_proposed()
    book.run(3)
    expect(book.holding("total = x + 1")).to_be_in_viewport()


def test_a_proposal_out_of_sight_is_shown_before_it_can_be_run_from_afar(open_book, model):
    release = threading.Event()
    model.script(LONG, fault("held", release=release, then=ADD), ANSWER)
    book = open_book("x = 41", "%%codeact\nWhat is x + 1?")
    book.run(1)
    book.run(2)
    book.until_proposed()
    book.run(3)
    expect(book.holding("line 299")).to_have_count(1)
    book.cell(0).locator(".cm-content").click()  # he reads something else
    release.set()
    expect(book.card).to_contain_text("waiting for you")
    expect(book.holding("total = x + 1")).not_to_be_in_viewport()
    book.card.get_by_role("button", name="Run", exact=True).click()
    expect(book.holding("total = x + 1")).to_be_in_viewport()
    assert len(model.requests) == 2
    book.proposal.get_by_role("button", name="Run", exact=True).click()
    expect(book.holding("The sum is")).to_have_count(1)
