"""Facts that help after code asked for what its kernel does not give: packages, input, a loop."""

import asyncio
import sys

import pytest
from failing import failing

from codeact_jupyter.context.hints import hints_for


@pytest.mark.parametrize(
    ("code", "package"),
    [
        ("import sklearn", "scikit-learn"),
        ("import cv2", "opencv-python"),
        ("from PIL import Image", "pillow"),
        ("import no_such_thing.below", "no-such-thing"),
    ],
)
def test_a_missing_package_names_the_line_that_installs_it(code, package, monkeypatch):
    top = code.split()[1].partition(".")[0]
    monkeypatch.setitem(sys.modules, top, None)  # also where it is installed
    assert failing(code) == (
        (
            f"The package {top!r} is not installed in this kernel's environment. "
            f"`%pip install {package}` installs it, which needs the user's OK."
        ),
    )


def test_a_missing_module_of_a_package_that_is_there():
    assert failing("import numpy.nothing") == (
        "The package 'numpy' is there, but it has no module 'numpy.nothing'.",
    )


def test_a_loop_that_runs_already():
    async def cell():
        async def work(): ...

        coroutine = work()
        try:
            asyncio.run(coroutine)
        except RuntimeError as error:
            return hints_for(error, "asyncio.run(work())", {})
        finally:
            coroutine.close()

    assert asyncio.run(cell()) == (
        "An event loop already runs here: use `await` at the top level of the cell.",
    )
    assert failing("raise RuntimeError('another')") == ()


@pytest.mark.parametrize(
    "code",
    ["raise StdinNotImplementedError('no input')", "name = 'input()'; raise EOFError"],
)
def test_nobody_answers_input(code):
    assert failing(code) == (
        (
            "Nobody can answer input() here: take the value from the conversation or "
            "from a variable."
        ),
    )
    assert failing("raise EOFError") == ()
