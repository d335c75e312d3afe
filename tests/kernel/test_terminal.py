"""Terminal IPython: a person at a real terminal, and scripts without one.

All of it runs on each IPython of the pairs; that of 6.30 is the newest, and ipykernel has no
part in this.
"""

import contextlib
import json
import os
import re
import subprocess
import threading

import nbformat
import pexpect
import pytest
from endpoint import fault
from kernels import PAIRS, SECONDS
from nbformat.v4 import new_code_cell, new_notebook
from waiting import ENDLESS

ADD = "I add.\n\n```python\ntotal = 3 + 1\nprint('sum', total)\ntotal\n```"
ANSWER = "The sum is 4."
STOPPED = "TurnStopped: Stopped by you."
PROMPT = r"In \[(\d+)\]:(?: |\x1b)"  # a space, or a move of the cursor over it
QUESTION = re.escape("[e]dit: ")
EDITOR = r"Esc Enter runs it"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\x07")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def surroundings(endpoint, folder, **more):
    """The environment of an IPython that knows the scripted endpoint and no home."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODEACT_", "OPENAI_"))}
    ours = {"HOME": str(folder), "IPYTHONDIR": str(folder / "ipython"), "TERM": "xterm"}
    quiet = {"PROMPT_TOOLKIT_NO_CPR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**kept, **ours, **quiet, **endpoint.environment, **more}


@pytest.fixture(params=["newest", "7.1", "oldest"])
def pair(request):
    """The Python of a pair for each IPython."""
    return PAIRS[request.param]


class Terminal:
    """An IPython in a terminal of its own; ``number`` is that of its next cell."""

    def __init__(self, python, endpoint, folder, *options):
        command = ["-m", "IPython", "--no-banner", "--no-confirm-exit", *options]
        self.child = pexpect.spawn(
            *(python, command),
            env=surroundings(endpoint, folder),
            cwd=str(folder),
            encoding="utf-8",
            dimensions=(50, 160),
            timeout=SECONDS,
            echo=False,
        )
        self.child.delaybeforesend = None
        self.number = 0
        self.ready()

    def ready(self):
        """Wait for the next prompt and return what was shown before it."""
        self.child.expect(PROMPT)
        self.number = int(self.child.match[1])
        return CONTROL.sub("", self.child.before)

    def type(self, cell):
        """Type a cell; one with several lines ends with empty ones."""
        ends = {True: "\n\n", False: "\n"}[cell.startswith("%%")] if "\n" in cell else ""
        self.child.sendline(cell + ends)

    def run(self, cell, *answers):
        """Run a cell, answer its questions and return what was shown."""
        self.type(cell)
        shown = ""
        for answer in answers:
            self.child.expect(QUESTION)
            shown += self.child.before
            self.child.sendline(answer)
        return CONTROL.sub("", shown) + self.ready()

    def edit(self, until, keys):
        """Answer a question with *edit*, wait for the text in the editor, and press keys."""
        self.child.expect(QUESTION)
        self.child.sendline("e")
        self.child.expect(EDITOR)
        self.child.expect(until)
        self.child.send(keys)

    def interrupt_after(self, words):
        """Wait for words on the screen, press Ctrl-C, and return what was shown then."""
        self.child.expect(words)
        self.child.sendintr()
        return self.ready()


@pytest.fixture
def start_terminal(pair, endpoint, tmp_path):
    """Start an IPython of its own for one test."""
    with contextlib.ExitStack() as stack:

        def start(*options):
            terminal = Terminal(pair, endpoint, tmp_path, *options)
            stack.callback(terminal.child.close, force=True)
            return terminal

        yield start


@pytest.fixture(scope="module")
def terminals():
    """The terminal of each pair that all tests here share."""
    open_terminals = {}
    yield open_terminals
    for terminal in open_terminals.values():
        terminal.child.close(force=True)


@pytest.fixture
def terminal(terminals, pair, endpoint, tmp_path):
    """A terminal without colours, the extension newly loaded: one that earlier tests used."""
    if pair not in terminals:
        terminals[pair] = Terminal(
            *(pair, endpoint, tmp_path, "--simple-prompt", "--colors=NoColor")
        )
    terminal = terminals.pop(pair)
    terminal.run(f"%env CODEACT_BASE_URL={endpoint.base_url}")
    terminal.run(f"%cd {tmp_path}")
    terminal.run("%reset_selective -f ^(total|ran|x|asyncio|time)$")
    assert terminal.run("%load_ext codeact_jupyter").strip() == ""
    yield terminal
    terminal.child.timeout = 10
    try:
        terminal.run("%unload_ext codeact_jupyter")
        terminal.child.timeout = SECONDS
        terminals[pair] = terminal
    except pexpect.ExceptionPexpect:  # the test left it in a question: the next one gets another
        terminal.child.close(force=True)


def told(endpoint, request=-1):
    """The last message of a request."""
    return endpoint.requests[request].json["messages"][-1]["content"]


def test_yes_runs_the_action_here(terminal, endpoint):
    endpoint.script(ADD, ANSWER)
    number = terminal.number + 1
    shown = terminal.run("%%codeact\nWhat is 3 + 1?", "y")
    assert shown.count("I add.") == 1
    assert shown.count("sum 4\n") == 1
    assert shown.count(f"Out[{number}]: 4\n") == 1
    assert shown.count(ANSWER) == 1
    assert told(endpoint) == "Step 1: ok.\nsum 4\n4\nNew total: int, 4"
    assert "40" in terminal.run("total * 10")


def test_cells_keep_one_count(terminal, endpoint):
    endpoint.script(ADD, ADD.replace("3", "5"), ANSWER.replace("4", "6"))
    prompt, first, second, below = range(terminal.number, terminal.number + 4)
    shown = terminal.run("%%codeact --auto\nAdd.")
    assert re.findall(r"Out\[(\d+)\]: (\d)", shown) == [(str(first), "4"), (str(second), "6")]
    assert terminal.number == below
    assert "(4, 6, True)" in terminal.run(f"Out[{first}], Out[{second}], {prompt} not in Out")
    assert terminal.number == below + 1
    sources = f"[text in In[n] for text, n in (('3 + 1', {first}), ('5 + 1', {second}))]"
    assert "[True, True]" in terminal.run(sources)


def test_counts_hold_after_an_action_that_tried_to_exit(start_terminal, endpoint):
    terminal = start_terminal("--simple-prompt", "--colors=NoColor")
    terminal.run("%load_ext codeact_jupyter")
    endpoint.script("```python\nexit()\n```", ADD, ANSWER)
    shown = terminal.run("%%codeact --auto\nAdd.")
    assert "exit() would end the kernel" in told(endpoint, 1)
    assert "Out[4]: 4" in shown
    endpoint.script(ADD, ANSWER)
    assert terminal.number == 5
    shown = terminal.run("%%codeact --auto\nAdd.")
    assert "Out[6]: 4" in shown
    assert "ERROR!" not in shown
    assert terminal.number == 7


def test_no_stops(terminal, endpoint):
    endpoint.script(ADD)
    shown = terminal.run("%%codeact\nAdd.", "n")
    assert shown.count(STOPPED) == 1
    assert "Traceback" not in shown
    assert "False" in terminal.run("'total' in globals()")
    assert len(endpoint.requests) == 1


def test_a_reason_goes_to_the_model(terminal, endpoint):
    endpoint.script(ADD, ADD.replace("3 + 1", "2 + 2"), ANSWER)
    shown = terminal.run("%%codeact\nAdd.", "no, use 2 + 2", "y")
    assert told(endpoint, 1) == "Step 1: rejected, nothing ran. use 2 + 2"
    assert shown.count("sum 4\n") == 1


def test_a_slip_is_asked_again(terminal, endpoint):
    endpoint.script(ADD)
    terminal.type("%%codeact\nAdd.")
    terminal.child.expect(QUESTION)
    terminal.child.sendline("yess")
    terminal.child.expect("Please answer y, n, e")
    terminal.child.sendline("n")
    assert STOPPED in terminal.ready()
    assert "False" in terminal.run("'total' in globals()")


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_leaving_the_question_stops(terminal, endpoint, key):
    endpoint.script(ADD)
    terminal.type("%%codeact\nAdd.")
    terminal.child.expect(QUESTION)
    terminal.child.send(key)
    shown = terminal.ready()
    assert shown.count(STOPPED) == 1
    assert "Traceback" not in shown
    assert "False" in terminal.run("'total' in globals()")


# --- the editor


def test_what_was_edited_runs_and_the_model_is_told(terminal, endpoint):
    endpoint.script(ADD, "The sum is 14.")
    number = terminal.number + 1
    terminal.type("%%codeact\nAdd.")
    lines = r"total = 3 \+ 1.*print\('sum', total\).*total"
    terminal.edit(f"(?s){lines}", " + 10\x1b\r")
    shown = terminal.ready()
    assert shown.count(f"Out[{number}]: 14\n") == 1
    assert told(endpoint) == (
        "Step 1: ok.\nThe user edited the block. What ran:\n```python\n"
        "total = 3 + 1\nprint('sum', total)\ntotal + 10\n```\nsum 4\n14\nNew total: int, 4"
    )
    assert "total + 10" in terminal.run(f"print(In[{number}])")


def test_the_editor_has_lines(terminal, endpoint):
    endpoint.script("```python\na = 1\n```", "Done.")
    terminal.type("%%codeact\nGo.")
    terminal.edit("a = 1", "\rb = a + 1\rprint('b is', b)\x1b\r")
    assert "b is 2" in terminal.ready()
    assert "What ran:\n```python\na = 1\nb = a + 1\nprint('b is', b)\n```" in told(endpoint)


def test_an_unchanged_text_is_no_edit(terminal, endpoint):
    endpoint.script(ADD, ANSWER)
    terminal.type("%%codeact\nAdd.")
    terminal.edit("print", "\x1b\r")
    assert re.search(r"Out\[\d+\]: 4\n", terminal.ready())
    assert "edited" not in told(endpoint)


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_leaving_the_editor_runs_nothing(terminal, endpoint, key):
    endpoint.script("```python\nran = 1\n```")
    terminal.type("%%codeact\nGo.")
    # Ctrl-D ends the input only where nothing is left
    terminal.edit("ran = 1", {"\x03": key, "\x04": "\x7f" * len("ran = 1") + key}[key])
    shown = terminal.ready()
    assert shown.count(STOPPED) == 1
    assert "Traceback" not in shown
    assert "False" in terminal.run("'ran' in globals()")


def test_the_full_prompt_asks_and_edits_too(start_terminal, endpoint):
    terminal = start_terminal("--colors=NoColor")
    endpoint.script("```python\nprint('the' ' output')\n```", ADD, "The sum is 14.")

    def until(number):  # the prompt is drawn again with each key
        while terminal.number != number:
            terminal.ready()

    terminal.child.send("%load_ext codeact_jupyter\r")
    until(2)
    terminal.child.send("\x1b[200~%%codeact\nAdd.\x1b[201~")
    terminal.child.expect(r"Add\.")
    terminal.child.send("\x1b\r")
    terminal.child.expect(QUESTION)
    terminal.child.sendline("y")
    terminal.child.expect("the output")
    terminal.edit("print", " + 10\x1b\r")
    terminal.child.expect(r"Out\[4\]:.*14")
    until(5)
    assert "The user edited the block" in told(endpoint)


# --- stopping


def test_ctrl_c_while_the_model_thinks(terminal, endpoint):
    endpoint.script(fault("headers_then_silence"), ADD, ANSWER)
    terminal.type("%%codeact --auto\nAdd.")
    asked = endpoint.wait_for(1)
    shown = terminal.interrupt_after("step 1")
    assert shown.count(STOPPED) == 1
    assert "Traceback" not in shown
    assert asked.hung_up.wait(10)
    assert "sum 4" in terminal.run("%%codeact --auto\nAdd.")


def test_ctrl_c_before_the_model_answers_at_all(terminal, endpoint):
    release = threading.Event()
    endpoint.script(fault("held", release=release), "Hello.")
    terminal.type("%%codeact --auto\nAdd.")
    endpoint.wait_for(1)
    terminal.child.sendintr()
    shown = terminal.ready()
    release.set()
    assert shown.count(STOPPED) == 1
    assert "Hello." in terminal.run("%%codeact --auto\nAgain.")


@pytest.mark.parametrize(
    "wait",
    [ENDLESS, "import asyncio\nwhile True:\n    await asyncio.sleep(0.01)"],
    ids=["sleep", "await"],
)
def test_ctrl_c_while_an_action_runs(terminal, endpoint, wait):
    endpoint.script(f"```python\nprint('be' 'gun', flush=True)\n{wait}\n```", "Fine.")
    terminal.type("%%codeact --auto\nWait.")
    shown = terminal.interrupt_after("begun")
    assert shown.count(STOPPED) == 1
    assert shown.count("(most recent call last)") == 1  # the action's own traceback
    assert len(endpoint.requests) == 1
    assert re.search(r"Out\[\d+\]: 2\n", terminal.run("1 + 1"))
    assert "Fine." in terminal.run("%%codeact --auto\nGo on.")
    assert "interrupted" in str(endpoint.requests[-1].json["messages"])


@pytest.mark.parametrize("key", ["exit\n", "\x04"], ids=["exit", "ctrl-d"])
def test_leaving_ipython_waits_for_no_thread(start_terminal, endpoint, key):
    """Not even after a turn that was stopped while the model was thinking."""
    terminal = start_terminal("--simple-prompt", "--colors=NoColor")
    threads = "import threading; print([t.name for t in threading.enumerate()])"
    terminal.run("%load_ext codeact_jupyter")
    before = terminal.run(threads)
    endpoint.script(ADD, ANSWER, fault("headers_then_silence"))
    terminal.run("%%codeact --auto\nAdd.")
    terminal.type("%%codeact --auto\nAgain.")
    endpoint.wait_for(3)
    terminal.interrupt_after("step 1")
    assert terminal.run(threads) == before
    assert "MainThread" in before
    terminal.child.send(key)
    terminal.child.expect(pexpect.EOF)
    assert CONTROL.sub("", terminal.child.before).strip() in {"", "exit"}
    assert terminal.child.wait() == 0


# --- what is shown, what the model reads, what is exported


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
    assert "Written: " in terminal.run("%codeact export out.ipynb")
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
        " (sys.stdout, sys.stderr) == streams)"
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


# --- without a terminal

ACT = "```python\nx = 41 + 1\nprint('acted')\n```"
PIPED = "%load_ext codeact_jupyter\n%%codeact{flags}\nGo.\n\n\nprint('below', 'x' in globals())\n"
SCRIPT = (
    "%load_ext codeact_jupyter\nget_ipython().run_cell_magic('codeact', '{flags}', 'Go.')\n"
    "print('below', 'x' in globals())\n"
)


def as_script(python, folder, flags):
    (folder / "script.ipy").write_text(SCRIPT.format(flags=flags))
    return ["script.ipy"], ""


def as_notebook(python, folder, flags):
    sources = [
        "%load_ext codeact_jupyter",
        f"%%codeact{flags}\nGo.",
        "print('below', 'x' in globals())",
    ]
    nbformat.write(new_notebook(cells=[new_code_cell(s) for s in sources]), folder / "n.ipynb")
    return ["n.ipynb"], ""


def as_pipe(python, folder, flags):
    return ["--simple-prompt"], PIPED.format(flags=flags)


each_way = pytest.mark.parametrize("way", [as_script, as_notebook, as_pipe])


def without_terminal(pair, endpoint, folder, way, flags="", **env):
    options, typed = way(pair, folder, flags)
    return subprocess.run(
        [pair, "-m", "IPython", "--no-banner", "--colors=NoColor", *options],
        env=surroundings(endpoint, folder, **env),
        cwd=folder,
        input=typed,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@each_way
@pytest.mark.parametrize("run", [{}, {"CODEACT_RUN": "1"}], ids=["plain", "CODEACT_RUN"])
def test_nobody_at_the_terminal_is_quiet(pair, endpoint, tmp_path, way, run):
    flags = "" if run else " --auto"  # either alone lets nothing act
    done = without_terminal(pair, endpoint, tmp_path, way, flags, **run)
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("%%codeact: not asked")
    assert "below False\n" in done.stdout
    assert endpoint.connections == 0


@each_way
def test_auto_and_codeact_run_act_without_a_terminal(pair, endpoint, tmp_path, way):
    endpoint.script(ACT, "x is 42.")
    done = without_terminal(pair, endpoint, tmp_path, way, " --auto", CODEACT_RUN="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\nacted\n") == 1
    assert "below True\n" in done.stdout
    assert told(endpoint) == "Step 1: ok.\nacted\nNew x: int, 42"


@pytest.mark.parametrize("way", [as_script, as_notebook])
def test_a_turn_that_fails_fails_the_script(pair, endpoint, tmp_path, way):
    endpoint.script(fault("401"))
    done = without_terminal(pair, endpoint, tmp_path, way, " --auto", CODEACT_RUN="1")
    assert done.returncode != 0
    assert "refused the key (401)" in done.stdout + done.stderr
    assert "below" not in done.stdout
