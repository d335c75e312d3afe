"""Why a turn got no answer is said where the user looks: also below its last cell."""

import pytest
from endpoint import fault
from playwright.sync_api import expect

LONG = "I look.\n\n```python\nprint('\\n'.join(map(str, range({lines}))))\n```"
SET = "I set it.\n\n```python\ndone = 1\n```"
PROMPT = "%%codeact --auto\nHow many?"
ENDS = {
    "fault": ([LONG.format(lines=80), SET, fault("401")], "refused the key (401)"),
    "limit": ([LONG.format(lines=80), SET], "limit of 2 steps"),
    "stuck": ([LONG.format(lines=80), SET, SET, SET], "ran the same block"),
}


def ask(open_book, model, replies, flags=""):
    model.script(*replies)
    prompt = PROMPT.replace("--auto", f"--auto {flags}".rstrip())
    book = open_book(prompt)
    book.ask(prompt)
    return book


@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.own_page
def test_it_is_said_below_the_last_cell(open_book, model, kind):
    replies, sentence = ENDS[kind]
    book = ask(open_book, model, replies, "--max-steps 2" if kind == "limit" else "")
    note = book.page.get_by_role("note")
    expect(note).to_contain_text(sentence)
    expect(note).to_be_in_viewport()
    expect(book.card).not_to_be_in_viewport()
    expect(book.card).to_contain_text(sentence)
    expect(book.cell(-1).get_by_role("note")).to_have_count(1)
    book.save()
    assert sentence not in str(book.saved().cells[-1])
    book.page.reload()
    expect(book.cell(-1).get_by_role("note")).to_contain_text(sentence)


def test_it_goes_with_its_turn_and_with_its_cell(open_book, model):
    book = ask(open_book, model, [SET, LONG.format(lines=2), fault("401")])
    note = book.page.get_by_role("note")
    expect(book.cell(-1).get_by_role("note")).to_contain_text("refused the key (401)")
    book.until_idle()
    book.select(len(book.sources()) - 1)
    book.page.keyboard.press("d")
    book.page.keyboard.press("d")
    expect(book.cell(-1).get_by_role("note")).to_contain_text("refused the key (401)")
    expect(note).to_have_count(1)
    model.script("It is 1.")
    book.run_cell(PROMPT)
    expect(book.holding("It is 1.")).to_be_visible()
    expect(note).to_have_count(0)


def test_a_stop_is_not_told_to_who_stopped(open_book, model):
    model.script(SET)
    prompt = PROMPT.replace(" --auto", "")
    book = open_book(prompt)
    book.ask(prompt)
    book.until_proposed()
    book.card.get_by_role("button", name="Stop").click()
    expect(book.card).to_contain_text("Stopped by you")
    expect(book.page.get_by_role("note")).to_have_count(0)
