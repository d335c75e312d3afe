"""The table: whatever happens in another notebook of the same kernel, the turn goes on in its own.

Each test is one event, each of its subtests one phase (:mod:`survival`). JupyterLab lets the
notebook that was opened first speak comms with their kernel, and the other one not, so most
turns are those of the other one.
"""

import pytest
from playwright.sync_api import expect
from survival import PHASES, broken_off, scenes
from waiting import until

COUNT = "counted = globals().get('counted', 0) + 1\ncounted"
PROMPT = "%%codeact --auto\nAnd here?"
BESIDE = (COUNT, PROMPT, "# Not touched")
BUSY_PHASES = PHASES[2:5]
BUSY = "A turn is running in this kernel already. Wait for its end, or stop it"


@pytest.fixture
def beside_in_each_phase(open_book, model, tmp_path, subtests):
    """Let something happen to a turn in each phase, with another notebook in the same page."""

    def beside_in_each_phase(event, phases=PHASES, *, is_first=False):
        others = []

        def open_both(*cells):
            if is_first:
                book = open_book(*cells)
                others.append(other := open_book(*BESIDE, load=False))
                other.use_kernel_of(book)
            else:
                others.append(other := open_book(*BESIDE))
                book = open_book(*cells, load=False)
                book.use_kernel_of(other)
            book.show()
            return book

        for scene in scenes(open_both, model, tmp_path, phases):
            (other,) = others
            with subtests.test(scene.phase):
                event(scene, other)
                scene.book.show()

    return beside_in_each_phase


def content(book):
    """What of its notebook nobody may change."""
    kept = ("id", "cell_type", "source", "outputs", "execution_count")
    return [{name: cell.get(name) for name in kept} for cell in book.model()]


@pytest.mark.parametrize(
    ("is_first", "phases"), [(True, BUSY_PHASES), (False, PHASES)], ids=["first", "second"]
)
def test_the_user_works_there(beside_in_each_phase, is_first, phases):
    counted = []

    def event(scene, other):
        other.show()
        other.run_cell(COUNT)
        counted.append(str(len(counted) + 1))
        before = [cell["source"] for cell in other.model()]
        scene.book.show()
        scene.finishes()
        other.show()
        until(lambda: counted[-1:] == values(other, COUNT))
        assert [cell["source"] for cell in other.model()] == before
        expect(other.cards).to_have_count(0)

    beside_in_each_phase(event, phases, is_first=is_first)


def values(book, source):
    """What the cell of this text shows as its value."""
    (cell,) = [cell for cell in book.model() if cell["source"] == source]
    return [output["data"]["text/plain"] for output in cell["outputs"]]


def test_a_prompt_there_is_told_that_a_turn_runs(beside_in_each_phase):
    def event(scene, other):
        other.show()
        other.run_cell(PROMPT)
        scene.book.show()
        scene.finishes()
        other.show()
        expect(other.holding("And here?")).to_contain_text(BUSY)
        other.until_nothing_waits()
        assert other.sources()[-3:] == list(BESIDE)

    beside_in_each_phase(event, PHASES[:-1])


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "second"])
def test_a_prompt_there_is_answered_there_once_the_turn_is_over(beside_in_each_phase, is_first):
    def event(scene, other):
        scene.model.script("Here, too.")
        before = content(scene.book)
        other.show()
        other.ask(PROMPT)
        expect(other.card).to_contain_text("1 step")
        assert other.sources()[-4:] == [COUNT, PROMPT, "Here, too.", "# Not touched"]
        scene.book.show()
        assert content(scene.book) == before

    beside_in_each_phase(event, ("ended",), is_first=is_first)


def test_stop_there_stops_nothing(beside_in_each_phase):
    def event(scene, other):
        other.show()
        other.select(0)
        other.page.keyboard.press("Alt+Shift+S")
        scene.book.show()
        scene.finishes()

    beside_in_each_phase(event)


def test_the_kernel_is_interrupted_there(beside_in_each_phase):
    """An interrupt is for what runs, whoever asked for it; without any it is for nobody."""

    def event(scene, other):
        other.show()
        other.command("notebook:interrupt-kernel")
        other.until_idle()
        scene.book.show()
        if scene.phase == "running":
            scene.ended("Stopped by you. What was done stays", broken_off(scene), marks=1)
        else:
            scene.finishes()

    beside_in_each_phase(event)


@pytest.mark.parametrize(
    ("is_first", "phases"), [(True, BUSY_PHASES), (False, PHASES[:-1])], ids=["first", "second"]
)
def test_stop_while_the_users_cell_runs_there(beside_in_each_phase, tmp_path, is_first, phases):
    """It is never that cell which is interrupted, also where it waits behind the action."""

    def event(scene, other):
        path = tmp_path / f"{scene.phase}.whole"
        own = (
            f"import pathlib, time\nwhile not pathlib.Path({str(path)!r}).exists():\n"
            f"    time.sleep(0.01)\n{scene.phase!r}"
        )
        other.show()
        other.insert_below(0, own)
        other.run_cell(own)
        expect(other.bracket(repr(scene.phase))).to_have_text("[*]:")
        scene.book.show()
        scene.card.get_by_role("button", name="Stop").click()
        path.touch()
        ran = int(scene.phase in {"running", "observing", "answer"})
        scene.ended("Stopped by you", broken_off(scene), marks=ran)
        other.show()
        until(lambda: values(other, own) == [repr(scene.phase)])

    beside_in_each_phase(event, phases, is_first=is_first)


def load(book):
    """Load the page anew, with this notebook alone."""
    book.page.goto(book.address)
    book.until_shown()


@pytest.mark.own_page
def test_the_page_is_reloaded_and_the_other_one_opened_first(beside_in_each_phase):
    def event(scene, other):
        load(other)
        scene.book.show()
        scene.finishes()

    beside_in_each_phase(event)


@pytest.mark.own_page
def test_the_page_is_reloaded_and_the_other_one_opened_behind(beside_in_each_phase):
    def event(scene, other):
        load(scene.book)
        other.show()
        scene.book.show()
        scene.finishes()

    beside_in_each_phase(event, BUSY_PHASES)


def test_the_other_one_is_closed(beside_in_each_phase):
    def event(scene, other):
        other.show()
        before = content(other)
        other.close()
        scene.book.show()
        scene.finishes()
        other.show()
        assert content(other) == before

    beside_in_each_phase(event)


def test_it_is_closed_and_opened_again(beside_in_each_phase):
    def event(scene, other):
        scene.book.close()
        other.show()
        scene.let_go()
        scene.book.show()
        scene.finishes()

    beside_in_each_phase(event)
