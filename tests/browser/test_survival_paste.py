"""The table: a step is cut out of its notebook and pasted into one with another kernel.

Each subtest is one phase (:mod:`survival`). To the turn the cell was deleted. Where it is pasted
nothing runs by itself, and what it keeps of its turn approves nothing.
"""

import pytest
from book import Book
from playwright.sync_api import expect
from survival import ANSWER, PHASES, THOUGHT
from waiting import until

UNDECIDED = {"code", "proposed"}


def bring(book):
    """Bring the notebook to the front."""
    book.command("docmanager:open", path=book.name)
    book.page.wait_for_function(
        "name => window.jupyterapp.shell.currentWidget?.context?.path === name", arg=book.name
    )


def run_all(book):
    """Run all cells, and wait until the kernel has run what it was sent."""
    before = int(book.says("globals().get('rounds', 0)"))
    book.run_all()
    until(lambda: int(book.says("globals().get('rounds', 0)")) == before + 1)
    book.until_idle()


@pytest.mark.own_page
def test_he_pastes_the_action_elsewhere(lab, page, in_each_phase):
    name = lab.write("%load_ext codeact_jupyter", "rounds = globals().get('rounds', 0) + 1")
    other = Book(lab, page, name)

    def event(scene):
        book = scene.book
        marks = scene.marks
        book.select(book.sources().index(scene.prompt) + 2)
        source = scene.made[1]["source"]
        book.command("notebook:cut-cell")
        until(lambda: source not in book.sources())
        bring(other)
        page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.content.model?.cells.length > 1"
        )
        other.until_idle()
        other.command("notebook:paste-cell-above")
        until(lambda: source in other.sources())
        if scene.phase in UNDECIDED:
            run_all(other)
            assert scene.marks == 0
            pasted = other.model()[other.sources().index(source)]
            assert pasted["execution_count"] is None
        other.until_idle()
        assert scene.marks == marks
        page.evaluate(
            "at => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = at; }",
            other.sources().index(source),
        )
        other.command("notebook:delete-cell")
        until(lambda: source not in other.sources())
        bring(book)
        scene.let_go()
        expect(scene.card).to_contain_text("2 steps")
        scene.holds([THOUGHT, ANSWER], marks=int(scene.phase not in UNDECIDED))
        assert len(scene.model.requests) == 2

    in_each_phase(event, PHASES[1:])
