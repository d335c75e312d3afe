"""``Session``, the Python API: in scripts, event loops, threads and kernels."""

import asyncio
import threading

import pytest
from endpoint import fault
from kernels import BARE, Kernel
from running import act, read, role, text_of
from waiting import until

import codeact_jupyter
from codeact_jupyter import CodeActError, Session, Settings, Step, Turn, Verdict
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.progress import Delta, Ended, Observed, Printed, Replied, StepStarted


@pytest.fixture(scope="module")
def lasting(model, tmp_path_factory):
    """One session for all tests; each begins a conversation of its own."""
    with Session(folder=tmp_path_factory.mktemp("session")) as session:
        yield session


@pytest.fixture
def session(lasting, model):
    model.requests.clear()
    lasting.renew()
    return lasting


class Answers:
    """An ``approve`` that gives these verdicts, and keeps what it was asked."""

    def __init__(self, *verdicts):
        self.verdicts = list(verdicts)
        self.asked = []

    def __call__(self, action):
        self.asked.append(action)
        verdict = self.verdicts.pop(0)
        if isinstance(verdict, Exception):
            raise verdict
        return verdict


@pytest.fixture
def approving(session, monkeypatch):
    """Let the session of these tests ask ``answers``."""

    def approve(*verdicts):
        answers = Answers(*verdicts)
        monkeypatch.setattr(session._place, "_approve", answers)
        return answers

    return approve


@pytest.mark.parametrize("prompt", ["", "   \n"])
def test_an_empty_prompt_is_not_sent(session, model, prompt):
    with pytest.raises(ConfigError, match=r"^The prompt is empty: .* Nothing was sent\.$"):
        session.ask(prompt, auto=True)
    assert model.requests == []


def last_message(model):
    return model.requests[-1].json["messages"][-1]["content"]


# --- what a turn is


def test_public_names():
    for name in codeact_jupyter.__all__:
        assert getattr(codeact_jupyter, name) is not None
    assert codeact_jupyter.__all__ == sorted(codeact_jupyter.__all__)
    with pytest.raises(AttributeError, match="'Sessions'"):
        codeact_jupyter.Sessions  # noqa: B018


def test_the_fields_of_a_turn(session, model):
    model.script(act("x = 41 + 1\nprint('acted')\nx"), "x is 42.")
    turn = session.ask("What is 41 + 1?", auto=True)
    assert isinstance(turn, Turn)
    assert (turn.prompt, turn.model, turn.answer) == ("What is 41 + 1?", "scripted", "x is 42.")
    assert turn.ending.kind == "answered"
    assert turn.usage.total == sum(step.usage.total for step in turn.steps) > 0
    assert turn.seconds == pytest.approx(sum(step.seconds for step in turn.steps))
    first, last = turn.steps
    assert isinstance(first, Step)
    assert (first.number, last.number) == (1, 2)
    assert (first.reply.thought, first.reply.code) == ("I act.", "x = 41 + 1\nprint('acted')\nx")
    assert (first.action.turn, first.action.step) == (turn.id, 1)
    observation = first.observation
    assert (observation.status, observation.edited, observation.reason) == ("ok", False, "")
    assert set(observation.changes.new) == {"x"}
    assert observation.run.cell_id == first.action.cell_id
    assert text_of(observation.run.outputs) == "acted\n42"
    assert observation.run.execution_count > 0
    assert (last.action, last.observation, last.reply.answer) == (None, None, "x is 42.")


def test_an_error_is_an_observation(session, model):
    model.script(act("1 / 0"), "It fails.")
    turn = session.ask("Divide.", auto=True)
    observation = turn.steps[0].observation
    assert (observation.status, observation.run.error.name) == ("error", "ZeroDivisionError")
    assert turn.answer == "It fails."


def test_a_turn_without_an_answer_has_none(session, model):
    model.script(act("1"))
    turn = session.ask("Count.", Settings(max_steps=1), auto=True)
    assert (turn.ending.kind, turn.answer) == ("steps", "")
    model.script(fault("401"))
    turn = session.ask("Count.", auto=True)
    assert (turn.ending.kind, turn.answer, turn.steps) == ("fault", "", ())


def test_the_second_turn_knows_what_changed_between(session, model):
    model.script("Good.", "Better.")
    session.run_cell("unrelated = 1\ncount = 3")
    session.ask("First.", auto=True)
    session.run_cell("count = 4567\nadded = [1, 2]", cell_id="my-cell")
    session.ask("Second.", auto=True)
    first, second = (request.json["messages"] for request in model.requests)
    assert second[: len(first)] == first
    news = second[-1]["content"]
    assert "count = 4567\nadded = [1, 2]" in news
    told = news.partition("Variables in the kernel:")[2]
    assert "4567" in told
    assert "added" in told
    assert "unrelated" not in told


