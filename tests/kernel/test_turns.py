"""Turns as a user sees them: a real kernel, real HTTP, only the model is scripted."""

import re

import pytest
from endpoint import fault
from telling import ADD, ANSWER, spoken
from waiting import DEAF

from codeact_jupyter.context.conversation import SENT_BACK
from codeact_jupyter.loop import FAILS_AGAIN, MOST_REPEATS, SAME_AGAIN
from codeact_jupyter.senses import (
    EMPTY,
    MADE_UP,
    MISSED,
    NOT_JOINED,
    NOTHING_RAN,
    ONLY_LOOKED,
    UNUSED,
)


@pytest.mark.parametrize("answer", ["y", "yes", " Y "])
def test_ask_runs_after_yes(kernel, endpoint, answer):
    endpoint.script(ADD, ANSWER)
    ran = kernel.run("%%codeact\nWhat is 3 + 1?", answers=[answer])
    assert ran.status == "ok"
    assert "sum 4" in ran.text


def test_a_reason_behind_no_goes_to_the_model(kernel, endpoint):
    endpoint.script(ADD, ADD.replace("3 + 1", "2 + 2"), ANSWER)
    ran = kernel.run("%%codeact\nAdd.", answers=["no, use 2 + 2", "y"])
    assert ran.status == "ok"
    said = ("user", "Step 1: rejected, nothing ran. use 2 + 2")
    assert said in spoken(endpoint, 1)


def test_the_users_words_behind_no_reach_the_model_as_they_are(kernel, endpoint):
    endpoint.script(ADD, ADD)
    kernel.run("%%codeact\nAdd.", answers=["no: keep 1,000 rows of a, b", "n"])
    assert spoken(endpoint)[-1][1].endswith("nothing ran. keep 1,000 rows of a, b")


@pytest.mark.parametrize("slip", ["", "yess", "q", "y n"])
def test_a_slip_of_the_finger_runs_nothing_and_is_asked_again(kernel, endpoint, slip):
    endpoint.script(ADD)
    ran = kernel.run("%%codeact\nAdd.", answers=[slip, "n"])
    assert "Stopped by you" in ran.error
    assert kernel.run("'total' in globals()").text == "False\n"


def test_edit_puts_the_action_into_the_next_cell(kernel, endpoint):
    endpoint.script(ADD, "Fine.")
    ran = kernel.run("%%codeact\nAdd.", answers=["e"])
    assert ran.status == "ok"
    assert "next cell" in ran.text
    (payload,) = ran.payload
    assert payload["source"] == "set_next_input"
    kernel.run(payload["text"].replace("3", "30"))
    kernel.run("%%codeact\nGo on.", answers=[])
    assert "In [" in spoken(endpoint)[-1][1]
    assert "total = 30 + 1" in spoken(endpoint)[-1][1]
    assert "sum 31" in spoken(endpoint)[-1][1]


def test_nobody_to_ask_is_quiet_and_free(start_kernel, pair, endpoint):
    kernel = start_kernel(pair)
    for cell in ("%%codeact\nAdd.", "%%codeact --auto\nAdd."):
        ran = kernel.run(cell)
        assert ran.status == "ok"
        (line,) = ran.outputs
        assert line["name"] == "stderr"
        assert line["text"].count("\n") == 1
        assert "CODEACT_RUN=1" in line["text"]
    assert endpoint.requests == []


def test_a_front_end_that_cannot_ask_runs_nothing(start_kernel, endpoint):
    kernel = start_kernel(CODEACT_RUN="1")
    endpoint.script(ADD)
    ran = kernel.run("%%codeact\nAdd.", metadata={"cellId": "abc"})
    assert "nobody is here to approve it" in ran.error
    assert kernel.run("'total' in globals()").text == "False\n"


