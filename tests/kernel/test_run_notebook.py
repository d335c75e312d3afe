"""``codeact-jupyter run NOTEBOOK`` and ``export``: what runs, what is kept, what is asked."""

import copy
import json
import signal
import threading

import nbformat
import pytest
from endpoint import fault
from kernels import BARE, PAIRS, Kernel, write_kernelspecs
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    new_raw_cell,
)
from running import Run, act, names_in, read, role, run, sources, text_of
from waiting import until

PROMPT = "%%codeact\n"


def write(path, *cells, **metadata):
    made = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=made, metadata=metadata), path)
    return path


@pytest.fixture
def go(endpoint, tmp_path):
    """Run a notebook and return the run."""

    def go(path="in.ipynb", *words, output="out.ipynb", **options):
        endpoint.requests.clear()
        words = ("run", path, "--auto", "-o", output, *words)
        return run(endpoint, tmp_path, *words, **options)

    return go


def last_messages(endpoint):
    return [request.json["messages"][-1]["content"] for request in endpoint.requests]


def test_open_prompts_are_answered_in_order_in_one_kernel(endpoint, tmp_path, go):
    write(
        tmp_path / "in.ipynb",
        "%load_ext codeact_jupyter\n%config CodeAct.max_steps = 3\nx = 20",
        f"{PROMPT}Add 22.",
        "print('below', y)",
        "%%codeact --new\nDouble it.",
        "y",
    )
    before = (tmp_path / "in.ipynb").read_bytes()
    endpoint.script(act("y = x + 22"), "y is 42.", act("y *= 2\ny"), "y is 84.")
    ran = go()
    assert ran.code == 0, ran.err
    out = read(tmp_path / "out.ipynb")
    roles = ["prompt", "thought", "action", "answer"]
    assert [role(cell) for cell in out.cells] == [None, *roles, None, *roles, None]
    code = [cell for cell in out.cells if cell["cell_type"] == "code"]
    assert [text_of(cell["outputs"]) for cell in code] == ["", "", "", "below 42\n", "", "84", "84"]
    counts = [cell["execution_count"] for cell in code if cell["execution_count"]]
    assert counts == sorted(counts)
    assert len(endpoint.requests[2].json["messages"]) == len(endpoint.requests[0].json["messages"])
    assert "below 42" not in ran.out  # the user's own cells stay quiet
    assert (tmp_path / "in.ipynb").read_bytes() == before
    assert names_in(tmp_path) == ["in.ipynb", "out.ipynb"]
    # answered prompts stay: nothing is asked, and what the model did runs as it stands
    again = go("out.ipynb", output="out.ipynb")
    assert again.code == 0, again.err
    assert endpoint.requests == []
    assert sources(read(tmp_path / "out.ipynb")) == sources(out)


def test_what_a_run_wrote_may_be_written_again_until_somebody_edits_it(endpoint, tmp_path, go):
    write(tmp_path / "in.ipynb", f"{PROMPT}Say.")
    for answer in ("One.", "Two."):
        endpoint.script(answer)
        assert go().code == 0
        assert answer in sources(read(tmp_path / "out.ipynb"), "markdown")
    edited = read(tmp_path / "out.ipynb")
    edited.cells[-1]["source"] = "my own words"
    nbformat.write(edited, tmp_path / "out.ipynb")
    before = (tmp_path / "out.ipynb").read_bytes()
    ran = go()
    assert (ran.code, len(endpoint.requests)) == (1, 0)
    assert "was not touched" in ran.err
    assert (tmp_path / "out.ipynb").read_bytes() == before


def test_an_edited_prompt_asks_anew_and_its_old_steps_are_a_branch(endpoint, tmp_path, go):
    path = write(tmp_path / "in.ipynb", "ran = []", f"{PROMPT}First words.", "print(ran)")
    endpoint.script(act("ran.append('old')"), "Old.")
    assert go(output="in.ipynb").code == 0
    edited = read(path)
    edited.cells[1]["source"] = f"{PROMPT}Other words."
    nbformat.write(edited, path)
    endpoint.script(act("ran.append('new')"), "New.")
    assert go(output="in.ipynb").code == 0
    assert "Other words." in last_messages(endpoint)[0]
    out = read(path)
    assert sources(out)[1:] == [f"{PROMPT}Other words.", "ran.append('new')", "print(ran)"]
    assert text_of(out.cells[-1]["outputs"]) == "['new']\n"
    (branch,) = out.cells[1]["metadata"]["codeact"]["branches"]
    kept = [cell["source"] for cell in branch["cells"]]
    assert kept == ["I act.", "ran.append('old')", "Old."]
    assert (go(output="in.ipynb").code, endpoint.requests) == (0, [])


