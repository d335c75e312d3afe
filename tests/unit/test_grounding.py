"""An answer's numbers must come from somewhere."""

import pytest

from codeact_jupyter.context.grounding import made_up_numbers, names_data


@pytest.mark.parametrize(
    ("answer", "told", "made_up"),
    [
        ("It is 4820.0 g.", "mean 5076.016260", ("4820.0",)),
        ("It is 5076.0 g.", "mean 5076.016260", ()),
        ("It is 5,076 g.", "mean 5076.016260", ()),
        ("It is 5.08 kg.", "mean 5076.016260", ()),
        ("That is 36.3 %.", "0.36257", ()),
        ("There are 3 species.", "Adelie Gentoo", ()),
        ("1. first\n2. second", "", ()),
        ("In 2008 there were 124.", "2008    114", ("124",)),
        ("Exactly 0.", "nothing", ()),
        ("The `x1` and v2.0 of it", "", ()),
        ("About 1.2e-05.", "0.0000123", ()),
        ("No number.", "1", ()),
        ("See [this](http://h:8080/2024) and http://h/99.", "", ()),
    ],
)
def test_numbers(answer, told, made_up):
    assert made_up_numbers(answer, [told]) == made_up


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Mean of penguins.csv?", True),
        ("Plot df by city.", True),
        ("What is a median?", False),
        ("Why is the sky blue? e.g. physics.", False),
    ],
)
def test_a_prompt_that_names_data(prompt, expected):
    assert names_data(prompt, ["df"]) is expected
