"""Facts that help the model after its code failed."""

import asyncio
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.error import StdinNotImplementedError

from codeact_jupyter.context.hints import NO_FILE, hints_for
from codeact_jupyter.context.lookups import nearest


class Robot:
    size = 1

    def compute(self): ...


def namespace():
    frame = pd.DataFrame({"species": ["a", "b"], "Body Mass": ["1,234", "—"], "year": [1, 2]})
    return {
        "np": np,
        "pd": pd,
        "os": os,
        "asyncio": asyncio,
        "subprocess": subprocess,
        "Path": Path,
        "df": frame,
        "by_species": frame.set_index("species"),
        "g": frame.groupby("species"),
        "totals": pd.Series([1, 2], index=["x", "y"]),
        "prices": {"alpha": 1, "beta": 2},
        "robot": Robot(),
        "nothing": None,
        "StdinNotImplementedError": StdinNotImplementedError,
    }


def failing(code, *, schema_only=False, **names):
    """The hints on the error that the code ends in."""
    space = namespace() | names
    try:
        exec(compile(code, "<cell>", "exec"), space)
    except Exception as error:  # noqa: BLE001  (any error of the code)
        return hints_for(error, code, space, schema_only=schema_only)
    raise AssertionError("the code did not fail")


COLUMNS = "`df` has the columns: species, 'Body Mass', year."


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


# --- files -----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder, with a few files in it."""
    for name in ("sales.csv", "cities.csv", "notes.txt", ".hidden", "odd, name.csv"):
        (tmp_path / name).touch()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "people.csv").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("code", "missing", "near"),
    [
        ("open('sale.csv')", "sale.csv", " Nearest to 'sale.csv': 'sales.csv'."),
        ("pd.read_csv('SALES.CSV')", "SALES.CSV", " Nearest to 'SALES.CSV': 'sales.csv'."),
        ("open(Path('qqq') / 'x.csv')", "qqq", ""),
        ("pd.read_csv('people.csv')", "people.csv", " There is 'data/people.csv'."),
        ("pd.read_csv('dat/people.csv')", "dat", " There is 'data/people.csv'."),
    ],
)
def test_a_missing_file_is_answered_with_the_folder(folder, code, missing, near):
    held = "cities.csv, 'odd, name.csv', sales.csv, data/, notes.txt"
    assert failing(code) == (
        f"There is no {missing!r} in {str(folder)!r}, which holds: {held}.{near}",
    )
    assert failing(code, schema_only=True) == (NO_FILE,)


def test_a_full_folder_and_an_empty_one(folder):
    for n in range(40):
        (folder / f"part{n:02}.csv").touch()
    (hint,) = failing("open('zzz.txt')")
    assert hint.endswith("part13.csv, part14.csv, part15.csv, … and 25 more.")
    assert "which holds: notes.txt, cities.csv," in hint
    (folder / "empty").mkdir()
    assert failing("open('empty/zzz.txt')") == (
        f"There is no 'zzz.txt' in {str(folder / 'empty')!r}: that folder is empty.",
    )


def test_a_home_that_is_not_expanded(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder / "data"))
    assert failing("open('~/peoples.csv')") == (
        "`~` is not expanded here: `Path(...).expanduser()` does that.",
        (
            f"There is no 'peoples.csv' in {str(folder / 'data')!r}, which holds: people.csv. "
            "Nearest to 'peoples.csv': 'people.csv'."
        ),
    )


def test_a_missing_program_is_no_missing_file(folder):
    assert failing("subprocess.run(['no-such-program'])") == (
        "No program called 'no-such-program' is installed where this kernel looks.",
    )


# --- packages, input, loops --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "package"),
    [
        ("import sklearn", "scikit-learn"),
        ("import cv2", "opencv-python"),
        ("from PIL import Image", "pillow"),
        ("import no_such_thing.below", "no-such-thing"),
    ],
)
def test_a_missing_package_names_the_line_that_installs_it(code, package, monkeypatch):
    top = code.split()[1].partition(".")[0]
    monkeypatch.setitem(sys.modules, top, None)  # also where it is installed
    assert failing(code) == (
        (
            f"The package {top!r} is not installed in this kernel's environment. "
            f"`%pip install {package}` installs it, which needs the user's OK."
        ),
    )


def test_a_missing_module_of_a_package_that_is_there():
    assert failing("import numpy.nothing") == (
        "The package 'numpy' is there, but it has no module 'numpy.nothing'.",
    )


