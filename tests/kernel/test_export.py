"""The export reproduces without this package, without a model, and with no secret in it."""

import json
import re
import subprocess
import sys

import nbformat
import pytest
from endpoint import ScriptedEndpoint
from kernels import BARE, ENDS, Kernel
from waiting import ENDLESS

from codeact_jupyter.record.notebook import without_our_magics

PLOT = (
    "```python\n%matplotlib inline\nimport matplotlib.pyplot as plt\n"
    "plt.figure(figsize=(1, 1)); plt.plot(values)\nplt.show()\n```"
)
SESSION = [
    "I fail first.\n\n```python\nprint('before')\nvalues['a']\n```",
    "Now right.\n\n```python\ntotal = sum(values)\nprint(total)\ntotal * 2\n```",
    PLOT,
    "The total is 6, **twice** is 12. ![x](http://evil.example/x.png)",
]


@pytest.fixture(scope="module", params=ENDS)
def session_export(request, tmp_path_factory):
    """A session with the user's cells around a turn, written twice to the same file."""
    file = tmp_path_factory.mktemp("session") / "session.ipynb"
    with (
        ScriptedEndpoint(SESSION) as endpoint,
        Kernel(ENDS[request.param], CODEACT_RUN="1", **endpoint.environment) as kernel,
    ):
        assert kernel.run("%load_ext codeact_jupyter").status == "ok"
        kernel.run("values = [1, 2, 3]\nprint('mine')", cell_id="my-own-cell-1")
        kernel.run("%config CodeAct.max_steps = 9\nlen(values)")
        assert kernel.run("%%codeact --auto\nSum the values.\nTwice, too.").status == "ok"
        kernel.run("total + 1")
        for _ in range(2):
            assert f"Written: {file}" in kernel.run(f"%codeact export {file}").text
    return file


@pytest.fixture
def exported(session_export):
    """That notebook, which no other test has touched."""
    return nbformat.read(session_export, as_version=4)


def role(cell):
    return cell["metadata"].get("codeact", {}).get("role")


def test_everything_that_ran_in_its_order_without_our_magics(exported):
    nbformat.validate(exported)
    assert (exported["nbformat"], exported["nbformat_minor"]) == (4, 5)
    shape = [(cell["cell_type"], role(cell)) for cell in exported["cells"]]
    assert shape == [
        ("code", None),
        ("code", None),
        ("markdown", "prompt"),
        ("markdown", "thought"),
        ("code", "action"),
        ("markdown", "thought"),
        ("code", "action"),
        ("code", "action"),
        ("markdown", "answer"),
        ("code", None),
    ]
    sources = [cell["source"] for cell in exported["cells"]]
    assert sources[1] == "len(values)"
    assert sources[2] == "> Sum the values.\n> Twice, too."
    assert not any("codeact" in source or "CodeAct" in source for source in sources)
    assert exported["cells"][0]["id"] == "my-own-cell-1"
    ids = [cell["id"] for cell in exported["cells"]]
    assert len(set(ids)) == len(ids)


def test_metadata_and_tags(exported):
    failed, right = [cell for cell in exported["cells"] if role(cell) == "action"][:2]
    assert failed["metadata"]["tags"] == ["raises-exception"]
    assert "tags" not in right["metadata"]
    about = right["metadata"]["codeact"]
    assert about["version"] == 1
    assert about["step"] == 2
    assert about["model"] == "scripted"
    assert about["edited"] is False
    assert about["status"] == "ok"
    assert about["tokens"] > 0
    assert re.fullmatch("[0-9a-f]{64}", about["fingerprint"])
    (totals,) = exported["metadata"]["codeact"]["sessions"].values()
    assert totals["turns"] == 1
    assert totals["steps"] == 4
    assert totals["endings"] == ["answered"]


def test_a_picture_in_the_answer_is_only_a_link(exported):
    answer = exported["cells"][-2]["source"]
    assert "![" not in answer
    assert "**twice**" in answer


def test_it_gives_the_same_outputs_where_this_package_is_not(exported, tmp_path):
    with Kernel(BARE, cwd=tmp_path) as bare:
        assert bare.run("import codeact_jupyter").status == "error"
        for cell in exported["cells"]:
            if cell["cell_type"] == "code":
                ran = bare.run(cell["source"])
                tags = cell["metadata"].get("tags", [])
                assert (ran.status == "error") == ("raises-exception" in tags)
                assert comparable(ran.outputs) == comparable(cell["outputs"])


def comparable(outputs):
    """Outputs without numbers of cells, and errors by name and message."""
    kept = []
    for output in json.loads(json.dumps(outputs)):
        if output["output_type"] == "error":
            output["traceback"] = []
        if "data" in output:
            output["data"] = {
                mime: len(value) > 0 if mime.startswith("image/") else value
                for mime, value in output["data"].items()
            }
        kept.append({key: value for key, value in output.items() if key != "execution_count"})
    return kept


def test_an_edited_action_exports_what_really_ran(start_kernel, endpoint, tmp_path):
    kernel = start_kernel()
    endpoint.script("```python\nprint('model')\n```", "Done.")
    kernel.run("%%codeact\nPrint.", answers=["y"])
    file = tmp_path / "x.ipynb"
    kernel.run(f"%codeact export {file}")
    (action,) = [c for c in nbformat.read(file, 4)["cells"] if role(c) == "action"]
    assert action["metadata"]["codeact"]["edited"] is False


