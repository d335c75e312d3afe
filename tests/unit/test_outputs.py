"""The record of a cell is bounded; what it leaves out is stated."""

from codeact_jupyter.hosts.outputs import (
    HEAD_CHARACTERS,
    TAIL_CHARACTERS,
    Displays,
    OutputLog,
)


def text_of(log):
    return "".join(output["text"] for output in log.finish(1))


def test_a_flood_in_one_piece_keeps_head_and_tail():
    log = OutputLog(Displays())
    log.stream("stdout", "a" * HEAD_CHARACTERS + "b" * 5_000_000 + "c" * TAIL_CHARACTERS)
    text = text_of(log)
    assert text.startswith("a" * HEAD_CHARACTERS + "\n[… 5,000,000 characters")
    assert text.endswith("…]\n" + "c" * TAIL_CHARACTERS)


def test_a_flood_in_many_pieces_keeps_head_and_tail():
    log = OutputLog(Displays())
    for number in range(200_000):
        log.stream("stdout", f"{number:09}\n")
    text = text_of(log)
    assert text.startswith("000000000\n000000001\n")
    assert text.endswith("000199998\n000199999\n")
    assert len(text) < HEAD_CHARACTERS + TAIL_CHARACTERS + 200
    assert "[… 1,000,000 characters of output are left out of the record …]" in text


def test_the_bound_holds_for_values_and_errors_too():
    log = OutputLog(Displays())
    for _ in range(50):
        log.display({"text/plain": "x" * 100_000}, {})
    log.error("ValueError", "at the end", ["Traceback"])
    outputs = log.finish(1)
    kept = sum(len(o["data"]["text/plain"]) for o in outputs if o["output_type"] == "display_data")
    assert kept <= HEAD_CHARACTERS + TAIL_CHARACTERS
    assert outputs[-1]["evalue"] == "at the end"


def test_pictures_are_no_flood():
    log = OutputLog(Displays())
    for _ in range(10):
        log.display({"image/png": "A" * 1_000_000, "text/plain": "<Figure>"}, {})
    assert len(log.finish(1)) == 10


def test_a_giant_value_that_nothing_can_bound_is_kept_alone():
    log = OutputLog(Displays())
    log.result({"text/plain": "y" * 3_000_000}, {})
    (output,) = log.finish(7)
    assert output["execution_count"] == 7
    assert len(output["data"]["text/plain"]) < HEAD_CHARACTERS + TAIL_CHARACTERS + 200
    assert "characters of this value are left out" in output["data"]["text/plain"]


def test_text_that_no_file_can_hold_becomes_text_that_it_can():
    log = OutputLog(Displays())
    log.stream("stdout", "lone \ud800 surrogate")
    assert text_of(log) == "lone ? surrogate"


def test_secrets_are_masked(monkeypatch):
    monkeypatch.setenv("MY_SERVICE_TOKEN", "canary-12345678")
    log = OutputLog(Displays())
    log.stream("stdout", "it is canary-")
    log.stream("stdout", "12345678 here")
    log.result({"text/plain": "'canary-12345678'"}, {})
    log.error("ValueError", "canary-12345678", ["ValueError: canary-12345678"])
    assert "canary-12345678" not in str(log.finish(1))
    assert "[masked MY_SERVICE_TOKEN]" in str(log.finish(1))
