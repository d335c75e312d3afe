"""Run All with prompts in the notebook: the order is kept, and nothing runs unapproved."""

import pytest
from endpoint import fault
from playwright.sync_api import expect
from waiting import ENDLESS

LOAD = "%load_ext codeact_jupyter"
FIRST = "I go first.\n\n```python\norder.append('first')\n```"
SECOND = "I go second.\n\n```python\norder.append('second')\n```"
CELLS = (
    LOAD,
    "order = ['x']",
    "%%codeact\nOne?",
    "order.append('after one')",
    "# A heading",
    "%%codeact\nTwo?",
    "order.append('after two')\norder",
)
WHOLE = "['x', 'first', 'after one', 'second', 'after two']"
HELD = (LOAD, "order = ['x']", "%%codeact\nOne?", "order.append('held')", "order.append('last')")


@pytest.fixture
def held(open_book, model):
    """A notebook in which Run All waits for the user's approval of an action."""
    model.script(FIRST)
    book = open_book(*HELD, load=False)
    book.run_all()
    book.until_proposed()
    expect(book.card).to_contain_text("waiting for you")
    book.until_prompts(["1", "2", "3", "", "*", "*"])
    return book


def order(book):
    """What ran, by the kernel's own word."""
    book.until_idle()
    return book.says("order")


def test_cells_behind_a_prompt_wait_for_its_approval(open_book, model):
    model.script(FIRST, "One.", SECOND, "Two.")
    book = open_book(*CELLS, load=False)
    book.run_all()
    book.until_proposed()
    expect(book.card).to_contain_text("waiting for you")
    book.until_prompts(["1", "2", "3", "", "*", "*", "*"])
    assert book.says("order") == "['x']"  # the kernel is free meanwhile
    book.approve()
    expect(book.holding("order.append('second')")).to_be_visible()
    book.until_proposed()
    book.until_prompts(["", "*"])
    book.approve()
    expect(book.cards.last).to_contain_text("2 steps")
    expect(book.cell(-1)).to_contain_text(WHOLE)
    book.until_prompts([str(number) for number in range(1, 9)])


def test_auto_keeps_the_order_by_itself_and_is_quiet_the_next_time(open_book, model):
    model.script(FIRST, "One.", SECOND, "Two.")
    cells = [cell.replace("%%codeact", "%%codeact --auto") for cell in CELLS]
    book = open_book(*cells, load=False)
    book.run_all()
    expect(book.cell(-1)).to_contain_text(WHOLE)
    expect(book.cards.last).to_contain_text("2 steps")
    before = book.sources()
    book.run_all()
    expect(book.cards).to_contain_text(["Answered before", "Answered before"])
    expect(book.number(-1)).to_have_text("[16]:")
    expect(book.cards).to_contain_text(["2 steps", "2 steps"])
    assert order(book) == WHOLE
    assert len(model.requests) == 4
    assert book.sources() == before


def test_a_second_run_all_asks_nothing_twice_and_approves_nothing(held, model):
    model.script("One.")
    held.run_all()
    expect(held.number(1)).to_have_text("[5]:")
    held.until_prompts(["4", "5", "3", "", "*", "*"])
    assert held.says("order") == "['x']"
    assert len(model.requests) == 1
    held.approve()
    expect(held.card).to_contain_text("2 steps")
    assert order(held) == "['x', 'first', 'held', 'last']"


def test_shift_enter_runs_at_once_also_a_held_cell_and_that_once(held, model):
    model.script("One.")
    held.run(-2)
    expect(held.number(-2)).to_have_text("[4]:")
    held.until_prompts(["*"])
    assert held.says("order") == "['x', 'held']"
    held.approve()
    expect(held.card).to_contain_text("2 steps")
    assert order(held) == "['x', 'held', 'first', 'last']"


def test_a_held_cell_that_is_deleted_holds_up_nobody(held, model):
    model.script("One.")
    held.select(-2)
    held.page.keyboard.press("d")
    held.page.keyboard.press("d")
    expect(held.holding("order.append('held')")).to_have_count(0)
    held.approve()
    expect(held.card).to_contain_text("2 steps")
    assert order(held) == "['x', 'first', 'last']"


def test_deleting_the_prompt_stops_the_turn_and_runs_nothing(held):
    held.select(2)
    held.page.keyboard.press("d")
    held.page.keyboard.press("d")
    expect(held.proposal).to_have_count(0)
    held.until_idle()
    held.until_prompts(["", ""])
    assert order(held) == "['x']"


def by_keys(book):
    book.select(1)
    book.page.keyboard.press("i")
    book.page.keyboard.press("i")


def by_menu(book):
    book.command("kernelmenu:interrupt")


