"""What JupyterLab's settings reach, what wins over them, and what the model is told of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lab import Lab
from nbformat.v4 import new_code_cell
from playwright.sync_api import expect
from telling import told

if TYPE_CHECKING:
    from collections.abc import Iterator

ADD = "I add one.\n\n```python\ntotal = 41 + 1\ntotal\n```"
CODE = "total = 41 + 1\ntotal"
AGAIN = "I look again.\n\n```python\ntotal\n```"
# a picture of one point, in halves
HALVES = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAf",
    "FcSJAAAADUlEQVR42mNkYPj/HwADAgH/5zNaGQAAAABJRU5ErkJggg==",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory, shared_endpoint) -> Iterator[Lab]:
    """A JupyterLab whose user has settings of his own."""
    settings = {"codeact-jupyter:plugin": {"maxSteps": 1, "narration": False}}
    folder = tmp_path_factory.mktemp("lab")
    with Lab(folder, settings=settings, **shared_endpoint.environment) as server:
        yield server


def test_settings_reach_the_turn_and_config_and_flags_win(open_book, model):
    flag = "%%codeact --auto --max-steps 3\nAdd by the flag."
    book = open_book(
        "%%codeact --auto\nAdd.",
        flag,
        "%config CodeAct.max_steps = 2",
        "%%codeact --auto\nAdd by config.",
    )
    model.script(ADD)
    book.ask("%%codeact --auto\nAdd.")
    expect(book.card).to_contain_text("Stopped at the limit of 1 step")
    assert book.sources()[2] == CODE  # without the thought as a cell
    model.script(ADD, AGAIN, "It is **42**.")
    book.ask(flag)
    expect(book.card).to_contain_text("3 steps")
    expect(book.holding("It is 42.")).to_be_visible()
    book.run_cell("%config CodeAct.max_steps = 2")
    book.until_idle()
    model.script(ADD, AGAIN)
    book.ask("%%codeact --auto\nAdd by config.")
    expect(book.card).to_contain_text("Stopped at the limit of 2 steps")
    assert "I add one." not in book.sources()


def test_hidden_cells_and_pictures_stay_here(open_book, model):
    show = (
        "import base64\nfrom IPython.display import Image\n"
        f"picture = Image(base64.b64decode(''.join({HALVES})))\npicture"
    )
    secret = "print('not for the', 'model')  # nor is this"
    hidden = new_code_cell(secret, metadata={"tags": ["codeact-hide"]})
    book = open_book("seen = 1", hidden, show, "%%codeact\nSay hello.")
    for at in (1, 2, 3):
        book.run(at)
        book.until_idle()
    expect(book.cell(3).locator("img")).to_be_visible()
    model.script("Hello.")
    book.ask("%%codeact\nSay hello.")
    expect(book.card).to_contain_text("1 step")
    sent = str(model.requests[0].json)
    assert "seen = 1" in sent
    assert "not for the" not in sent
    assert "nor is this" not in sent
    assert "[image/png, shown to the user]" in sent
    assert "".join(HALVES) not in sent
    assert "data:image" not in sent


def test_a_hidden_cell_that_ran_before_the_load_stays_here(open_book, model):
    secret = "canary = ['a', 'canary']\nprint(canary)\n"
    hidden = new_code_cell(secret, metadata={"tags": ["codeact-hide"]})
    near = "I look.\n\n```python\ncanari\n```"
    prompt = "%%codeact --auto --max-steps 2\nSay hello."
    book = open_book("seen = 1", hidden, "%load_ext codeact_jupyter", prompt, load=False)
    for at in (0, 1, 2):
        book.run(at)
        book.until_idle()
    model.script(near, "Hello.")
    book.ask(prompt)
    expect(book.card).to_contain_text("2 steps")
    sent = "".join(str(request.json) for request in model.requests)
    assert "seen: int, 1" in sent
    assert "name 'canari' is not defined" in sent
    assert "canary" not in sent


def test_what_the_user_edits_and_deletes_between_two_steps_is_told(open_book, model):
    prompt = "%%codeact --max-steps 5\nAdd."
    book = open_book("first = 1", "second = 2", prompt)
    model.script(ADD, "It is **42**.")
    book.ask(prompt)
    book.until_proposed()
    book.write_into(1, "first = 100")
    book.select(2)
    book.page.keyboard.press("d")
    book.page.keyboard.press("d")
    expect(book.holding("second = 2")).to_have_count(0)
    book.approve()
    expect(book.card).to_contain_text("2 steps")
    assert "without running it. It reads now:" in told(model)
    assert "first = 100" in told(model)
    assert "The user deleted" in told(model)
