"""The chat sidebar: what it shows and does is what the notebook holds and does."""

import re
import threading

import pytest
from chat import Chat
from endpoint import fault
from playwright.sync_api import expect
from waiting import until

LOAD = "%load_ext codeact_jupyter"
WORDS = "What is **x** + 1?"
PROMPT = f"%%codeact\n{WORDS}"
ADD = "I add *one*.\n\n```python\ntotal = x + 1\nprint('sum', total)\n```"
CODE = "total = x + 1\nprint('sum', total)"
DELETE = "I tidy up.\n\n```python\nimport os\nos.remove('x.csv')\n```"
ANSWER = "The sum is **42**, since $x = 41$."
END = "after = 1"


@pytest.fixture
def chat(open_chat):
    """The chat beside a notebook in which x is 41."""
    return open_chat("x = 41", others=(END,))


def test_a_message_is_a_prompt_cell_and_its_turn_is_shown(chat, model):
    book = chat.book
    book.select(1)
    model.script(ADD, ANSWER)
    chat.field.click()
    chat.say(WORDS)
    chat.question.wait_for()
    thought, action = chat.steps.all()
    expect(thought.locator("em")).to_have_text("one")
    expect(action.locator("pre").first).to_have_text(CODE)
    expect(chat.turns.locator(".codeact-Sidebar-words")).to_have_text(WORDS)
    expect(chat.field).to_be_focused()
    expect(chat.field).to_have_value("")
    assert book.sources() == [LOAD, "x = 41", PROMPT, "I add *one*.", CODE, END]
    chat.run()
    chat.until_answered()
    expect(action.locator("summary")).to_contain_text("✓ ran")
    expect(action.locator(".codeact-Sidebar-output")).to_have_text("sum 42")
    expect(chat.steps.last.locator("strong")).to_have_text("42")
    chat.steps.last.locator("mjx-container").wait_for()
    foot = chat.node.locator(".codeact-Sidebar-foot")
    expect(foot).to_contain_text("2 steps")
    expect(foot).to_contain_text(re.compile(r"\d+ in .*· \d+ out"))
    assert book.says("total") == "42"


def test_what_the_user_does_in_the_notebook_shows(chat, model):
    book = chat.book
    model.script(ADD, "It is **done**.")
    chat.say(WORDS)
    chat.question.wait_for()
    book.write_into(book.sources().index(CODE), "total = 7")
    expect(chat.steps.nth(1).locator("pre")).to_have_text("total = 7")
    expect(chat.question).to_contain_text("edited")
    chat.run()
    chat.until_answered()
    assert book.says("total") == "7"
    book.select(book.sources().index("I add *one*."))
    book.command("notebook:delete-cell")
    expect(chat.steps).to_have_count(2)
    book.command("notebook:undo-cell-action")
    expect(chat.steps).to_have_count(3)
    chat.button("Remove cells").click()
    expect(chat.steps).to_have_count(0)
    assert "total = 7" not in book.sources()


def test_reject_with_a_reason_and_stop(chat, model):
    model.script(DELETE, ADD, "unused")
    chat.say("Do it.")
    expect(chat.question).to_contain_text("⚠ deletes files")
    chat.question.get_by_role("button", name="Reject…").click()
    chat.node.get_by_label(re.compile("^Reason")).fill("Not that file.")
    chat.page.keyboard.press("Enter")
    expect(chat.steps.last.locator("pre")).to_have_text(CODE)
    assert "Not that file." in model.requests[-1].json["messages"][-1]["content"]
    chat.button("Stop").first.click()
    expect(chat.button("Stop")).to_have_count(0)
    expect(chat.button("Retry")).to_be_visible()
    assert CODE not in chat.book.sources()


def test_run_all_remaining_then_retry(chat, model):
    model.script(ADD, ADD.replace("total", "again"), ANSWER)
    chat.say(WORDS)
    chat.question.wait_for()
    chat.button("Run all remaining steps").click()
    chat.until_answered()
    assert chat.book.says("again") == "42"
    model.script(ADD.replace("total", "anew"), ANSWER)
    chat.button("Retry").click()
    chat.run()
    chat.until_answered()
    assert chat.book.says("anew") == "42"
    expect(chat.turns).to_have_count(1)
    expect(chat.steps).to_have_count(3)


