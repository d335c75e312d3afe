"""What the model reads after an action."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.cells import GAP, CellRun, UserError
from codeact_jupyter.context.conversation import LEFT_OUT, Conversation
from codeact_jupyter.context.history import BUDGET_CHARACTERS, cells_text
from codeact_jupyter.context.observation import (
    error_text,
    observation_text,
    outputs_text,
    plain,
    shorten,
)
from codeact_jupyter.context.profiles import DEFAULT
from codeact_jupyter.types import Changes, Observation, Reply


def run(*outputs, status="ok", error=None, source="x"):
    return CellRun(
        cell_id="a",
        source=source,
        outputs=outputs,
        execution_count=1,
        status=status,
        error=error,
    )


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


PLOT = {"output_type": "display_data", "data": {"image/png": "A", "text/plain": "<Figure>"}}
HTML = {"output_type": "display_data", "data": {"text/html": "<b>1</b>"}}
VALUE = {"output_type": "execute_result", "data": {"text/plain": "42"}, "execution_count": 1}


@pytest.mark.parametrize(
    ("observation", "text"),
    [
        (Observation(status="ok", run=run()), "Step 3: ok.\n(no output)"),
        (Observation(status="ok", run=run(stream("a\n"), VALUE)), "Step 3: ok.\na\n42"),
        (
            Observation(status="ok", run=run(PLOT, HTML)),
            "Step 3: ok.\n[image/png, shown to the user]\n[text/html, shown to the user]",
        ),
        (
            Observation(
                status="error",
                run=run(
                    status="error",
                    error=UserError(name="KeyError", message="'a'", frames=("Cell In[1], line 2",)),
                ),
                hints=("`d` has the keys: b.",),
            ),
            "Step 3: error.\n(no output)\nCell In[1], line 2\nKeyError: 'a'\n`d` has the keys: b.",
        ),
        (
            Observation(status="rejected", reason="use the median"),
            "Step 3: rejected, nothing ran. use the median",
        ),
        (
            Observation(status="ok", run=run(source="y = 2"), edited=True),
            "Step 3: ok.\nThe user edited the block. What ran:\n```python\ny = 2\n```\n(no output)",
        ),
        (
            Observation(
                status="ok",
                run=run(),
                changes=Changes(new={"a": "a: int, 1"}, changed={"b": "b: int, 2"}, deleted=("c",)),
            ),
            "Step 3: ok.\n(no output)\nNew a: int, 1\nChanged b: int, 2\nDeleted c",
        ),
    ],
)
def test_observations(observation, text):
    assert observation_text(3, observation) == text


def test_schema_only_names_a_module_without_its_folder():
    frames = ("Cell In[3], line 1\n    work.go()", "/home/ada/lab/work.py, line 7, in go\n    x[0]")
    told = error_text(UserError(name="IndexError", message="", frames=frames), schema_only=True)
    assert told == "Cell In[3], line 1\n    work.go()\nwork.py, line 7, in go\n    x[0]\nIndexError"


def test_schema_only_withholds_outputs_and_error_texts():
    error = UserError(name="ValueError", message="Atlantis", frames=("Cell In[1], line 1",))
    seen = observation_text(
        1,
        Observation(status="error", run=run(stream("Atlantis"), status="error", error=error)),
        schema_only=True,
    )
    assert "Atlantis" not in seen
    assert "ValueError" in seen
    assert "shown to the user alone" in seen


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("10%\r20%\r100%\n", "100%\n"),
        ("a\r\nb", "a\nb"),
        ("ab\x08c", "ac"),
        ("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07", "red link"),
        ("\x00\x07bell\tand tab", "bell\tand tab"),
        ("done\r", "done"),
    ],
)
def test_terminal_text_reads_as_on_the_screen(raw, seen):
    assert plain(raw) == seen


def test_a_cut_is_stated_and_falls_between_lines():
    text = "\n".join(f"line {n}" for n in range(1000))
    cut = shorten(text, 300)
    assert cut.startswith("line 0\nline 1\n")
    assert cut.endswith("line 998\nline 999")
    assert re.search(r"\[… [\d,]+ of [\d,]+ characters left out", cut)
    assert len(cut) < 400


def test_a_cut_counts_what_the_record_lacks_already():
    head, tail = "a\n" * 500, "b\n" * 500
    cut = shorten(f"{head}{GAP.format(3_000_000)}{tail}", 300)
    assert "of 3,002,000 characters left out" in cut
    assert "of the record" not in cut


@given(
    st.lists(st.integers(10**6, 10**12), min_size=1), st.integers(10, 200), st.sampled_from(" \n")
)
def test_no_cut_leaves_half_a_number(numbers, budget, between):
    cut = shorten(between.join(map(str, numbers)), budget)
    note = re.compile(r"\[….*?…\]")
    left = re.findall(r"\d+", note.sub(" ", cut))
    assert set(left) <= set(map(str, numbers))


def test_long_outputs_stay_in_their_budget():
    assert len(outputs_text([stream("x " * 100_000), VALUE], 1_000)) < 1_200


def test_the_newest_cells_are_kept():
    cells = [run(stream("out " * 50), source=f"cell_{n}()") for n in range(200)]
    text = cells_text(cells)
    assert len(text) < BUDGET_CHARACTERS + 200
    assert text.startswith("(… ")
    assert "cell_199()" in text
    assert "cell_0()" not in text


def test_messages_are_appended_and_never_changed():
    conversation = Conversation()
    seen = []
    for n in range(5):
        before = list(conversation.messages)
        assert before[: len(seen)] == seen
        conversation.ask(f"question {n}", cells="In [1]: x", variables="x: int, 1")
        conversation.reply(Reply(thought="I look.", code="print(1)"))
        conversation.observe("Step 1: ok.\n1")
        conversation.reply(Reply(answer="One."))
        seen = list(conversation.messages)
    roles = [message["role"] for message in seen]
    assert roles == ["system"] + ["user", "assistant"] * ((len(roles) - 1) // 2)


def test_compaction_shortens_old_observations_only():
    conversation = Conversation()
    conversation.ask("q")
    for n in range(5):
        conversation.reply(Reply(code=f"print({n})"))
        conversation.observe("word " * 1000 + f"{n}")
    before = list(conversation.messages)
    assert conversation.compact() > 10_000
    after = list(conversation.messages)
    assert after[-4:] == before[-4:]
    assert sum("shortened later" in m["content"] for m in after) == 3
    assert conversation.compact() > 1_000
    assert [m["content"] for m in conversation.messages][-1] == before[-1]["content"]
    assert conversation.compact() == 0


def test_compaction_leaves_out_earlier_turns_when_nothing_else_helps():
    conversation = Conversation()
    fixed = list(conversation.messages)
    for question in ("one?", "two?", "three?"):
        conversation.ask(question)
        conversation.reply(Reply(code=f"print('{question}')"))
        conversation.observe("Step 1: ok.\n1")
        conversation.reply(Reply(answer="One is one, and all is one."))
    before = list(conversation.messages)
    assert conversation.compact() > 0
    after = list(conversation.messages)
    assert after[: len(fixed)] == fixed
    assert after[len(fixed)] == {"role": "user", "content": f"{LEFT_OUT}\n\nthree?"}
    assert after[len(fixed) + 1 :] == before[-3:]
    assert conversation.compact() == 0


def test_our_own_words_are_few():
    """Estimated at four characters a token; the figure is in benchmarks/."""
    fixed = sum(len(message["content"]) for message in Conversation().messages)
    assert fixed / 4 < 700
    assert DEFAULT.system.isascii()