def test_progress_comes_in_order(model, tmp_path):
    shown = []
    model.script(act("print('acted')"), "Done.")
    with Session(folder=tmp_path, show=shown.append) as session:
        turn = session.ask("Act.", auto=True)
    kinds = [type(each) for each in shown if not isinstance(each, Delta)][1:]  # behind the notice
    assert kinds == [StepStarted, Replied, Printed, Observed, StepStarted, Replied, Ended]
    streamed = "".join(each.text for each in shown if isinstance(each, Delta))
    assert streamed == act("print('acted')") + "Done."
    assert shown[-1].turn == turn


def test_an_export_gives_the_same_outputs_without_this_package(model, tmp_path):
    model.script(act("total = sum(numbers)\nprint(total)\ntotal"), act("1 / 0"), "6")
    with Session(folder=tmp_path) as session:
        session.run_cell("numbers = [1, 2, 3]\nnumbers")
        session.ask("Add.", auto=True)
        exported = read(session.export(tmp_path / "export.ipynb"))
    cells = [cell for cell in exported.cells if cell["cell_type"] == "code"]
    assert [role(cell) for cell in exported.cells][1:3] == ["prompt", "thought"]
    assert len(cells) == 3
    with Kernel(BARE, cwd=tmp_path, PYTHONPATH="") as bare:
        assert bare.run("import codeact_jupyter").status == "error"
        for cell in cells:
            assert text_of(bare.run(cell["source"]).outputs) == text_of(cell["outputs"])


# --- approval


def test_without_approval_nothing_runs(session, model):
    model.script(act("ran = True"))
    turn = session.ask("Act.")
    assert turn.ending.kind == "stopped"
    assert turn.ending.sentence.startswith("The model proposes an action and nobody is here")
    assert "auto=True" in turn.ending.sentence
    assert turn.steps[0].observation is None
    assert session.run_cell("ran").error.name == "NameError"


def test_each_verdict(session, model, approving):
    answers = approving(
        Verdict(kind="rejected", reason="use the median"),
        Verdict(kind="run", code="print('edited')"),
        Verdict(kind="run", code="print('third')"),
        Verdict(kind="stop"),
    )
    proposed = ["print('first')", "print('second')", "print('third')", "print('fourth')"]
    model.script(*map(act, proposed))
    turn = session.ask("Act.")
    assert [action.code for action in answers.asked] == proposed
    seen = [step.observation for step in turn.steps]
    assert [each.status for each in seen] == ["rejected", "ok", "ok", "stopped"]
    assert [each.edited for each in seen] == [False, True, False, False]
    assert text_of(seen[1].run.outputs) == "edited\n"
    assert turn.ending.kind == "stopped"
    told = [request.json["messages"][-1]["content"] for request in model.requests[1:]]
    assert "use the median" in told[0]
    assert "edited" in told[1]
    assert len(told) == 3


def test_a_bare_yes_runs_what_was_asked_about(session, model, approving):
    approving(Verdict(kind="run"))
    model.script(act("agreed = 1\nagreed"), "It is 1.")
    (step, _) = session.ask("Act.").steps
    assert step.observation.run.source == "agreed = 1\nagreed"
    assert not step.observation.edited
    assert session.run_cell("agreed").status == "ok"


def test_an_approve_that_raises_is_heard_and_nothing_runs(session, model, approving):
    approving(LookupError("the dialogue is gone"))
    model.script(act("ran = True"))
    with pytest.raises(LookupError, match="the dialogue is gone"):
        session.ask("Act.")
    assert session.run_cell("ran").error.name == "NameError"
    model.script("Still here.")
    assert session.ask("And now?").answer == "Still here."


# --- settings


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"max_step": 3}, "Did you mean 'max_steps'"),
        ({"max_steps": 0}, "max_steps"),
        ({"max_steps": "many"}, "max_steps"),
        ({"temperature": 9}, "temperature"),
        ({"api_key": "sk-canary"}, "An API key is never taken from a cell"),
        ({"format": 3}, "format"),
    ],
)
def test_a_wrong_setting(values, words):
    with pytest.raises(ConfigError, match=words) as refused:
        Settings(**values)
    assert "canary" not in str(refused.value)


def test_an_unknown_format_is_refused_before_anything_is_sent(session, model):
    with pytest.raises(CodeActError, match="'fense'"):
        session.ask("Act.", Settings(format="fense"), auto=True)
    assert model.requests == []


def test_a_session_that_is_not_open_says_so(model):
    session = Session()
    for use in (lambda: session.run_cell("1"), lambda: session.ask("Act.", auto=True)):
        with pytest.raises(ConfigError, match="not open"):
            use()