def test_interrupt_while_the_model_thinks(kernel, endpoint):
    endpoint.script(fault("headers_then_silence", text="I think"), ADD, ANSWER)
    request = kernel.send("%%codeact --auto\nAdd.")
    asked = endpoint.wait_for(1)
    kernel.stream_until(request, "step 1")
    kernel.interrupt()
    ran = kernel.wait(request)
    assert "Stopped by you" in ran.error
    assert asked.hung_up.wait(10)
    assert kernel.run("%%codeact --auto\nAdd.").status == "ok"


def test_an_interrupt_that_an_action_swallows_still_ends_the_turn(kernel, endpoint):
    endpoint.script(
        "```python\nimport time\ntry:\n    print('beg' + 'un', flush=True)\n"
        "    while True:\n        time.sleep(0.01)\n"
        "except:\n    print('swallowed')\n```"
    )
    request = kernel.send("%%codeact --auto\nWait.")
    kernel.stream_until(request, "begun")
    kernel.interrupt()
    ran = kernel.wait(request)
    assert "swallowed" in ran.text
    assert "Stopped by you" in ran.error
    assert len(endpoint.requests) == 1


def test_an_action_that_outlives_an_interrupt_is_said_to_do_so(kernel, endpoint, tmp_path):
    kernel.run(f"%cd {tmp_path}")
    endpoint.script(DEAF)
    request = kernel.send("%%codeact --auto\nWait.")
    kernel.stream_until(request, "begun")
    kernel.interrupt()
    kernel.stream_until(request, "goes on although it was interrupted")
    (tmp_path / "enough").touch()
    ran = kernel.wait(request)
    assert "Stopped by you" in ran.error
    kernel.run(f"%codeact export {tmp_path / 'here.ipynb'}")
    exported = (tmp_path / "here.ipynb").read_text(encoding="utf-8")
    assert "not me\\n" in exported
    assert "goes on although" not in exported


def test_an_error_is_an_observation_with_the_users_frames_only(kernel, endpoint):
    endpoint.script(
        "```python\nimport json\ndef load(text):\n    return json.loads(text)\nload('{')\n```",
        "It is not JSON.",
    )
    assert kernel.run("%%codeact --auto\nLoad it.").status == "ok"
    text = spoken(endpoint)[-1][1]
    assert text.startswith("Step 1: error.\n")
    assert "line 4\n    load('{')" in text
    assert "line 3, in load" in text
    assert "JSONDecodeError: Expecting property name" in text
    assert "decoder.py" not in text
    assert "\x1b" not in text


def test_the_same_action_with_the_same_result_ends_the_turn(kernel, endpoint):
    endpoint.script(*["```python\nprint('again')\n```"] * 5)
    ran = kernel.run("%%codeact --auto\nGo.")
    assert len(endpoint.requests) == MOST_REPEATS
    assert "same block with the same result" in ran.error
    told = [text for role, text in spoken(endpoint) if SAME_AGAIN in text]
    assert len(told) == 1


def test_the_same_action_with_the_same_error_ends_the_turn(kernel, endpoint):
    endpoint.script(*["```python\n1 / 0\n```"] * 5)
    ran = kernel.run("%%codeact --auto\nGo.")
    assert len(endpoint.requests) == MOST_REPEATS
    assert "same block with the same result" in ran.error
    told = [text for role, text in spoken(endpoint) if FAILS_AGAIN in text]
    assert len(told) == 1


def test_the_same_action_with_new_results_goes_on(kernel, endpoint):
    kernel.run("n = 0")
    endpoint.script(*["```python\nn += 1\nprint(n)\n```"] * 5, "Five.")
    assert kernel.run("%%codeact --auto\nCount n to 5.").status == "ok"
    assert kernel.run("n").text == "5\n"


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("--max-steps 2", "limit of 2 steps"),
        ("--max-tokens 500", "limit of 500 tokens"),
    ],
)
def test_limits(kernel, endpoint, flags, sentence):
    endpoint.script(*[f"```python\nprint({n})\n```" for n in range(9)])
    ran = kernel.run(f"%%codeact --auto {flags}\nGo.")
    assert sentence in ran.error
    assert "What was done stays" in ran.error
    assert "0\n" in ran.text


