"""What the capture keeps of a cell equals what the notebook shows of it."""

import json

import pytest
from kernels import PAIRS, Kernel

SETUP = """
from codeact_jupyter.hosts.capture import Capture
_kept = []
_capture = Capture(get_ipython(), _kept.append)
_capture.attach()
"""
PRINT_LAST = """
import json as _json
_run = _kept[-1]
print(_json.dumps({"outputs": _run.outputs, "status": _run.status, "count": _run.execution_count}))
"""

CELLS = {
    "print": "print('a'); print('b')",
    "both streams": "import sys\nprint('a'); print('e', file=sys.stderr); print('b')",
    "value": "40 + 2",
    "no value": "40 + 2;",
    "several values": "get_ipython().ast_node_interactivity = 'all'\n1\n2",
    "text before and after a display": (
        "from IPython.display import display, HTML\n"
        "print('a'); display(HTML('<b>x</b>')); print('b')"
    ),
    "update of a display": (
        "from IPython.display import display\nh = display('one', display_id=True); h.update('two')"
    ),
    "clear": "from IPython.display import clear_output\nprint('a'); clear_output(); print('b')",
    "clear and wait": (
        "from IPython.display import clear_output\nprint('a'); clear_output(wait=True); print('b')"
    ),
    "clear and wait for nothing": (
        "from IPython.display import clear_output\nprint('a'); clear_output(wait=True)"
    ),
    "error": "print('before'); 1 / 0",
    "error in a function": "def f(x):\n    return x['k']\nf({})",
    "syntax error": "x = = 1",
    "interrupt": "raise KeyboardInterrupt",
    "exit": "import sys; sys.exit(3)",
    "exception group": "raise ExceptionGroup('two', [ValueError('a'), KeyError('b')])",
    "bytes below the stream": "import os; _ = os.write(1, b'raw\\n')",
    "shell": "!echo hello",
    "await": "import asyncio\nawait asyncio.sleep(0)\nprint('done')",
    "long print": "print('x' * 900_000)",
    "many lines": "for i in range(5000): print(i)",
    "plot": (
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1));"
        "plt.plot([1, 2]); print('drawn')"
    ),
    "thread": (
        "import threading\nt = threading.Thread(target=print, args=('t',)); t.start(); t.join()"
    ),
    "unusual characters": "print('naïve \\x1b[31mred\\x1b[0m \\x00 😀')",
}


def kept_by(kernel, code=PRINT_LAST):
    """What the capture kept; bytes that a cell wrote past Python may follow in a later output."""
    text = kernel.run(code).text
    return json.JSONDecoder().raw_decode(text[text.index('{"outputs"') :])[0]


@pytest.fixture(scope="module", params=PAIRS)
def kernel(request):
    with Kernel(PAIRS[request.param]) as kernel:
        assert kernel.run(SETUP).status == "ok"
        yield kernel


@pytest.mark.parametrize("name", CELLS)
def test_the_capture_equals_the_notebook(kernel, name):
    shown = kernel.run(CELLS[name])
    kept = kept_by(kernel)
    assert normal(kept["outputs"]) == normal(shown.outputs)
    assert (kept["status"] == "ok") == (shown.status == "ok")
    if shown.status == "ok":
        assert kept["count"] == shown.execution_count


def test_a_later_update_changes_the_earlier_cell(kernel):
    kernel.run("from IPython.display import display\nh = display('one', display_id=True)")
    kernel.run("h.update('two')")
    kept = kept_by(kernel, PRINT_LAST.replace("[-1]", "[-2]"))
    assert kept["outputs"][0]["data"]["text/plain"] == "'two'"


def test_a_clear_inside_of_an_output_widget_clears_the_widget_alone(kernel):
    shown = kernel.run(
        "import ipywidgets\nfrom IPython.display import clear_output, display\n"
        "print('before'); display(out := ipywidgets.Output())\n"
        "with out:\n    print('one'); clear_output(); print('two')\nprint('after')"
    )
    assert shown.status == "ok", shown.text
    kept = kept_by(kernel)
    view = "application/vnd.jupyter.widget-view+json"
    assert [output.get("text", "") or view in output["data"] for output in kept["outputs"]] == [
        "before\n",
        True,
        "one\ntwo\nafter\n",
    ]


FAILING = """
class _Waits:
    def began(self, source, request): _told.append('began')
    def ended_as(self, run): _told.append(run.status)
def _fails(run): raise OSError('no space')
_told = []
_capture.detach()
_failing = Capture(get_ipython(), _fails)
_failing.attach()
_failing.expect('action', _Waits())
"""
MUTE = (
    "class Mute(Exception):\n    def __str__(self): raise ValueError\n"
    "raise ExceptionGroup('two', [Mute(), ValueError('a')])"
)
NO_SOURCE = (
    "class Odd:\n    def get_source(self, name): raise RuntimeError\n"
    "exec(compile('1 / 0', '/nowhere.py', 'exec'), {'__loader__': Odd(), '__name__': 'odd'})"
)
ENDINGS = {"x = 1": "ok", MUTE: "error", NO_SOURCE: "error"}


@pytest.mark.parametrize("code", ENDINGS)
def test_who_waits_for_a_cell_hears_of_its_end_whatever_fails(kernel, code):
    assert kernel.run(FAILING).status == "ok"
    kernel.run(code, cell_id="action")
    told = kernel.run("_failing.detach(); _capture.attach(); print(_told)").text
    assert told.startswith(f"['began', {ENDINGS[code]!r}]")


def test_the_parts_of_an_exception_group_are_told_where_one_has_no_text(kernel):
    kernel.run(MUTE)
    assert kernel.run("print(_kept[-1].error.message)").text == (
        "two (2 sub-exceptions): Mute: (its text could not be read: ValueError); ValueError: a\n"
    )


def test_nothing_stays_behind(kernel):
    """After detach a cell leaves no trace, and the shell's methods are its own again."""
    kernel.run("_capture.detach()")
    before = json.loads(kernel.run("print(len(_kept))").text)
    kernel.run("print('unseen')")
    assert json.loads(kernel.run("print(len(_kept))").text) == before
    left = kernel.run(
        "ip = get_ipython()\n"
        "print([f.__module__ for f in (ip._showtraceback, ip.displayhook.write_format_data,"
        " *ip.display_pub._hooks, *ip.events.callbacks['pre_run_cell'],"
        " *ip.events.callbacks['post_run_cell']) if f.__module__.startswith('codeact')])"
    )
    assert left.text.strip() == "[]"
    kernel.run("_capture.attach()")


def normal(outputs):
    """Outputs without what is known to differ (facts in hosts/taps.py)."""
    return [
        {
            key: value.replace("\r\n", "\n") if key == "text" else value
            for key, value in output.items()
        }
        for output in outputs
    ]
