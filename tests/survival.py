"""Turns that something happens to: the phases of the table, and what must hold after it.

A :class:`Scene` is one turn of one action, held in one phase: the model's stream waits, or
the action does. A test lets something happen to it, and then it either
:meth:`~Scene.finishes`, as if nothing had been, or has :meth:`~Scene.ended`, with a
sentence. Both look at the same: each action has left its mark exactly as often as it
should, the user's cells are as he left them, no cell seems to run, and no cell of the turn
is lost, doubled or out of place.

All scenes of a test are prompts of one notebook, played one after the other
(:func:`scenes`), so that a row of the table costs no page and no kernel of its own. Marks
are lines of a file: they outlive the kernel.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal

from endpoint import fault
from playwright.sync_api import expect
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from book import Book
    from endpoint import ScriptedEndpoint

Phase = Literal["thought", "code", "proposed", "running", "observing", "answer", "ended"]
PHASES: tuple[Phase, ...] = (
    *("thought", "code", "proposed", "running", "observing", "answer", "ended"),
)
"""What the model or the kernel is at; ``observing``: the model has not said a word on it."""
MINE = ("mine = 1\nmine", "# Mine too")
THOUGHT = "I leave my mark."
ANSWER = "It is **done**."


class Scene:
    """A turn that is held in a phase.

    Args:
        model: Whose replies are set here.
        folder: For the marks.
        phase: Where to hold it.
    """

    def __init__(self, model: ScriptedEndpoint, folder: Path, phase: Phase) -> None:
        self.book: Book
        self.kernel = 0  # its process
        self.model = model
        self.phase = phase
        self._marks = folder / f"{phase}.marks"
        self._go = folder / f"{phase}.go"
        self._release = threading.Event()
        self._untouched: list[Any] = []
        code = f"with open({str(self._marks)!r}, 'a') as marks:\n    print('ran', file=marks)\n"
        if phase == "running":
            code += f"import pathlib, time\nwhile not pathlib.Path({str(self._go)!r}).exists():\n"
            code += "    time.sleep(0.01)\n"
        self.action = f"{code}mine + 41"
        policy = "--ask" if phase == "proposed" else "--auto"
        self.prompt = f"%%codeact {policy}\nLeave a mark: {phase}."
        self.after = f"'after', {phase!r}"

    def __repr__(self) -> str:
        return f"<{self.phase}>"

    def play(self, book: Book) -> None:
        """Run the prompt, and wait until its turn is where it is held."""
        self.book = book
        self._untouched = self._others()
        self.model.forget()
        self.model.script(*self._replies())
        book.ask(self.prompt)
        until(lambda: _ARRIVED[self.phase](self))

    def let_go(self) -> None:
        """Let the turn go on."""
        self._release.set()
        self._go.touch()

    def hold_answer(self) -> None:
        """Hold the model's answer, too, which nobody has asked for yet."""
        self.model.script_instead(self._held("", ANSWER))

    @property
    def card(self) -> Any:
        """The card of its turn."""
        return self.book.holding(self.prompt.splitlines()[1]).first.locator(".codeact-Card")

    @property
    def marks(self) -> int:
        """How often the action has run, or begun to."""
        return len(self._marks.read_text().splitlines()) if self._marks.exists() else 0

    @property
    def made(self) -> list[dict[str, Any]]:
        """The cells that stand between the prompt and the user's next cell."""
        cells = self.book.model()
        sources = [cell["source"] for cell in cells]
        return cells[sources.index(self.prompt) + 1 : sources.index(self.after)]

    # --- what must hold

    def look_again(self) -> None:
        """The user changed his own cells: they have to stay so from now on."""
        self._untouched = self._others()

    def finishes(self, made: list[str] | None = None) -> None:
        """The turn comes to its end as if nothing had happened, with these cells."""
        self.goes_on()
        self.finished(made)

    def goes_on(self) -> None:
        """Let the turn go on, and approve its action where it waits for that."""
        self.let_go()
        if self.phase == "proposed":
            self.book.until_proposed()
            self.book.select(self.book.sources().index(self.action))  # brings it into sight
            self.book.until_proposed()
            self.book.approve()

    def finished(self, made: list[str] | None = None) -> None:
        """The turn is at its end, or comes there, as if nothing had happened."""
        expect(self.card).to_contain_text("2 steps")
        self.holds(made or [THOUGHT, self.action, ANSWER], marks=1)
        acted = next(cell for cell in self.made if cell["source"] == self.action)
        assert [output["data"]["text/plain"] for output in acted["outputs"]] == ["42"]
        assert len(self.model.requests) == 2

    def ended(self, sentence: str, made: list[str], *, marks: int) -> None:
        """The turn ends with a sentence, and leaves these cells."""
        expect(self.card).to_contain_text(sentence)
        self.let_go()
        self.holds(made, marks=marks)

    def holds(self, made: list[str], *, marks: int) -> None:
        """What holds at every end."""
        self.book.until_nothing_waits()
        until(lambda: [cell["source"] for cell in self.made] == made)
        assert self.marks == marks
        assert self._others() == self._untouched
        expect(self.card).to_have_count(1)
        expect(self.card.get_by_role("button")).to_have_count(0)
        expect(self.book.proposal).to_have_count(0)
        ids = [cell["id"] for cell in self.book.model()]
        assert len(ids) == len(set(ids))
        assert self.model.unscripted == 0

    def _others(self) -> list[Any]:
        """All cells but those of this turn, as the user left them."""
        cells = self.book.model()
        at = [cell["source"] for cell in cells].index(self.prompt)
        behind = [cell["source"] for cell in cells].index(self.after)
        kept = ("id", "cell_type", "source", "outputs")
        others = [*cells[:at], *cells[behind:]]
        return [{name: cell.get(name) for name in kept} for cell in others]

    # --- how it comes there

    def _replies(self) -> list[Any]:
        whole = f"{THOUGHT}\n\n```python\n{self.action}\n```"
        match self.phase:
            case "thought":
                return [self._held(THOUGHT[:6], whole[6:]), ANSWER]
            case "code":
                cut = whole.index("ran")
                return [self._held(whole[:cut], whole[cut:]), ANSWER]
            case "observing":
                return [whole, self._held("", ANSWER)]
            case "answer":
                return [whole, self._held(ANSWER[:9], ANSWER[9:])]
        return [whole, ANSWER]

    def _held(self, text: str, then: str) -> Any:
        return fault("held", release=self._release, text=text, then=then)

    def _shows(self, words: str) -> bool:
        return any(words in cell["source"] for cell in self.made)


