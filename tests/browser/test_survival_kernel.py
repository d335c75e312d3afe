"""The table: whatever happens to the kernel in whatever phase, the turn ends with one sentence.

Where the kernel goes on as before, as after ``%reset``, so does the turn.

Each test is one event, each of its subtests one phase (:mod:`survival`).
"""

import os
import signal

import pytest
from survival import MINE, PHASES, broken_off, left, scenes
from waiting import until

LOAD = "%load_ext codeact_jupyter"
ENDED = ", so this turn ended."


@pytest.fixture
def ends_in_each_phase(open_book, model, tmp_path, subtests):
    """Let the kernel of a turn go in each phase, and have a new one for the next."""

    def ends_in_each_phase(event, sentence, leaves=left):
        for scene in scenes(open_book, model, tmp_path, PHASES):
            with subtests.test(scene.phase):
                event(scene)
                ran = int(scene.phase in {"running", "observing", "answer", "ended"})
                said = "2 steps" if scene.phase == "ended" else sentence
                scene.ended(said, leaves(scene), marks=ran)
            begin_again(scene.book)

    return ends_in_each_phase


def begin_again(book):
    """Run the user's cells of before in the new kernel; where one failed, the next would not."""
    book.until_idle()
    book.select(book.sources().index(MINE[0]))
    book.command("notebook:clear-cell-output")
    until(lambda: mine(book) == [])
    for cell in (LOAD, MINE[0]):
        book.run_cell(cell)
    until(lambda: mine(book) == ["1"])


def mine(book):
    """What the user's own cell has put out."""
    (cell,) = [cell for cell in book.model() if cell["source"] == MINE[0]]
    return [output.get("data", {}).get("text/plain") for output in cell["outputs"]]


def test_it_is_killed(ends_in_each_phase):
    def event(scene):
        os.kill(scene.kernel, signal.SIGKILL)
        scene.book.page.locator(".jp-Dialog").get_by_role("button").last.click()

    ends_in_each_phase(event, f"The kernel died and was restarted{ENDED}")


def test_it_is_restarted(ends_in_each_phase):
    ends_in_each_phase(lambda scene: scene.book.restart(), f"The kernel was restarted{ENDED}")


def test_it_is_shut_down_and_another_one_started(ends_in_each_phase):
    def event(scene):
        scene.book.shut_down()
        scene.book.start_kernel()

    ends_in_each_phase(event, f"The kernel was shut down{ENDED}")


def test_it_is_replaced_by_another_one(ends_in_each_phase):
    ends_in_each_phase(lambda scene: scene.book.start_kernel(), f"The kernel was changed{ENDED}")


def test_it_is_interrupted(ends_in_each_phase):
    def event(scene):
        scene.book.command("notebook:interrupt-kernel")

    ends_in_each_phase(event, "Stopped by you. What was done stays", broken_off)


@pytest.mark.parametrize("line", ["%unload_ext", "%reload_ext"])
def test_the_package_is_unloaded(ends_in_each_phase, line):
    def event(scene):
        scene.book.run_beside(f"{line} codeact_jupyter")
        if scene.phase == "running":
            scene.let_go()  # nothing else is run before

    ends_in_each_phase(event, f"CodeAct was unloaded from the kernel{ENDED}", broken_off)


def test_its_variables_are_reset(in_each_phase):
    def event(scene):
        scene.book.run_beside(f"%reset -f\n{MINE[0]}")
        scene.finishes()

    in_each_phase(event)
