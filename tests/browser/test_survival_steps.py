"""The table: whatever the user does to the cells of a turn in whatever phase, that counts.

Each test is one thing that he does to one of them, each of its subtests one phase
(:mod:`survival`). What he took away before it ran does not run, and nothing runs again but
what he ran again.
"""

import pytest
from playwright.sync_api import expect
from survival import ANSWER, PHASES, THOUGHT
from waiting import until

WITH_ACTION = PHASES[1:]
UNDECIDED = {"code", "proposed"}
"""Phases in which the action has not begun to run."""


def at(scene, place):
    """Where the cell of the turn at this place is in the notebook; 0 is the prompt."""
    return scene.book.sources().index(scene.prompt) + place


def press(scene, place, *keys):
    """Select a cell of the turn and press keys."""
    scene.book.select(at(scene, place))
    for key in keys:
        scene.book.page.keyboard.press(key)


def sources(scene):
    return [cell["source"] for cell in scene.made]


def ran(scene):
    """How often the action has run before anything was done."""
    return int(scene.phase not in UNDECIDED)


def delete_action(scene):
    """Delete the action by the keys; returns what stood there before."""
    before = sources(scene)
    press(scene, 2, "d", "d")
    until(lambda: len(sources(scene)) == len(before) - 1)
    return before


def ends(scene, made, marks):
    """The turn goes on to its answer, and leaves this."""
    scene.let_go()
    expect(scene.card).to_contain_text("2 steps")
    scene.holds(made, marks=marks)
    assert len(scene.model.requests) == 2


def test_he_moves_the_prompt_up(in_each_phase):
    def deed(scene):
        above = scene.book.sources()[at(scene, -1)]
        press(scene, 0, "Control+Shift+ArrowUp")
        until(lambda: above in sources(scene))
        scene.look_again()
        scene.finishes(made=[above, THOUGHT, scene.action, ANSWER])

    in_each_phase(deed)


def test_he_moves_the_action_above_the_thought(in_each_phase):
    def deed(scene):
        press(scene, 2, "Control+Shift+ArrowUp")
        until(lambda: sources(scene)[1] == THOUGHT)
        scene.finishes(made=[scene.action, THOUGHT, ANSWER])

    in_each_phase(deed, WITH_ACTION)


def test_he_deletes_the_action(in_each_phase):
    def deed(scene):
        delete_action(scene)
        ends(scene, [THOUGHT, ANSWER], marks=ran(scene))

    in_each_phase(deed, WITH_ACTION)


def test_he_deletes_the_action_and_takes_that_back(in_each_phase):
    """A proposal that he deleted was rejected; what runs shows what it puts out."""

    def deed(scene):
        if scene.phase == "proposed":
            scene.hold_answer()  # else an answer may come before he takes it back, and go instead
        before = delete_action(scene)
        scene.book.page.keyboard.press("z")
        until(lambda: before[1] in sources(scene))
        ends(scene, [THOUGHT, before[1], ANSWER], marks=ran(scene))
        assert len(scene.made[1]["outputs"]) == ran(scene)

    in_each_phase(deed, WITH_ACTION)


def test_he_deletes_what_runs_and_takes_that_back_when_it_has_run(in_each_phase):
    def deed(scene):
        delete_action(scene)
        ends(scene, [THOUGHT, ANSWER], marks=1)
        press(scene, 0, "z", "z")
        scene.holds([THOUGHT, scene.action], marks=1)

    in_each_phase(deed, ("running",))


def test_he_undoes_the_step_and_redoes_it(in_each_phase):
    def deed(scene):
        press(scene, 0, "z")
        until(lambda: not sources(scene) or scene.phase in {"answer", "ended"})
        scene.book.page.keyboard.press("Shift+Z")
        until(lambda: sources(scene))
        if scene.phase in UNDECIDED:
            ends(scene, [THOUGHT, sources(scene)[1], ANSWER], marks=0)
        else:
            scene.finishes()

    in_each_phase(deed)


