"""Hints where only the schema may be shown: they hold names, and no values."""

import pandas as pd
import pytest
from failing import COLUMNS, STRIPPED, failing


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("float('1,234')", f"A text {STRIPPED}"),
        ("df['Species']", f"{COLUMNS} Nearest to 'Species': 'species'."),
        ("prices['alfa']", None),
        ("totals['z']", None),
        ("dff", "There is no variable 'dff'. Nearest: 'df'."),
    ],
)
def test_schema_only_hints_hold_names_and_no_values(code, expected):
    assert failing(code, schema_only=True) == ((expected,) if expected else ())


COMPUTED = {
    "a file": "open(made)",
    "a program": "import subprocess\nsubprocess.run([made])",
    "a table": "pd.read_csv(made_table)",
    "a column": "df[made]",
    "columns": "df[[made, 'nowhere']]",
    "a row": "df[4711]",
    "an attribute": "getattr(df, made)",
    "an attribute of a module": "getattr(pd, made)",
    "a variable": "eval(made)",
    "a name in a query": "df.query(made)",
    "a package": "__import__(made)",
    "a module of a package": "__import__('json.' + made)",
    "a number": "float(made)",
}


@pytest.mark.parametrize("what", COMPUTED)
def test_schema_only_hints_hold_nothing_that_was_computed_from_a_value(tmp_path, what):
    table = tmp_path / "canary.csv"
    table.write_text("town;rank\n" + "Bern;1\n" * 5 + "Ulm, old;2,1\n" * 2)
    rows = pd.RangeIndex(4712, 4713)
    frame = pd.DataFrame({"canary_1": [1], "year": [2]}, index=rows)
    hints = failing(
        COMPUTED[what], schema_only=True, made="canary", made_table=str(table), df=frame
    )
    told = " ".join(hints).replace("canary_1", "")  # a column's name is told, whoever made it
    assert "canary" not in told
    assert "4712" not in told


def test_schema_only_hints_say_what_stands_in_the_code():
    assert "biopython" in failing("import Bio.Seq", schema_only=True)[0]
    assert "Nearest" in failing("pd.read_cvs", schema_only=True)[0]
    hints = failing("import subprocess\nsubprocess.run(['no-such-program'])", schema_only=True)
    assert hints == ("No program called 'no-such-program' is installed where this kernel looks.",)