def test_a_turn_is_tidied_and_its_cells_are_removed(chat, model):
    """The user's own cells stay, and so does his prompt."""
    book = chat.book
    book.select(1)
    model.script("```python\n1 / 0\n```", ADD, ANSWER)
    chat.say(WORDS)
    chat.run()
    expect(chat.steps.first).to_contain_text("ZeroDivisionError")
    chat.run()
    chat.until_answered()
    chat.button("Tidy").click()
    expect(chat.steps).to_have_count(3)
    assert book.sources() == [LOAD, "x = 41", PROMPT, "I add *one*.", CODE, ANSWER, END]
    chat.button("Remove cells").click()
    expect(chat.steps).to_have_count(0)
    assert book.sources() == [LOAD, "x = 41", PROMPT, END]


def test_from_the_chat_to_the_cell_and_back(chat, model):
    book = chat.book
    model.script(ADD, ANSWER)
    chat.say(WORDS)
    chat.question.get_by_role("button", name="Edit", exact=True).click()
    active = book.page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
    expect(active).to_contain_text("total = x + 1")
    expect(book.page.locator(".jp-Notebook.jp-mod-editMode")).to_be_visible()
    book.page.keyboard.press("Control+Home")
    book.page.keyboard.insert_text("# seen\n")
    expect(chat.steps.nth(1).locator("pre").first).to_contain_text("# seen")
    chat.run()
    chat.until_answered()
    assert f"# seen\n{CODE}" in book.sources()
    chat.button("Answer").click()
    expect(active).to_contain_text("The sum is 42")
    book.select(book.sources().index("I add *one*."))
    book.command("codeact:show-in-chat")
    expect(chat.node.locator(".codeact-mod-pointed")).to_contain_text("I add one.")


def test_a_new_prompt_never_splits_a_turn(chat, model):
    book = chat.book
    book.select(1)
    model.script(ADD, ANSWER)
    chat.say(WORDS)
    chat.run()
    chat.until_answered()
    book.select(book.sources().index(CODE))
    model.script("Yes.")
    chat.say("Sure?")
    expect(chat.turns).to_have_count(2)
    until(lambda: book.sources()[-2] == "Yes.")
    assert book.sources()[2:4] == [PROMPT, "I add *one*."]
    assert book.sources()[4:] == [CODE, ANSWER, "%%codeact\nSure?", "Yes.", END]


def test_pointing_at_variables_cells_and_files(chat, model):
    (chat.book.lab.folder / "sales.csv").write_text("city,amount\n")
    chat.field.click()
    chat.page.keyboard.type("Look at @")
    options = chat.node.get_by_role("option")
    expect(options.filter(has_text="x int")).to_be_visible()
    expect(options.filter(has_text="sales.csv")).to_be_visible()
    chat.page.keyboard.type("In[2")
    expect(options).to_have_count(1)
    chat.page.keyboard.press("Enter")
    expect(chat.field).to_have_value(re.compile(r"In \[2\]:\n```python\nx = 41\n```"))
    chat.button("Preview").click()
    expect(chat.node.locator(".codeact-Sidebar-preview pre").last).to_contain_text('"messages"')
    chat.page.keyboard.press("Control+A")
    chat.field.fill("")


def test_an_error_can_be_fixed_and_a_cell_explained(chat, model):
    book = chat.book
    book.insert_below(2, "1 / 0")
    book.run_cell("1 / 0")
    model.script("Divide by one.")
    book.page.get_by_role("button", name="Fix with CodeAct").click()
    expect(chat.steps.last).to_contain_text("Divide by one.")
    words = chat.turns.last.locator(".codeact-Sidebar-words")
    expect(words).to_contain_text("ZeroDivisionError: division by zero")
    chat.button("Add the last error").click()
    expect(chat.field).to_have_value(re.compile("1 / 0"))
    model.script("It sets x.")
    book.choose(1, "Explain This Cell")
    expect(chat.turns.first).to_contain_text("It sets x.")
    expect(chat.turns.first.locator(".codeact-Sidebar-words")).to_contain_text("x = 41")
    chat.field.fill("Why is this so?")
    book.choose(1, "Ask CodeAct about This Cell")
    expect(chat.field).to_be_focused()
    expect(chat.field).to_have_value(re.compile(r"^Why is this so\?\n\n[\s\S]*x = 41"))
    chat.field.fill("")


HIDE = """at => {
  const { model } = window.jupyterapp.shell.currentWidget.content.widgets[at];
  model.setMetadata('tags', ['codeact-hide']);
}"""


