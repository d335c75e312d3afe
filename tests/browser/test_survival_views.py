"""The table: the notebook is open twice, or is closed and opened again, in whatever phase.

Each test is one event, each of its subtests one phase (:mod:`survival`).
"""

import pytest
from book import Book
from pages import new_page
from playwright.sync_api import expect
from waiting import until

VIEWS = """() => [...window.jupyterapp.shell.widgets('main')].filter(one => one.context).length"""
CLOSE = """at => {
  [...window.jupyterapp.shell.widgets('main')].filter(one => one.context)[at].close();
}"""


def open_view(book):
    """Show the notebook in a second view of this page, with its turn."""
    book.command("docmanager:clone")
    until(lambda: book.page.evaluate(VIEWS) == 2)


def close_view(book, at):
    book.page.evaluate(CLOSE, at)
    until(lambda: book.page.evaluate(VIEWS) == 1)
    expect(book.page.locator(".jp-NotebookPanel")).to_have_count(1)


def test_a_second_view_is_opened_and_closed(in_each_phase):
    def event(scene):
        open_view(scene.book)
        close_view(scene.book, 1)
        scene.finishes()

    in_each_phase(event)


def test_the_view_that_asked_is_closed(in_each_phase):
    def event(scene):
        open_view(scene.book)
        close_view(scene.book, 0)
        scene.finishes()

    in_each_phase(event)


def test_a_new_kernel_is_met_where_a_second_view_was_closed(open_book, model):
    prompt = "%%codeact\nSay it."
    model.script("It is **so**.")
    book = open_book(prompt)
    open_view(book)
    close_view(book, 1)
    book.restart()
    book.until_idle()
    book.run(0)
    book.ask(prompt)
    expect(book.card).to_contain_text("1 step")


def test_it_is_closed_without_saving_and_opened_again(in_each_phase):
    """What was not saved of the turn is told by its kernel again."""

    def event(scene):
        book = scene.book
        book.command("application:close")
        asked = book.page.locator(".jp-Dialog").get_by_role("button", name="Discard")
        shows = book.page.locator(".jp-Notebook")
        until(lambda: asked.count() or not shows.count())
        if asked.count():
            asked.click()
        expect(shows).to_have_count(0)
        book.command("docmanager:open", path=book.name)
        book.page.wait_for_selector(".jp-Notebook .jp-Cell")
        book.page.wait_for_function(
            "() => 'toJSON' in (window.jupyterapp?.shell.currentWidget?.content?.model ?? {})"
        )
        scene.finishes()

    in_each_phase(event)


@pytest.mark.own_page
def test_another_browser_shows_it_and_the_one_that_asked_goes_on(browser, in_each_phase):
    """The other one hears of the end, keeps its copy, and saves nothing."""
    page = new_page(browser)

    def event(scene):
        book = scene.book
        other = Book(book.lab, page, book.name)
        page.goto(other.address)
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        scene.finishes()
        card = other.holding(scene.prompt.splitlines()[1]).locator(".codeact-Card")
        expect(card.get_by_role("button")).to_have_count(0)
        book.save()
        assert page.locator(".jp-Dialog").all_inner_texts() == []

    in_each_phase(event)
    page.context.close()


@pytest.mark.own_page
def test_another_browser_shows_it_and_the_one_that_asked_is_closed(browser, in_each_phase):
    """The turn goes on in the other one."""

    def event(scene):
        book = scene.book
        before = book.page
        book.page = new_page(browser)
        book.page.goto(book.address)
        book.page.wait_for_selector(".jp-Notebook .jp-Cell")
        before.context.close()
        book.page.wait_for_function(
            "() => 'toJSON' in (window.jupyterapp?.shell.currentWidget?.content?.model ?? {})"
        )
        scene.finishes()

    in_each_phase(event)
