"""The chat where a notebook holds several conversations, and where one goes on from a step."""

import pytest
from playwright.sync_api import expect
from telling import spoken, told

ADD = "I add.\n\n```python\ntotal = x + 1\n```"
CODE = "total = x + 1"
DOUBLE = "I double.\n\n```python\ntotal = 2 * x\n```"
# what a double click or a slow page may meet: the text changes, and the press comes before it shows
PRESS_LATE = """([before, after]) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const { model } = content.widgets.find(({ model }) => model.sharedModel.getSource() === before);
  model.sharedModel.setSource(after);
  const buttons = [...document.querySelectorAll('.codeact-Sidebar-question button')];
  buttons.find(({ textContent }) => textContent === 'Run').click();
}"""


@pytest.fixture
def chat(open_chat):
    """The chat beside a notebook in which x is 41."""
    return open_chat("x = 41")


def test_a_new_conversation_knows_nothing_of_the_one_before_and_each_can_be_shown(chat, model):
    model.script("First answer.", "Second answer.", "Third answer.")
    choice = chat.node.get_by_label("Conversations of this notebook")
    chat.say("First question?")
    chat.until_answered()
    expect(choice).to_have_count(0)
    chat.node.get_by_label("New conversation").check()
    chat.say("Second question?")
    expect(chat.steps.last).to_contain_text("Second answer.")
    chat.until_answered()
    assert ("assistant", "First answer.") not in spoken(model)
    assert "%%codeact --new\nSecond question?" in chat.book.sources()
    expect(chat.node.get_by_label("New conversation")).not_to_be_checked()
    shown = ["All 2 conversations", "1: First question?", "2: Second question?"]
    expect(choice.locator("option")).to_have_text(shown)
    choice.select_option(label=shown[1])
    expect(chat.turns).to_have_count(1)
    expect(chat.turns).to_contain_text("First answer.")
    choice.select_option(label=shown[2])
    expect(chat.turns).to_contain_text("Second answer.")
    choice.select_option(label=shown[1])
    chat.say("Third question?")
    expect(chat.steps.last).to_contain_text("Third answer.")
    expect(chat.turns).to_have_count(3)
    assert ("assistant", "Second answer.") in spoken(model)


def test_continue_from_a_step(chat, model):
    model.script(ADD, DOUBLE, "It is 82.")
    chat.say("Compute.")
    chat.question.wait_for()
    chat.button("Run all remaining steps").click()
    chat.until_answered()
    model.script("It is 42.")
    chat.button("Continue from here").first.click()
    expect(chat.steps).to_have_count(3)
    expect(chat.steps.last).to_contain_text("It is 42.")
    expect(chat.turns).to_have_count(1)
    assert "those up to step 1 have run" in told(model)
    chat.until_answered()
    assert chat.book.sources()[-3:] == ["I add.", CODE, "It is 42."]


def test_a_text_that_nobody_can_have_read_does_not_run_and_that_is_said(chat, model):
    model.script(ADD, "Done.")
    chat.say("Add.")
    expect(chat.question.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    chat.page.evaluate(PRESS_LATE, [CODE, "total = 7"])
    expect(chat.question).to_contain_text("Not run: its text changed just then. Read it again.")
    assert "NameError" in chat.book.says("total")
    chat.run()
    chat.until_answered()
    assert chat.book.says("total") == "7"
