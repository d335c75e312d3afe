"""The table: whatever happens to the page in whatever phase, the turn goes on and nothing is lost.

Each test is one event, each of its subtests one phase (:mod:`survival`).
"""

import pytest
from playwright.sync_api import expect
from wire import Wire


def test_nothing_happens(in_each_phase):
    in_each_phase(lambda scene: scene.finishes())


@pytest.mark.own_page
def test_the_page_is_reloaded(in_each_phase):
    def event(scene):
        scene.book.page.reload()
        scene.book.until_shown()
        scene.finishes()

    in_each_phase(event)


def test_the_notebook_is_closed_and_opened_again(in_each_phase):
    def event(scene):
        book = scene.book
        book.close()
        book.show()
        scene.finishes()

    in_each_phase(event)


@pytest.mark.own_page
def test_the_browser_is_away_while_the_turn_goes_on(in_each_phase):
    def event(scene):
        book = scene.book
        book.page.goto("about:blank")
        scene.let_go()
        book.page.goto(book.address)
        book.until_shown()
        scene.finishes()

    in_each_phase(event)


@pytest.mark.own_page
def test_the_notebook_is_in_a_tab_behind(in_each_phase):
    def event(scene):
        book = scene.book
        book.command("launcher:create")
        expect(book.page.locator(".jp-Launcher").last).to_be_visible()
        scene.let_go()
        book.command("application:activate-previous-tab")
        expect(book.page.locator(".jp-Notebook")).to_be_visible()
        scene.finishes()

    in_each_phase(event)


@pytest.mark.own_page
def test_the_websocket_is_cut_and_all_that_is_sent_is_lost(page, in_each_phase):
    wire = Wire(page)

    def event(scene):
        wire.cut()
        scene.let_go()
        if scene.phase not in {"proposed", "ended"}:
            wire.until_lost()
        wire.mend()
        scene.finishes()

    in_each_phase(event)
