"""Record the golden messages anew, from real sessions: ``python tests/record_golden.py``.

Each conversation is a notebook in a real JupyterLab, driven by what a user does, with the
scripted endpoint as its model; what its page and its kernel say is written into
``tests/contract/golden/``. The tests of both sides read it (``tests/contract/test_protocol.py``,
``labextension/test/golden.test.ts``), and ``tests/browser/test_golden.py`` records the first
one again. Names of conversations on the command line record those alone.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from book import Book
from endpoint import ScriptedEndpoint, fault
from lab import CHROMIUM, FLAGS, Lab
from other_version import other_extension
from playwright.sync_api import expect, sync_playwright
from recording import GOLDEN, Line, Recording, stable, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

ADD = "I add one.\n\n```python\ntotal = x + 1\ntotal\n```"
MORE = "And one more.\n\n```python\ntotal = total + 1\ntotal\n```"
FAILS = "I divide.\n\n```python\n1 / 0\n```"
ENDLESS = "```python\nimport time\nprint('begun')\nwhile True:\n    time.sleep(0.01)\n```"
ANSWER = "The sum is **42**."
ASK, AUTO = "%%codeact\nAdd, or not.", "%%codeact --auto\nAdd, or not."
GREET = "%%codeact\nSay hello."
CODE = "total = x + 1\ntotal"


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A conversation: what the user does in a notebook with ``x`` and a prompt."""

    act: Callable[[Book, ScriptedEndpoint, Recording], None]
    prompt: str = ASK
    settings: dict[str, Any] | None = None
    other_version: bool = False
    before: Callable[[Lab, Page, str, ScriptedEndpoint], None] | None = None  # in another page


TALKS: dict[str, Talk] = {}


def talk(**options: Any) -> Callable[[Any], Any]:
    """Let this function be a conversation of its name."""

    def add(act: Any) -> Any:
        TALKS[act.__name__] = Talk(act=act, **options)
        return act

    return add


def propose(book: Book, model: ScriptedEndpoint, *replies: Any, prompt: str = ASK) -> None:
    """Ask, and see the first proposal."""
    model.script(*replies)
    book.ask(prompt)
    book.until_proposed()
    expect(book.card).to_contain_text("waiting for you")


@talk()
def asked(book: Book, model: ScriptedEndpoint, _: Recording) -> None:
    """A proposal is run by its key, and the answer follows."""
    propose(book, model, ADD, ANSWER)
    book.run_cell(CODE)
    expect(book.card).to_contain_text("2 steps")


@talk()
def edited(book: Book, model: ScriptedEndpoint, recording: Recording) -> None:
    """The user edits a cell above the prompt, and the proposal before he runs it."""
    propose(book, model, ADD, "The sum is 141.")
    recording.edits(book, 1, "x = 40")
    recording.edits(book, 4, "total = x + 100")
    book.run_cell("total = x + 100")
    expect(book.card).to_contain_text("2 steps")


@talk()
def rejected(book: Book, model: ScriptedEndpoint, _: Recording) -> None:
    """The proposal is rejected, with a reason."""
    propose(book, model, ADD, "Then not.")
    book.proposal.get_by_role("button", name="Reject").click()
    book.page.keyboard.type("too slow")
    book.page.keyboard.press("Enter")
    expect(book.card).to_contain_text("2 steps")


@talk()
def deleted(book: Book, model: ScriptedEndpoint, _: Recording) -> None:
    """The proposal is deleted as any cell is."""
    propose(book, model, ADD, "Then not.")
    book.select(book.sources().index(CODE))
    book.page.keyboard.press("d")
    book.page.keyboard.press("d")
    expect(book.card).to_contain_text("2 steps")


@talk()
def approved(book: Book, model: ScriptedEndpoint, _: Recording) -> None:
    """This proposal and all later ones are let run."""
    propose(book, model, ADD, MORE, "The sum is 43.")
    book.card.get_by_role("button", name="Run all remaining steps").click()
    expect(book.card).to_contain_text("3 steps")


@talk(prompt=AUTO)
def auto(book: Book, model: ScriptedEndpoint, _: Recording) -> None:
    """All runs by itself, and the first action fails."""
    model.script(FAILS, ADD, ANSWER)
    book.ask(AUTO)
    expect(book.card).to_contain_text("3 steps")


@talk(prompt=AUTO)
def written(book: Book, model: ScriptedEndpoint, _: Recording) -> None:
    """The model writes slowly enough for a cell to grow."""
    model.script(fault("slow", text=ADD, every=0.1), ANSWER)  # slower than it is written
    book.ask(AUTO)
    expect(book.card).to_contain_text("2 steps")


@talk(prompt=AUTO)
def auto_stopped(book: Book, model: ScriptedEndpoint, _: Recording) -> None:
    """The user stops an action that runs."""
    model.script(ENDLESS)
    book.ask(AUTO)
    expect(book.holding("while True")).to_contain_text("begun")
    book.card.get_by_role("button", name="Stop").click()
    expect(book.card).to_contain_text("Stopped by you")


@talk(prompt="%%codeact --auto\nHow many are there?")
def doubted(book: Book, model: ScriptedEndpoint, _: Recording) -> None:
    """An answer that no output supports is taken back, and the model asked once more."""
    model.script("There are 42.", ADD, "There are **42**.")
    book.ask("%%codeact --auto\nHow many are there?")
    expect(book.card).to_contain_text("3 steps")


