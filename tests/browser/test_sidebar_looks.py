"""The chat sidebar in every width and theme, by keyboard alone, and with a long conversation."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from book import Book
from chat import Chat
from endpoint import fault
from lab import Lab
from nbformat.v4 import new_code_cell, new_markdown_cell
from playwright.sync_api import expect
from waiting import until

AXE = Path(__file__).parents[2] / "labextension/node_modules/axe-core/axe.min.js"
THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")
WIDTHS = (250, 700)
WORD = "Donaudampfschiff" * 30
HEBREW = "שלום עולם"
PROMPT = f"{HEBREW} {WORD * 9}"
LONG = f"# {WORD}\nname = '{'b' * 10_000}'\nprint(name[:500])"
PROPOSES = f"I print {WORD}.\n\n```python\n{LONG}\n```"
GRAVE = f"{HEBREW}.\n\n```python\nimport os\nos.remove('{WORD}.csv')\n```"
TABLE = "| city | amount | comment |\n|---|---|---|\n| Berlin | few | grows |"
ANSWER = f"{HEBREW}: **{WORD}** `{WORD}`\n\n$$x = {'y + ' * 60} z$$\n\n{TABLE}\n\n- {WORD}"
TURNS, SHOWN = 300, 30

SIDEWAYS = """node => [node, ...node.querySelectorAll('*')].filter(each =>
  !each.closest('mjx-container, textarea, .codeact-Body-table') && each.clientWidth > 0
  && each.scrollWidth > each.clientWidth && getComputedStyle(each).textOverflow !== 'ellipsis'
  && (each === node || getComputedStyle(each).overflowX !== 'visible')
).map(each => [each.className, each.scrollWidth, each.clientWidth])"""
OUTSIDE = """node => {
  const { left, right } = node.getBoundingClientRect();
  return [...node.querySelectorAll('button, input, textarea, summary')].filter(each => {
    const at = each.getBoundingClientRect();
    return at.width > 0 && (at.left < left || at.right > right);
  }).map(each => each.textContent || each.className);
}"""
SERIOUS = """async () => (await axe.run('.codeact-Sidebar')).violations
  .filter(({ id, impact }) => /serious|critical/.test(impact) || id === 'aria-allowed-role')
  .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])"""
BROKEN = r"""node => [...node.querySelectorAll('.codeact-Body :is(td, th)')].flatMap(cell => {
  const text = cell.firstChild;
  const range = document.createRange();
  return [...text.data.matchAll(/\S+/g)].filter(({ 0: word, index }) => {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    return range.getClientRects().length > 1;
  }).map(([word]) => word);
})"""
MOVES = """() => document.getAnimations()
  .filter(({ effect }) => effect.target.closest('[class*=codeact-]') !== null)
  .map(({ effect }) => effect.target.className)"""
# axe is a module where the page has a loader of modules, and is then no global
LOAD_AXE = "code => { new Function('define', 'module', 'exports', code).call(window); }"
FOCUSED = """() => {
  const found = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(found);
  const name = found.getAttribute('aria-label') ?? found.closest('label')?.textContent;
  return [found.closest('.codeact-Sidebar') !== null, name ?? found.textContent,
    outlineStyle !== 'none' && outlineWidth !== '0px' || found.type === 'checkbox'];
}"""


@pytest.fixture
def chat(open_chat, page):
    """The chat beside a notebook; in the first theme again behind the test."""
    chat = open_chat("x = 41")
    page.evaluate(LOAD_AXE, AXE.read_text())
    yield chat
    choose_theme(page, THEMES[0])


def choose_theme(page, name):
    page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", arg=name
    )
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)


def widen(chat, width):
    """Drag the edge of the panel until it is that wide."""
    at = chat.node.bounding_box()
    edge, height = at["x"] - 1, at["y"] + at["height"] / 2
    chat.page.mouse.move(edge, height)
    chat.page.mouse.down()
    chat.page.mouse.move(edge + at["width"] - width, height, steps=3)
    chat.page.mouse.up()
    fits = f"node => Math.abs(node.clientWidth - {width}) < 3"
    chat.page.wait_for_function(fits, arg=chat.node.element_handle())


def look(chat, subtests, what, themes=THEMES):
    """In each width nothing leaves the panel, and axe finds nothing serious in any theme."""
    for width in WIDTHS:
        with subtests.test(what, width=width):
            widen(chat, width)
            assert chat.node.evaluate(SIDEWAYS) == []
            assert chat.node.evaluate(OUTSIDE) == []
    for theme in themes:
        with subtests.test(what, theme=theme):
            choose_theme(chat.page, theme)
            assert chat.page.evaluate(SERIOUS) == []


def until_waiting(chat, text):
    expect(chat.steps.last).to_contain_text(text)
    expect(chat.question.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def reach(chat, name):
    """Go on by Tab until that has the focus; each that has it on the way is seen to have it."""
    for _ in range(40):
        chat.page.keyboard.press("Tab")
        inside, found, visible = chat.page.evaluate(FOCUSED)
        assert inside, f"Tab left the panel before {name}"
        assert visible, found
        if found == name:
            return
    pytest.fail(f"Tab does not reach {name}")


def test_long_texts_in_each_width_and_theme_by_keyboard_alone(chat, model, subtests):
    keys = chat.page.keyboard
    model.script(GRAVE, PROPOSES, ANSWER)
    chat.say(PROMPT)
    until_waiting(chat, "⚠")
    look(chat, subtests, "a grave proposal waits")
    chat.node.get_by_role("log").focus()
    reach(chat, "Reject…")
    keys.press("Enter")
    keys.press("Escape")
    expect(chat.button("Reject…")).to_be_focused()
    keys.press("Enter")
    look(chat, subtests, "a reason is asked for", themes=())
    keys.type("Not that file.")
    keys.press("Enter")
    until_waiting(chat, "Donau")
    expect(chat.turns).to_be_focused()
    look(chat, subtests, "a long proposal waits", themes=THEMES[:1])
    reach(chat, "Run")
    keys.press("Enter")
    chat.until_answered()
    expect(chat.node.locator(".codeact-Sidebar-foot").last).to_be_in_viewport(ratio=1)
    expect(chat.turns).to_be_focused()
    chat.node.locator("mjx-container").first.wait_for()
    chat.steps.nth(-2).locator("summary").click()
    look(chat, subtests, "an answer is there")
    with subtests.test("no word of a table is taken apart"):
        widen(chat, WIDTHS[0])
        assert chat.node.evaluate(BROKEN) == []
    chat.node.get_by_role("log").focus()
    for name in ("Answer", "Retry", "Message to the model", "New conversation", "Preview"):
        reach(chat, name)


def test_nothing_moves_for_whoever_wants_less_motion(chat, model):
    held = threading.Event()
    model.script(fault("held", release=held, then="Done."))
    chat.say("Hi.")
    try:
        until(lambda: chat.page.evaluate(MOVES))  # for all others it shows that something goes on
        chat.page.emulate_media(reduced_motion="reduce")
        assert chat.page.evaluate(MOVES) == []
    finally:
        chat.page.emulate_media(reduced_motion="no-preference")
        held.set()
    chat.until_answered()


def turn(at):
    """The cells of a turn that has been answered."""
    about = {"version": 1, "session": "s", "turn": f"t{at}", "model": "m"}
    action = {**about, "role": "action", "step": 1, "status": "ok", "approved": "user"}
    answer = {**about, "role": "answer", "step": 2, "status": "ok"}
    return [
        new_code_cell(
            f"%%codeact\nQuestion {at}", metadata={"codeact": about | {"role": "prompt"}}
        ),
        new_code_cell(f"x = {at}", metadata={"codeact": action}, execution_count=at + 1),
        new_markdown_cell(f"It is **{at}**.", metadata={"codeact": answer}),
    ]


def test_a_long_conversation_shows_its_end_and_more_on_demand(open_book):
    chat = Chat(open_book(*[cell for at in range(TURNS) for cell in turn(at)], load=False))
    expect(chat.turns).to_have_count(SHOWN)
    expect(chat.turns.last).to_contain_text(f"It is {TURNS - 1}.")
    expect(chat.turns.last).to_be_in_viewport()
    chat.button(f"Show earlier turns ({TURNS - SHOWN})").click()
    expect(chat.turns).to_have_count(2 * SHOWN)
    expect(chat.turns.first).to_contain_text(f"Question {TURNS - 2 * SHOWN}")
    chat.book.command("application:toggle-right-area")


@pytest.mark.own_page
def test_notebook_7_opens_it_by_its_command(tmp_path, page, shared_endpoint):
    with Lab(tmp_path, app="notebook", **shared_endpoint.environment) as server:
        book = Book(server, page, server.write("x = 41"))
        book.open()
        chat = Chat(book)
        chat.button("Load CodeAct").click()
        expect(chat.field).to_be_visible()
        server.shut_down_kernels()
