"""An export runs from top to bottom where this package is not, whatever the session held."""

import re

import nbformat
import pytest
from exporting import actions_in, block, export_of, run_all_bare

from codeact_jupyter import Session
from codeact_jupyter.record.exits import RAISING, WHY, without_exit


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("exit", [WHY, "# exit"]),
        ("a = 1\nprint(a)\nif a:\n    quit()\nb = 2", ["a = 1", "print(a)", WHY, "# if a:"]),
        ("a = 1; exit(); b = 2", ["a = 1", WHY, "# exit(); b = 2"]),
        ("%matplotlib inline\nprint('x')\nexit()", ["%matplotlib inline", "print('x')", WHY]),
        (
            "try:\n    exit()\nexcept Exception as e:\n    raise ValueError(1) from e",
            [WHY, "# try:"],
        ),
    ],
)
def test_a_refused_exit_cannot_end_another_kernel(start_kernel, endpoint, tmp_path, code, kept):
    kernel = start_kernel(CODEACT_RUN="1")
    kernel.run("y = 6")
    endpoint.script(block(code), block("print(y + 1)"), "The value is 7.")
    assert kernel.run("%%codeact --auto\nWhat is y + 1?").status == "ok"
    cells = export_of(kernel, tmp_path)
    refused, after = actions_in(cells)
    assert refused["source"].splitlines()[: len(kept)] == kept
    assert len(refused["source"].splitlines()) >= len(code.splitlines()) + 1  # nothing is lost
    assert refused["metadata"]["codeact"]["status"] == "error"
    assert after["source"] == "print(y + 1)"
    run_all_bare(cells, tmp_path)


def test_a_user_s_refused_exit_in_a_kernel_of_our_own(model, tmp_path):
    with Session() as session:
        session.run_cell("x = 1\nexit()")
        (cell,) = nbformat.read(session.export(tmp_path / "x.ipynb"), as_version=4)["cells"]
    assert cell["source"] == f"x = 1\n{WHY}\n# exit()"


@pytest.mark.parametrize("call", ["exit()", "quit(0)"])
def test_a_refusal_that_an_action_caught_cannot_end_another_kernel(
    start_kernel, endpoint, tmp_path, call
):
    kernel = start_kernel(CODEACT_RUN="1")
    kernel.run("y = 6")
    code = f"try:\n    {call}\nexcept Exception:\n    y = 7"
    endpoint.script(block(code), block("print(y)"), "The value is 7.")
    assert kernel.run("%%codeact --auto\nWhat is y?").status == "ok"
    cells = export_of(kernel, tmp_path)
    caught, _ = actions_in(cells)
    assert caught["source"] == code.replace(call, RAISING)
    run_all_bare(cells, tmp_path)


def test_a_cell_without_a_told_line_becomes_a_comment_as_a_whole():
    error = {"output_type": "error", "ename": "ExitRefused", "evalue": "", "traceback": []}
    cell = {"source": "é = 1\nexit()", "outputs": [error], "metadata": {"tags": ["mine"]}}
    assert without_exit(cell) == {
        "source": f"{WHY}\n# é = 1\n# exit()",
        "outputs": [],
        "metadata": {"tags": ["mine"]},
    }


BAD = "class A:\n    def __repr__(self):\n        raise RuntimeError('bad ' + 'repr')\na = A()\na"


@pytest.mark.parametrize("code", [BAD, f"{BAD[:-1]}display(a)\n'on'"], ids=["value", "display"])
def test_a_value_that_cannot_be_shown_is_an_error(kernel, endpoint, tmp_path, code):
    endpoint.script(block(code), "Fine.")
    asked = kernel.send("%%codeact --auto\nGo on.")
    queued = kernel.send("print('queued')")
    assert kernel.wait(asked).status == "ok"
    assert kernel.wait(queued).text == "queued\n"
    told = endpoint.requests[-1].json["messages"][-1]["content"]
    assert told.startswith("Step 1: error")
    assert "RuntimeError: bad repr" in told
    assert "line 3, in __repr__" in told
    assert "Cell In" in told
    kernel.run(code)
    cells = export_of(kernel, tmp_path)
    assert [cells[at]["metadata"]["tags"] for at in (1, -1)] == [["raises-exception"]] * 2
    run_all_bare(cells, tmp_path)


