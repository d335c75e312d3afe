"""What makes an answer doubtful, and what does not."""

import pandas as pd
import pytest

from codeact_jupyter.cells import CellRun
from codeact_jupyter.context.digests import describe
from codeact_jupyter.context.profiles import PROFILES
from codeact_jupyter.senses import MADE_UP, ONLY_LOOKED, TextSenses
from codeact_jupyter.types import Changes, Observation, Reply

LOAD = 'import pandas as pd\ndf = pd.read_csv("a.csv")\n'
SMALL = pd.DataFrame({"town": ["Bern", "Ulm", "Graz"], "n": [7001, 3002, 5003]})
LARGE = pd.concat([SMALL] * 30, ignore_index=True)
PROMPT = "Which town in a.csv has the largest n?"


def observed(code, output, frame=None):
    outputs = ({"output_type": "stream", "name": "stdout", "text": output},) if output else ()
    run = CellRun(cell_id="a", source=code, outputs=outputs, execution_count=1, status="ok")
    changes = Changes(new={"df": describe("df", frame)} if frame is not None else {})
    return Observation(status="ok", run=run, changes=changes)


def doubt(*observations, prompt=PROMPT, answer="Bern.", profile="default", **senses):
    reading = TextSenses(PROFILES[profile], schema_only=senses.pop("schema_only", False))
    texts = [reading.describe(step, each) for step, each in enumerate(observations, 1)]
    found = reading.doubt(prompt, Reply(answer=answer), [prompt, *texts], observations)
    return found.told if found else ""


@pytest.mark.parametrize(
    "steps",
    [
        [observed(LOAD + "print(df)", f"{SMALL}\n", SMALL)],
        [observed(LOAD + "print(df.to_string())", SMALL.to_string(), SMALL)],
        [observed(LOAD + "df.head()", f"{SMALL.head()}\n", SMALL)],
        [observed(LOAD, "", SMALL), observed("print(df)", f"{SMALL}\n")],
        [observed("df.head()", f"{SMALL.head()}\n")],  # a table of the user's own
        [observed("print(open('a.csv').read())", "town,n\nBern,7001\n")],
        [observed(LOAD + "print(df.to_string())", LARGE.to_string(), LARGE)],
    ],
)
@pytest.mark.parametrize("answer", ["Bern.", "Bern, with 7001."])
def test_a_table_that_was_shown_whole_is_no_mere_look(steps, answer):
    assert doubt(*steps, answer=answer) == ""


@pytest.mark.parametrize(
    "steps",
    [
        [observed(LOAD + "print(df.head(2))", f"{SMALL.head(2)}\n", SMALL)],
        [observed(LOAD + "print(df)", f"{LARGE}\n", LARGE)],  # pandas cuts it itself
        [observed(LOAD + "print(df.head(), df.tail())", f"{LARGE.head()}\n{LARGE.tail()}", LARGE)],
        [observed(LOAD + "print(df.shape)", "(3, 2)\n", SMALL)],
        [observed("print(open('a.csv').read(20))", "town,n\nBern,7001\n")],
        [observed("print(open('a.csv').read()[:20])", "town,n\nBern,7001\n")],
        [observed("print(open('a.csv').read())", "town,n\n" * 9_000)],  # cut for the model
    ],
)
def test_a_part_of_a_table_is(steps):
    assert doubt(*steps) == ONLY_LOOKED.format(prompt=PROMPT)


def test_what_the_model_was_not_shown_is_no_whole_table():
    steps = [observed(LOAD + "print(df)", f"{SMALL}\n", SMALL)]
    assert doubt(*steps, schema_only=True) == ONLY_LOOKED.format(prompt=PROMPT)


COMPUTED = observed("print(df['n'].max())", "7001\n")


def test_a_look_with_a_short_output_takes_nothing_else_away():
    """Its text stands in the prompt too, where the number comes from."""
    prompt = "Which town in a.csv has the largest n in 2017?"
    look = observed(LOAD + "print(df.columns)\ndf.head(0)", "n", LARGE)
    used = observed("print(df[df.year == 2017]['n'].max())", "7001\n")
    assert doubt(look, used, prompt=prompt, answer="7001 in 2017.") == ""


@pytest.mark.parametrize("profile", PROFILES)
def test_a_number_of_a_look_supports_no_answer_in_any_profile(profile):
    text = LARGE.head(60).to_string()
    look = observed(LOAD + "print(df.head(60).to_string())", text, LARGE)
    told = doubt(look, COMPUTED, answer="Bern, before 3002.", profile=profile)
    assert told == MADE_UP.format(numbers="3002", prompt=PROMPT)


@pytest.mark.parametrize(
    ("prompt", "doubted"),
    [("Which town has the largest n?", True), ("Which language is this?", False)],
)
def test_an_answer_from_nothing_about_a_column_of_a_table_is_doubted(prompt, doubted):
    """As one that only repeats the example's, whose question was much alike."""
    told = f"Variables in the kernel:\ndf: {describe('df', SMALL)}\n\n{prompt}"
    found = TextSenses(PROFILES["small"], schema_only=False).doubt(
        prompt, Reply(answer="Rome"), [told], []
    )
    assert (found is not None) is doubted