_ARRIVED: dict[Phase, Callable[[Scene], object]] = {
    "thought": lambda scene: scene._shows(THOUGHT[:6]),
    "code": lambda scene: scene._shows("with open"),
    "proposed": lambda scene: scene.book.proposal.count(),
    "running": lambda scene: scene.made and scene.marks,
    "observing": lambda scene: scene.made and len(scene.model.requests) == 2,
    "answer": lambda scene: scene._shows("It is **"),
    "ended": lambda scene: "2 steps" in scene.card.inner_text(),
}


def left(scene: Scene) -> list[str]:
    """What a turn leaves whose kernel is gone: what was said, and what ran."""
    ran = [THOUGHT, scene.action]
    return {
        "thought": [THOUGHT[:6]],
        "code": [THOUGHT],
        "proposed": [THOUGHT],
        "running": ran,
        "observing": ran,
        "answer": [*ran, ANSWER[:9]],
        "ended": [*ran, ANSWER],
    }[scene.phase]


def broken_off(scene: Scene) -> list[str]:
    """What it leaves where the kernel could still say so: also the code that was half written."""
    cells = left(scene)
    half = scene.action.partition("ran")[0]
    match scene.phase:
        case "thought" | "answer":
            cells[-1] += "\n\n[…]"
        case "code":
            cells[-1] += f"\n\n```python\n{half}\n```\n\n[…]"
    return cells


def scenes(
    open_book: Callable[..., Book],
    model: ScriptedEndpoint,
    folder: Path,
    phases: tuple[Phase, ...] = PHASES,
) -> Iterator[Scene]:
    """Play a scene of each phase in one notebook, one after the other."""
    found = [Scene(model, folder, phase) for phase in phases]
    cells = [text for scene in found for text in (scene.prompt, scene.after)]
    book = open_book(*MINE, *cells)
    book.run_cell(MINE[0])
    until(lambda: any(cell.get("outputs") for cell in book.model()))
    for scene in found:
        book.save()
        scene.kernel = int(book.says("__import__('os').getpid()"))
        scene.play(book)
        yield scene
        scene.let_go()