@talk(prompt=GREET)
def again(book: Book, model: ScriptedEndpoint, recording: Recording) -> None:
    """An answered prompt is run again and asks nobody; another word asks, and replaces it."""
    model.script("Hello.", "Hello again.")
    book.ask(GREET)
    expect(book.card).to_contain_text("1 step")
    book.until_idle()
    book.run_cell(GREET)
    expect(book.card).to_contain_text("Answered before")
    book.until_idle()
    recording.edits(book, 2, f"{GREET} Again.")
    book.run_cell(f"{GREET} Again.")
    expect(book.holding("Hello again.")).to_be_visible()
    expect(book.card).to_contain_text("1 step")


@talk()
def reloaded(book: Book, model: ScriptedEndpoint, recording: Recording) -> None:
    """The page is loaded anew while a proposal waits."""
    propose(book, model, ADD, ANSWER)
    book.until_saved()
    recording.settled()
    placed = len(recording.said("cell.place"))
    book.page.reload()
    recording.until_said("cell.place", placed + 1)  # the kernel has left the former page
    book.until_proposed()
    expect(book.card).to_contain_text("waiting for you")
    book.run_cell(CODE)
    expect(book.card).to_contain_text("2 steps")


@talk()
def resent(book: Book, model: ScriptedEndpoint, recording: Recording) -> None:
    """The kernel proposes while no page is there, and says it again to the next one."""
    release = threading.Event()
    model.script(fault("held", release=release, then=ADD), ANSWER)
    book.ask(ASK)
    model.wait_for(1)
    recording.settled()
    book.save()
    book.page.goto("about:blank")
    release.set()
    book.page.goto(book.address)
    book.until_proposed()
    expect(book.card).to_contain_text("waiting for you")
    book.run_cell(CODE)
    expect(book.card).to_contain_text("2 steps")


@talk()
def two_tabs(book: Book, model: ScriptedEndpoint, recording: Recording) -> None:
    """Another page shows the notebook, so the kernel asks this one whether it is there."""
    propose(book, model, ADD, ANSWER)
    book.until_saved()
    other = book.page.context.new_page()
    other.goto(book.address)
    recording.until_said("ping")
    recording.settled()
    other.close()
    book.run_cell(CODE)
    expect(book.card).to_contain_text("2 steps")


def elsewhere(lab: Lab, page: Page, name: str, model: ScriptedEndpoint) -> None:
    """Another page asks, and gets a proposal that never ends."""
    book = lab.open(page, name)
    book.run(0)
    book.until_idle()
    propose(book, model, ENDLESS)
    book.until_saved()


@talk(before=elsewhere)
def stopped_elsewhere(book: Book, model: ScriptedEndpoint, recording: Recording) -> None:
    """The turn of another page is stopped in this one while its action runs."""
    asked = Book(book.lab, book.page.context.pages[1], book.name)
    asked.approve()
    expect(asked.holding("while True")).to_contain_text("begun")
    recording.until_said("turn.runs")
    book.card.get_by_role("button", name="Stop").click()
    expect(book.card).to_contain_text("Stopped by you")
    asked.page.close()


@talk(settings={"codeact-jupyter:plugin": {"narration": False, "maxSteps": 1}})
def settings(book: Book, model: ScriptedEndpoint, _: Recording) -> None:
    """What the user set: no thoughts as cells, and one step at most."""
    propose(book, model, ADD)
    book.run_cell(CODE)
    expect(book.card).to_contain_text("at the limit of 1 step")


@talk(prompt=GREET, other_version=True)
def other_version(book: Book, model: ScriptedEndpoint, _: Recording) -> None:
    """The extension is of another version than the package: a prompt gets no cells."""
    model.script("Hello.")
    book.run_cell(GREET)
    expect(book.holding("Say hello.")).to_contain_text("install one version")


def record(page: Page, lab: Lab, model: ScriptedEndpoint, name: str) -> list[Line]:
    """Have a conversation in a new page, and return what was said."""
    model.forget()
    recording = Recording(page)
    cells = ("%load_ext codeact_jupyter", "x = 41", TALKS[name].prompt)
    name_of_file = lab.write(*cells)
    if TALKS[name].before is not None:
        TALKS[name].before(lab, page.context.new_page(), name_of_file, model)
    book = lab.open(page, name_of_file)
    recording.opened(book)
    book.run(0)
    recording.until_said("welcome")
    book.run(1)
    book.until_idle()
    TALKS[name].act(book, model, recording)
    book.until_idle()
    return stable(recording.settled())


def record_in_a_lab(browser: Browser, name: str) -> list[Line]:
    """The same, in a server that has what the conversation needs."""
    with tempfile.TemporaryDirectory() as place, ScriptedEndpoint() as model:
        folder = Path(place)
        env = dict(model.environment)
        if TALKS[name].other_version:
            env["JUPYTER_PATH"] = str(other_extension(folder))
        with Lab(folder, settings=TALKS[name].settings, **env) as lab:
            context = browser.new_context(viewport={"width": 1200, "height": 900})
            lines = record(context.new_page(), lab, model, name)
            context.close()
    return lines


def main(*names: str) -> None:
    """Write those conversations, or all."""
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for name in names or TALKS:
            lines = record_in_a_lab(browser, name)
            (GOLDEN / f"{name}.json").write_text(text(lines), encoding="utf-8")
            print(name, len(lines))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
