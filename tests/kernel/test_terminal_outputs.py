"""Terminal IPython: what is shown, what the model reads of it, and what is exported."""

import json

import nbformat
from telling import ADD, ANSWER, told
from terminal import COLOUR


def test_an_error_shows_once_and_reaches_the_model_without_colour(start_terminal, endpoint):
    terminal = start_terminal("--simple-prompt", "--colors=Linux")
    terminal.run("%load_ext codeact_jupyter")
    endpoint.script("```python\ndef half(n):\n    return n / 0\nhalf(4)\n```", "It failed.")
    terminal.type("%%codeact --auto\nHalve.")
    shown = terminal.ready()
    assert COLOUR.search(terminal.child.before), "there were no colours to take away"
    assert shown.count("ZeroDivisionError: division by zero") == 1
    assert told(endpoint) == (
        "Step 1: error.\nCell In[3], line 3\n    half(4)\nCell In[3], line 2, in half\n"
        "    return n / 0\nZeroDivisionError: division by zero\nNew half: function, half(n)"
    )


def test_output_of_the_shell_reaches_the_model(terminal, endpoint):
    endpoint.script("```python\n!echo from the $((40 + 2))th shell\n```", "Done.")
    shown = terminal.run("%%codeact --auto\nAsk the shell.")
    assert shown.count("from the 42th shell") == 1
    assert "from the 42th shell" in told(endpoint)


def test_an_export_has_outputs_in_their_own_shapes(terminal, endpoint, tmp_path):
    terminal.run("import sys; from IPython.display import HTML")
    endpoint.script(
        ADD,
        "```python\nprint('warned', file=sys.stderr)\ndisplay(HTML('<b>rich</b>'))\n1 / 0\n```",
        ANSWER,
    )
    number = terminal.number + 1
    terminal.run("%%codeact --auto\nAdd.")
    terminal.run("print('by hand'); total")
    assert f"Written: {tmp_path}/out.ipynb" in terminal.run("%codeact export out.ipynb")
    notebook = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
    assert [cell.execution_count for cell in cells] == [number, number + 1, number + 2]
    added, failed, by_hand = [json.loads(json.dumps(cell.outputs)) for cell in cells]

    def result(count):
        return {
            "output_type": "execute_result",
            "execution_count": count,
            "data": {"text/plain": "4"},
            "metadata": {},
        }

    def stream(name, text):
        return {"output_type": "stream", "name": name, "text": text}

    assert added == [stream("stdout", "sum 4\n"), result(number)]
    assert by_hand == [stream("stdout", "by hand\n"), result(number + 2)]
    warned, rich, error = failed
    assert warned == stream("stderr", "warned\n")
    text = "<IPython.core.display.HTML object>"  # all that a terminal makes of it
    assert (rich["output_type"], rich["data"]) == ("display_data", {"text/plain": text})
    assert (error["output_type"], error["ename"]) == ("error", "ZeroDivisionError")
    assert error["evalue"] == "division by zero"


def test_top_level_await(terminal, endpoint):
    endpoint.script(
        "```python\nimport asyncio\nawait asyncio.sleep(0)\nprint('waited')\n```", "Ok."
    )
    assert terminal.run("%%codeact --auto\nWait.").count("\nwaited\n") == 1
    assert told(endpoint).startswith("Step 1: ok.\nwaited")


def test_unloading_gives_everything_back(terminal, endpoint):
    terminal.run("%unload_ext codeact_jupyter")
    terminal.run("import sys; ip = get_ipython(); streams = sys.stdout, sys.stderr")
    state = (
        "print([len(v) for v in ip.events.callbacks.values()], len(ip.configurables),"
        " sorted(vars(ip.displayhook)), sorted(vars(ip.display_pub)), '_showtraceback' in vars(ip),"
        " len(ip.input_transformers_cleanup), (sys.stdout, sys.stderr) == streams)"
    )
    terminal.run("'a value'")  # IPython's display hook keeps an attribute from the first one on
    before = terminal.run(state)
    terminal.run("%load_ext codeact_jupyter")
    assert terminal.run(state) != before, "nothing was changed that could be given back"
    endpoint.script("```python\n1 / 0\n```", ADD, ANSWER)
    terminal.run("%%codeact --auto\nAdd.")
    terminal.run("%unload_ext codeact_jupyter")
    assert terminal.run(state) == before
    assert before.strip().endswith("True")
    assert "not found" in terminal.run("%%codeact\nGo.")
    terminal.run("%load_ext codeact_jupyter")
