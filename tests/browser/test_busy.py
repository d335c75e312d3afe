"""A kernel that hears nothing while a cell of the user's runs: what he decides is shown at once."""

import json
import re

import pytest
from kernels import ENDS, argv
from playwright.sync_api import expect

pytestmark = pytest.mark.own_page

ADD = "I add one.\n\n```python\ntotal = 1\n```"


@pytest.fixture
def busy(lab, page, model, tmp_path):
    """A notebook with a proposal, whose kernel is old and runs a cell of the user's."""
    place = lab.folder.parent / "data/kernels/oldest"
    place.mkdir(parents=True, exist_ok=True)
    spec = {"argv": argv(ENDS["oldest"]), "display_name": "oldest", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(spec))
    model.script(ADD, "Then not.")
    go = tmp_path / "go"
    waits = f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)"
    cells = ["%load_ext codeact_jupyter", "%%codeact\nAdd one.", waits]
    book = lab.open(page, lab.write(*cells, kernel="oldest"))
    book.run(0)
    book.until_idle()
    book.run_cell(cells[1])
    book.until_proposed()
    book.run_cell(waits)
    expect(book.number(-1)).to_have_text("[*]:")
    yield book, go
    go.touch()


def test_a_rejected_proposal_says_that_it_goes(busy, model):
    book, go = busy
    book.proposal.get_by_role("button", name="Reject").click()
    book.page.keyboard.press("Enter")
    expect(book.proposal).to_contain_text("This will not run; it goes when the kernel is free")
    expect(book.proposal.get_by_role("button", name=re.compile("Run|Reject"))).to_have_count(0)
    go.touch()
    expect(book.holding("Then not.")).to_be_visible()
    expect(book.proposal).to_have_count(0)
    assert book.says("'total' in dir()") == "False"


def test_a_stopped_one_does_too(busy, model):
    book, go = busy
    book.card.get_by_role("button", name="Stop").click()
    expect(book.card).to_contain_text("stopping")
    expect(book.proposal).to_contain_text("This will not run; it goes when the kernel is free")
    go.touch()
    expect(book.card).to_contain_text("Stopped by you")
    expect(book.proposal).to_have_count(0)
    assert book.says("'total' in dir()") == "False"
