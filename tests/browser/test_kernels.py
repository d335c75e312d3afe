"""Kernels that cannot run a turn: one sentence that says why, and what to do, once."""

import json
import re

import pytest
from kernels import BARE, NEWEST, argv
from playwright.sync_api import expect

pytestmark = pytest.mark.own_page

ECHO = """
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class Echo(Kernel):
    implementation = banner = "echo"
    implementation_version = "1"
    language_info = {"name": "echo", "mimetype": "text/plain", "file_extension": ".txt"}

    async def do_execute(self, code, silent, *_, **__):
        failed = {"status": "error", "ename": "No", "evalue": code, "traceback": ["No"]}
        if not silent:
            self.send_response(self.iopub_socket, "error", failed)
        return {**failed, "execution_count": self.execution_count}


IPKernelApp.launch_instance(kernel_class=Echo)
"""
OTHER = (
    "import importlib.metadata as m, sys; found = m.version; "
    "m.version = lambda name: '0.0.1' if name == 'codeact-jupyter' else found(name); "
    "import codeact_jupyter._version as v; v.__version__ = '0.0.1'; "
    "from ipykernel.kernelapp import launch_new_instance; sys.argv[1:] = sys.argv[1:]; "
    "launch_new_instance()"
)


@pytest.fixture(scope="module")
def kernels(lab):
    """The shared server, with kernels that have no package, another one, another language."""
    (lab.folder / "echo.py").write_text(ECHO)
    specs = {
        "bare": argv(BARE),
        "other": [NEWEST, "-c", OTHER, "-f", "{connection_file}"],
        "echo": [NEWEST, str(lab.folder / "echo.py"), "-f", "{connection_file}"],
    }
    for name, words in specs.items():
        place = lab.folder.parent / "data/kernels" / name
        place.mkdir(parents=True, exist_ok=True)
        language = "echo" if name == "echo" else "python"
        spec = {
            "argv": words,
            "display_name": name,
            "language": language,
            "env": {"PYTHONPATH": ""},
        }
        (place / "kernel.json").write_text(json.dumps(spec))
    return lab


@pytest.fixture
def open_with(kernels, page):
    """Open a notebook of a prompt with that kernel."""

    def open_with(kernel, *cells):
        return kernels.open(page, kernels.write(*cells, kernel=kernel))

    return open_with


def notices(book):
    return book.page.locator(".Toastify__toast")


def copied(book):
    """The line that the notice's button puts into the clipboard."""
    book.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notices(book).get_by_role("button", name="Copy the line").click()
    return book.page.evaluate("() => navigator.clipboard.readText()")


def test_a_kernel_without_the_package(open_with, model):
    book = open_with("bare", "%load_ext codeact_jupyter", "%%codeact\nHello?", "x = 1")
    book.run(0)
    what = "CodeAct is not installed for this kernel: install it in a terminal, then restart."
    said = f'{what} Python: "{BARE}'
    expect(notices(book)).to_contain_text(said[:136])  # what is longer JupyterLab cuts
    book.run(1)
    expect(book.cell(1)).to_contain_text("UsageError")
    book.until_idle()
    expect(notices(book)).to_have_count(1)
    assert copied(book).startswith(f'"{BARE}" -m pip install codeact-jupyter==')
    assert model.requests == []


def test_a_kernel_with_another_version(open_with, model):
    model.script("Hello.")
    book = open_with("other", "%load_ext codeact_jupyter", "%%codeact\nHello?", "x = 1")
    book.run(0)
    expect(notices(book)).to_contain_text("CodeAct is 0.0.1 in the kernel, ")
    book.run(1)
    expect(book.cell(1)).to_contain_text("so the turn runs inside its cell")
    expect(book.cell(1)).to_contain_text("Hello.")
    expect(notices(book)).to_have_count(1)


def test_a_package_that_is_not_loaded(open_with, model):
    book = open_with("python3", "%%codeact\nHello?", "%%codeact\nAgain?")
    book.run(0)
    expect(notices(book)).to_contain_text("installed for this kernel and not loaded")
    assert copied(book) == "%load_ext codeact_jupyter"
    book.run(1)
    expect(book.cell(1)).to_contain_text("UsageError")
    book.until_idle()
    expect(notices(book)).to_have_count(0)  # said once, and closed by its button
    assert model.requests == []


def test_a_kernel_of_another_language(open_with, model):
    book = open_with("echo", "%%codeact\nHello?", "%%codeact\nAgain?")
    book.run(0)
    expect(notices(book)).to_contain_text(
        re.compile("CodeAct needs a Python kernel; .* kernel is echo")
    )
    book.run(1)
    book.until_idle()
    expect(notices(book)).to_have_count(1)
    assert notices(book).get_by_role("button", name="Copy the line").count() == 0
    assert model.requests == []
