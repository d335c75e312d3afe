"""Facts that help after a table was not read, or read in a way that its code did not expect."""

import pandas as pd
import pytest

from codeact_jupyter.context.digests import describe
from codeact_jupyter.context.hints import hints_for


def failing(code, *, schema_only=False, **names):
    """The hints on the error that the code ends in."""
    space = {"pd": pd, **names}
    with pytest.raises(Exception) as caught:  # noqa: PT011  (any error of the code)
        exec(compile(code, "<cell>", "exec"), space)
    return hints_for(caught.value, code, space, schema_only=schema_only)


@pytest.fixture
def semicolons(tmp_path):
    file = tmp_path / "towns.csv"
    file.write_text("town;rank\n" + "Bern;1\n" * 5 + "Ulm, old;2,1\n" * 2, encoding="utf-8")
    return str(file)


def test_a_table_that_pandas_cannot_read(semicolons):
    assert failing(f"pd.read_csv({semicolons!r})") == (
        "The file begins:\ntown;rank\nBern;1\nBern;1",
        f"Read it with `pd.read_csv({semicolons!r}, sep=';', decimal=',')`.",
    )


def test_a_table_that_pandas_cannot_read_without_its_values(semicolons):
    hints = failing(f"pd.read_csv({semicolons!r})", schema_only=True)
    assert len(hints) == 1
    assert "Bern" not in hints[0]


def test_a_table_in_another_encoding(tmp_path):
    file = tmp_path / "towns.csv"
    file.write_bytes("town,rank\nK\u00f6ln,1\n".encode("latin-1"))
    assert (
        f"`pd.read_csv({str(file)!r}, encoding='cp1252')`"
        in failing(f"pd.read_csv({str(file)!r})")[-1]
    )


@pytest.mark.parametrize(
    ("values", "code", "call"),
    [
        (["17.5%", "9%"], "df['share'] > 3", "df['share'].str.rstrip('%').astype(float)"),
        (["1,234", "12"], "df['share'].astype(float)",
            "df['share'].str.replace(',', '').astype(float)"),
        (["$1", "$2", "n/a"], "df['share'].astype(float)",
            ("pd.to_numeric(df['share'].str.replace(r'[^0-9.+-]', '', regex=True), "
            "errors='coerce')")),
    ],
)  # fmt: skip
def test_the_code_that_makes_numbers_of_a_column(values, code, call):
    frame = pd.DataFrame({"share": values, "name": ["x"] * len(values)})
    assert failing(code, df=frame) == (
        (
            f"`df['share']` holds text such as '{values[0]}'. Its numbers: `{call}`. "
            "Use that in its place."
        ),
    )
    numbers = eval(call, {"df": frame, "pd": pd})
    assert numbers.notna().sum() == 2


@pytest.mark.parametrize("separator", [";", "\t", "|", ","])
def test_one_column_that_should_be_several(separator):
    frame = pd.DataFrame({separator.join("abc"): ["x"]})
    again = f"one column only: read the file again with sep={separator!r}"
    assert again in describe("df", frame)
    assert failing("df[df['a'] == 1]", df=frame) == (f"`df` has {again}.",)


def test_a_first_line_without_names():
    frame = pd.DataFrame({"Report": [1], "Unnamed: 1": [2], "Unnamed: 2": [3]})
    assert "holds no names: read it again with skiprows" in describe("df", frame)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("df[df['day'].dt.year == 2]",
            "Write `pd.to_datetime(df['day']).dt` in place of `df['day'].dt`."),
        ("df.day.dt.year", "Write `pd.to_datetime(df.day).dt` in place of `df.day.dt`."),
        ("df['n'].str[:2]", "Write `df['n'].astype(str).str` in place of `df['n'].str`."),
    ],
)  # fmt: skip
def test_an_accessor_of_another_kind_of_column(code, expected):
    frame = pd.DataFrame({"day": ["2017-01-01"], "n": [1]})
    assert failing(code, df=frame) == (expected,)


def test_a_condition_on_a_column_that_nothing_is_like():
    frame = pd.DataFrame({"day": [1], "n": [1]})
    (hint,) = failing("df[df['city'] == 'Bern']", df=frame)
    assert hint.endswith("Nothing there is like 'city': leave that condition out.")
    (hint,) = failing("df['city'].mean()", df=frame)
    assert "leave" not in hint