def test_names_from_before_are_listed_first(start_kernel, endpoint, tmp_path):
    kernel = start_kernel()
    kernel.run("%unload_ext codeact_jupyter")
    kernel.run("import math\nearly = 1")
    kernel.run("%load_ext codeact_jupyter")
    kernel.run("early + 1")
    kernel.run(f"%codeact export {tmp_path / 'x.ipynb'}")
    first, second = nbformat.read(tmp_path / "x.ipynb", 4)["cells"]
    assert "`math`" in first["source"]
    assert "`early`" in first["source"]
    assert second["source"] == "early + 1"


def test_an_interrupted_action_is_kept_but_not_run_again(start_kernel, endpoint, tmp_path):
    kernel = start_kernel(CODEACT_RUN="1")
    endpoint.script(f"```python\nprint('beg' + 'un', flush=True)\n{ENDLESS}\n```")
    request = kernel.send("%%codeact --auto\nWait.")
    kernel.stream_until(request, "begun")
    kernel.interrupt()
    kernel.wait(request)
    kernel.run(f"%codeact export {tmp_path / 'x.ipynb'}")
    (action,) = [c for c in nbformat.read(tmp_path / "x.ipynb", 4)["cells"] if role(c) == "action"]
    assert action["metadata"]["tags"] == ["raises-exception", "skip-execution"]
    assert action["outputs"][0]["text"] == "begun\n"


def test_somebody_elses_file_is_never_replaced(shared_kernel, tmp_path):
    kernel, _ = shared_kernel
    for content in ("precious", "{}", '{"cells": [], "metadata": {}, "nbformat": 4}'):
        file = tmp_path / "mine.ipynb"
        file.write_text(content)
        ran = kernel.run(f"%codeact export {file}")
        assert "is no earlier export" in ran.error
        assert file.read_text() == content


@pytest.mark.parametrize("place", ["missing/x.ipynb", "/proc/x.ipynb", "/dev/full/x.ipynb"])
def test_a_place_that_takes_no_file_gets_one_sentence(shared_kernel, tmp_path, place):
    kernel, _ = shared_kernel
    ran = kernel.run(f"%codeact export {tmp_path / place}")
    assert "could not be written" in ran.error
    assert len(ran.outputs[-1]["traceback"]) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_working_directory_that_is_gone(shared_kernel, tmp_path):
    kernel, _ = shared_kernel
    kernel.run(f"import os; here = os.getcwd(); os.mkdir('{tmp_path}/d'); os.chdir('{tmp_path}/d')")
    kernel.run(f"%unload_ext codeact_jupyter\nos.rmdir('{tmp_path}/d')")
    assert kernel.run("%load_ext codeact_jupyter").status == "ok"
    ran = kernel.run("%codeact export x.ipynb")
    assert "could not be written" in ran.error
    kernel.run("os.chdir(here)\n%reload_ext codeact_jupyter")


def test_a_relative_path_is_in_the_folder_where_the_session_began(start_kernel, tmp_path):
    (elsewhere := tmp_path / "elsewhere").mkdir()
    kernel = start_kernel(cwd=tmp_path)
    kernel.run(f"import os\nos.chdir({str(elsewhere)!r})")
    assert kernel.run("%codeact export x.ipynb").text == f"Written: {tmp_path / 'x.ipynb'}\n"
    assert (tmp_path / "x.ipynb").exists()
    assert not list(elsewhere.iterdir())


def test_an_export_that_was_edited_is_never_replaced(shared_kernel, tmp_path):
    kernel, _ = shared_kernel
    file = tmp_path / "x.ipynb"
    kernel.run("1 + 1")
    assert kernel.run(f"%codeact export {file}").status == "ok"
    notebook = nbformat.read(file, 4)
    notebook["cells"][-1]["source"] += "  # mine"
    nbformat.write(notebook, file)
    assert "was not touched" in kernel.run(f"%codeact export {file}").error
    assert "# mine" in file.read_text()


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("%%codeact\nAdd.", ""),
        ("%%time\n%%codeact --auto\nAdd.", ""),
        ("%codeact status\nx = 1", "x = 1"),
        ("if x:\n    %codeact status\ny = 1", "if x:\n    pass\ny = 1"),
        (
            "%%writefile notes.md\n# Use\n%%codeact\nask",
            "%%writefile notes.md\n# Use\n%%codeact\nask",
        ),
        ("v = %codeact vars\nx = 1", "x = 1"),
    ],
)
def test_only_our_magics_are_left_out(source, left):
    assert without_our_magics(source) == left


def test_the_command_loads_no_grammar_that_notebooks_do_not_need(session_export, tmp_path):
    """What JupyterLab's packages install for jsonschema takes seconds to load."""
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-X", "importtime", "-m", "codeact_jupyter"]
    ran = subprocess.run(
        [*command, "export", session_export, "-o", out], capture_output=True, check=True, text=True
    )
    assert out.exists()
    assert "jsonschema" in ran.stderr
    assert "lark" not in ran.stderr
