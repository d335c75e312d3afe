"""What is run in a page that does not know yet which kernel the notebook has.

JupyterLab shows a notebook first, and then asks for its checkpoints and for its kernel. By
itself it would ask the user to select a kernel meanwhile, or start another one and shut down
the one that it finds.
"""

from contextlib import contextmanager

import pytest
from waiting import until

pytestmark = pytest.mark.own_page
COUNT = "counted = globals().get('counted', 0) + 1\ncounted"
PROMPT = "%%codeact --auto\nGo on."
ACTION = "acted = globals().get('acted', 0) + 1\nacted"
PROCESS = "__import__('os').getpid()"


@contextmanager
def reloaded(book, late):
    """Load its page anew, with a server that is slow to answer what stands in ``late``."""
    held, asked = [], []

    def waits(request):
        asked.append(request.url)
        return late in request.url and any("checkpoints" in url for url in asked)

    def hold(route):
        if waits(route.request):
            held.append(route)
        else:
            route.fallback()

    book.page.route(about := "**/api/**", hold)
    with book.page.expect_request(waits):
        book.page.reload()
    book.until_shown()
    yield
    for route in held:
        route.fallback()
    book.page.unroute(about, hold)


def values(book, source):
    """What the cell of this text shows as its value."""
    (cell,) = [cell for cell in book.model() if cell["source"] == source]
    return [output["data"]["text/plain"] for output in cell["outputs"]]


@pytest.mark.parametrize("late", ["checkpoints", "sessions"])
def test_a_cell_waits_for_the_kernel_that_the_notebook_has(open_book, late):
    book = open_book(COUNT, load=False)
    book.run_cell(COUNT)
    until(lambda: values(book, COUNT) == ["1"])
    book.save()
    process = book.says(PROCESS)
    with reloaded(book, late):
        book.run_cell(COUNT)
        until(lambda: book.prompts() == ["*"])
    until(lambda: values(book, COUNT) == ["2"])
    book.until_nothing_waits()
    assert book.says(PROCESS) == process


@pytest.mark.parametrize("late", ["checkpoints", "sessions"])
def test_a_prompt_waits_for_it_too(open_book, model, late):
    model.script(f"```python\n{ACTION}\n```", "Done.")
    book = open_book(PROMPT)
    book.save()
    process = book.says(PROCESS)
    with reloaded(book, late):
        book.run_cell(PROMPT)
        until(lambda: book.prompts()[-1:] == ["*"])
    until(lambda: "Done." in book.sources())
    assert values(book, ACTION) == ["1"]
    book.until_nothing_waits()
    assert book.says(PROCESS) == process
