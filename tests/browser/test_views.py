"""Two views of one notebook in one page ("New View for Notebook") show one and the same turn."""

import re
import threading

import pytest
from book import Book
from endpoint import fault
from pages import CLOSE
from playwright.sync_api import expect
from waiting import until

PROMPT = "%%codeact\nLeave a mark."
ANSWER = "It is **done**."
MODE = "mode => { window.jupyterapp.shell.mode = mode; }"
CURRENT = "() => window.jupyterapp.shell.currentWidget.id"
OF_ID = "[...window.jupyterapp.shell.widgets('main')].find(panel => panel.id === id)"
CAN_STOP = "() => window.jupyterapp.commands.isEnabled('codeact:stop')"
WHERE = f"""id => {{
  const {{ content }} = {OF_ID};
  const view = content.activeCell.editor.editor;
  return {{
    text: view.state.doc.toString(),
    head: view.state.selection.main.head,
    focus: view.hasFocus,
    mode: content.mode,
    cell: content.activeCell.model.getMetadata('codeact'),
    top: Math.round(content.activeCell.node.getBoundingClientRect().top),
  }};
}}"""
EACH = pytest.mark.parametrize("which", [0, 1], ids=["older", "newer"])


class View(Book):
    """The view of a notebook that the user is in when this is made."""

    def __init__(self, book):
        super().__init__(book.lab, book.page, book.name)
        self.id = self.page.evaluate(CURRENT)
        self.node = self.page.locator(f"[id='{self.id}']")

    @property
    def cells(self):
        return self.node.locator(".jp-Notebook .jp-Cell")

    @property
    def cards(self):
        return self.node.locator(".codeact-Card")

    @property
    def proposal(self):
        return self.node.get_by_role("group", name=re.compile("^CodeAct propose"))

    @property
    def rendered(self):
        """The Markdown that is shown as its reader sees it."""
        return self.node.locator(".jp-MarkdownOutput:visible")

    def button(self, name):
        """A button of its card."""
        return self.card.get_by_role("button", name=name, exact=True)

    def another(self):
        """Show the notebook in one more view, beside this one."""
        self.command("docmanager:clone")
        self.page.wait_for_function(f"id => ({CURRENT})() !== id", arg=self.id)
        view = View(self)
        expect(view.cells).to_have_count(self.cells.count())
        return view

    def enter(self):
        """Make it the view that the user is in."""
        self.select(1)
        assert self.page.evaluate(CURRENT) == self.id

    def close(self):
        """Close this view alone."""
        self.page.evaluate(f"id => {{ {OF_ID}.close(); }}", self.id)
        expect(self.node).to_have_count(0)


@pytest.fixture
def view(open_book, page):
    """The first view of a notebook, in a page that has room for another one."""
    book = open_book(PROMPT, "'mine'")
    page.evaluate(MODE, "multiple-document")
    yield View(book)
    page.evaluate(CLOSE)  # while all have room: JupyterLab shows none that is closed at once
    page.evaluate(MODE, "single-document")


@pytest.fixture
def action(tmp_path):
    """An action that leaves a mark, and ends once it may."""
    marks, go = tmp_path / "marks", tmp_path / "go"
    return (
        f"import pathlib, time\nwith open({str(marks)!r}, 'a') as marks:\n"
        "    print('ran', file=marks)\nprint('begun')\n"
        f"while not pathlib.Path({str(go)!r}).exists():\n    time.sleep(0.01)\n40 + 2"
    )


@pytest.fixture
def let_go(tmp_path):
    """Let the action end."""
    return (tmp_path / "go").touch


@pytest.fixture
def marks(tmp_path):
    """What the action has left."""

    def marks():
        found = tmp_path / "marks"
        return found.read_text() if found.exists() else ""

    return marks


def reply(action):
    return f"I **leave** it.\n\n```python\n{action}\n```"


def until_waiting(*views, thoughts=1):
    """Each view shows the proposal, and can do all with it."""
    for each in views:
        expect(each.card).to_contain_text("waiting for you")
        for name in ("Run", "Run all remaining steps", "Stop"):
            expect(each.button(name)).to_be_visible()
        expect(each.proposal).to_contain_text("Run to approve")
        expect(each.rendered.locator("strong")).to_have_text(["leave"] * thoughts)
        each.enter()
        assert each.page.evaluate(CAN_STOP)


def expect_answer(view, action):
    expect(view.card).to_contain_text("2 steps")
    expect(view.card.get_by_role("button")).to_have_count(0)
    expect(view.rendered.locator("strong")).to_have_text(["leave", "done"])
    assert view.sources()[1:] == [PROMPT, "I **leave** it.", action, ANSWER, "'mine'"]
    expect(view.cell(3).locator(".jp-OutputArea-output")).to_contain_text(["begun", "42"])
    view.until_idle()
    until(lambda: "*" not in view.node.locator(".jp-InputPrompt").all_inner_texts())
    expect(view.number(3)).to_have_text(re.compile(r"\[\d+\]:"))


@EACH
def test_both_show_it_and_either_runs_its_proposal(view, model, action, let_go, marks, which):
    model.script(reply(action), ANSWER)
    views = [view, view.another()]
    views[which].ask(PROMPT)
    until_waiting(*views)
    views[1 - which].until_proposed()
    views[1 - which].approve()
    for each in views:
        expect(each.cell(3)).to_contain_text("begun")
        expect(each.card).to_contain_text("running")
    let_go()
    for each in views:
        expect_answer(each, action)
    assert marks() == "ran\n"
    view.save()


