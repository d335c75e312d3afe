"""Whether code computed anything, or only looked."""

import pytest

from codeact_jupyter.context.looking import only_looked, unused_tables

LOAD = 'import pandas as pd\ndf = pd.read_csv("a.csv")\n'


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([LOAD], True),
        ([LOAD + "print(df.shape)\nprint(df.head(2))"], True),
        ([LOAD, "df.tail()", "df.info()", "print(df.columns.tolist())"], True),
        ([LOAD, "print(df['a'])"], True),
        ([LOAD, "print(df['a'].mean())"], False),
        ([LOAD, "print(df[df['a'] > 2])"], False),
        ([LOAD, "print(df.describe())"], False),
        ([LOAD, "[row for row in df]"], False),
        ([LOAD, "print(len(df))"], False),
        (["n += 1\nprint(n)"], False),
        (["print(total)"], False),
        (["x = ("], False),
        ([], False),
    ],
)
def test_looking_is_not_computing(codes, expected):
    assert only_looked(codes) is expected


BOTH = LOAD + 'other = pd.read_csv("b.csv", sep=";")\nprint(df.shape, other.shape)'


@pytest.mark.parametrize(
    ("codes", "unused"),
    [
        ([BOTH], {"df": "a.csv", "other": "b.csv"}),
        ([BOTH, "print(df['a'].mean())"], {"other": "b.csv"}),
        ([BOTH, "print(df['a'].mean())\nprint(other['b'].max())"], {}),
        ([BOTH, "both = df.merge(other)"], {}),
        (["x = 3", "x = ("], {}),
    ],
)
def test_tables_that_nothing_was_computed_from(codes, unused):
    assert unused_tables(codes) == unused
