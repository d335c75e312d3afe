"""The table: whatever the user does to his notebook in whatever phase, the turn goes on beside it.

Each test is one thing that he does, each of its subtests one phase (:mod:`survival`).
"""

import pytest
from playwright.sync_api import expect
from survival import ANSWER, PHASES, THOUGHT
from waiting import until


def asked_once(scene):
    """What was answered stays so, else the turn ends; below its prompt stands the card alone."""
    if scene.phase == "ended":
        expect(scene.card).to_contain_text("Answered before, so no model was asked")
    scene.finishes()
    (prompt,) = [cell for cell in scene.book.model() if cell["source"] == scene.prompt]
    assert [output["output_type"] for output in prompt["outputs"]] == ["display_data"]


def test_he_runs_the_prompt_again(in_each_phase):
    """What is running already is not begun a second time, and what was answered stays so."""

    def deed(scene):
        scene.book.run_cell(scene.prompt)
        asked_once(scene)

    in_each_phase(deed)


def test_he_runs_the_prompt_again_by_holding_the_key_down(in_each_phase):
    def deed(scene):
        book = scene.book
        book.select(book.sources().index(scene.prompt))
        book.page.keyboard.down("Control")
        for _ in range(5):
            book.page.keyboard.down("Enter")
        book.page.keyboard.up("Enter")
        book.page.keyboard.up("Control")
        asked_once(scene)

    in_each_phase(deed)


def test_he_edits_the_prompt_and_runs_it_again(in_each_phase):
    """What was asked first is answered, and he is told so."""

    def deed(scene):
        book = scene.book
        at = book.sources().index(scene.prompt)
        scene.prompt += " And more."
        book.write_into(at, scene.prompt)
        scene.look_again()
        book.run_cell(scene.prompt)
        told = book.page.locator(".Toastify__toast")
        expect(told).to_contain_text("turn still runs; stop it first to ask anew.")
        told.locator(".jp-Notification-Toast-Close").click()
        expect(told).to_have_count(0)
        asked_once(scene)

    in_each_phase(deed, ("code", "proposed", "running"))


@pytest.mark.own_page
def test_he_runs_the_prompt_again_as_soon_as_the_page_is_reloaded(in_each_phase):
    """Also where the page has not heard yet what runs."""

    def deed(scene):
        scene.book.page.reload()
        scene.book.until_shown()
        scene.book.run_cell(scene.prompt)
        asked_once(scene)

    in_each_phase(deed, PHASES[:-1])


def test_he_inserts_a_cell_above_the_prompt(in_each_phase):
    def deed(scene):
        book = scene.book
        book.select(book.sources().index(scene.prompt))
        book.page.keyboard.press("a")
        until(lambda: book.sources().index(scene.prompt) and "" in book.sources())
        book.write_into(book.sources().index(""), f"'above', {scene.phase!r}")
        scene.look_again()
        scene.finishes()

    in_each_phase(deed)


def test_he_edits_the_prompt(in_each_phase):
    def deed(scene):
        at = scene.book.sources().index(scene.prompt)
        scene.prompt += " And more."
        scene.book.write_into(at, scene.prompt)
        scene.look_again()
        scene.finishes()

    in_each_phase(deed)


def test_he_deletes_the_thought(in_each_phase):
    def deed(scene):
        book = scene.book
        book.select(book.sources().index(scene.prompt) + 1)
        book.page.keyboard.press("d")
        book.page.keyboard.press("d")
        until(lambda: THOUGHT not in [cell["source"] for cell in scene.made])
        scene.finishes(made=[scene.action, ANSWER])

    in_each_phase(deed, PHASES[1:])


def test_he_renames_the_notebook(in_each_phase):
    def deed(scene):
        before = scene.book.path
        scene.book.rename(f"{scene.phase}-{before.name}")
        scene.finishes()
        scene.book.save()
        assert not before.exists()

    in_each_phase(deed)