def test_a_loop_that_runs_already():
    async def cell():
        async def work(): ...

        coroutine = work()
        try:
            asyncio.run(coroutine)
        except RuntimeError as error:
            return hints_for(error, "asyncio.run(work())", {})
        finally:
            coroutine.close()

    assert asyncio.run(cell()) == (
        "An event loop already runs here: use `await` at the top level of the cell.",
    )
    assert failing("raise RuntimeError('another')") == ()


@pytest.mark.parametrize(
    "code",
    ["raise StdinNotImplementedError('no input')", "name = 'input()'; raise EOFError"],
)
def test_nobody_answers_input(code):
    assert failing(code) == (
        (
            "Nobody can answer input() here: take the value from the conversation or "
            "from a variable."
        ),
    )
    assert failing("raise EOFError") == ()


# --- text where numbers are wanted ---------------------------------------------------------------

STRIPPED = (
    "is no plain number: `pd.to_numeric(s.str.replace(r'[^0-9.+-]', '', regex=True), "
    "errors='coerce')` takes the other characters away; what is no number then becomes NaN."
)
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


# --- what must not happen ----------------------------------------------------------------------


def test_no_code_of_the_users_objects_runs():
    calls = []

    class Nosy(KeyError):
        args = property(lambda self: calls.append("args"))
        __str__ = __repr__ = __getattribute__ = lambda self, *_: calls.append("str")

    class Thing:
        __getattr__ = __getattribute__ = __repr__ = lambda self, *_: calls.append("thing")
        __eq__ = __hash__ = __len__ = __bool__ = lambda self, *_: calls.append("thing")

    space = namespace() | {"thing": Thing(), "things": {"a": Thing()}}
    for error in (Nosy("Species"), KeyError(Thing()), AttributeError(name="x", obj=Thing())):
        hints_for(error, "thing['x']; things['b']; df['Species']", space)
    assert calls == []
    assert hints_for(Nosy("Species"), "df['Species']", space) == (
        f"{COLUMNS} Nearest to 'Species': 'species'.",
    )


def test_secrets_are_masked(monkeypatch):
    monkeypatch.setenv("SERVICE_TOKEN", "sk-12345678")
    frame = pd.DataFrame({"sk-12345678": [1]})
    assert failing("frame['zz']", frame=frame) == (
        "`frame` has the columns: '[masked SERVICE_TOKEN]'.",
    )


def test_labels_of_a_strange_kind_are_not_compared():
    calls = []

    class Label:
        __hash__ = object.__hash__
        __eq__ = lambda self, other: calls.append(other)  # noqa: E731

    frame = pd.DataFrame({"a": [1]}).set_axis([Label()], axis=1)
    calls.clear()
    assert hints_for(KeyError("zz"), "frame['zz']", {"frame": frame}) == (
        "`frame` has the columns: <Label>.",
    )
    assert calls == []


def test_a_name_keeps_its_blanks_and_a_long_hint_says_that_it_was_cut():
    frame = pd.DataFrame({"a  b": [1]})
    assert failing("frame['a b']", frame=frame) == (
        "`frame` has the columns: 'a  b'. Nearest to 'a b': 'a  b'.",
    )
    long = "n" * 2_000
    (hint,) = failing(f"{long}['zz']", **{long: frame})
    assert hint.endswith("nnn …")


def test_a_hint_that_cannot_be_found_is_left_out(monkeypatch):
    monkeypatch.setattr("codeact_jupyter.context.hints.parsed", lambda code: 1 / 0)
    assert failing("df['zz']") == ()


ERRORS = [
    *(KeyError, AttributeError, NameError, FileNotFoundError, ModuleNotFoundError),
    *(RuntimeError, EOFError, ValueError, TypeError, StdinNotImplementedError),
]
arguments = st.text(max_size=40) | st.integers() | st.none() | st.lists(st.text(max_size=5))
TEMPLATES = [
    *("could not convert string to float: {!r}", "['{}'] not in index", "None of [{!r}] are"),
    *("Column not found: {}", "name '{}' is not defined", "Index(['{}'], dtype='str')", "{}"),
]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(ERRORS),
    st.sampled_from(TEMPLATES),
    arguments,
    st.sampled_from(["df['x']", "g.x; prices['y']", "x = (", "%time df.x", ""]),
    st.booleans(),
)
def test_hints_never_fail_and_are_short_lines(kind, template, argument, code, schema_only):
    for error in (kind(template.format(argument)), kind(argument), kind(), kind(argument, 2)):
        hints = hints_for(error, code, namespace(), schema_only=schema_only)
        assert len(hints) <= 3
        for hint in hints:
            assert hint.isprintable()
            assert len(hint) < 1_200
            hint.encode("utf-8")


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
