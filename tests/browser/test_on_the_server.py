"""With `jupyter-server-nbmodel` cells run on the server, which says nothing of the page.

So the kernel takes it for a front end without our extension: a turn runs inside its cell.
"""

from __future__ import annotations

import pytest
from other_labs import lab_of
from playwright.sync_api import expect
from waiting import ENDLESS, until

pytestmark = pytest.mark.own_page

lab = lab_of(".venv-nbmodel")
AUTO, ASK = "%%codeact --auto\nAdd one to x.", "%%codeact\nAdd two to x."
LAST = "'last', total"


def reply(number, marks):
    code = (
        f"with open({str(marks)!r}, 'a') as marks:\n    print({number}, file=marks)\n"
        f"total = x + {number}\ntotal"
    )
    return f"I add **{number}**.\n\n```python\n{code}\n```"


def test_a_turn_runs_inside_its_cell(open_book, model, tmp_path):
    marks = tmp_path / "marks"
    cells = ["x = 41", AUTO, ASK, LAST]
    book = open_book(*cells)
    model.script(reply(1, marks), "The first is **42**.", reply(2, marks), "The other is **43**.")
    book.run_all()
    question = book.page.locator("input.jp-Stdin-input, .jp-Dialog input")
    question.wait_for()
    question.fill("y")
    question.press("Enter")
    expect(book.cell(-1)).to_contain_text("('last', 43)")
    book.until_nothing_waits()
    for prompt, words in ((AUTO, ("add 1", "42")), (ASK, ("add 2", "43"))):
        cell = book.holding(prompt.splitlines()[1])
        expect(cell.locator("strong")).to_have_text([words[0].split()[-1], words[1]])
        expect(cell).to_contain_text("2 steps")
    assert book.sources()[1:] == cells
    assert marks.read_text() == "1\n2\n"
    assert len(model.requests) == 4
    book.command("docmanager:save")
    book.until_saved()


def test_the_interrupt_button_stops_it(open_book, model):
    model.script(f"I go on.\n\n```python\nprint('going')\n{ENDLESS}\n```")
    book = open_book(AUTO, LAST)
    book.run_cell(AUTO)
    expect(book.cell(1)).to_contain_text("going")
    book.page.locator("[data-command='notebook:interrupt-kernel']").first.click()
    expect(book.cell(1)).to_contain_text("Stopped")
    book.until_nothing_waits()
    assert len(model.requests) == 1
    assert book.says("1 + 1") == "2"


def test_a_page_that_is_loaded_anew_meanwhile(open_book, model, tmp_path):
    """The turn goes on in the kernel."""
    marks, go = tmp_path / "marks", tmp_path / "go"
    waits = (
        f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists():\n    time.sleep(0.01)"
    )
    first = reply(1, marks).replace("```python\n", f"```python\n{waits}\n")
    model.script(first, "It is **42**.")
    book = open_book("x = 41", AUTO, LAST)
    book.run_cell("x = 41")
    book.run_cell(AUTO)
    expect(book.cell(2)).to_contain_text("add 1")
    book.command("docmanager:save")
    until(lambda: book.saved().cells[2].outputs)
    book.page.reload()
    book.until_shown()
    go.touch()
    expect(book.cell(2)).to_contain_text("2 steps")
    expect(book.cell(2).locator("strong").last).to_have_text("42")
    book.until_nothing_waits()
    assert marks.read_text() == "1\n"
    assert book.says("total") == "42"
    assert len(model.requests) == 2
