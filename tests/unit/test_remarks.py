"""Facts on code that ran and yet misses what it is after."""

import pandas as pd
import pytest

from codeact_jupyter.context.remarks import remarks_on


def frame():
    return pd.DataFrame(
        {
            "sex": ["MALE", "FEMALE", None],
            "day": ["2017-01-01", "2017-02-01", "2018-01-01"],
            "code": ["A", "B", "C"],
            "year": [2016, 2017, 2018],
            "when": pd.to_datetime(["2017-01-01", "2017-02-01", "2018-01-01"]),
        }
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("df[df['sex'] == 'female']",
            "`df['sex']` is never equal to 'female'. Nearest to it: 'FEMALE'."),
        ("df[df.sex == 'female']",
            "`df['sex']` is never equal to 'female'. Nearest to it: 'FEMALE'."),
        ("df[df['sex'].isin(['MALE', 'female'])]",
            "`df['sex']` is never equal to 'female'. Nearest to it: 'FEMALE'."),
        ("df[df['day'] == '2017']",
            ("`df['day']` is never equal to '2017', but holds '2017-01-01': "
            "`df['day'].str.startswith('2017')` finds such.")),
        ("df[df['day'] == 2017]",
            ("`df['day']` is never equal to 2017, but holds '2017-01-01': "
            "`df['day'].str.startswith('2017')` finds such.")),
        ("df[df['code'] == 'xyz']",
            "`df['code']` is never equal to 'xyz'. It holds: 'A', 'B', 'C'."),
        ("df[df['year'] == '2017']",
            "`df['year']` holds numbers (int64), which never equal the text '2017'."),
        ("df[df['when'] == '2017']",
            "`df['when']` holds dates: `df['when'].dt.year == 2017` compares the year."),
        ("print(df['year'].idxmax())",
            ("`idxmax()` gives the row's label, no value of it: "
            "`df.loc[df['year'].idxmax()]` is that row.")),
    ],
)  # fmt: skip
def test_what_was_missed(code, expected):
    assert remarks_on(code, {"df": frame()}) == [expected]


@pytest.mark.parametrize(
    "code",
    [
        "df[df['sex'] == 'FEMALE']",
        "df[df['year'] == 1999]",
        "df[df['when'] == '2017-01-01']",
        "df[df['nothing'] == 1]",
        "other['sex'] == 'x'",
        "df.loc[df['year'].idxmax()]",
        "df.set_index('code')['year'].idxmax()",
        "x = (",
    ],
)
def test_nothing_to_say(code):
    assert remarks_on(code, {"df": frame(), "other": {"sex": "y"}}) == []


def test_labels_that_mean_something():
    assert remarks_on("df['year'].idxmax()", {"df": frame().set_index("code")}) == []


def test_no_values_are_said():
    space = {"df": frame()}
    assert remarks_on("df[df['sex'] == 'female']", space, schema_only=True) == []
    assert remarks_on("df[df['year'] == '2017']", space, schema_only=True)


def test_at_most_two():
    code = "df[(df['sex'] == 'x') | (df['sex'] == 'y') | (df['code'] == 'z')]"
    assert len(remarks_on(code, {"df": frame()})) == 2


def test_no_comparison_of_a_strange_object_is_run():
    calls = []

    class Odd:
        __hash__ = object.__hash__

        def __eq__(self, other):
            calls.append(other)
            return False

    odd = pd.DataFrame({"a": [Odd(), "x", "y"]})
    calls.clear()
    assert remarks_on("df[df['a'] == 'z']", {"df": odd}) == [
        "`df['a']` is never equal to 'z'. It holds: 'x', 'y'."
    ]
    assert calls == []


def test_a_file_that_was_not_split(tmp_path):
    file = tmp_path / "towns.csv"
    file.write_text("town;rank\nBern;1\nUlm;2\n", encoding="utf-8")
    code = f"df = pd.read_csv({str(file)!r})"
    assert remarks_on(code, {"df": pd.read_csv(file)}) == [
        f"`df` is not split into its columns. First run `df = pd.read_csv({str(file)!r}, sep=';')`."
    ]
    assert remarks_on(code, {"df": pd.read_csv(file, sep=";")}) == []
