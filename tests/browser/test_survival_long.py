"""The table: the turn is far away in a notebook of 500 cells, in whatever phase.

Each test is one event, each of its subtests one phase (:mod:`survival`). JupyterLab draws a cell
only where it is seen, and keeps it on the page from then on (its default, `contentVisibility`),
or takes it away again (`full`).
"""

import pytest
from book import SHOWN, Book
from other_labs import windowed_lab
from waiting import until

MANY = [f"number_{at} = {at}" if at % 5 else f"# Part {at}" for at in range(245)]
# JupyterLab goes on scrolling as it learns how high the cells are; who clicks meanwhile may miss.
GO = """async at => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.mode = 'command';
  content.deselectAll();
  content.activeCellIndex = at;
  await content.scrollToItem(at);
  content.activate();
  let before = NaN;
  for (let [still, frames] = [0, 0]; still < 20; frames++) {
    if (frames > 1000) {
      throw new Error('the notebook does not stop scrolling');
    }
    await new Promise(requestAnimationFrame);
    const { top } = content.widgets[at].node.getBoundingClientRect();
    still = top === before ? still + 1 : 0;
    before = top;
  }
}"""
SCROLL = """toEnd => {
  const { outerNode } = window.jupyterapp.shell.currentWidget.content;
  outerNode.scrollTop = toEnd ? outerNode.scrollHeight : 0;
}"""
FAR = """at => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const cell = content.widgets[at].node.getBoundingClientRect();
  const { top, bottom } = content.outerNode.getBoundingClientRect();
  return !content.widgets[at].isAttached || cell.bottom < top || cell.top > bottom;
}"""


lab = windowed_lab


class LongBook(Book):
    """A notebook of which the page has not drawn every cell."""

    def cell(self, at):
        """The cell at that place, if the page holds it."""
        return self.page.locator(f'{SHOWN} .jp-Cell[data-windowed-list-index="{at}"]')

    def select(self, at):
        """Make a cell the active one as a jump to it does: a click might meet its neighbour."""
        self.page.evaluate(GO, at)

    def ask(self, prompt):
        """Run the prompt of this text, and wait for its card."""
        self.run_cell(prompt)
        self.cell(self.sources().index(prompt)).locator(".codeact-Card").wait_for()


@pytest.fixture
def kind_of_book():
    return LongBook


@pytest.fixture
def open_book(open_book):
    """The notebook, with many cells around those that are asked for."""
    return lambda *cells: open_book(*MANY, *cells, *MANY)


def status(scene):
    """How the prompt's turn stands, as its cell says."""
    cells = {cell["source"]: cell["metadata"] for cell in scene.book.model()}
    return cells[scene.prompt]["codeact"]["status"]


def test_the_user_is_elsewhere(in_each_phase):
    """What is to be done with a cell is done to the notebook, whether the page holds it or not."""

    def event(scene):
        book = scene.book
        prompt = book.sources().index(scene.prompt)
        to_end = scene.phase in {"code", "running", "answer"}
        book.select(len(book.sources()) - 2 if to_end else 1)
        book.page.evaluate(SCROLL, to_end)  # a jump to what was never drawn does not always scroll
        book.page.wait_for_function(FAR, arg=prompt)
        if scene.phase == "proposed":
            book.select(book.sources().index(scene.action))  # else the page may not hold its bar
        scene.goes_on()
        until(lambda: status(scene) == "answered")
        book.select(prompt)  # nor its card
        scene.finished()

    in_each_phase(event)
