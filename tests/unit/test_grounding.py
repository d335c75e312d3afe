"""An answer's numbers must come from somewhere."""

import pandas as pd
import pytest

from codeact_jupyter.context.digests import describe
from codeact_jupyter.context.grounding import (
    asks_value,
    made_up_numbers,
    names_column,
    names_data,
    unused_numbers,
)


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
        ("About 1.9e-05.", "0.0000123", ("1.9e-05",)),
        ("About 5.08e3.", "mean 5076.016260", ()),
        ("About 5.0E3.", "mean 5076.016260", ("5.0E3",)),
        ("About 1.23456e+06.", "1234560.4", ()),
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
        ("Explain what this cell does.\n\nIn [2]:\n```python\ndf = 1\n```", False),
        ("Is this right?\n\n```python\nx = 1\n```\n\nAnd is df?", True),
    ],
)
def test_a_prompt_that_names_data(prompt, expected):
    assert names_data(prompt, ["df"]) is expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Which town has the largest n?", True),
        ("Which TOWN is it?", True),
        ("What is the mean of the total bill?", True),
        ("Which bill is the largest?", False),  # of which no column has the name
        ("What is a median?", False),
        ("Which language is this?", False),
    ],
)
def test_a_prompt_that_names_a_column(prompt, expected):
    table = pd.DataFrame({"town": ["Bern", "Ulm"], "n": [7001, 3002], "total bill": [1.5, None]})
    table["%"] = 1.0
    told = f"Variables in the kernel:\ndf: {describe('df', table)}\nx: int 3\n\n{prompt}"
    assert names_column(prompt, ["Step 1: ok.", told]) is expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("What is the mean of a.csv?", True),
        ("Which city sells most?", True),
        ("How many rows does a.csv have?", False),
        ("Load a.csv.", False),
    ],
)
def test_a_prompt_that_asks_for_a_value(prompt, expected):
    assert asks_value(prompt) is expected


@pytest.mark.parametrize(
    ("prompt", "used", "unused"),
    [
        ("Sales of 2014?", "df['n'].sum()", ("2014",)),
        ("Sales of 2014?", "df[df.date.dt.year == 2014]", ()),
        ("Sales of 2014?", "df[df.date.str.startswith('2014-')]", ()),
        ("From 1900 to 1950?", "range(1900, 1951)", ()),
        ("Above 15 percent?", "df.share > 0.15", ()),
        ("Above 1,500?", "df.n > 1_500", ()),
        ("Above 1,500,000?", "df.n > 1.5e6", ()),
        ("The 3 best, to 20 digits?", "df", ()),
        ("Mean of sales_2014.csv?", "df.mean()", ()),
    ],
)
def test_a_condition_that_no_code_used(prompt, used, unused):
    assert unused_numbers(prompt, [used]) == unused


@pytest.mark.parametrize(
    ("answer", "told", "made_up"),
    [
        ("It is 1e999.", ["3"], ("1e999",)),
        ("It is 55.", ["1e400", "55"], ()),
        ("It is " + "9" * 5_000, ["3"], ("9" * 5_000,)),
    ],
)
def test_numbers_beyond_a_float_are_numbers_like_others(answer, told, made_up):
    assert made_up_numbers(answer, told) == made_up