@pytest.mark.parametrize("code", [BAD, f"{BAD[:-1]}display(a)\n'on'"], ids=["value", "display"])
def test_and_in_a_kernel_of_our_own(session, code):
    run = session.run_cell(code)
    assert (run.status, run.error.name, run.error.message) == ("error", "RuntimeError", "bad repr")
    assert run.error.frames[-1].endswith("raise RuntimeError('bad ' + 'repr')")
    assert session.run_cell("").status == session.run_cell("1").status == "ok"


def notes_in(cells):
    """The Markdown behind the prompt, by role."""
    about = [cell["metadata"].get("codeact", {}) for cell in cells]
    told = [each.get("note", each.get("role")) for each in about]
    return [
        (role, cell["source"])
        for role, cell in zip(told, cells, strict=True)
        if role in {"proposal", "ending", "action", "answer"}
    ]


def test_what_did_not_run_and_how_a_turn_ended(start_kernel, endpoint, tmp_path):
    kernel = start_kernel()
    endpoint.script(block("one = 1"), block("%codeact status"), block("two = 2"), "Done.")
    kernel.run("%%codeact\nGo on.", answers=["n too\tsmall", "y"])
    endpoint.script(block("three = 3"))
    assert kernel.run("%%codeact --max-steps 1\nGo on.", answers=["y"]).status == "error"
    endpoint.script(block("four = 4"))
    assert kernel.run("%%codeact\nGo on.", answers=["n"]).status == "error"
    kernel.run("five = 5")
    cells = export_of(kernel, tmp_path)
    refused = "An action may not contain %codeact or %%codeact: it cannot ask itself."
    stays = "What was done stays; run the prompt again to go on"
    more = "or allow more with `--max-steps`"
    assert notes_in(cells) == [
        ("proposal", f"> Rejected, so it did not run. too\tsmall\n\n{block('one = 1')}"),
        (
            "proposal",
            f"> Refused by a rule, so it did not run. {refused}\n\n{block('%codeact status')}",
        ),
        ("action", "two = 2"),
        ("answer", "Done."),
        ("action", "three = 3"),
        ("ending", f"> Stopped at the limit of 1 step without an answer. {stays}, {more}."),
        ("proposal", f"> The turn ended before this ran.\n\n{block('four = 4')}"),
        ("ending", f"> Stopped by you. {stays}."),
    ]
    assert cells[-1]["source"] == "five = 5"
    run_all_bare(cells, tmp_path)


def test_the_cell_that_loads_the_extension_and_no_output_of_our_magics(take_kernel, pair, tmp_path):
    kernel = take_kernel(pair)
    kernel.run("")
    kernel.run("import math\n%load_ext codeact_jupyter\nrad = 2")
    kernel.run("print('mine')\n%codeact status\nprint('too')\nmath.pi * rad")
    assert "is already loaded" in kernel.run("%load_ext codeact_jupyter\nprint(rad)").text
    cells = export_of(kernel, tmp_path)
    cells = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["source"] for cell in cells] == [
        "import math\nrad = 2",
        "print('mine')\nprint('too')\nmath.pi * rad",
        "print(rad)",
    ]
    assert cells[1]["outputs"][0]["text"] == "mine\ntoo\n"
    run_all_bare(cells, tmp_path)


LOOP = "while True: time.sleep(0.01)"


@pytest.mark.parametrize("code", ["exit()", "raise KeyboardInterrupt", LOOP])
def test_a_traceback_ends_in_the_user_s_code(kernel, endpoint, code):
    begin = "import time\ndef f():\n    print('be' 'gun', flush=True)"
    endpoint.script(block(f"{begin}\n    {code}\nf()"), "Done.")
    asked = kernel.send("%%codeact --auto\nGo on.")
    if code == LOOP:
        kernel.stream_until(asked, "begun")
        kernel.interrupt()
    outputs = kernel.wait(asked).outputs
    error = next(each for each in outputs if each["output_type"] == "error")
    shown = "\n".join(error["traceback"])
    assert "codeact_jupyter" not in shown
    assert "autocall" not in shown
    assert "hidden" not in shown
    assert code in re.sub(r"\x1b\[[0-9;]*m", "", shown)


