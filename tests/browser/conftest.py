"""Fixtures for tests in a real browser: one server for all, a fresh notebook for each.

They share a page too, where none of them has to have it for itself (:mod:`pages`).

While Playwright is there, its event loop counts as running in this thread, and no test could
run one of its own: so these tests come last (``tests/conftest.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from book import Book
from chat import Chat
from endpoint import ScriptedEndpoint
from lab import CHROMIUM, FLAGS, Lab
from pages import WatchedPage
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page
    from survival import Phase, Scene

pytest.register_assert_rewrite("survival")

# Two cores may be shared with other tests: what comes, comes; what is wrong is found late.
expect.set_options(timeout=60_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Tell of a test that failed what its page showed."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if call.excinfo is not None and page is not None and not page.is_closed():
        item.funcargs["watched"].used_up = True
        shown = page.evaluate(
            "() => [window.jupyterapp?.shell?.currentWidget?.title.label, document.body.innerText]"
        )
        report.sections.append(("the page", "\n".join(map(str, shown))[:6000]))
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_endpoint() -> Iterator[ScriptedEndpoint]:
    """The model of all kernels of the shared server."""
    with ScriptedEndpoint() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def lab(tmp_path_factory, shared_endpoint) -> Iterator[Lab]:
    """The newest JupyterLab."""
    with Lab(tmp_path_factory.mktemp("lab"), **shared_endpoint.environment) as server:
        yield server


@pytest.fixture
def model(shared_endpoint) -> ScriptedEndpoint:
    """The model of the shared server, which has said nothing yet."""
    shared_endpoint.forget()
    return shared_endpoint


@pytest.fixture(scope="session")
def shared_pages(browser) -> Iterator[list[WatchedPage]]:
    """The page that tests share, if there is one."""
    pages: list[WatchedPage] = []
    yield pages
    for watched in pages:
        watched.close()


def shared_page(browser: Browser, lab: Lab, pages: list[WatchedPage]) -> WatchedPage:
    """The page of the tests before, or a new one where that is of no more use."""
    for watched in list(pages):
        if watched.used_up or watched.faults or watched.server != lab.url:
            pages.remove(watched)
            watched.close()
    if not pages:
        pages.append(WatchedPage(browser, lab.url))
    return pages[0]


@pytest.fixture
def watched(request, browser, lab, shared_pages) -> Iterator[WatchedPage]:
    """A page that shows no notebook; an error that nothing caught fails the test."""
    if request.node.get_closest_marker("own_page"):
        watched = WatchedPage(browser, lab.url)
        yield watched
        watched.close()
    else:
        watched = shared_page(browser, lab, shared_pages)
        yield watched
        watched.put_away()
    assert watched.faults == []


@pytest.fixture
def page(watched) -> Page:
    """The page of the test."""
    return watched.page


@pytest.fixture
def nothing_left(lab) -> Iterator[None]:
    """Shut down what kernels a test has left, and remove its notebooks, once its page is closed."""
    yield
    lab.shut_down_kernels()
    lab.clear()


@pytest.fixture
def kind_of_book() -> type[Book]:
    """How the notebooks of a module are driven; one whose pages are others has its own."""
    return Book


@pytest.fixture
def open_book(lab, nothing_left, page, kind_of_book) -> Callable[..., Book]:
    """Open a new notebook with these cells, below one that loads the extension and has run."""

    def open_book(*cells, load: bool = True) -> Book:
        name = lab.write(*(["%load_ext codeact_jupyter"] if load else []), *cells)
        book = kind_of_book(lab, page, name)
        book.open()
        if load:
            book.run(0)
            book.until_idle()
        return book

    return open_book


@pytest.fixture
def open_chat(open_book) -> Iterator[Callable[..., Chat]]:
    """Open the chat beside a new notebook in whose kernel these cells have run, above others."""
    opened: list[Chat] = []

    def open_chat(*cells: str, others: tuple[str, ...] = ()) -> Chat:
        book = open_book(*cells, *others)
        for at in range(len(cells)):
            book.run(at + 1)
            book.until_idle()
        chat = Chat(book)
        chat.field.wait_for()
        opened.append(chat)
        return chat

    yield open_chat
    for chat in opened:
        chat.book.command("application:toggle-right-area")


@pytest.fixture
def in_each_phase(open_book, model, tmp_path, subtests) -> Callable[..., None]:
    """Let something happen to a turn in each phase, one after the other in one notebook."""
    from survival import PHASES, scenes  # not before its asserts are to be rewritten

    def in_each_phase(event: Callable[[Scene], None], phases: tuple[Phase, ...] = PHASES) -> None:
        for scene in scenes(open_book, model, tmp_path, phases):
            passed = False
            with subtests.test(scene.phase):
                event(scene)
                passed = True
            if not passed:  # what it left may be in the way of the next, which would wait in vain
                return

    return in_each_phase
