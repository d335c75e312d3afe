"""How ``Session`` is opened and called, rightly and wrongly."""

import pytest
from running import act

from codeact_jupyter import Session, Settings
from codeact_jupyter.config import CodeAct, Values
from codeact_jupyter.errors import ConfigError


@pytest.mark.parametrize("folder", ["nowhere", "file.txt"])
def test_a_folder_that_is_none(tmp_path, folder):
    (tmp_path / "file.txt").touch()
    words = f"work in '{tmp_path / folder}', and there is no such folder"
    with pytest.raises(ConfigError, match=words), Session(folder=tmp_path / folder):
        pass


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_no_time_for_a_cell(seconds):
    with pytest.raises(ConfigError, match=f"cell_seconds = {seconds!r} cannot be used"):
        Session(cell_seconds=seconds)


def test_one_file_needs_no_list_and_a_session_is_opened_once(model, tmp_path):
    (tmp_path / "towns.csv").write_text("town,people\nUlm,126949\n")
    model.script(act("1 + 1"), "Two.")
    with Session(folder=tmp_path) as session:
        kept = session.run_cell("import os; os.getpid()").outputs
        with pytest.raises(ConfigError, match="open already"):
            session.open()
        assert session.run_cell("os.getpid()").outputs[0]["data"] == kept[0]["data"]
        assert session.ask("Ask.", auto=True, data=str(tmp_path / "towns.csv")).answer == "Two."
    assert "town,people" in model.requests[-1].json["messages"][-3]["content"]


def test_settings_are_typed_and_documented_as_they_are_declared():
    assert set(Values.__annotations__) == {*CodeAct.class_traits(config=True), "parent", "config"}
    for name, trait in CodeAct.class_traits(config=True).items():
        assert f"{name}: {trait.help}" in str(Settings.__doc__)