def test_the_model_reads_no_frame_of_ipython_s_with_a_group(kernel, endpoint):
    endpoint.script(block("raise ExceptionGroup('two', [ValueError(1)])"), "Done.")
    kernel.run("%%codeact --auto\nGo on.")
    told = endpoint.requests[-1].json["messages"][-1]["content"]
    assert "ValueError: 1" in told
    assert "interactiveshell" not in told


@pytest.mark.parametrize("wait", [False, True])
def test_an_action_that_clears_its_output_leaves_what_the_turn_showed(
    kernel, endpoint, tmp_path, wait
):
    clear = f"from IPython.display import clear_output\nprint('gone')\nclear_output(wait={wait})"
    endpoint.script(block("first = 1"), block(f"{clear}\nprint('kept')"), "Done.")
    shown = kernel.run("%%codeact --auto\nGo on.").text
    places = [shown.index(words) for words in ("--auto", "first = 1", clear, "\nkept", "Done.")]
    assert places == sorted(places)
    assert shown.count("first = 1") == 1
    assert "\ngone" not in shown
    _, cleared = actions_in(export_of(kernel, tmp_path))
    assert [output["text"] for output in cleared["outputs"]] == ["kept\n"]


SHOW_ALL = """
import sys
print('printed')
sys.stderr.write('10 %\\r20 %\\n')
handle = display({'text/plain': 'drawn', 'text/html': '<b>drawn</b>'}, raw=True, display_id=True)
'valued'
"""
CLEAR = """
from IPython.display import clear_output
for i in range(3):
    clear_output(wait=True)
"""


def test_what_earlier_steps_put_out_comes_back_after_a_clear(kernel, endpoint, tmp_path):
    clear = f"{CLEAR}handle.update({{'text/plain': 'updated'}}, raw=True)\n'last'"
    endpoint.script(block(SHOW_ALL), block("1 / 0"), block(clear), "Done.")
    ran = kernel.run("%%codeact --auto\nGo on.")
    said = ("printed\n", "\n20 %\n", "updated\n", "'valued'\n", "ZeroDivisionError", "'last'\n")
    places = [ran.text.rindex(words) for words in said]
    assert places == sorted(places)
    assert ran.text.count("updated\n") == ran.text.count("printed\n") == 1
    assert not [each for each in ran.outputs if each["output_type"] == "error"]
    cells = [each for each in export_of(kernel, tmp_path) if each["cell_type"] == "code"]
    assert [len(cell["outputs"]) for cell in cells] == [4, 1, 1]


def test_what_is_too_much_to_be_shown_at_each_clear_is_told_of(kernel, endpoint, tmp_path):
    clear = f"{CLEAR}print('last')"
    endpoint.script(block("print('x' * 400_000)"), block(clear), "Done.")
    shown = kernel.run("%%codeact --auto\nGo on.").text
    assert "The output of step 1 was cleared and is too much to be shown again." in shown
    assert "xxx" not in shown
    first, _ = actions_in(export_of(kernel, tmp_path))
    assert "xxx" in first["outputs"][0]["text"]


def test_a_cell_that_a_magic_runs_inside_another_one_is_exported_once(kernel, endpoint, tmp_path):
    source = "%%capture\ntimes = globals().get('times', 0) + 1"
    inner = "get_ipython().run_cell('print(times)')\nprint('after')"
    endpoint.script(block(source), "Done.")
    for cell in ("%%codeact --auto\nGo on.", source, inner):
        kernel.run(cell)
    cells = [each for each in export_of(kernel, tmp_path) if each["cell_type"] == "code"]
    assert [cell["source"] for cell in cells] == [source, source, inner]
    assert [output["text"] for output in cells[2]["outputs"]] == ["2\nafter\n"]