def by_toolbar(book):
    book.page.locator("[data-command='notebook:interrupt-kernel']").first.click()


def by_card(book):
    book.card.get_by_role("button", name="Stop").click()


def by_shortcut(book):
    book.select(1)
    book.page.keyboard.press("Alt+Shift+S")


@pytest.mark.parametrize("stop", [by_keys, by_menu, by_toolbar, by_card, by_shortcut])
def test_stopping_while_cells_are_held_runs_none_of_them(held, stop):
    stop(held)
    expect(held.card).to_contain_text("Stopped")
    expect(held.proposal).to_have_count(0)
    held.until_idle()
    held.until_prompts(["", ""])
    assert order(held) == "['x']"


def test_a_restart_while_cells_are_held_runs_none_of_them(held):
    held.restart()
    expect(held.card).to_contain_text("The kernel was restarted")
    held.until_idle()
    held.until_prompts(["", ""])
    assert held.says("'order' in dir()") == "False"


def test_a_kernel_that_dies_while_cells_are_held_runs_none_of_them(held):
    held.kill()
    expect(held.card).to_contain_text("The kernel died and was restarted")
    held.page.locator(".jp-Dialog .jp-mod-accept").click()  # JupyterLab's own word about it
    held.until_idle()
    held.until_prompts(["", ""])


@pytest.mark.parametrize(
    ("prompt", "error"),
    [("%%codeact --outo\nOne?", "ConfigError"), ("%%codeact\n", "The prompt is empty")],
)
def test_a_magic_that_raises_ends_the_hold(open_book, model, prompt, error):
    book = open_book(LOAD, "order = ['x']", prompt, "order.append('held')", load=False)
    book.run_all()
    expect(book.cell(2)).to_contain_text(error)
    book.until_idle()
    book.until_prompts(["1", "2", "3", ""])
    assert book.says("order") == "['x']"
    book.run(3)
    expect(book.number(3)).to_have_text("[4]:")
    assert model.requests == []


def test_a_turn_that_fails_ends_the_hold(open_book, model):
    model.script(fault("401"))
    book = open_book(*HELD, load=False)
    book.run_all()
    expect(book.card).to_contain_text("401")
    book.until_idle()
    book.until_prompts(["1", "2", "3", "", ""])
    assert order(book) == "['x']"


def test_an_error_before_the_prompt_stops_all_behind_it(open_book, model):
    book = open_book(LOAD, "1 / 0", "%%codeact\nOne?", "after = 1", load=False)
    book.run_all()
    expect(book.cell(1)).to_contain_text("ZeroDivisionError")
    book.until_idle()
    book.until_prompts(["1", "2", "", ""])
    assert model.requests == []


def test_a_failing_held_cell_stops_those_behind_it(open_book, model):
    model.script("One.")
    book = open_book(LOAD, "%%codeact\nOne?", "1 / 0", "after = 1", load=False)
    book.run_all()
    expect(book.holding("1 / 0")).to_contain_text("ZeroDivisionError")
    book.until_idle()
    book.until_prompts(["1", "2", "3", ""])


def test_a_failing_action_aborts_nothing_that_the_user_queued(open_book, model):
    model.script("```python\n1 / 0\n```", "It cannot be done.")
    book = open_book(LOAD, "%%codeact --auto\nDivide.", "after = 1", load=False)
    book.run_all()
    expect(book.card).to_contain_text("2 steps")
    expect(book.number(-1)).to_have_text("[4]:")
    book.until_prompts(["1", "2", "3", "4"])


def test_a_running_action_is_interrupted_and_the_held_cells_do_not_run(open_book, model):
    model.script(f"```python\nprint('going')\n{ENDLESS}\n```")
    cells = [HELD[0], HELD[1], "%%codeact --auto\nOne?", *HELD[3:]]
    book = open_book(*cells, load=False)
    book.run_all()
    expect(book.holding("while True")).to_contain_text("going")
    by_card(book)
    expect(book.card).to_contain_text("Stopped")
    expect(book.holding("while True")).to_contain_text("KeyboardInterrupt")
    book.until_idle()
    book.until_prompts(["1", "2", "3", "4", "", ""])
    assert order(book) == "['x']"


def test_what_was_saved_as_a_proposal_is_never_run_by_run_all(held):
    """As when the page was closed while it waited: then another page, another kernel."""
    held.until_saved()
    held.page.goto("about:blank")
    held.lab.shut_down_kernels()
    held.load()
    expect(held.proposal).to_contain_text("Never approved")
    held.command("notebook:run-all-below")
    held.run_all()
    held.until_idle()
    assert "first" not in order(held)
