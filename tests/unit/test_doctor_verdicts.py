"""What the doctor says of figures: speed, context, memory. No model and no clock."""

from __future__ import annotations

import pytest

from codeact_jupyter.doctor import speed
from codeact_jupyter.doctor.environment import DISTRIBUTION, installed
from codeact_jupyter.doctor.finding import examined, told
from codeact_jupyter.doctor.kernels import Looked, judged
from codeact_jupyter.doctor.local_model import NEEDED, free_memory, memory
from codeact_jupyter.doctor.speed import Machine, Measure
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.models.listing import context_of, names

IDLE = Machine(cores=2, load=0.1, spin="")
BUSY = Machine(cores=2, load=3.9, spin="100000")


def measure(first: float = 0.5, seconds: float = 3.0, tokens: int = 51, finish: str = "stop"):
    return Measure(first=first, seconds=seconds, tokens=tokens, finish=finish)


@pytest.mark.parametrize(
    ("made", "rate"),
    [
        (measure(), 20.0),
        (measure(tokens=2), None),  # two words within seconds: chance
        (measure(seconds=10.5, tokens=2), 0.1),  # two words in ten seconds: no chance
        (measure(seconds=60.5, tokens=0), 0.0),
        (measure(first=3.0), None),  # all of it came at once
    ],
)
def test_the_rate_counts_from_the_first_token(made, rate):
    assert made.rate == rate


def test_a_fast_model():
    found = speed.speed(measure(), "own", BUSY)
    assert (found.level, found.sentence, found.cure) == ("ok", "The model writes 20 tokens/s.", "")


@pytest.mark.parametrize(("tokens", "level"), [(51, "ok"), (50, "warning")])
def test_slow_is_below_five_tokens_a_second(tokens, level):
    assert speed.speed(measure(seconds=10.5, tokens=tokens), "own", IDLE).level == level


def test_a_late_first_token_is_slow_too():
    found = speed.speed(measure(first=21.0, seconds=21.1, tokens=2), "remote", IDLE)
    assert found.sentence == "The model is slow: its first token came after 21 s."
    assert found.cure.startswith("Choose another model")


def test_too_few_tokens_are_no_verdict():
    assert speed.speed(measure(tokens=2), "remote", IDLE).level == "note"


def test_the_cures_fit_the_place():
    slow = measure(seconds=30.5)
    own = speed.speed(slow, "own", BUSY).cure
    assert "load 3.9 on 2 cores" in own
    assert "unset GOMP_SPINCOUNT, which is '100000'" in own
    assert "GOMP" not in speed.speed(slow, "own", IDLE).cure
    loopback = speed.speed(slow, "loopback", BUSY).cure
    assert "GOMP_SPINCOUNT=1000" in loopback
    assert "smaller context" in loopback
    assert "smaller model" in loopback
    assert "cores" not in speed.speed(slow, "remote", BUSY).cure


def test_this_machine():
    here = Machine.here()
    assert here.cores >= 1
    assert here.load >= 0


@pytest.mark.parametrize(("finish", "level"), [("stop", "ok"), ("length", "warning")])
def test_an_answer_by_its_finish_reason(finish, level):
    found = speed.answered(measure(finish=finish))
    assert (found.level, repr(finish) in found.sentence) == (level, True)


def test_an_answer_that_we_cut():
    found = speed.answered(measure(seconds=60.2, finish=""))
    assert (found.level, "not at its end after 60 s" in found.sentence) == ("warning", True)


@pytest.mark.parametrize(
    ("tokens", "level"), [(None, "note"), (4096, "ok"), (4095, "warning"), (131072, "ok")]
)
def test_the_context(tokens, level):
    assert speed.context(tokens).level == level


@pytest.mark.parametrize(
    ("facts", "tokens"),
    [
        ({"meta": {"n_ctx": 8192, "n_ctx_train": 32768}}, 8192),
        ({"max_model_len": 4096}, 4096),
        ({"context_length": 131072}, 131072),
        ({"context_window": 32768}, 32768),
        ({"meta": {"n_ctx_train": 32768}}, None),  # trained with, not served with
        ({"meta": "big", "n_ctx": "8192"}, None),
        ({"max_model_len": 0}, None),
        ({}, None),
    ],
)
def test_the_context_that_a_server_tells(facts, tokens):
    payload = {"data": [{"id": "other", "n_ctx": 1}, {"id": "mine", **facts}]}
    assert context_of(payload, "mine") == tokens
    assert names(payload) == ["other", "mine"]


@pytest.mark.parametrize("payload", [None, "text", {"data": None}, {"data": [None, 1]}, [[]]])
def test_a_listing_of_any_shape(payload):
    assert names(payload) == []
    assert context_of(payload, "mine") is None


def test_memory():
    assert [memory(free).level for free in (NEEDED, NEEDED - 1, None)] == ["ok", "warning", "note"]


def test_the_systems_account_of_its_memory(tmp_path):
    table = tmp_path / "meminfo"
    assert free_memory(table) is None
    table.write_text("MemTotal:  2000 kB\n")
    assert free_memory(table) is None
    table.write_text("MemTotal:  2000 kB\nMemAvailable:    1000 kB\n")
    assert free_memory(table) == 1_024_000


def test_an_error_is_told_with_its_cure():
    found = told("x", ConfigError("It broke. Mend it."))
    assert (found.level, found.sentence, found.cure) == ("fault", "It broke.", "Mend it.")
    assert told("x", ConfigError("It broke.")).sentence == "It broke."


def test_a_check_that_breaks_shows_no_more_than_the_exceptions_name():
    def broken():
        raise KeyError("something secret")
        yield

    (found,) = examined("folder", broken)
    assert found.sentence == "The check of the folder broke off: KeyError."


@pytest.mark.parametrize(("ours", "level"), [(installed(DISTRIBUTION), "ok"), ("0.0.1", "warning")])
def test_a_kernel_with_another_version_of_this_package(ours, level):
    there = Looked(prefix="/env", python="3.12.1", ipykernel="7.0.0", ours=ours)
    found = judged("mine", "/env/bin/python", there, chosen=True)
    assert (found.level, ours in found.sentence) == (level, True)