def test_an_error_of_a_hidden_cell_is_offered_nowhere(chat):
    book = chat.book
    book.insert_below(2, "1 / 0")
    book.run_cell("1 / 0")
    fix = book.page.get_by_role("button", name="Fix with CodeAct")
    expect(fix).to_have_count(1)
    book.page.evaluate(HIDE, 3)
    expect(fix).to_have_count(0)
    chat.button("Add the last error").click()
    expect(chat.node.get_by_text("There is none.")).to_be_visible()
    book.select(3)
    for command in ("explain", "fix"):
        enabled = f"() => window.jupyterapp.commands.isEnabled('codeact:{command}-cell')"
        assert not book.page.evaluate(enabled)


def test_a_prompt_whose_turn_cannot_begin_says_why(chat):
    prompt = "%%codeact --max-stepz 3\nCount."
    chat.book.insert_below(1, prompt)
    chat.book.run_cell(prompt)
    expect(chat.turns.last).to_contain_text("max-stepz")
    expect(chat.turns.last.locator(".codeact-Sidebar-note")).to_contain_text("Error: ")


def test_who_clicks_on_send_goes_on_writing(chat, model):
    model.script("Yes.")
    chat.field.fill("Is it so?")
    chat.button("Send").click()
    expect(chat.field).to_be_focused()
    chat.until_answered()


def test_a_limit_stops_and_asks(chat, model):
    model.script(ADD, ANSWER)
    chat.say(WORDS)
    chat.run()
    chat.until_answered()
    book = chat.book
    book.insert_below(len(book.sources()) - 1, "%%codeact --auto --max-steps 1\nAdd.")
    model.script(ADD)
    book.run_cell("%%codeact --auto --max-steps 1\nAdd.")
    chat.button("Go on").wait_for()
    model.script("Done.")
    chat.button("Go on").click()
    expect(chat.steps.last).to_contain_text("Done.")


def test_the_transcript_comes_from_the_file_alone(chat, model, open_book):
    book = chat.book
    model.script(ADD, ANSWER)
    chat.say(WORDS)
    chat.run()
    chat.until_answered()
    book.until_idle()
    book.save()
    book.shut_down()
    book.page.reload()
    book.until_shown()
    book.command("codeact:open-chat")
    expect(chat.steps).to_have_count(3)
    expect(chat.steps.nth(1).locator(".codeact-Sidebar-output")).to_have_text("sum 42")
    expect(chat.question).to_have_count(0)


def test_a_kernel_without_the_package_loaded(open_book, model):
    book = open_book("x = 41", load=False)
    chat = Chat(book)
    chat.button("Load CodeAct").click()
    chat.field.wait_for()
    assert book.sources() == [LOAD, "x = 41"]
    for said in ("Ask in words.", "Nothing runs before you approve it", "and nowhere else"):
        expect(chat.node).to_contain_text(said)
    expect(chat.node).to_contain_text("Approval is not a sandbox: what runs has all your rights.")
    book.close()
    expect(chat.node).to_contain_text("No notebook is open.")
    chat.button("New notebook").click()
    expect(chat.button("Load CodeAct")).to_be_visible()
    book.shut_down()
    book.close()
    book.command("application:toggle-right-area")


def test_a_chat_that_waits_takes_no_focus(chat, model):
    """Whoever types in the notebook goes on typing."""
    held = threading.Event()
    book = chat.book
    model.script(fault("held", release=held, then=ADD))
    chat.say(WORDS)
    until(lambda: model.requests)
    book.cell(1).locator(".cm-content").click()
    held.set()
    chat.question.wait_for()
    book.page.keyboard.type("y")
    assert "y" in book.sources()[1]
    chat.button("Stop").first.click()


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_chat_that_opens_takes_no_focus_from_who_went_on(open_book, goes_on):
    """Its field is there once the kernel has loaded the package."""
    book = open_book("x = 41", load=False)
    book.command("codeact:open-chat")
    book.page.locator(".codeact-Sidebar").get_by_text("not loaded").wait_for()
    book.select(0)
    book.command("codeact:open-chat")
    if goes_on:
        book.cell(0).locator(".cm-content").click()
    book.run_beside("%load_ext codeact_jupyter")
    field = book.page.get_by_label("Message to the model")
    field.wait_for()
    book.page.keyboard.type("y")
    assert ("y" in book.sources()[0]) == goes_on
    expect(field).to_have_value("" if goes_on else "y")
    book.command("application:toggle-right-area")
