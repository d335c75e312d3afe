"""The two loops of ``make effect``, in real kernels with a scripted model."""

from __future__ import annotations

import pytest
from endpoint import ScriptedEndpoint, fault

from benchmarks.effect import plain, product
from benchmarks.effect.kernel import fresh_kernel
from benchmarks.effect.outcome import Fault, Outcome
from benchmarks.effect.questions import all_questions
from benchmarks.effect.report import Graded, report
from codeact_jupyter.types import Endpoint

QUESTION = next(question for question in all_questions() if question.id == "foggy-days")
UNSEEN = next(question for question in all_questions() if question.id == QUESTION.twin)
COUNT = (
    "import pandas as pd\n"
    "print(int((pd.read_csv('seattle_weather.csv')['weather'] == 'fog').sum()))"
)


def _chat(server, kernel):
    endpoint = Endpoint(base_url=server.base_url, api_key="none", model="scripted", source="test")
    return plain.Chat(endpoint, kernel, QUESTION.question)


def test_the_plain_loop_runs_code_whose_closing_tag_was_taken_away():
    replies = [f"I count.\n<execute>\n{COUNT}\n", "There are 411 such days."]
    with ScriptedEndpoint(replies) as server, fresh_kernel(QUESTION) as (kernel, _):
        chat = _chat(server, kernel)
        assert chat.until_it_ends() == "answered"
    assert chat.last == "There are 411 such days."
    assert chat.steps == 2
    assert chat.tokens > 0
    first, second = (request.json for request in server.requests)
    assert first["temperature"] == 0
    assert first["stop"] == plain.STOPS
    assert first["messages"][1] == {"role": "user", "content": QUESTION.question}
    assert second["messages"][-1]["content"] == "Execution Output:\n411"
    assert [cell.cell_type for cell in chat.cells] == ["markdown", "markdown", "code", "markdown"]


def test_the_plain_loop_ends_at_its_limit():
    replies = ["<execute>1 / 0</execute>"] * 8
    with ScriptedEndpoint(replies) as server, fresh_kernel(QUESTION) as (kernel, _):
        assert _chat(server, kernel).until_it_ends() == "steps"
    assert server.unscripted == 0
    told = server.requests[-1].json["messages"][-1]["content"]
    assert "ZeroDivisionError: division by zero" in told
    assert "\x1b" not in told


def test_a_dead_kernel_is_a_fault():
    replies = ["<execute>import os; os._exit(1)</execute>"]
    with (
        ScriptedEndpoint(replies) as server,
        fresh_kernel(QUESTION) as (kernel, _),
        pytest.raises(Fault, match="kernel died"),
    ):
        _chat(server, kernel).until_it_ends()


@pytest.mark.parametrize("reply", [fault("500"), fault("reset")])
def test_a_server_that_fails_is_a_fault(reply):
    with (
        ScriptedEndpoint([reply]) as server,
        fresh_kernel(QUESTION) as (kernel, _),
        pytest.raises(Fault, match="server failed"),
    ):
        _chat(server, kernel).until_it_ends()


def test_a_cell_that_never_ends_is_interrupted():
    with fresh_kernel(QUESTION) as (kernel, _):
        ran = kernel.run_for("while True: pass", seconds=3)
        assert ran.status == "error"
        assert kernel.late
        assert kernel.run_for("print(1)").text == "1\n"
        assert not kernel.late


def test_what_the_plain_loop_is_told():
    assert plain.observation(" 411\n", late=False) == "Execution Output:\n411"
    assert plain.observation("", late=False) == f"Execution Output:\n{plain.NO_OUTPUT}"
    assert plain.observation("1\n", late=True) == f"Execution Output:\n1\n{plain.TIMED_OUT}"
    long = plain.observation("a" * 3000 + "b" * 3000, late=False)
    assert long == f"Execution Output:\n{'a' * 2000}{plain.CUT}{'b' * 2000}"


def test_code_between_the_first_and_the_last_tag():
    assert plain.code_of("No code.") is None
    assert plain.code_of("a <execute> 1 </execute> b <execute>2</execute> c") == (
        "1 </execute> b <execute>2"
    )


def test_the_product_is_asked_as_a_user_asks_it():
    replies = [f"I count.\n\n```python\n{COUNT}\n```", "There are 411 such days."]
    with ScriptedEndpoint(replies) as server, fresh_kernel(QUESTION) as (kernel, beside):
        kernel.run_for(f"%env CODEACT_BASE_URL={server.base_url}")
        outcome = product.ask(QUESTION.question, kernel, beside / "session.ipynb")
    assert QUESTION.question in server.requests[0].json["messages"][-1]["content"]
    assert (outcome.answer, outcome.ending, outcome.steps) == (
        "There are 411 such days.",
        "answered",
        2,
    )
    assert outcome.tokens > 0


def test_a_product_without_a_server_is_a_fault(monkeypatch, tmp_path):
    monkeypatch.setenv("CODEACT_MODELS_DIR", str(tmp_path))
    with pytest.raises(Fault, match="No model is set up"):
        product.attempt(QUESTION)


def test_a_product_whose_server_fails_is_a_fault():
    with (
        ScriptedEndpoint([fault("401")]) as server,
        fresh_kernel(QUESTION) as (kernel, beside),
    ):
        kernel.run_for(f"%env CODEACT_BASE_URL={server.base_url}")
        with pytest.raises(Fault, match="'fault'"):
            product.ask(QUESTION.question, kernel, beside / "session.ipynb")


def test_a_conversation_too_long_for_the_model_is_no_fault():
    full = fault("context", server="llama.cpp")
    with ScriptedEndpoint([full] * 3) as server, fresh_kernel(QUESTION) as (kernel, beside):
        assert _chat(server, kernel).until_it_ends() == "context"
        kernel.run_for(f"%env CODEACT_BASE_URL={server.base_url}")
        outcome = product.ask(QUESTION.question, kernel, beside / "session.ipynb")
    assert (outcome.answer, outcome.ending) == ("", "fault")


def test_nothing_tells_which_unseen_question_was_answered_wrongly():
    def graded(question, answer, steps):
        outcome = Outcome(
            answer=answer, ending="answered", steps=steps, tokens=9, seconds=1.0, notebook=None
        )
        return Graded(question=question, loop="product", outcome=outcome)

    right, wrong = graded(UNSEEN, "124", 2), graded(UNSEEN, "Some.", 3)
    assert right.right
    assert not wrong.right
    assert right.line == wrong.line
    assert report([right]) == report([wrong])
    assert "2 / 5" in report([right, wrong, right, wrong, wrong])
    assert "wrong" in graded(QUESTION, "124", 2).line