def test_a_turn_that_cannot_begin_leaves_the_earlier_steps_where_they_are(endpoint, tmp_path, go):
    path = write(tmp_path / "in.ipynb", f"{PROMPT}First words.")
    endpoint.script(act("print('kept')"), "Kept.")
    assert go(output="in.ipynb").code == 0
    edited = read(path)
    edited.cells[0]["source"] = f"{PROMPT}Other words."
    nbformat.write(edited, path)
    ran = go("in.ipynb", "--profile", "nope", output="in.ipynb")
    assert (ran.code > 0, endpoint.requests) == (True, [])
    assert sources(read(path)) == [f"{PROMPT}Other words.", "print('kept')"]
    endpoint.script("Another answer.")
    assert go(output="in.ipynb").code == 0
    assert sources(read(path)) == [f"{PROMPT}Other words."]


def test_a_copy_of_a_prompt_takes_nothing_from_the_first_one(endpoint, tmp_path, go):
    path = write(tmp_path / "in.ipynb", f"{PROMPT}First words.", "print(x)")
    endpoint.script(act("x = 1"), "One.")
    assert go(output="in.ipynb").code == 0
    copied = read(path)
    copy_of_it = copy.deepcopy(copied.cells[0])
    copy_of_it.update(id="pasted", source=f"{PROMPT}Other words.")
    copied.cells.insert(0, copy_of_it)
    nbformat.write(copied, path)
    endpoint.script("Two.")
    ran = go(output="in.ipynb")
    assert (ran.code, len(endpoint.requests)) == (0, 1), ran.err
    other, first = (f"{PROMPT}{which} words." for which in ("Other", "First"))
    assert sources(read(path)) == [other, first, "x = 1", "print(x)"]


def test_what_a_run_that_was_killed_has_left_does_not_run_again(endpoint, tmp_path, go):
    release = threading.Event()
    path = write(tmp_path / "in.ipynb", "ran = 0", f"{PROMPT}Count.", "print('ran', ran)")
    endpoint.script(act("ran += 1"), fault("held", release=release))
    with Run(endpoint, tmp_path, "run", "in.ipynb", "--auto", "-o", "in.ipynb") as killed:
        endpoint.wait_for(2)
        until(lambda: "ran += 1" in path.read_text())
        killed.process.kill()
        assert killed.code == -signal.SIGKILL
        release.set()
    endpoint.script(act("ran += 1"), "One.")
    ran = go(output="in.ipynb")
    assert ran.code == 0, ran.err
    out = read(path)
    assert sources(out) == ["ran = 0", f"{PROMPT}Count.", "ran += 1", "print('ran', ran)"]
    assert text_of(out.cells[-1]["outputs"]) == "ran 1\n"


@pytest.mark.parametrize("status", ["proposed", "writing", "rejected", "refused", "stopped"])
def test_an_action_that_nobody_approved_does_not_run(endpoint, tmp_path, go, status):
    about = {"role": "action", "status": status, "turn": "one", "step": 1}
    action = new_code_cell("print('ran')", metadata={"codeact": about})
    taken_back = new_output("error", ename="InputRejected", evalue="", traceback=[])
    again = new_code_cell("print('ran')", metadata={"codeact": about}, outputs=[taken_back])
    his = new_code_cell("print('his')", metadata={"codeact": about}, execution_count=3)
    write(tmp_path / "in.ipynb", action, again, his, "print('on')")
    ran = go()
    assert ran.code == 0, ran.err
    first, second, *others = [cell["outputs"] for cell in read(tmp_path / "out.ipynb").cells]
    assert (first, second) == ([], [taken_back])
    assert [text_of(outputs) for outputs in others] == ["his\n", "on\n"]
    assert run(endpoint, tmp_path, "export", "in.ipynb", "-o", "plain.ipynb").code == 0
    plain = read(tmp_path / "plain.ipynb")
    assert sources(plain) == ["print('his')", "print('on')"]
    assert sources(plain, "markdown")[0].startswith("> ")
    assert "print('ran')" in sources(plain, "markdown")[0]


