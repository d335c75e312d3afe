"""Facts that help after text was met where numbers are wanted."""

import pytest
from failing import STRIPPED, failing

TEXTS = (
    "`df` holds text in: species, 'Body Mass'. `df.select_dtypes('number')` are the numbers; "
    "`pd.to_numeric(s, errors='coerce')` turns text into numbers."
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("float('1,234')", f"The text '1,234' {STRIPPED}"),
        ("df['Body Mass'].astype(float)", f"The text '1,234' {STRIPPED}"),
        ("pd.to_numeric(df['Body Mass'])", f"The text '1,234' {STRIPPED}"),
        ("int('1.5')", f"The text '1.5' {STRIPPED}"),
        ("int('n/a')", ("The text 'n/a' is no number: `pd.to_numeric(s, errors='coerce')` "
            "makes it NaN.")),
        ("df.mean()", TEXTS),
        ("df['Body Mass'].mean()", TEXTS),
        ("df['Body Mass'] > 3", TEXTS),
        ("df['year'] + df['species']", TEXTS),
        ("raise ValueError('another')", None),
    ],
)  # fmt: skip
def test_text_that_is_no_number(code, expected):
    assert failing(code) == ((expected,) if expected else ())
