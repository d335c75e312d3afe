"""Facts that help the model after its code named something that is not there."""

import types

import pandas as pd
import pytest
from failing import COLUMNS, failing

from codeact_jupyter.context.hints import hints_for
from codeact_jupyter.context.lookups import nearest


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("df['Species']", f"{COLUMNS} Nearest to 'Species': 'species'."),
        ("df['body_mass']", f"{COLUMNS} Nearest to 'body_mass': 'Body Mass'."),
        ("df['mass']", f"{COLUMNS} Nearest to 'mass': 'Body Mass'."),
        ("df['zz']", COLUMNS),
        ("df.zz", COLUMNS),
        ("df.specis", f"{COLUMNS} Nearest to 'specis': 'species'."),
        ("df.groupBy('year')", f"{COLUMNS} Nearest to 'groupBy': 'groupby'."),
        ("df.groupby('zz')", COLUMNS),
        ("df[['species', 'yearx']]", f"{COLUMNS} Nearest to 'yearx': 'year'."),
        ("df[['yearx']]", f"{COLUMNS} Nearest to 'yearx': 'year'."),
        ("df.loc[0, 'zz']", COLUMNS),
        ("df.drop(columns=['zz'])", COLUMNS),
        ("df.sort_values('zz')", COLUMNS),
        ("df.set_index('zz')", COLUMNS),
        ("df.dropna(subset=['yearx'])", f"{COLUMNS} Nearest to 'yearx': 'year'."),
        ("df.drop_duplicates(subset=['yearx'])", f"{COLUMNS} Nearest to 'yearx': 'year'."),
        ("df.groupby('species')['yearx'].sum()", f"{COLUMNS} Nearest to 'yearx': 'year'."),
        ("df.groupby('species').yearx", f"{COLUMNS} Nearest to 'yearx': 'year'."),
        (
            "df.groupby('species').agg({'yearx': 'sum'})",
            f"{COLUMNS} Nearest to 'yearx': 'year'.",
        ),
        ("g['yearx']", f"{COLUMNS} Nearest to 'yearx': 'year'.".replace("df", "g")),
        ("(df\n  .head()\n  .reset_index()\n  ['zz'])", COLUMNS),
        ("def f(frame):\n    return frame['zz']\nf(df)", COLUMNS),
        ("df.loc[99]", "`df` has the row labels 0 to 1; its columns are in `df.columns`."),
        ("df.iloc[:0].loc[99]", "`df` has the row labels 0 to 1; its columns are in `df.columns`."),
        (
            "by_species['species']",
            (
                "`by_species` has species as its index, not as a column: "
                "`by_species.reset_index()` makes it one."
            ),
        ),
        (
            "df.groupby('species')[['year']].sum()['species']",
            (
                "Grouping and pivoting move columns into the index: "
                "`.reset_index()` (or `as_index=False`) makes them columns again."
            ),
        ),
        (
            "df.append(df)",
            "pandas has no 'append' any more: use `pd.concat([df, other], ignore_index=True)`.",
        ),
        ("prices['alfa']", "`prices` has the keys: 'alpha', 'beta'. Nearest to 'alfa': 'alpha'."),
        ("prices[7]", "`prices` has the keys: 'alpha', 'beta'."),
        ("{}['zz']", None),
        ("totals['z']", "`totals` is a Series with the index labels ['x', 'y']."),
        ("robot.comput()", "A Robot has no 'comput'. Nearest: 'compute'."),
        ("np.sqroot(3)", "The module numpy has no 'sqroot'. Nearest: 'sqrt'."),
        (
            "nothing.head()",
            (
                "`nothing` is None, so it has no 'head': a call with inplace=True, or one like "
                "list.sort(), changes the object itself and returns None."
            ),
        ),
        ("robot.qqq", None),
        ("1 / 0", None),
        ("raise KeyError", None),
        ("raise KeyError(robot)", None),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_the_real_ones(code, expected):
    assert failing(code) == ((expected,) if expected else ())


def test_the_frame_of_the_failing_line_comes_first():
    code = "a = df.year\nb = other['yearx']"
    other = pd.DataFrame({"years": [1]})
    assert failing(code, other=other) == (
        "`other` has the columns: years. Nearest to 'yearx': 'years'.",
        f"{COLUMNS} Nearest to 'yearx': 'year'.",
    )


def test_the_variables_of_a_failing_function_are_known():
    code = "def f():\n    inner = df[['year']]\n    return inner['zz']\nf()"
    assert failing(code) == ("`inner` has the columns: year.", COLUMNS)


def test_a_frame_that_has_the_column_is_not_named():
    assert failing("part = df[['year']]\npart['species']") == ("`part` has the columns: year.",)


def test_many_columns_are_listed_up_to_a_budget():
    wide = pd.DataFrame(columns=[f"column_{n}" for n in range(3_000)])
    (hint,) = failing("wide['column_1999x']", wide=wide)
    assert hint.startswith("`wide` has the columns: column_0, column_1, ")
    assert hint.endswith("column_54, … and 2,945 more. Nearest to 'column_1999x': 'column_1999'.")


def test_a_query_that_names_no_column():
    assert failing("df.query('yearx > 1')") == (
        f"{COLUMNS} Nearest to 'yearx': 'year'.",
        "In `query` a variable is written `@name`.",
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("dff.head()", "There is no variable 'dff'. Nearest: 'df'."),
        ("Prices", "There is no variable 'Prices'. Nearest: 'prices'."),
        ("lenn([])", "There is no variable 'lenn'. Nearest: 'len'."),
        ("plt.plot()", ("`plt` has not been imported in this kernel: "
            "`import matplotlib.pyplot as plt`.")),
        ("json.loads('1')", "`json` has not been imported in this kernel: `import json`."),
        ("qqqq", ("There is no variable 'qqqq': names are lost after a kernel restart, so the "
            "cell that makes it has to run (again).")),
    ],
)  # fmt: skip
def test_a_variable_that_is_not_there(code, expected):
    assert failing(code) == (expected,)


def test_the_nearest_name():
    assert nearest("Body mass", ["body_mass", "mass"]) == "body_mass"
    assert nearest("pop", ["population 2020", "gdp"]) == "population 2020"
    assert nearest("zz", ["aa", 3, None]) is None
    assert nearest(5, ["5"]) is None
    assert nearest("", ["a"]) is None


def test_a_module_namespace_is_fine_too():
    module = types.ModuleType("cell")
    code = "df = 1\ndff"
    with pytest.raises(NameError) as caught:
        exec(code, vars(module))
    assert hints_for(caught.value, code, vars(module)) == (
        "There is no variable 'dff'. Nearest: 'df'.",
    )
