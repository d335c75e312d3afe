"""How a table's file has to be read."""

import pandas as pd
import pytest

from codeact_jupyter.context.tables import look_at

ROWS = "a{0}b{0}c\n1{0}x{0}2\n3{0}y{0}4\n"


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (ROWS.format(","), {}),
        (ROWS.format(";"), {"sep": ";"}),
        (ROWS.format("\t"), {"sep": "\t"}),
        (f"# said, by\n# us\n{ROWS.format(',')}", {"skiprows": 2}),
        ('a,b\nx,"1,200"\ny,"13,400.5"\n', {"thousands": ","}),
        ("a;b\nx;1,5\ny;2,25\n", {"sep": ";", "decimal": ","}),
        ("a;b\nx;é\n", {"sep": ";"}),
    ],
)
def test_options_that_read_the_file(tmp_path, content, options):
    file = tmp_path / "t.csv"
    file.write_text(content, encoding="utf-8")
    table = look_at(file)
    assert table.options == options
    frame = pd.read_csv(file, **table.options)
    assert frame.shape[1] > 1


def test_another_encoding(tmp_path):
    file = tmp_path / "t.csv"
    file.write_bytes("a,b\nx,é\n".encode("latin-1"))
    assert look_at(file).options == {"encoding": "cp1252"}


@pytest.mark.parametrize("content", [b"", b"words only\nno table\n", b"\0,\1\n\0,\0\n"])
def test_no_table(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    assert look_at(tmp_path / "t.csv") is None


def test_a_long_file_is_judged_by_whole_lines(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("a;b\n" + f"{'x' * 5_000};1\n" * 50, encoding="utf-8")
    assert look_at(file).options == {"sep": ";"}
