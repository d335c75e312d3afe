"""A notebook of turns in the other front ends: Notebook, and the oldest of both we support."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from endpoint import fault
from lab import Lab
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.own_page

OLD = str(Path(__file__).parents[2] / ".venv-lab45/bin/python")
FRONT_ENDS = {
    "Notebook 7.6": (sys.executable, "notebook", "7.6."),
    "JupyterLab 4.5.0": (OLD, "lab", "4.5.0"),
    "Notebook 7.5.0": (OLD, "notebook", "7.5.0"),
}
ADD = "I add one to `x`.\n\n```python\ntotal = x + 1\ntotal\n```"
CODE = "total = x + 1\ntotal"
ANSWER = "The sum is **42**."
ASK, AUTO, REJECT, STOP = (
    "%%codeact\nWhat is x + 1?",
    "%%codeact --auto\nAnd by yourself?",
    "%%codeact\nAnd if I do not let you?",
    "%%codeact\nAnd if I stop you?",
)


@pytest.fixture(scope="module", params=FRONT_ENDS)
def front_end(request) -> tuple[str, str, str]:
    """Its Python, its app, and how its version begins."""
    return FRONT_ENDS[request.param]


@pytest.fixture(scope="module")
def lab(front_end, tmp_path_factory, shared_endpoint) -> Iterator[Lab]:
    """That server instead of the newest JupyterLab."""
    python, app, _ = front_end
    folder = tmp_path_factory.mktemp("lab")
    with Lab(folder, python, app, **shared_endpoint.environment) as server:
        yield server


def shift_enter(book, source):
    """Run the cell of this text."""
    book.run(book.sources().index(source))


def test_a_notebook_of_turns(open_book, model, page, front_end):
    page.set_viewport_size({"width": 1200, "height": 1800})  # all cells are in sight
    book = open_book("x = 41", ASK, AUTO, REJECT, STOP, "last = total")
    assert page.evaluate("window.jupyterapp.version").startswith(front_end[2])
    shift_enter(book, "x = 41")
    asks(book, model)
    runs_by_itself(book, model)
    is_rejected(book, model)
    is_stopped(book, model)
    runs_all_in_order(book, model)


def asks(book, model):
    """A proposal waits for Shift-Enter, and the answer is rendered."""
    model.script(ADD, ANSWER)
    shift_enter(book, ASK)
    book.until_proposed()
    expect(book.card).to_contain_text("waiting for you")
    shift_enter(book, CODE)
    expect(book.card).to_contain_text("2 steps")
    expect(book.holding("The sum is").locator("strong")).to_have_text("42")
    assert book.sources()[2:6] == [ASK, "I add one to `x`.", CODE, ANSWER]
    book.until_saved()
    assert book.says("total") == "42"


def runs_by_itself(book, model):
    """An auto turn shows no bar and needs nobody."""
    model.script(ADD.replace("1", "2"), "It is 43.")
    shift_enter(book, AUTO)
    expect(book.cards).to_have_count(2)
    expect(book.card).to_contain_text("2 steps")
    assert book.says("total") == "43"


def is_rejected(book, model):
    """What is rejected goes and does not run."""
    model.script(ADD, "Then not.")
    shift_enter(book, REJECT)
    book.until_proposed()
    book.proposal.get_by_role("button", name="Reject").click()
    book.page.keyboard.type("I do it myself")
    book.page.keyboard.press("Enter")
    expect(book.holding("Then not.")).to_be_visible()
    expect(book.card).to_contain_text("2 steps")
    expect(book.proposal).to_have_count(0)
    assert "I do it myself" in model.requests[-1].json["messages"][-1]["content"]
    assert book.says("total") == "43"


def is_stopped(book, model):
    """Stop ends a turn whose model thinks."""
    model.script(fault("held", release=threading.Event()))
    shift_enter(book, STOP)
    model.wait_for(7)
    book.card.get_by_role("button", name="Stop").click()
    expect(book.card).to_contain_text("Stopped by you")
    assert model.requests[-1].hung_up.wait(30)
    book.until_idle()


def runs_all_in_order(book, model):
    """Answered prompts are quiet; the stopped one is asked again and holds the cell behind it."""
    model.script(ADD, ANSWER)
    book.run_all()
    book.until_proposed()
    expect(book.cards).to_contain_text(["Answered before"] * 3 + ["waiting for you"])
    expect(book.number(-1)).to_have_text("[*]:")
    assert book.says("'last' in dir()") == "False"
    book.approve()
    expect(book.card).to_contain_text("2 steps")
    book.until_idle()
    assert book.says("last") == "42"
    assert len(model.requests) == 9