def test_limits_come_from_the_cell_then_config(endpoint, tmp_path, go):
    write(
        tmp_path / "in.ipynb",
        "%load_ext codeact_jupyter\n%config CodeAct.max_steps = 2",
        f"{PROMPT}Count.",
        "later = 1",
    )
    endpoint.script(act("1"), act("2"))
    ran = go()
    assert (ran.code, len(endpoint.requests), endpoint.left) == (3, 2, 0)
    assert "limit of 2 steps" in ran.err
    kept = read(tmp_path / "out.ipynb").cells
    assert kept[1]["metadata"]["codeact"]["status"] == "steps"
    assert (kept[-1]["source"], kept[-1]["execution_count"]) == ("later = 1", None)
    write(tmp_path / "in.ipynb", "%%codeact --max-steps 1\nCount.")
    endpoint.script(act("1"))
    assert go("in.ipynb", "--max-steps", "5", output="two.ipynb").code == 3
    assert len(endpoint.requests) == 1


def test_a_dry_run_sends_nothing(endpoint, tmp_path, go):
    write(tmp_path / "in.ipynb", "%%codeact --dry-run\nThe words.", "print('on')")
    ran = go()
    assert (ran.code, endpoint.requests) == (0, [])
    assert "The words." in ran.out
    assert '"messages"' in ran.out


def test_a_dry_run_sets_no_earlier_reply_aside(endpoint, tmp_path, go):
    path = write(tmp_path / "in.ipynb", f"{PROMPT}First words.")
    endpoint.script(act("print('kept')"), "Kept.")
    assert go(output="in.ipynb").code == 0
    edited = read(path)
    edited.cells[0]["source"] = "%%codeact --dry-run\nOther words."
    nbformat.write(edited, path)
    assert (go(output="in.ipynb").code, endpoint.requests) == (0, [])
    assert sources(read(path)) == ["%%codeact --dry-run\nOther words.", "print('kept')"]
    assert read(path).cells[0]["metadata"] == edited.cells[0]["metadata"]


# a secret that JSON and repr write in another way than it is
@pytest.mark.parametrize("secret", ["canary-5f2e8a71", "canary'\"\\5f2e8a71"])
def test_a_prompt_that_holds_a_secret_is_asked_once(endpoint, tmp_path, go, secret):
    write(tmp_path / "in.ipynb", f"secret = {secret!r}", f"{PROMPT}Try {secret} there.")
    for _ in range(2):
        endpoint.script("Tried.")
        ran = go(SECRET_TOKEN=secret)  # writes over what it wrote
        assert (ran.code, len(endpoint.requests)) == (0, 1), ran.err
    assert "[masked SECRET_TOKEN]" in read(tmp_path / "out.ipynb").cells[1]["source"]
    for values in ({"SECRET_TOKEN": secret}, {}):
        ran = go("out.ipynb", output="out.ipynb", **values)
        assert (ran.code, endpoint.requests) == (0, []), ran.err


@pytest.mark.parametrize(
    "cell",
    [
        "%%codeact --max-stepz 3\nCount.",
        "%%codeact",
        "%%codeact\n \n",
        "%%codeact\nhello\n%%codeact\nbye",
    ],
)
def test_a_prompt_that_cannot_be_asked(endpoint, tmp_path, go, cell):
    write(tmp_path / "in.ipynb", cell)
    ran = go()
    assert (ran.code, endpoint.requests) == (1, [])
    assert len(ran.err.splitlines()) == 1
    assert sources(read(tmp_path / "out.ipynb")) == [cell]


# --- what stays as it was


