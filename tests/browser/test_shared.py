"""The table under `jupyter-collaboration`: all pages that show a notebook write the same one.

Each test is one event, each of its subtests one phase (:mod:`survival`). There the executor is
that extension's, and whatever one page writes the others have at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from book import SHARED, Book
from other_labs import lab_of
from pages import WatchedPage, new_page
from playwright.sync_api import expect
from survival import ANSWER, THOUGHT, broken_off, left
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.own_page

lab = lab_of(".venv-collab")
ADD = "I add.\n\n```python\ntotal = x + 1\ntotal\n```"
PROMPT = "%%codeact\nAdd one to x."


@pytest.fixture
def second(browser, lab) -> Iterator[WatchedPage]:
    """A page of another browser."""
    watched = WatchedPage(browser, lab.url)
    yield watched
    watched.close()
    assert watched.faults == []


def open_in(second, book):
    """Show the notebook in the second browser, unless it does so since a phase before."""
    other = Book(book.lab, second.page, book.name)
    if not second.page.url.startswith(book.lab.url):
        second.page.goto(other.address)
        other.until_shown()
        assert second.page.evaluate(SHARED)
    return other


def content(book):
    """What a page shows of the notebook."""
    kept = ("id", "cell_type", "source", "outputs", "execution_count")
    return [{name: cell.get(name) for name in kept} for cell in book.model()]


def stop(scene):
    scene.card.get_by_role("button", name="Stop").click()


def ran(scene):
    return int(scene.phase in {"running", "observing", "answer", "ended"})


def test_another_browser_shows_it(in_each_phase, second):
    """It may run the proposal, too."""

    def event(scene):
        book = scene.book
        scene.book = other = open_in(second, book)
        if scene.phase != "ended":
            expect(scene.card.get_by_role("button", name="Stop")).to_be_visible()
        scene.finishes()
        scene.book = book
        scene.holds([THOUGHT, scene.action, ANSWER], marks=1)
        assert content(book) == content(other)
        book.save()

    in_each_phase(event)


def test_another_browser_stops_it(in_each_phase, second):
    def event(scene):
        book = scene.book
        scene.book = other = open_in(second, book)
        stop(scene)
        scene.ended("Stopped by you", broken_off(scene), marks=ran(scene))
        scene.book = book
        scene.ended("Stopped by you", broken_off(scene), marks=ran(scene))
        until(lambda: content(book) == content(other))

    in_each_phase(event, ("proposed", "running", "answer"))


def test_the_kernel_is_restarted(in_each_phase, second):
    """Both pages see it go; the turn ends once."""

    def event(scene):
        book = scene.book
        scene.book = other = open_in(second, book)
        expect(scene.card.get_by_role("button", name="Stop")).to_be_visible()
        book.restart()
        for scene.book in (other, book):
            scene.ended(
                "The kernel was restarted, so this turn ended.", left(scene), marks=ran(scene)
            )
        until(lambda: content(book) == content(other))
        book.until_idle()
        for cell in ("%load_ext codeact_jupyter", "mine = 1\nmine"):
            book.run_cell(cell)
        until(lambda: book.says("'mine' in dir()") == "True")

    in_each_phase(event, ("proposed",))


def test_the_page_that_asked_is_closed(browser, in_each_phase):
    """The turn goes on in the other browser."""

    def event(scene):
        book = scene.book
        before = book.page
        book.page = new_page(browser)
        book.page.goto(book.address)
        book.until_shown()
        before.context.close()
        scene.finishes()
        book.save()

    in_each_phase(event, ("running",))


def test_the_page_is_reloaded(in_each_phase):
    def event(scene):
        scene.book.page.reload()
        scene.book.until_shown()
        scene.finishes()

    in_each_phase(event, ("proposed", "running"))


def test_run_all_keeps_the_order_behind_a_prompt(open_book, model):
    model.script(ADD, "It is 42.")
    book = open_book("x = 41", PROMPT, "after = total")
    book.run_all()
    book.until_proposed()
    expect(book.number(-1)).to_have_text("[*]:")
    assert book.says("'after' in dir()") == "False"
    book.approve()
    expect(book.card).to_contain_text("2 steps")
    book.until_idle()
    book.until_nothing_waits()
    assert book.says("after") == "42"
    assert book.sources()[2:] == [
        PROMPT,
        "I add.",
        "total = x + 1\ntotal",
        "It is 42.",
        "after = total",
    ]
