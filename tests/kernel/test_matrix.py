"""What every supported pair of ipykernel and IPython has to do.

The rest of the tests with kernels run on the newest and the oldest pair. Here, on all of
them, stands what a user would miss first, each test in a kernel of its own.
"""

import json
import re
import subprocess
import tomllib

import nbformat
import pytest
from endpoint import ScriptedEndpoint
from kernels import BARE, OLDER, PAIRS, ROOT, SECONDS, Kernel, write_kernelspecs
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from packaging.requirements import Requirement
from packaging.version import Version
from telling import ADD, ANSWER, told
from waiting import ENDLESS

LOOK = (
    "I look.\n\n```python\nimport sys\nfrom IPython.display import HTML, display\n"
    "print('sum', sum(numbers))\nprint('careful', file=sys.stderr)\n"
    "display(HTML('<b>bold</b>'))\ntotal = sum(numbers)\ntotal\n```"
)
FAIL = "I divide.\n\n```python\nprint('before')\ntotal / 0\n```"
WAIT = f"```python\nprint('be' 'gun', flush=True)\n{ENDLESS}\n```"


@pytest.fixture(params=PAIRS)
def pair(request):
    """The Python of each pair, not only of the two ends."""
    return PAIRS[request.param]


def versions(python):
    """The ipykernel and the IPython of an environment."""
    code = (
        "import importlib.metadata as m, json;"
        "print(json.dumps({name: m.version(name) for name in ('ipykernel', 'ipython')}))"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", OLDER)
def test_an_environment_holds_the_pair_that_its_file_names(name):
    held, newest = versions(PAIRS[name]), versions(PAIRS["newest"])
    wanted = [Requirement(line) for line in OLDER[name].read_text().splitlines()]
    assert {requirement.name for requirement in wanted} == set(held)
    for requirement in wanted:
        assert held[requirement.name] in requirement.specifier
        assert Version(held[requirement.name]) <= Version(newest[requirement.name])


def test_the_oldest_pair_is_what_an_installation_may_have_at_least():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    least = {r.name: r.specifier for r in map(Requirement, project["dependencies"])}
    for name, version in versions(PAIRS["oldest"]).items():
        (bound,) = least[name]
        assert bound.operator == ">="
        assert Version(bound.version) == Version(version)


@pytest.mark.parametrize("name", OLDER)
def test_the_readme_names_the_versions_that_are_tested(name):
    (said,) = re.findall(r"^Tested: (.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    kernels, _, shells = said.partition(" with ")
    held = {package: version.split(".")[:2] for package, version in versions(PAIRS[name]).items()}
    assert re.search(rf"\b{r'[.]'.join(held['ipykernel'])}\b", kernels)
    assert re.search(rf"\b{r'[.]'.join(held['ipython'])}\b", shells)


def plain(outputs):
    """What the actions put out, without the steps as we show them."""
    return [o for o in outputs if "text/markdown" not in o.get("data", {})]


def test_two_actions_show_what_they_put_out_and_the_model_reads_it(kernel, endpoint):
    kernel.run("numbers = [1, 3]")
    endpoint.script(LOOK, FAIL, "The sum is 4; it cannot be divided by 0.")
    ran = kernel.run("%%codeact --auto\nAdd the numbers and divide.")
    assert ran.status == "ok"
    out, err, display, value, before, error = plain(ran.outputs)
    assert out == {"output_type": "stream", "name": "stdout", "text": "sum 4\n"}
    assert err == {"output_type": "stream", "name": "stderr", "text": "careful\n"}
    assert (display["output_type"], display["data"]["text/html"]) == ("display_data", "<b>bold</b>")
    assert (value["output_type"], value["data"]) == ("execute_result", {"text/plain": "4"})
    assert before["text"] == "before\n"
    assert (error["output_type"], error["ename"]) == ("error", "ZeroDivisionError")
    assert all(ran.text.count(words) == 1 for words in ("I look.", "I divide.", "it cannot be"))
    assert told(endpoint, 1).startswith("Step 1: ok.\nsum 4\n")
    assert "careful" in told(endpoint, 1)
    assert told(endpoint, 2).startswith("Step 2: error.\nbefore\nCell In[5], line 2\n")
    assert told(endpoint, 2).count("ZeroDivisionError: division by zero") == 1
    assert kernel.run("total * 10").text == "40\n"
    assert endpoint.left == endpoint.unscripted == 0


def test_cells_keep_one_count(kernel, endpoint):
    endpoint.script(ADD, ADD.replace("3", "5"), ANSWER)
    first = kernel.run("1").execution_count
    ran = kernel.run("%%codeact --auto\nWhat is 3 + 1?")
    counts = [o["execution_count"] for o in ran.outputs if o["output_type"] == "execute_result"]
    assert counts == [first + 2, first + 3]
    assert kernel.run("1").execution_count == first + 4
    assert kernel.run(f"In[{first + 2}]").text.startswith('"total = 3 + 1')
    assert kernel.run(f"Out[{first + 2}], Out[{first + 3}]").text == "(4, 6)\n"
    assert kernel.run(f"{first + 1} in Out").text == "False\n"


def test_yes_runs_and_no_stops(kernel, endpoint):
    endpoint.script(ADD, ANSWER, "```python\nran = True\n```")
    ran = kernel.run("%%codeact\nWhat is 3 + 1?", answers=["y"])
    assert ran.status == "ok"
    assert "sum 4" in ran.text
    ran = kernel.run("%%codeact\nGo on.", answers=["n"])
    assert ran.status == "error"
    assert "Stopped by you" in ran.error
    assert kernel.run("'ran' in globals()").text == "False\n"


def test_interrupt_while_an_action_runs(kernel, endpoint):
    endpoint.script(WAIT, "Fine.")
    request = kernel.send("%%codeact --auto\nWait.")
    kernel.stream_until(request, "begun")
    kernel.interrupt()
    ran = kernel.wait(request)
    assert ran.status == "error"
    assert "Stopped by you" in ran.error
    assert len(endpoint.requests) == 1
    assert kernel.run("print('alive')").text == "alive\n"
    assert "Fine." in kernel.run("%%codeact --auto\nGo on.").text
    assert "interrupted" in str(endpoint.requests[-1].json["messages"])


def test_the_model_is_told_what_the_user_did_in_between(kernel, endpoint):
    endpoint.script(ADD, ANSWER, "Fine.")
    kernel.run("%%codeact --auto\nAdd.")
    kernel.run("print('by hand')\ntotal = 99")
    kernel.run("%%codeact --auto\nIs it fine?")
    text = told(endpoint)
    assert "print('by hand')" in text
    assert "Out: by hand" in text
    assert "Changed total: int, 99" in text
    assert "%%codeact" not in text


def test_top_level_await(kernel, endpoint):
    endpoint.script(
        "```python\nimport asyncio\nawait asyncio.sleep(0.01)\nprint('waited')\n```", "Done."
    )
    ran = kernel.run("%%codeact --auto\nWait a moment.")
    assert ran.status == "ok"
    assert plain(ran.outputs) == [{"output_type": "stream", "name": "stdout", "text": "waited\n"}]
    assert told(endpoint).startswith("Step 1: ok.\nwaited")
    assert kernel.run("import asyncio\nawait asyncio.sleep(0)\nprint('still')").text == "still\n"


def test_a_background_task_that_ends_with_its_action_is_told(kernel, endpoint):
    code = "import asyncio\ntask = asyncio.create_task(asyncio.sleep(60))\nawait asyncio.sleep(0)"
    endpoint.script(f"```python\n{code}\n```", "Done.")
    assert "1 background task ended with this action" in kernel.run("%%codeact --auto\nGo.").text
    assert "1 background task ended with this action" in told(endpoint)


def test_an_inline_figure_is_shown_and_kept_once(kernel, endpoint, tmp_path):
    """With ``show`` and without: then it is IPython that shows it, after the action."""
    draw = "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1))\n_ = plt.plot([1, 2])"
    endpoint.script(f"```python\n{draw}\nplt.show()\n```", f"```python\n{draw}\n```", "Drawn.")
    ran = kernel.run("%%codeact --auto\nDraw twice.")
    assert [set(o["data"]) for o in plain(ran.outputs)] == [{"image/png", "text/plain"}] * 2
    assert [told(endpoint, step).count("[image/png") for step in (1, 2)] == [1, 1]
    assert plain(kernel.run("1 + 1").outputs)[0]["data"] == {"text/plain": "2"}
    kernel.run(f"%codeact export {tmp_path / 'x.ipynb'}")
    cells = nbformat.read(tmp_path / "x.ipynb", as_version=4).cells
    drawn = [cell.outputs for cell in cells if "plt" in cell.source]
    assert [[o.output_type for o in outputs] for outputs in drawn] == [["display_data"]] * 2


def test_nothing_stays_behind_after_unload(kernel, endpoint):
    endpoint.script("```python\nx = 1\n```", ANSWER, "Hello.")
    state = (
        "import threading; ip = get_ipython(); print(threading.active_count(),"
        "[len(v) for v in ip.events.callbacks.values()], len(ip.configurables),"
        "[f.__module__ for f in (ip._showtraceback, ip.displayhook.write_format_data)],"
        "len(ip.display_pub._hooks), 'codeact' in ip.magics_manager.magics['cell'],"
        "'codeact' in ip.magics_manager.magics['line'])"
    )
    kernel.run("%unload_ext codeact_jupyter")
    before = kernel.run(state).text
    kernel.run("%load_ext codeact_jupyter")
    assert kernel.run(state).text != before, "nothing was changed that could be given back"
    assert kernel.run("%%codeact --auto\nGo.").status == "ok"
    kernel.run("%unload_ext codeact_jupyter")
    assert kernel.run(state).text == before
    assert before.endswith("False False\n")
    assert "not found" in kernel.run("%%codeact\nGo.").text
    kernel.run("%load_ext codeact_jupyter")
    assert "Hello." in kernel.run("%%codeact --auto\nSay hello.").text


# --- an exported notebook, where this package is unknown


@pytest.fixture(scope="module", params=PAIRS)
def session_export(request, tmp_path_factory):
    """A session with a value, a failed and an interrupted action, as `%codeact export` has it."""
    path = tmp_path_factory.mktemp("session") / "exported.ipynb"
    with (
        ScriptedEndpoint() as endpoint,
        Kernel(PAIRS[request.param], CODEACT_RUN="1", **endpoint.environment) as kernel,
    ):
        kernel.run("%load_ext codeact_jupyter")
        kernel.run("numbers = [1, 2]\nprint('by hand')")
        endpoint.script(
            "I add.\n\n```python\nprint('sum', sum(numbers))\nsum(numbers)\n```",
            "```python\nfrom IPython.display import Markdown, display\n"
            "display(Markdown('*rich*'))\n1 / 0\n```",
            "The sum is 3.",
            WAIT,
        )
        assert kernel.run("%%codeact --auto\nAdd the numbers.").status == "ok"
        waiting = kernel.send("%%codeact --auto\nWait.")
        kernel.stream_until(waiting, "begun")  # its source, shown before it runs, has no such word
        kernel.interrupt()
        assert kernel.wait(waiting).status == "error"
        kernel.run("%config CodeAct.max_steps = 9\nafter = numbers + [3]\nafter")
        assert kernel.run(f"%codeact export {path}").status == "ok"
    return path.read_text()


@pytest.fixture
def exported(session_export, tmp_path):
    """That notebook in a file of its own."""
    path = tmp_path / "exported.ipynb"
    path.write_text(session_export)
    return path


def executed_bare(path, monkeypatch):
    """The notebook after nbclient ran it where this package is not."""
    monkeypatch.setenv(
        "JUPYTER_PATH", write_kernelspecs(path.parent / "jupyter", **PAIRS, bare=BARE)
    )
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, kernel_name="bare", timeout=SECONDS)
    return client.execute(cwd=str(path.parent))


def comparable(outputs):
    """Outputs without cell numbers, and errors without frames: those differ by version."""
    kept = {"output_type", "name", "text", "data", "metadata", "ename", "evalue"}
    return [{key: o[key] for key in kept if key in o} for o in outputs]


def test_an_exported_notebook_runs_in_a_bare_environment(exported, monkeypatch):
    missing = subprocess.run(
        [BARE, "-c", "import codeact_jupyter"],
        cwd=exported.parent,
        capture_output=True,
        check=False,
    )
    assert b"ModuleNotFoundError" in missing.stderr
    before = nbformat.read(exported, as_version=4)
    after = executed_bare(exported, monkeypatch)
    nbformat.validate(before)
    assert "codeact" not in "".join(c.source for c in before.cells if c.cell_type == "code")
    both = zip(before.cells, after.cells, strict=True)
    pairs = [(one, two) for one, two in both if one.cell_type == "code" and one.outputs]
    kinds = [[o["output_type"] for o in cell.outputs] for cell, _ in pairs]
    assert kinds == [
        ["stream"],
        ["stream", "execute_result"],
        ["display_data", "error"],
        ["stream", "error"],
        ["execute_result"],
    ]
    # nbclient times what it runs: all but the interrupted step
    assert ["execution" in cell.metadata for _, cell in pairs] == [True, True, True, False, True]
    for one, two in pairs:
        assert comparable(one.outputs) == comparable(two.outputs)


def test_failed_and_interrupted_steps_are_tagged(exported):
    cells = nbformat.read(exported, as_version=4).cells
    tags = {cell.source: cell.metadata.get("tags") for cell in cells if cell.metadata.get("tags")}
    (failed, failed_tags), (interrupted, interrupted_tags) = tags.items()
    assert failed.endswith("1 / 0")
    assert failed_tags == ["raises-exception"]
    assert interrupted.endswith(ENDLESS)
    assert interrupted_tags == ["raises-exception", "skip-execution"]


def test_without_its_tag_a_failed_step_would_stop_the_run(exported, monkeypatch):
    """The tag is what carries the run through, not a lenient runner."""
    notebook = nbformat.read(exported, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)
    nbformat.write(notebook, exported)
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        executed_bare(exported, monkeypatch)
