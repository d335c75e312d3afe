"""``codeact-jupyter`` where it cannot print."""

import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from running import act, read, role, run, text_of


def with_streams(redirected):
    """A Python that is started by a shell with its streams ``redirected``."""
    return ["sh", "-c", f'exec "$0" "$@" {redirected}', sys.executable]


def test_where_nothing_can_be_printed(endpoint, tmp_path):
    cells = [new_code_cell("1 + 1"), new_code_cell("%%codeact --auto\nAdd.")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "in.ipynb")
    words = ["run", "in.ipynb", "-o", "out.ipynb"]
    ran = run(endpoint, tmp_path, *words, python=with_streams(">/dev/full"))
    assert ran.code == 1
    (line,) = ran.err.splitlines()
    assert "No space left on device (no file, so perhaps where this prints)" in line
    assert text_of(read(tmp_path / "out.ipynb").cells[0]["outputs"]) == "2"


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"]], ids=" ".join)
def test_where_not_even_help_can_be_printed(endpoint, tmp_path, words):
    ran = run(endpoint, tmp_path, *words, python=with_streams(">/dev/full"))
    assert ran.code == 1
    (line,) = ran.err.splitlines()
    assert "No space left on device" in line


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_where_a_stream_is_closed(endpoint, tmp_path, closed):
    endpoint.script(act("print('one')\n!echo two"), "Done.")
    words = ["run", "Go.", "--auto", "-o", "out.ipynb"]
    ran = run(endpoint, tmp_path, *words, python=with_streams(closed))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    action = next(cell for cell in read(tmp_path / "out.ipynb").cells if role(cell) == "action")
    assert text_of(action["outputs"]).split() == ["one", "two"]
