"""The record of a cell is bounded; what it leaves out is stated."""

import re

import nbformat
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_notebook

from codeact_jupyter.cells import CellRun
from codeact_jupyter.hosts.outputs import (
    HEAD_CHARACTERS,
    TAIL_CHARACTERS,
    Displays,
    OutputLog,
)
from codeact_jupyter.record.document import Document
from codeact_jupyter.record.log import Record


def text_of(kept):
    return "".join(output["text"] for output in kept.finish(1))


def test_a_flood_in_one_piece_keeps_head_and_tail():
    outputs = OutputLog(Displays())
    outputs.stream("stdout", "a" * HEAD_CHARACTERS + "b" * 5_000_000 + "c" * TAIL_CHARACTERS)
    text = text_of(outputs)
    assert text.startswith("a" * HEAD_CHARACTERS + "\n[… 5,000,000 characters")
    assert text.endswith("…]\n" + "c" * TAIL_CHARACTERS)


def test_a_flood_in_many_pieces_keeps_head_and_tail():
    outputs = OutputLog(Displays())
    for number in range(200_000):
        outputs.stream("stdout", f"{number:09}\n")
    text = text_of(outputs)
    assert text.startswith("000000000\n000000001\n")
    assert text.endswith("000199998\n000199999\n")
    assert len(text) < HEAD_CHARACTERS + TAIL_CHARACTERS + 200
    left_out = 2_000_000 - len(re.sub(r"\n\[….*…\]\n", "", text))
    assert f"[… {left_out:,} characters of output are left out of the record …]" in text


def test_the_bound_holds_for_values_and_errors_too():
    outputs = OutputLog(Displays())
    for _ in range(50):
        outputs.display({"text/plain": "x" * 100_000}, {})
    outputs.error("ValueError", "at the end", ["Traceback"])
    kept = outputs.finish(1)
    size = sum(len(o["data"]["text/plain"]) for o in kept if o["output_type"] == "display_data")
    assert size <= HEAD_CHARACTERS + TAIL_CHARACTERS
    assert kept[-1]["evalue"] == "at the end"


ODD = {
    "text/plain": 5,
    "text/html": None,
    "text/latex": ["$a$", "$b$"],
    "application/vnd.foo": {"a": 1},
    "application/vnd.foo+json": {"a": None},
    "application/json": 7,
}


def test_values_that_no_file_can_hold_are_kept_as_text():
    outputs = OutputLog(Displays())
    outputs.display(ODD, {})
    outputs.result({"text/plain": "T", "text/html": None}, {})
    shown, result = outputs.finish(1)
    assert shown["data"] == {
        "text/plain": "5",
        "text/latex": ["$a$", "$b$"],
        "application/vnd.foo": '{"a": 1}',
        "application/vnd.foo+json": {"a": None},
        "application/json": 7,
    }
    assert result["data"] == {"text/plain": "T"}
    nbformat.validate(
        new_notebook(cells=[new_code_cell(outputs=[*map(from_dict, (shown, result))])])
    )


def test_pictures_are_no_flood():
    outputs = OutputLog(Displays())
    for _ in range(10):
        outputs.display({"image/png": "A" * 1_000_000, "text/plain": "<Figure>"}, {})
    assert len(outputs.finish(1)) == 10


def test_values_that_are_json_count_as_pictures_do():
    outputs = OutputLog(Displays())
    for _ in range(40):
        outputs.display({"application/vnd.plotly+json": {"x": ["0123456789" * 10_000] * 10}}, {})
    assert 10 <= len(outputs.finish(1)) < 40


def test_a_display_that_was_cleared_or_left_out_is_forgotten():
    displays = Displays()
    outputs = OutputLog(displays)
    for number in range(50):
        outputs.display({"text/plain": "x" * 100_000}, {}, display_id=str(number))
    assert len(displays.by_id) < 15
    outputs.clear(wait=False)
    assert displays.by_id == {}


def test_a_giant_value_that_nothing_can_bound_is_kept_alone():
    outputs = OutputLog(Displays())
    outputs.result({"text/plain": "y" * 3_000_000}, {})
    (output,) = outputs.finish(7)
    assert output["execution_count"] == 7
    assert len(output["data"]["text/plain"]) < HEAD_CHARACTERS + TAIL_CHARACTERS + 200
    assert "characters of this value are left out" in output["data"]["text/plain"]


def test_text_that_no_file_can_hold_becomes_text_that_it_can():
    outputs = OutputLog(Displays())
    outputs.stream("stdout", "lone \ud800 surrogate")
    assert text_of(outputs) == "lone ? surrogate"


def test_secrets_are_masked(monkeypatch):
    monkeypatch.setenv("MY_SERVICE_TOKEN", "canary-12345678")
    outputs = OutputLog(Displays())
    outputs.stream("stdout", "it is canary-")
    outputs.stream("stdout", "12345678 here")
    outputs.result({"text/plain": "'canary-12345678'"}, {})
    outputs.error("ValueError", "canary-12345678", ["ValueError: canary-12345678"])
    assert "canary-12345678" not in str(outputs.finish(1))
    assert "[masked MY_SERVICE_TOKEN]" in str(outputs.finish(1))


def test_a_secret_across_the_edge_of_a_flood_leaves_no_half(monkeypatch):
    monkeypatch.setenv("MY_SERVICE_TOKEN", "canary-12345678")
    for shift in range(20):
        outputs = OutputLog(Displays())
        before = "a " * ((HEAD_CHARACTERS - shift) // 2) + "b" * (shift % 2)
        outputs.stream("stdout", f"{before[: HEAD_CHARACTERS - shift - 1]} canary-12345678 ")
        outputs.stream("stdout", "x " * TAIL_CHARACTERS)
        assert "cana" not in text_of(outputs)


def test_what_comes_late_is_added_within_the_bound():
    outputs = OutputLog(Displays())
    outputs.stream("stdout", "x" * HEAD_CHARACTERS)
    kept = outputs.finish(1)
    assert [len(output["text"]) for output in kept] == [HEAD_CHARACTERS]
    for _ in range(4):
        outputs.stream("stdout", "line\n" * (TAIL_CHARACTERS // 10))
    (output,) = kept
    assert HEAD_CHARACTERS + TAIL_CHARACTERS // 2 < len(output["text"]) < 1_100_000
    assert "characters of output are left out" in output["text"]
    outputs.clear(wait=False)
    assert kept == []


def test_a_notebook_that_runs_holds_what_came_late():
    outputs = OutputLog(Displays())
    cells = [{"cell_type": "code", "source": source, "metadata": {}} for source in ("a", "b")]
    record = Record(session="s")
    document = Document({"cells": cells, "metadata": {}}, record)
    for cell in document:
        log = outputs if cell.source == "a" else OutputLog(Displays())
        late = {"cell_id": None, "execution_count": 1, "status": "ok"}
        record.ran(CellRun(source=cell.source, outputs=log.finish(1), **late))
    outputs.stream("stdout", "late")
    assert [cell["outputs"] for cell in document.content()["cells"]] == [
        [{"output_type": "stream", "name": "stdout", "text": "late"}],
        [],
    ]