# --- where it runs


def test_async(model, tmp_path):
    async def main():
        async with Session(folder=tmp_path) as session:
            run = await session.run_cell_async("x = 2\nx")
            turn = await session.ask_async("Act.", auto=True)
            return run, turn, [entry.origin.turn for entry in session.record.entries]

    model.script(act("print(x + 2)"), "4")
    run, turn, turns = asyncio.run(main())
    assert (text_of(run.outputs), turn.answer) == ("2", "4")
    assert turns == ["", turn.id, turn.id, turn.id, turn.id]


def test_a_cancelled_turn_is_stopped_and_what_was_done_is_kept(model, tmp_path):
    model.requests.clear()
    shown = []

    async def main():
        async with Session(folder=tmp_path, show=shown.append) as session:
            asking = asyncio.ensure_future(session.ask_async("Act.", auto=True))
            await asyncio.to_thread(lambda: until(lambda: "begun\n" in printed(shown)))
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            *_, cell, end = session.record.entries
            assert "Stopped" in end.text
            kept = session.record.turns[-1].ending, cell.run
            model.script("Still here.")
            return (*kept, await session.ask_async("And now?"), session.run_cell("before"))

    model.script(act("before = 7\nprint('be' 'gun', flush=True)\nwhile True: pass"))
    ending, run, turn, before = asyncio.run(main())
    assert (ending, run.status, run.outputs[0]["text"]) == ("stopped", "interrupted", "begun\n")
    assert turn.answer == "Still here."
    assert text_of(before.outputs) == "7"
    assert "begun" in str(model.requests[-1].json["messages"])


def printed(shown):
    return "".join(each.text for each in shown if isinstance(each, Printed))


def test_a_turn_cancelled_while_the_model_thinks(session, model):
    release = threading.Event()
    model.script(fault("held", release=release))

    async def main():
        asking = asyncio.ensure_future(session.ask_async("Think.", auto=True))
        await asyncio.to_thread(model.wait_for, 1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(main())
    release.set()
    assert session.record.turns[-1].ending == "stopped"
    assert model.requests[0].hung_up.wait(30)


def test_a_turn_cancelled_before_it_began(session, model):
    async def main():
        asking = asyncio.ensure_future(session.ask_async("Think.", auto=True))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    turns = len(session.record.turns)
    model.script("Never heard.")
    asyncio.run(main())
    model._replies.clear()
    assert [turn.ending for turn in session.record.turns[turns:]] in ([], ["stopped"])
    assert session.run_cell("1").status == "ok"


def test_a_cancelled_cell(session):
    async def main():
        running = asyncio.ensure_future(session.run_cell_async("a = 1\nwhile True: pass"))
        await asyncio.to_thread(lambda: until(lambda: session._place.latest is not host))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    host = session._place.latest
    asyncio.run(main())
    assert session.record.entries[-1].run.status == "interrupted"


def test_the_thread_of_a_running_event_loop(session, model):
    async def main():
        return session.ask("Act.", auto=True)

    model.script(act("print(5)"), "5")
    assert asyncio.run(main()).answer == "5"


def test_another_thread(session, model):
    answers = []
    model.script(act("print(6)"), "6")
    asking = threading.Thread(target=lambda: answers.append(session.ask("Act.", auto=True)))
    asking.start()
    asking.join(60)
    assert [turn.answer for turn in answers] == ["6"]


def test_a_second_turn_at_once_is_refused(session, model):
    release, turns = threading.Event(), []
    model.script(fault("held", release=release))
    asking = threading.Thread(target=lambda: turns.append(session.ask("First.")))
    asking.start()
    model.wait_for(1)
    with pytest.raises(ConfigError, match="running in this kernel already"):
        session.ask("Second.")
    release.set()
    asking.join(60)
    assert [turn.answer for turn in turns] == ["Done."]


def test_a_cell_of_a_kernel(model, tmp_path):
    cell = (
        "from codeact_jupyter import Session\nwith Session() as session:\n"
        "    turn = session.ask('Act.', auto=True)\n"
        "turn.answer, turn.steps[0].observation.run.outputs[0]['text']"
    )
    model.script(act("print(3 + 4)"), "It is 7.")
    with Kernel(cwd=tmp_path, **model.environment) as kernel:
        assert kernel.run(cell).text == "('It is 7.', '7\\n')\n"
        waiting = kernel.send(cell)
        release = threading.Event()
        model.script(fault("held", release=release))
        count = len(model.requests) + 1
        model.wait_for(count)
        kernel.interrupt()
        stopped = kernel.wait(waiting)
        release.set()
        assert stopped.status == "error"  # no step, so no output to show
        assert kernel.run("turn.ending.kind").text == "'stopped'\n"