def test_the_limit_of_seconds_is_model_time(kernel, endpoint):
    endpoint.script(fault("slow", text="word " * 400))
    ran = kernel.run("%%codeact --auto --timeout 1\nGo.")
    assert ran.status == "error"
    assert re.search(r"\b1 s\b", ran.error), ran.error


@pytest.mark.parametrize("name", ["length", "cut", "reset", "no_finish"])
def test_a_reply_that_is_not_whole_is_never_run(kernel, endpoint, name):
    endpoint.script(fault(name, text="```python\nran = True\n```\nand"))
    ran = kernel.run("%%codeact --auto\nGo.")
    assert ran.status == "error"
    assert "ran = True" in ran.text
    assert kernel.run("'ran' in globals()").text == "False\n"


def test_an_answer_before_any_action_is_met_once(kernel, endpoint):
    kernel.run("prices = [1, 2]")
    endpoint.script("The sum is 3.", "The sum is 3.")
    ran = kernel.run("%%codeact --auto\nSum the prices.")
    assert ran.status == "ok"
    assert spoken(endpoint)[-1] == ("user", NOTHING_RAN.format(prompt="Sum the prices."))
    assert len(endpoint.requests) == 2


def test_a_number_that_no_output_shows_is_met_once(kernel, endpoint):
    endpoint.script(ADD, "The sum is 4711.", "The sum is 4.")
    ran = kernel.run("%%codeact --auto\nWhat is 3 + 1?")
    assert ran.status == "ok"
    assert spoken(endpoint)[-1] == ("user", MADE_UP.format(numbers="4711", prompt="What is 3 + 1?"))
    assert len(endpoint.requests) == 3


PREPARED = """
import pandas as pd
years = [2000 + n for n in (1, 2, 3)]
towns = pd.DataFrame({"town": ["Bern", "Ulm", "Ulm"], "year": years, "n": [7, 30, 50]})
del years
"""


@pytest.mark.parametrize(
    ("question", "code", "answer", "doubt"),
    [
        ("Which town in towns has the largest n?", "towns.head(2)", "Ulm, with 30.", ONLY_LOOKED),
        ("Load towns.", "towns.head(2)", "Done.", None),
        ("Sum n of towns in 2003.", "towns['n'].sum()", "It is 87.",
            UNUSED.replace("{numbers}", "2003")),
        ("Sum n of towns in 2003.", "towns[towns['year'] == 2003]['n'].sum()", "It is 50.", None),
        ("Sum n of towns of Ulm.", "towns[towns['town'] == 'ulm']['n'].sum()", "It is 0.",
            MISSED.replace("{fact}",
                "`towns['town']` is never equal to 'ulm'. Nearest to it: 'Ulm'.")),
        ("Sum n of towns.", "towns['n'].sum()", SENT_BACK, EMPTY),
    ],
)  # fmt: skip
def test_an_answer_that_the_code_does_not_support(kernel, endpoint, question, code, answer, doubt):
    kernel.run(PREPARED)
    endpoint.script(f"```python\n{code}\n```", answer, "It cannot be known.")
    assert kernel.run(f"%%codeact --auto\n{question}").status == "ok"
    assert len(endpoint.requests) == (3 if doubt else 2)
    if doubt:
        assert spoken(endpoint)[-1] == ("user", doubt.format(prompt=question))


def test_our_own_words_are_never_an_answer(kernel, endpoint):
    kernel.run(PREPARED)
    endpoint.script("```python\ntowns['n'].sum()\n```", "It is 4711.", SENT_BACK, SENT_BACK)
    ran = kernel.run("%%codeact --auto\nSum n of towns.")
    assert (ran.status, len(endpoint.requests)) == ("error", 4)