def test_he_runs_the_action_again(in_each_phase):
    """What has run runs once more, as any cell does; what runs, or is written, does not."""

    def deed(scene):
        press(scene, 2, "Control+Enter")
        again = scene.phase in {"observing", "answer", "ended"}
        ends(scene, [THOUGHT, scene.action, ANSWER], marks=2 if again else 1)
        assert [output["data"]["text/plain"] for output in scene.made[1]["outputs"]] == ["42"]

    in_each_phase(deed, WITH_ACTION)


def split(scene):
    """Split the action before its last line."""
    scene.book.cell(at(scene, 2)).locator(".cm-line").last.click()
    scene.book.page.keyboard.press("Home")
    scene.book.page.keyboard.press("Control+Shift+Minus")
    scene.book.page.keyboard.press("Escape")
    until(lambda: len(sources(scene)) > 2 and sources(scene)[2] != ANSWER)
    return sources(scene)[1:3]


def test_he_splits_the_action(in_each_phase):
    """The lower half is the action still; the upper one is his own, and may be run like it."""

    def deed(scene):
        upper, lower = split(scene)
        if scene.phase == "proposed":
            expect(scene.book.proposal).to_have_count(2)
            press(scene, 2, "Control+Enter")
            expect(scene.book.proposal).to_have_count(1)
            scene.book.approve()
        ends(scene, [THOUGHT, upper, lower, ANSWER], marks=1)

    in_each_phase(deed, PHASES[2:])


def test_he_splits_the_action_while_it_is_written(in_each_phase):
    def deed(scene):
        upper, _ = split(scene)
        scene.let_go()
        expect(scene.card).to_contain_text("You edited this cell, so it waits for you to run it.")
        scene.card.get_by_role("button", name="Stop").click()
        lower = "print('ran', file=marks)\nmine + 41"
        scene.ended("Stopped by you", [THOUGHT, upper, lower], marks=0)

    in_each_phase(deed, ("code",))


def test_he_merges_thought_and_action(in_each_phase):
    """What is merged is a new cell, of his own, that nobody approved: the action was deleted."""

    def deed(scene):
        press(scene, 1, "Shift+ArrowDown", "Shift+M")
        until(lambda: THOUGHT not in sources(scene))
        merged = sources(scene)[0]
        if scene.phase == "proposed":
            expect(scene.card).to_contain_text("2 steps")
            expect(scene.book.proposal).to_contain_text("Never approved")
            press(scene, 1, "d", "d")
            ends(scene, [ANSWER], marks=0)
        else:
            ends(scene, [merged, ANSWER], marks=ran(scene))

    in_each_phase(deed, WITH_ACTION)


@pytest.mark.parametrize("key", ["m", "r"], ids=["Markdown", "raw"])
def test_he_makes_text_of_the_action(in_each_phase, key):
    def deed(scene):
        before = sources(scene)[1]
        press(scene, 2, key)
        made = [THOUGHT, scene.action, ANSWER] if ran(scene) else [THOUGHT, ANSWER, before]
        ends(scene, made, marks=ran(scene))
        (text,) = [cell for cell in scene.made if cell["source"] == before]
        assert text["metadata"].get("codeact", {}).get("status") in {None, "ok"}

    in_each_phase(deed, WITH_ACTION)


def test_he_makes_code_of_the_thought(in_each_phase):
    def deed(scene):
        press(scene, 1, "y")
        scene.finishes()

    in_each_phase(deed)


def test_he_deletes_the_prompt(in_each_phase):
    """The turn ends; what was said and what ran stays, and nothing more runs."""

    def deed(scene):
        said = sources(scene)
        begun = scene.phase not in {"thought", *UNDECIDED}
        press(scene, 0, "d", "d")
        until(lambda: scene.prompt not in scene.book.sources())
        scene.let_go()
        scene.book.until_idle()
        scene.book.until_nothing_waits()
        until(lambda: (scene.action in scene.book.sources()) == begun)
        assert scene.marks == int(begun)
        assert any(said[0] in text for text in scene.book.sources())
        assert scene.model.unscripted == 0

    in_each_phase(deed)
