"""A finished notebook goes without a model, and the file holds what the page shows.

The file is the user's: what another program wrote into it stays, and a save that fails is
a line in the card while the turn goes on.
"""

import subprocess
import threading

import nbformat
import pytest
from endpoint import fault
from kernels import BARE, NEWEST
from lab import Lab
from playwright.sync_api import expect
from waiting import until

LOAD = "%load_ext codeact_jupyter"
FAILS = "I divide.\n\n```python\nprint('before')\n1 / 0\n```"
WORKS = "I add.\n\n```python\ntotal = sum(values)\nprint('sum', total)\ntotal\n```"
ANSWER = "The sum is **6**."
CELLS = (
    LOAD,
    "values = [1, 2, 3]",
    "%%codeact --auto\nSum the values.",
    "# What follows\n\nIt uses the variable of the turn.",
    "total * 2",
)


@pytest.fixture
def finished(open_book, model):
    """A notebook with a turn that is over, one of its actions failed, saved."""
    model.script(FAILS, WORKS, ANSWER)
    book = open_book(*CELLS, load=False)
    book.run_all()
    expect(book.cell(-1)).to_contain_text("12")
    expect(book.card).to_contain_text("3 steps")
    book.save()
    return book


def shown(cells):
    """What cells put out, without the card."""
    return [
        [
            {name: output[name] for name in ("text", "data", "ename") if name in output}
            for output in cell["outputs"]
        ]
        for cell in cells
        if cell["cell_type"] == "code" and not cell["source"].startswith("%%codeact")
    ]


def execute(python, path, tmp_path):
    """The notebook as nbclient leaves it, with a kernel of this Python and no endpoint."""
    out = tmp_path / "executed.ipynb"
    script = (
        "import sys, nbformat\nfrom nbclient import NotebookClient\n"
        "from jupyter_client.kernelspec import KernelSpecManager\n"
        "from jupyter_client.manager import AsyncKernelManager\n"
        "km = AsyncKernelManager()\n"
        "km.kernel_spec.argv[0] = sys.argv[1]\n"
        "book = nbformat.read(sys.argv[2], 4)\n"
        "NotebookClient(book, km=km).execute()\n"
        "nbformat.write(book, sys.argv[3])\n"
    )
    subprocess.run(
        [NEWEST, "-c", script, python, str(path), str(out)],
        check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        timeout=120,
    )
    return nbformat.read(out, 4).cells


def test_restart_and_run_all_gives_the_same_without_the_model(finished, model, tmp_path):
    before = finished.saved().cells
    assert before[4].metadata.tags == ["raises-exception"]
    assert "tags" not in before[6].metadata
    finished.restart("notebook:restart-run-all")
    expect(finished.card).to_contain_text("Answered before, so no model was asked")
    expect(finished.number(-1)).to_have_text("[6]:")
    finished.until_idle()
    finished.save()
    after = finished.saved().cells
    assert shown(after) == shown(before)
    assert [cell.source for cell in after] == [cell.source for cell in before]
    assert [cell.metadata for cell in after] == [cell.metadata for cell in before]
    assert len(model.requests) == 3

    executed = execute(NEWEST, finished.path, tmp_path)
    assert shown(executed) == shown(before)
    assert "not asked, since this notebook runs by itself" in executed[2].outputs[0].text
    assert len(model.requests) == 3


@pytest.mark.own_page
def test_it_goes_in_a_new_server_that_knows_no_model(finished, page, tmp_path):
    before = finished.saved().cells
    finished.shut_down()
    with Lab(tmp_path) as other:
        name = "moved.ipynb"
        (other.folder / name).write_bytes(finished.path.read_bytes())
        book = other.open(page, name)
        expect(book.card).to_contain_text("3 steps")
        expect(book.cell(7).locator("strong")).to_have_text("6")
        book.run_all()
        expect(book.card).to_contain_text("Answered before")
        expect(book.number(-1)).to_have_text("[6]:")
        book.until_idle()
        assert shown(book.model()) == shown(before)


def test_an_export_runs_without_the_package(finished, tmp_path):
    before = finished.saved().cells
    finished.insert_below(-1, "%codeact export exported.ipynb")
    finished.run(-1)
    expect(finished.holding("%codeact export")).to_contain_text(
        f"Written: {(exported := finished.lab.folder / 'exported.ipynb')}"
    )
    executed = execute(BARE, exported, tmp_path)
    outputs = [cell for cell in shown(executed) if cell]
    assert outputs == [cell for cell in shown(before) if cell]


def test_the_file_holds_a_proposal_before_it_runs_and_its_output_after(open_book, model):
    model.script(WORKS, ANSWER)
    book = open_book("values = [1, 2, 3]", "%%codeact\nSum the values.")
    book.run(1)
    book.run(2)
    book.until_proposed()
    until(lambda: statuses(book) == ["running", "done", "proposed"])
    assert book.saved().cells[4].outputs == []
    book.approve()
    expect(book.card).to_contain_text("2 steps")
    until(lambda: statuses(book) == ["answered", "done", "ok", "done"])
    book.until_saved()
    assert book.saved().cells[4].outputs[0].text == "sum 6\n"


def statuses(book):
    try:
        cells = book.saved().cells
    except ValueError:  # it is being written
        return []
    return [cell.metadata.codeact.status for cell in cells if "codeact" in cell.metadata]


def test_a_file_that_another_program_changed_is_not_overwritten(open_book, model):
    release = threading.Event()
    model.script(WORKS, fault("held", release=release, then=ANSWER))
    book = open_book("values = [1, 2, 3]", "%%codeact\nSum the values.")
    book.run(1)
    book.run(2)
    book.until_proposed()
    book.until_saved()
    book.until_save_heard()  # until then the other program's file would pass for that
    theirs = book.saved()
    theirs.cells.append(nbformat.v4.new_markdown_cell("from another program"))
    nbformat.write(theirs, book.path)
    before = book.path.read_bytes()
    book.approve()
    expect(book.card).to_contain_text("was changed on disk by another program")
    release.set()
    expect(book.card).to_contain_text("2 steps")
    expect(book.card).to_contain_text("was changed on disk by another program")
    assert book.page.locator(".jp-Dialog").count() == 0
    assert book.cell(5).inner_text().strip() == "The sum is 6."
    assert book.path.read_bytes() == before
    book.command("docmanager:save")
    book.page.get_by_role("button", name="Overwrite").click()
    expect(book.card).not_to_contain_text("another program")
    book.until_saved()


def test_a_read_only_file_is_a_line_in_the_card_and_the_turn_goes_on(open_book, model):
    model.script(WORKS, ANSWER)
    book = open_book("values = [1, 2, 3]", "%%codeact --auto\nSum the values.")
    book.run(1)
    book.path.chmod(0o444)
    before = book.path.read_bytes()
    book.run(2)
    expect(book.card).to_contain_text("2 steps")
    expect(book.card).to_contain_text("is read-only, so it was not saved")
    assert book.page.locator(".jp-Dialog").count() == 0
    assert book.path.read_bytes() == before
