"""What the model is told of the files that a prompt came with."""

import pytest

from codeact_jupyter.context.files import files_text


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "data" / "sales.csv"
    file.parent.mkdir()
    file.write_text("city,amount\nOslo,4711\n")
    return file


def test_a_file_is_told_with_its_size_and_beginning(table, tmp_path):
    told = files_text([table], tmp_path)
    assert told == "- data/sales.csv (22 bytes), it begins:\n  city,amount\n  Oslo,4711"


def test_schema_only_tells_its_name_alone(table, tmp_path):
    assert files_text([table], tmp_path, schema_only=True) == "- data/sales.csv"
