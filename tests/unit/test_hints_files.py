"""Facts that help after a file was not found."""

import pytest
from failing import failing

from codeact_jupyter.context.hints import NO_FILE


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