@EACH
def test_the_card_of_either_runs_it(view, model, action, let_go, marks, which):
    let_go()
    model.script(reply(action), ANSWER)
    views = [view, view.another()]
    views[1 - which].ask(PROMPT)
    expect(views[which].button("Run")).to_be_enabled()
    views[which].button("Run").click()
    for each in views:
        expect_answer(each, action)
    assert marks() == "ran\n"


@EACH
def test_either_rejects_and_stops(view, model, action, marks, which):
    again = threading.Event()
    model.script(reply(action), fault("held", release=again, then=reply(action)))
    views = [view, view.another()]
    views[1 - which].ask(PROMPT)
    views[which].until_proposed()
    views[which].proposal.get_by_role("button", name="Reject…").click()
    view.page.keyboard.press("Enter")
    for each in views:
        expect(each.proposal).to_have_count(0)
    again.set()
    until_waiting(*views, thoughts=2)
    views[which].button("Stop").click()
    for each in views:
        expect(each.card).to_contain_text("Stopped by you")
        expect(each.card.get_by_role("button")).to_have_count(0)
        expect(each.proposal).to_have_count(0)
    assert marks() == ""


@EACH
def test_one_is_closed_while_a_proposal_waits(view, model, action, let_go, marks, which):
    let_go()
    model.script(reply(action), ANSWER)
    views = [view, view.another()]
    view.ask(PROMPT)
    until_waiting(*views)
    views[which].close()
    left = views[1 - which]
    until_waiting(left)
    left.until_proposed()
    left.approve()
    expect_answer(left, action)
    assert marks() == "ran\n"
    left.save()


@pytest.mark.parametrize("policy", ["ask", "auto"])
@EACH
def test_the_one_that_runs_the_action_is_closed(view, model, action, let_go, marks, which, policy):
    model.script(reply(action), ANSWER)
    views = [view, view.another()]
    views[which].ask(PROMPT)
    if policy == "ask":
        views[which].until_proposed()
        views[which].approve()
    else:
        views[which].button("Run all remaining steps").click()
    expect(views[1 - which].cell(3)).to_contain_text("begun")
    views[which].close()
    let_go()
    expect_answer(views[1 - which], action)
    assert marks() == "ran\n"
    views[1 - which].save()


@EACH
def test_what_is_held_behind_the_turn_outlives_the_view(view, model, action, let_go, which):
    let_go()
    model.script(reply(action), ANSWER)
    views = [view, view.another()]
    views[which].enter()
    view.run_all()
    until_waiting(*views)
    expect(views[1 - which].number(-1)).to_have_text("[*]:")
    views[which].close()
    left = views[1 - which]
    left.until_proposed()
    left.approve()
    expect_answer(left, action)
    expect(left.cell(-1).locator(".jp-OutputArea-output")).to_have_text("'mine'")


def test_one_that_is_opened_in_mid_turn(view, model, action, let_go, marks):
    let_go()
    go_on, answers = threading.Event(), threading.Event()
    model.script(
        fault("held", release=go_on, then=reply(action)),
        fault("held", release=answers, then=ANSWER),
    )
    view.ask(PROMPT)
    model.wait_for(1)
    newer = view.another()
    go_on.set()
    until_waiting(view, newer)
    view.until_proposed()
    view.approve()
    model.wait_for(2)
    third = newer.another()
    answers.set()
    for each in (view, newer, third):
        expect_answer(each, action)
    assert marks() == "ran\n"


def test_both_closed_is_the_notebook_closed(view, model, action, let_go, marks):
    let_go()
    model.script(reply(action), ANSWER)
    views = [view, view.another()]
    view.ask(PROMPT)
    until_waiting(*views)
    view.until_saved()
    for each in views:
        each.close()
    view.open()
    again = View(view)
    until_waiting(again)
    again.until_proposed()
    again.approve()
    expect_answer(again, action)
    assert marks() == "ran\n"


@EACH
def test_who_types_in_one_stays_there(view, model, action, let_go, marks, which):
    let_go()
    begun = threading.Event()
    model.script(
        fault("held", release=begun, then=reply(action)),
        fault("slow", text=ANSWER, every=0.1),
    )
    auto = PROMPT.replace("%%codeact", "%%codeact --auto")
    view.write_into(1, auto)
    view.write_into(2, "\n" * 60)  # nothing moves where all below it can be scrolled away
    views = [view, view.another()]
    typing = views[which]
    views[1 - which].ask(auto)
    model.wait_for(1)
    typing.cell(2).locator(".cm-content").click(position={"x": 20, "y": 10})
    view.page.keyboard.press("Control+Home")
    view.page.keyboard.type("# Mine\n")
    before = view.page.evaluate(WHERE, typing.id)
    begun.set()
    text = "a line of many words that takes its time, " * 3
    view.page.keyboard.type(text, delay=25)
    for each in views:
        expect(each.card).to_contain_text("2 steps")
        expect(each.rendered.locator("strong")).to_have_text(["leave", "done"])
    after = view.page.evaluate(WHERE, typing.id)
    assert abs(after.pop("top") - before.pop("top")) <= 1
    assert after == {
        **before,
        "text": before["text"].replace("# Mine\n", f"# Mine\n{text}"),
        "head": before["head"] + len(text),
    }
    assert before["focus"]
    assert marks() == "ran\n"