def test_a_number_of_the_first_rows_supports_no_answer(kernel, endpoint):
    kernel.run(PREPARED)
    endpoint.script(
        "```python\ntowns.head(2)\n```",
        "```python\ntowns['n'].max()\n```",
        "It was in 2001.",
        "It was in 2001.",
    )
    question = "When was n in towns the highest?"
    assert kernel.run(f"%%codeact --auto\n{question}").status == "ok"
    assert spoken(endpoint)[-1] == ("user", MADE_UP.format(numbers="2001", prompt=question))


def test_a_file_of_the_question_that_was_only_loaded(kernel, endpoint, tmp_path):
    for name in ("towns.csv", "lands.csv"):
        (tmp_path / name).write_text("town,n\nBern,7\n", encoding="utf-8")
    endpoint.script(
        f"```python\nimport pandas as pd\ntowns = pd.read_csv({str(tmp_path / 'towns.csv')!r})\n"
        f"lands = pd.read_csv({str(tmp_path / 'lands.csv')!r})\n```",
        "```python\nlands['n'].sum()\n```",
        "It is 7.",
        "It is 7.",
    )
    question = "How many towns of towns.csv are in lands.csv?"
    assert kernel.run(f"%%codeact --auto\n{question}").status == "ok"
    words = NOT_JOINED.format(name="towns", file=tmp_path / "towns.csv", prompt=question)
    assert spoken(endpoint)[-1] == ("user", words)


def test_a_question_that_needs_no_data_is_answered_at_once(kernel, endpoint):
    endpoint.script("A median is the middle value.")
    assert kernel.run("%%codeact --auto\nWhat is a median?").status == "ok"
    assert len(endpoint.requests) == 1


def test_a_prompt_that_alone_is_over_the_limit_is_not_sent(kernel, endpoint):
    kernel.run("kept = 1")
    ran = kernel.run("%%codeact --auto --max-tokens 100\nWhat is kept?")
    assert re.search(r"has about \d+ tokens .* limit of a turn is 100 in both", ran.error)
    assert endpoint.requests == []
    assert "0 turns" in kernel.run("%codeact status").text
    endpoint.script("It is there.", "It is there.")
    assert kernel.run("%%codeact --auto\nWhat is kept?").status == "ok"
    assert str(spoken(endpoint, 0)).count("What is kept?") == 1
    assert "kept = 1" in spoken(endpoint, 0)[-1][1]


def test_a_model_that_returns_nothing(kernel, endpoint):
    endpoint.script("", "")
    ran = kernel.run("%%codeact --auto\nGo.")
    assert ran.status == "error"
    assert "answered twice with nothing" in ran.error


def test_a_model_that_only_thinks(kernel, endpoint):
    endpoint.script("<think>\n```python\nx = 1\n```\n</think>", "<think>hm</think>")
    ran = kernel.run("%%codeact --auto\nGo.")
    assert "holds neither an answer nor a block" in ran.error
    assert "Your reply was empty" in spoken(endpoint)[-1][1]
    assert "The model's reply was empty, so it is asked once more." in ran.text
    assert "No output supports" not in ran.text
    assert kernel.run("'x' in globals()").text == "False\n"


def test_an_answer_that_was_sent_back_is_marked_in_the_record(kernel, endpoint, tmp_path):
    endpoint.script(ADD, "The sum is 4711.", "The sum is 4.")
    ran = kernel.run("%%codeact --auto\nWhat is 3 + 1?")
    assert "No output supports this answer yet" in ran.text
    kernel.run(f"%codeact export {tmp_path / 'x.ipynb'}")
    assert "(No output supported this answer" in (tmp_path / "x.ipynb").read_text()
    assert "4711" not in str(spoken(endpoint)[:-1])


@pytest.mark.parametrize("name", ["length", "cut", "reset", "no_finish"])
def test_a_reply_that_broke_off_is_counted(kernel, endpoint, name):
    endpoint.script(fault(name, text="One two three four five."))
    ran = kernel.run("%%codeact --auto\nGo.")
    (tokens,) = re.findall(r"([\d,]+) tokens", ran.text)
    assert int(tokens.replace(",", "")) > 200  # the request was read, whatever came of it
