"""The commands in the palette and the menu, each by what a user sees of it."""

import pytest
from playwright.sync_api import expect

CHAT, NEW, RUN, REJECT, REST, STOP, CONTINUE, EARLIER, TIDY, REMOVE, SETTINGS = LABELS = [
    "Open the Chat",
    "New Prompt Cell Below",
    "Run the Proposal",
    "Reject the Proposal…",
    "Run All Remaining Steps of This Turn",
    "Stop This Turn",
    "Continue from This Step",
    "Show Earlier Versions of This Cell",
    "Tidy This Turn",
    "Remove This Turn\u2019s Cells",
    "Settings…",
]
OF_A_CELL = [
    "Ask CodeAct about This Cell",
    "Explain This Cell",
    "Fix This Cell with CodeAct",
    "Show in Chat",
]
"""In the menu of a cell; the palette has them too."""
ADD = "I add one.\n\n```python\ntotal = x + 1\ntotal\n```"
DOUBLE = "I double it.\n\n```python\ntotal = total * 2\nprint('twice', total)\n```"
FAILS = "I divide.\n\n```python\n1 / 0\n```"
PROMPT = "%%codeact\nAdd, or not."
AUTO = "%%codeact --auto\nWhat is x + 1?"
END = "after = 1"
OURS = "[data-command^='codeact:']"


def open_menu(book):
    """Open the CodeAct menu."""
    book.page.locator(".lm-MenuBar-item", has_text="CodeAct").click()
    return book.page.locator(f".lm-Menu-item{OURS}")


def choose(book, label):
    """Click an entry of the CodeAct menu."""
    open_menu(book).filter(has_text=label).click()


def expect_enabled(book, *labels):
    """What of the menu can be chosen now."""
    open_menu(book)
    enabled = book.page.locator(f".lm-Menu-item{OURS}:not(.lm-mod-disabled) .lm-Menu-itemLabel")
    expect(enabled).to_have_text(labels)
    book.page.keyboard.press("Escape")


def finish(open_book, model, *replies):
    """A notebook with a turn that is over and ran by itself."""
    model.script(*replies, "It is **done**.")
    book = open_book("x = 41", AUTO, END)
    book.run(1)
    book.ask(AUTO)
    expect(book.card).to_contain_text(f"{len(replies) + 1} steps")
    book.until_idle()
    return book


@pytest.fixture
def waiting(open_book, model):
    """A notebook with a proposal that waits."""
    model.script(ADD)
    book = open_book("x = 41", PROMPT, END)
    book.run(1)
    book.ask(PROMPT)
    book.until_proposed()
    expect(book.card).to_contain_text("waiting for you")
    return book


def test_every_command_is_in_the_palette_and_a_menu(open_book, page):
    book = open_book(PROMPT)
    expect(open_menu(book).locator(".lm-Menu-itemLabel")).to_have_text(LABELS)
    page.keyboard.press("Escape")
    book.cell(1).locator(".jp-InputPrompt").click(button="right")
    of_cell = page.locator(f".lm-Menu-item{OURS} .lm-Menu-itemLabel")
    expect(of_cell).to_have_text(OF_A_CELL)
    page.keyboard.press("Escape")
    registered = page.evaluate(
        "window.jupyterapp.commands.listCommands().filter(id => id.startsWith('codeact:')).length"
    )
    assert registered == len(LABELS + OF_A_CELL)
    page.keyboard.press("Control+Shift+C")
    listed = page.locator(f".lm-CommandPalette-item{OURS} .lm-CommandPalette-itemLabel")
    expect(listed).to_have_count(len(LABELS + OF_A_CELL))
    assert sorted(listed.all_inner_texts()) == sorted(LABELS + OF_A_CELL)


def test_before_during_and_after_a_turn(waiting, model):
    expect_enabled(waiting, CHAT, NEW, RUN, REJECT, REST, STOP, SETTINGS)
    model.script("It is 42.")
    waiting.approve()
    expect(waiting.card).to_contain_text("2 steps")
    waiting.select(waiting.sources().index(PROMPT))
    expect_enabled(waiting, CHAT, NEW, REMOVE, SETTINGS)
    waiting.select(-1)
    expect_enabled(waiting, CHAT, NEW, SETTINGS)


def test_before_any_turn(open_book):
    book = open_book(PROMPT)
    book.select(1)
    expect_enabled(book, CHAT, NEW, SETTINGS)


def test_run_the_proposal(waiting, model):
    model.script("It is 42.")
    choose(waiting, RUN)
    expect(waiting.card).to_contain_text("2 steps")
    assert waiting.says("total") == "42"


def test_reject_the_proposal(waiting, model):
    model.script("Then not.")
    choose(waiting, REJECT)
    expect(waiting.page.get_by_label("Reason for the model (optional)")).to_be_focused()
    waiting.page.keyboard.type("not this one")
    waiting.page.keyboard.press("Enter")
    expect(waiting.card).to_contain_text("2 steps")
    assert "not this one" in model.requests[-1].json["messages"][-1]["content"]
    assert waiting.says("'total' in dir()") == "False"


def test_run_all_remaining_steps(waiting, model):
    model.script(DOUBLE, "It is 84.")
    choose(waiting, REST)
    expect(waiting.card).to_contain_text("3 steps")
    assert waiting.says("total") == "84"


def test_stop(waiting, model):
    choose(waiting, STOP)
    expect(waiting.card).to_contain_text("Stopped by you")
    expect(waiting.proposal).to_have_count(0)
    waiting.until_idle()
    assert waiting.says("'total' in dir()") == "False"
    assert len(model.requests) == 1


def test_removed_cells_come_back_with_their_outputs(open_book, model):
    book = finish(open_book, model, ADD, DOUBLE)
    before = book.model()
    book.select(book.sources().index(AUTO))
    choose(book, REMOVE)
    expect(book.holding("total")).to_have_count(0)
    assert book.sources()[1:] == ["x = 41", AUTO, END]
    book.select(-1)
    book.page.keyboard.press("z")
    expect(book.holding("twice 84")).to_be_visible()
    assert book.model() == before
    expect(book.holding("It is done.").locator("strong")).to_be_visible()


def test_tidying_removes_what_failed(open_book, model):
    book = finish(open_book, model, FAILS, ADD)
    book.select(book.sources().index("1 / 0"))
    choose(book, TIDY)
    expect(book.holding("1 / 0")).to_have_count(0)
    left = ["x = 41", AUTO, "I add one.", "total = x + 1\ntotal", "It is **done**.", END]
    assert book.sources()[1:] == left
    book.select(book.sources().index("total = x + 1\ntotal"))
    enabled = "id => window.jupyterapp.commands.isEnabled(id)"
    assert book.page.evaluate(enabled, "codeact:remove-turn")
    assert not book.page.evaluate(enabled, "codeact:tidy-turn")  # nothing is left to tidy
    book.run_cell(AUTO)  # what is left is still its answer
    expect(book.card).to_contain_text("Answered before")
    assert len(model.requests) == 3


def test_a_new_prompt_takes_the_words_at_once(open_book, model):
    model.script("Hello.")
    book = open_book("x = 41", END)
    book.select(1)
    choose(book, NEW)
    expect(book.cells).to_have_count(4)
    expect(book.cell(2).locator(".cm-content")).to_be_focused()
    book.page.keyboard.type("Say hello.")
    book.page.keyboard.press("Control+Enter")
    expect(book.card).to_contain_text("1 step")
    assert book.sources()[1:] == ["x = 41", "%%codeact\nSay hello.", "Hello.", END]
