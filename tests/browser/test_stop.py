"""Stop, by every way that a user has, at every point of a turn."""

import threading
from pathlib import Path

import pytest
from endpoint import fault
from playwright.sync_api import expect
from recording import Recording

ADD = "I add one.\n\n```python\nstarted = 1\n```"
ENDLESS = (
    "I count.\n\n```python\nimport time\nprint('begun')\nwhile True:\n    time.sleep(0.01)\n```"
)
DEAF = """I do not listen.

```python
import pathlib, time
end = time.monotonic() + 20
over = lambda: time.monotonic() > end or pathlib.Path({release!r}).exists()
while not over():
    try:
        print('begun')
        while not over():
            time.sleep(0.01)
    except KeyboardInterrupt:
        print('not now')
```"""
STOPPED = "Stopped by you"


def by_the_card(book):
    book.card.get_by_role("button", name="Stop").click()


def by_the_palette(book):
    book.page.keyboard.press("Control+Shift+C")
    book.page.keyboard.type("Stop This Turn")
    book.page.locator(".lm-CommandPalette-item.lm-mod-active", has_text="Stop This Turn").wait_for()
    book.page.keyboard.press("Enter")


def by_the_interrupt_button(book):
    book.page.locator(
        ".jp-NotebookPanel-toolbar [data-command='notebook:interrupt-kernel']"
    ).click()


def by_a_cell(book):
    book.run_cell("%codeact stop")


WAYS = [by_the_card, by_the_palette, by_the_interrupt_button, by_a_cell]
NAMES = [way.__name__ for way in WAYS]


def held(text=""):
    return fault("held", release=threading.Event(), text=text)


def expect_stopped(book, model):
    """The turn has ended and left nothing that waits, runs, or seems to run."""
    expect(book.card).to_contain_text(STOPPED)
    expect(book.card.get_by_role("button")).to_have_count(0)
    expect(book.proposal).to_have_count(0)
    book.until_idle()
    book.until_nothing_waits()
    assert model.unscripted == 0


@pytest.fixture
def asked(open_book, model):
    """A notebook with a prompt for each way to stop, one more, and a cell that stops."""
    prompts = [f"%%codeact\n{name}" for name in NAMES]
    return open_book(*prompts, "%%codeact\nAnd now?", "%codeact stop")


@pytest.mark.parametrize("words", ["", "I begin to wri"], ids=["thinks", "writes"])
def test_while_the_model_thinks_or_writes(asked, model, words):
    for number, way in enumerate(WAYS):
        model.script(held(words))
        asked.ask(f"%%codeact\n{way.__name__}")
        request = model.wait_for(number + 1)
        expect(asked.card).to_contain_text("writing" if words else "thinking")
        way(asked)
        expect_stopped(asked, model)
        assert request.hung_up.wait(5)
    model.script("It goes on.")
    asked.ask("%%codeact\nAnd now?")
    expect(asked.card).to_contain_text("1 step")
    assert asked.sources()[-2] == "It goes on."
    assert len(model.requests) == len(WAYS) + 1


def test_while_a_proposal_waits(asked, model):
    for way in WAYS:
        model.script(ADD)
        asked.ask(f"%%codeact\n{way.__name__}")
        asked.until_proposed()
        way(asked)
        expect_stopped(asked, model)
    assert "started = 1" not in asked.sources()


def test_while_an_action_runs(open_book, model):
    prompts = [f"%%codeact --auto\n{name}" for name in NAMES]
    book = open_book(*prompts, "%%codeact\nAnd now?", "%codeact stop")
    for way, prompt in zip(WAYS, prompts, strict=True):
        model.script(ENDLESS)
        book.ask(prompt)
        action = book.cell(book.sources().index(prompt) + 2)
        expect(action.locator(".jp-OutputArea-output").first).to_have_text("begun")
        way(book)
        expect_stopped(book, model)
        expect(action).to_contain_text("begun")  # what it had put out stays
        expect(action).to_contain_text("KeyboardInterrupt")
    model.script("It goes on.")
    book.ask("%%codeact\nAnd now?")
    expect(book.card).to_contain_text("1 step")
    book.until_saved()
    actions = [cell for cell in book.saved().cells if cell.source.startswith("import time")]
    assert [cell.metadata.codeact.status for cell in actions] == ["interrupted"] * len(WAYS)


@pytest.mark.own_page
def test_a_cell_that_stops_is_not_sent_to_the_kernel_which_would_read_it_too_late(
    open_book, model, page
):
    prompt, stop = "%%codeact --auto\nGo.", "%codeact stop"
    recording = Recording(page)
    model.script(ENDLESS)
    book = open_book(prompt, stop)
    book.ask(prompt)
    expect(book.holding("while True")).to_contain_text("begun")
    book.run_cell(stop)
    expect_stopped(book, model)
    stops = [cell["id"] for cell in book.model() if cell["source"] == stop]
    sent = [line["runs"] for line in recording.settled() if "runs" in line]
    assert len(sent) == 3
    assert not set(sent) & set(stops)


def test_an_action_that_ignores_the_interrupt_is_said_so(open_book, model, tmp_path):
    release = tmp_path / "release"
    model.script(DEAF.format(release=str(release)))
    book = open_book("%%codeact --auto\nGo.", "%%codeact\nAnd now?")
    book.ask("%%codeact --auto\nGo.")
    expect(book.cell(3)).to_contain_text("begun")
    by_the_card(book)
    expect(book.card).to_contain_text("The action does not stop.")
    expect(book.card).to_contain_text("stopping")
    expect(book.card.get_by_role("button")).to_have_text(["Restart kernel"])
    Path(release).touch()
    expect_stopped(book, model)
    expect(book.card).not_to_contain_text("does not stop")
    model.script("It goes on.")
    book.ask("%%codeact\nAnd now?")
    expect(book.card).to_contain_text("1 step")


def test_the_restart_that_is_offered(open_book, model, tmp_path):
    model.script(DEAF.format(release=str(tmp_path / "never")))
    book = open_book("%%codeact --auto\nGo.", "%%codeact\nAnd now?")
    book.ask("%%codeact --auto\nGo.")
    expect(book.cell(3)).to_contain_text("begun")
    by_the_card(book)
    book.card.get_by_role("button", name="Restart kernel").click()
    book.page.locator(".jp-Dialog .jp-mod-warn").click()
    expect(book.card).to_contain_text("so this turn ended")
    book.until_idle()
    book.until_nothing_waits()
    book.run(0)
    book.until_idle()
    model.script("It goes on.")
    book.ask("%%codeact\nAnd now?")
    expect(book.card).to_contain_text("1 step")


def test_a_stop_never_interrupts_the_users_own_cell(open_book, model, tmp_path):
    release = tmp_path / "release"
    own = (
        f"import pathlib, time\nwhile not pathlib.Path({str(release)!r}).exists():\n"
        "    time.sleep(0.01)\n'whole'"
    )
    model.script(ADD)
    book = open_book("%%codeact\nGo.", own)
    book.ask("%%codeact\nGo.")
    book.until_proposed()
    book.run_cell(own)
    expect(book.bracket("'whole'")).to_have_text("[*]:")
    book.run_cell("started = 1")  # waits behind it
    expect(book.bracket("started = 1")).to_have_text("[*]:")
    by_the_card(book)
    expect(book.card).to_contain_text("stopping")
    release.touch()
    expect(book.cell(-1).locator(".jp-OutputArea-output")).to_have_text("'whole'")
    expect_stopped(book, model)