def user_notebook():
    """A notebook with everything that a front end may write."""
    picture = {"image.png": {"image/png": "iVBORw0KGgo="}}
    cells = [
        new_markdown_cell("# Title\n\n![x](attachment:image.png)", attachments=picture),
        new_raw_cell("raw <b>text</b>", metadata={"raw_mimetype": "text/html"}),
        new_code_cell("1 + 1", metadata={"collapsed": True, "mine": {"deep": [1, 2.5, None]}}),
        new_code_cell(""),
        new_code_cell("1 / 0", metadata={"tags": ["raises-exception", "own"]}),
        new_code_cell(f"{PROMPT}Say.", metadata={"mine": 1}),
        new_code_cell("boom = undefined_name", execution_count=7),
        new_code_cell(
            "'never'",
            execution_count=8,
            outputs=[nbformat.v4.new_output("stream", text="an older output\n")],
            metadata={"tags": ["x"]},
        ),
        new_code_cell(f"{PROMPT}Never."),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"my-cell_{number}"
    spec = {"name": "python3", "display_name": "My Python", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": spec, "vendor": {"a": ["ü", {}]}})


def test_a_failing_cell_ends_the_run_and_all_else_is_kept(endpoint, tmp_path, go):
    before = user_notebook()
    nbformat.write(before, tmp_path / "in.ipynb")
    before = json.loads(json.dumps(read(tmp_path / "in.ipynb")))
    endpoint.script("Said.")
    ran = go()
    assert ran.code == 1
    assert "NameError: name 'undefined_name' is not defined" in ran.err
    assert "so the run ends here" in ran.err
    assert len(endpoint.requests) == 1
    after = json.loads(json.dumps(read(tmp_path / "out.ipynb")))
    after["metadata"].pop("codeact")
    assert after["metadata"] == before["metadata"]
    (answer,) = [cell for cell in after["cells"] if role(cell) == "answer"]
    after["cells"].remove(answer)
    expected = copy.deepcopy(before["cells"])
    for cell, new in zip(expected, after["cells"], strict=True):
        assert new["id"] == cell["id"]
        if cell["id"] in {"my-cell_2", "my-cell_4", "my-cell_6"}:  # these ran
            assert text_of(new["outputs"])
            cell |= {name: new[name] for name in ("outputs", "execution_count")}
        elif cell["id"] == "my-cell_5":
            cell["metadata"]["codeact"] = new["metadata"]["codeact"]
    assert after["cells"] == expected


@pytest.mark.parametrize("minor", [0, 2, 4])
def test_notebooks_without_ids(endpoint, tmp_path, go, minor):
    notebook = new_notebook(cells=[new_code_cell("2 + 2"), new_code_cell(f"{PROMPT}Say.")])
    for cell in notebook.cells:
        del cell["id"]
    notebook |= {"nbformat_minor": minor}
    (tmp_path / "in.ipynb").write_text(json.dumps(notebook))
    endpoint.script("Said.")
    ran = go()
    assert (ran.code, ran.err) == (0, "")
    out = read(tmp_path / "out.ipynb")
    assert text_of(out.cells[0]["outputs"]) == "4"
    assert len({cell["id"] for cell in out.cells}) == 3


def test_a_notebook_of_format_3(endpoint, tmp_path, go):
    cell = {"cell_type": "code", "input": "print(3)", "outputs": [], "language": "python"}
    cell |= {"collapsed": False, "metadata": {}}
    sheet = {"cells": [cell], "metadata": {}}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [sheet]}
    (tmp_path / "in.ipynb").write_text(json.dumps(old))
    ran = go()
    assert (ran.code, ran.err) == (0, "")
    assert text_of(read(tmp_path / "out.ipynb").cells[0]["outputs"]) == "3\n"


def test_secrets_of_the_users_cells_are_masked_in_the_file(endpoint, tmp_path, go):
    secret = 'canary"of-the-environment'
    write(tmp_path / "in.ipynb", f"word = {secret!r}\nword", f"{PROMPT}Say {secret}.")
    endpoint.script("Said.")
    assert go(SECRET_TOKEN=secret, DB_PASSWORD="metadata").code == 0
    assert "canary" not in (tmp_path / "out.ipynb").read_text()
    assert "canary" not in repr([request.json for request in endpoint.requests])
    read(tmp_path / "out.ipynb")


# --- kernels


def test_the_notebooks_own_kernel(endpoint, tmp_path, go):
    write_kernelspecs(tmp_path / "jupyter", Oldest=PAIRS["oldest"])
    write_kernelspecs(tmp_path / "jupyter", language="julia", julia="/no/julia")
    path = {"JUPYTER_PATH": str(tmp_path / "jupyter")}

    def spec(name, language="python"):
        return {"name": name, "display_name": name, "language": language}

    cell = "import IPython\nprint(IPython.__version__)"
    write(tmp_path / "in.ipynb", cell, kernelspec=spec("Oldest"))
    ran = go(**path)
    assert ran.code == 0, ran.err
    assert text_of(read(tmp_path / "out.ipynb").cells[0]["outputs"]) == "8.37.0\n"
    write(tmp_path / "in.ipynb", cell, kernelspec=spec("conda-env-x"))
    ran = go(output="two.ipynb", **path)
    assert ran.code == 0, ran.err
    assert "'conda-env-x' is not installed here; this Python's is used" in ran.out
    write(tmp_path / "in.ipynb", cell, kernelspec=spec("julia", "julia"))
    ran = go(output="three.ipynb", **path)
    assert ran.code == 1
    assert "'julia'" in ran.err
    assert not (tmp_path / "three.ipynb").exists()


# --- export


def test_export_runs_without_this_package(endpoint, tmp_path, go):
    write(
        tmp_path / "in.ipynb",
        "%load_ext codeact_jupyter\nx = 20",
        f"{PROMPT}Add <b>22</b>.",
        "if x:\n    %config CodeAct.max_steps = 3\nx",
        "%%codeact --auto\nNever asked.",
    )
    endpoint.script(act("x += 22\nprint(x)"), "x is 42.", "Nothing to do.")
    assert go().code == 0
    before = (tmp_path / "out.ipynb").read_bytes()
    for _ in range(2):  # an export replaces an export
        assert run(endpoint, tmp_path, "export", "out.ipynb", "-o", "bare.ipynb").code == 0
    assert (tmp_path / "out.ipynb").read_bytes() == before
    bare = read(tmp_path / "bare.ipynb")
    assert not [text for text in sources(bare) if "codeact" in text or "CodeAct" in text]
    assert "> Never asked." in sources(bare, "markdown")
    with Kernel(BARE, cwd=tmp_path, PYTHONPATH="") as kernel:
        assert kernel.run("import codeact_jupyter").status == "error"
        for cell in bare.cells:
            if cell["cell_type"] == "code":
                ran = kernel.run(cell["source"])
                assert ran.status == "ok"
                assert text_of(ran.outputs) == text_of(cell["outputs"])
    assert run(endpoint, tmp_path, "export", "bare.ipynb", "-o", "in.ipynb").code == 1


def test_a_cell_that_says_ask_is_asked_for_whatever_the_command_says(endpoint, tmp_path, go):
    write(tmp_path / "in.ipynb", "%%codeact --ask\nAct.")
    endpoint.script(act("print('acted')"))
    ran = go()
    assert ran.code == 4
    assert "acted\n" not in ran.out


def test_a_link_stays_a_link_to_what_is_written(endpoint, tmp_path, go):
    (tmp_path / "real").mkdir()
    write(tmp_path / "real" / "work.ipynb", "print('ran')")
    (tmp_path / "in.ipynb").symlink_to(tmp_path / "real" / "work.ipynb")
    assert go(output="in.ipynb").code == 0
    assert (tmp_path / "in.ipynb").is_symlink()
    assert text_of(read(tmp_path / "real" / "work.ipynb").cells[0].outputs) == "ran\n"


def test_a_cell_may_say_auto_and_one_that_does_not_needs_somebody(endpoint, tmp_path):
    write(tmp_path / "in.ipynb", "%%codeact --auto\nAct.", f"{PROMPT}Again.")
    endpoint.script(act("print('acted')"), "Done.", act("print('acted twice')"))
    ran = run(endpoint, tmp_path, "run", "in.ipynb", "-o", "out.ipynb")
    assert ran.code == 4
    assert "nobody is here to approve it" in ran.err
    assert "acted twice\n" not in ran.out
    roles = [role(cell) for cell in read(tmp_path / "out.ipynb").cells]
    assert roles[:4] == ["prompt", "thought", "action", "answer"]
