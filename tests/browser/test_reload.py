"""The page is reloaded while a turn goes on: the new page takes it up where it stands.

One reload in each phase is a row of the table (``test_survival.py``); these are the others.
"""

import re
import threading

import pytest
from endpoint import fault
from nbformat.reader import NotJSONError
from playwright.sync_api import expect
from waiting import ENDLESS, until

pytestmark = pytest.mark.own_page

ADD = "I add one.\n\n```python\ntotal = x + 1\ntotal\n```"
MORE = "And one more.\n\n```python\ntotal = total + 1\ntotal\n```"
ANSWER = "The sum is **43**."
SOURCES = [
    "I add one.",
    "total = x + 1\ntotal",
    "And one more.",
    "total = total + 1\ntotal",
    ANSWER,
]


@pytest.fixture
def asked(open_book, model):
    """A notebook whose prompt is asked with the replies that the test gives."""

    def asked(flags, *replies):
        model.script(*replies)
        book = open_book("x = 41", f"%%codeact {flags}\nAdd two.", "after = 1")
        book.run(1)
        book.run(2)
        return book

    return asked


def reload(book):
    book.page.reload()
    book.page.wait_for_selector(".jp-Notebook .jp-Cell")


def unless_saved(route):
    """Let nothing be saved: the server is never asked, and the page waits for it."""
    if route.request.method != "PUT":
        route.fallback()


def saved_outputs(book):
    """How many outputs the first action has in the file."""
    try:
        cells = book.saved().cells
    except NotJSONError:
        return 0  # it is being written
    return len(cells[4].outputs)


def finishes(book, model, requests=3):
    """The turn comes to its end: nothing is doubled, nothing lost, and the file says so."""
    expect(book.card).to_contain_text("3 steps")
    assert book.sources()[3:-1] == SOURCES
    assert book.sources()[-1] == "after = 1"
    assert book.cards.count() == 1
    assert book.says("total") == "43"
    expect(book.cell(7).locator("strong")).to_have_text("43")
    book.save()
    assert book.saved().cells[2].metadata.codeact.status == "answered"
    assert [len(cell.outputs) for cell in book.saved().cells if cell.cell_type == "code"][:5] == [
        0,
        0,
        1,
        1,
        1,
    ]
    assert len(model.requests) == requests


def test_while_a_proposal_waits_and_between_the_steps(asked, model):
    release = threading.Event()
    book = asked("", ADD, fault("held", release=release, then=MORE), ANSWER)
    book.until_proposed()
    reload(book)
    expect(book.card).to_contain_text("waiting for you")
    expect(book.proposal).to_contain_text("Run to approve")
    book.approve()
    expect(book.card).to_contain_text("step 2")
    model.wait_for(2)
    until(lambda: saved_outputs(book) == 1)  # what no file has yet, a reload loses
    reload(book)  # while the model is asked for the next step
    expect(book.card).to_contain_text("thinking")
    release.set()
    expect(book.proposal).to_contain_text("Run to approve")
    reload(book)
    expect(book.card).to_contain_text("waiting for you")
    book.run(6)  # as well by the key
    finishes(book, model)


def test_steps_that_were_never_saved_come_again(open_book, model, tmp_path):
    release = tmp_path / "release"
    waits = (
        f"import pathlib, time\nwhile not pathlib.Path({str(release)!r}).exists():\n"
        "    time.sleep(0.01)\ntotal = total + 1\ntotal"
    )
    model.script(ADD, f"And one more.\n\n```python\n{waits}\n```", ANSWER)
    book = open_book("x = 41", "%%codeact --auto\nAdd two.")
    book.run(1)
    book.page.route(re.compile("/api/contents/"), unless_saved)
    book.ask("%%codeact --auto\nAdd two.")
    expect(book.bracket("import pathlib")).to_have_text("[*]:")
    reload(book)
    assert len(book.saved().cells) == 3
    book.page.unroute_all()  # not before: that would let the save go on
    release.touch()
    expect(book.card).to_contain_text("3 steps")
    sources = [SOURCES[0], SOURCES[1], "And one more.", waits, ANSWER]
    assert book.sources()[3:] == sources
    assert book.says("total") == "43"
    for at, shown in ((4, "42"), (6, "43")):
        expect(book.cell(at).locator(".jp-OutputArea-output")).to_have_text(shown)
    book.until_prompts(["4", "5"])
    book.save()
    assert [cell.source for cell in book.saved().cells][3:] == sources
    assert [len(cell.outputs) for cell in book.saved().cells[4:7:2]] == [1, 1]


def test_the_interrupt_button_stops_an_action_from_the_new_page(asked, model):
    book = asked("--auto", f"```python\nprint('going')\n{ENDLESS}\n```")
    expect(book.holding("while True")).to_contain_text("going")
    until(lambda: book.saved().cells[2].outputs)  # the card, of which a busy kernel says nothing
    reload(book)
    expect(book.card).to_contain_text("to stop what it runs, interrupt it")  # busy, not over
    book.page.locator("[data-command='notebook:interrupt-kernel']").first.click()
    expect(book.card).to_contain_text("Stopped")
    assert len(model.requests) == 1
    assert book.says("1 + 1") == "2"


def test_held_cells_are_not_held_in_the_new_page(asked, model):
    book = asked("", ADD, "It is **42**.")
    book.until_proposed()
    book.run_all()
    reload(book)
    expect(book.card).to_contain_text("waiting for you")
    book.until_prompts([""])
    book.approve()
    expect(book.card).to_contain_text("2 steps")
    book.until_idle()
    assert book.says("'after' in dir()") == "False"
