"""``codeact-jupyter run`` and ``export`` with notebooks that other programs wrote."""

import json

import pytest
from running import act, read, run, text_of

PROMPT = "%%codeact\nAdd."
PICTURE = {"a.png": {"image/png": "iVBORw0KGgo="}}
SPEC = {"name": "python3", "display_name": "Python", "language": "python"}


def cell(kind, source, **more):
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": "same", "metadata": {}, "source": source, **code, **more}


def write(path, *cells, **metadata):
    made = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(made), encoding="utf-8-sig")
    return made


@pytest.mark.parametrize("theirs", ["words", ["a", "list"], 7, None])
def test_what_others_wrote_where_our_metadata_stands(endpoint, tmp_path, theirs):
    """And one id for all cells, a mark at the file's beginning, and cells that do not run."""
    about = {"metadata": {"codeact": theirs, "kept": 1}}
    before = [
        cell("markdown", ["![a](attachment:a.png)\n", PROMPT], attachments=PICTURE, **about),
        cell("raw", PROMPT, **about),
        cell("code", "x = 1", **about),
        cell("code", PROMPT, **about),
    ]
    write(tmp_path / "in.ipynb", *before, codeact=theirs, kept=2)
    endpoint.script(act("x + 1"), "It is 2.")
    ran = run(endpoint, tmp_path, "run", "in.ipynb", "--auto", "-o", "out.ipynb")
    assert (ran.code, ran.err) == (0, "")
    out = read(tmp_path / "out.ipynb")
    assert out["metadata"]["kept"] == 2
    assert [each["metadata"].get("kept") for each in out.cells[:4]] == [1, 1, 1, 1]
    assert out.cells[0]["attachments"] == PICTURE
    assert out.cells[1]["source"] == PROMPT
    assert len({each["id"] for each in out.cells}) == len(out.cells)
    assert text_of(out.cells[5]["outputs"]) == "2"
    ran = run(endpoint, tmp_path, "export", "in.ipynb", "-o", "plain.ipynb")
    assert (ran.code, ran.err) == (0, "")


def test_a_branch_where_something_else_stands(endpoint, tmp_path):
    asked = {"metadata": {"codeact": {"turn": "one", "branches": 3}}}
    old = cell("code", "1 / 0", metadata={"codeact": {"turn": "one"}})
    write(tmp_path / "in.ipynb", cell("code", PROMPT, **asked), old)
    endpoint.script("It is 2.")
    ran = run(endpoint, tmp_path, "run", "in.ipynb", "--auto", "-o", "out.ipynb")
    assert (ran.code, ran.err) == (0, "")
    (branch,) = read(tmp_path / "out.ipynb").cells[0]["metadata"]["codeact"]["branches"]
    assert [each["source"] for each in branch["cells"]] == ["1 / 0"]


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"kernelspec": {**SPEC, "language": "Python"}}, 0),
        ({"kernelspec": {**SPEC, "language": "python3"}}, 0),
        ({"language_info": {"name": "ipython"}}, 0),
        ({"kernelspec": {**SPEC, "language": "pythonic"}}, 1),
        ({"kernelspec": {**SPEC, "language": ["julia"]}}, 1),
        ({"language_info": {"name": "R"}}, 1),
    ],
)
def test_the_language_as_others_name_it(endpoint, tmp_path, metadata, code):
    write(tmp_path / "in.ipynb", **metadata)
    ran = run(endpoint, tmp_path, "run", "in.ipynb", "--auto", "-o", "out.ipynb")
    assert ran.code == code, ran.err
    assert len(ran.err.splitlines()) == code
    assert ("actions are Python, so nothing was run" in ran.err) == bool(code)


@pytest.mark.parametrize(
    ("source", "words"), [("'\ud800'", "did not run"), (f"{PROMPT} \udfff", "Nothing was sent")]
)
def test_half_a_character_that_json_can_hold(endpoint, tmp_path, source, words):
    before = write(tmp_path / "in.ipynb", cell("raw", "\ud83d"), cell("code", source))
    ran = run(endpoint, tmp_path, "run", "in.ipynb", "--auto", "-o", "out.ipynb")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert "which is no character of any text" in ran.err
    assert words in ran.err
    assert [each["source"] for each in read(tmp_path / "out.ipynb").cells] == [
        each["source"] for each in before["cells"]
    ]
    assert endpoint.requests == []
