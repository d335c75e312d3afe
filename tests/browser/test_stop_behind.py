"""Stop as soon as an action has ended, again and again: it never hits what the user has queued."""

import threading

from endpoint import fault
from playwright.sync_api import expect
from waiting import until

ROUNDS = 10
MARK = "with open({path!r}, 'a') as marks:\n    print({who!r}, file=marks)\n"
ACTION = """import pathlib, time
while not pathlib.Path({go!r}).exists():
    time.sleep(0.01)
'acted', {number}"""
OWN = """import time
for _ in range(30):
    time.sleep(0.01)
'whole', {number}"""

# In the page, which knows sooner than any user that the action has run.
STOP_BEHIND = """async words => {
  const named = [...document.querySelectorAll('.jp-CodeCell')].find(cell =>
    cell.querySelector('.cm-content').textContent.includes(words));
  while (named.querySelector('.jp-InputPrompt').textContent === '[*]:') {
    await new Promise(resolve => setTimeout(resolve, 0));
  }
  [...document.querySelectorAll('.codeact-Card button')].find(button =>
    button.textContent === 'Stop').click();
}"""


def test_a_stop_behind_the_end_of_an_action(open_book, model, tmp_path):
    path = tmp_path / "marks"
    prompts, owns = [], []
    for number in range(ROUNDS):
        prompts.append(f"%%codeact --auto\nRound {number}.")
        owns.append(MARK.format(path=str(path), who=f"own{number}") + OWN.format(number=number))
    book = open_book(*(cell for pair in zip(prompts, owns, strict=True) for cell in pair))
    for number, (prompt, own) in enumerate(zip(prompts, owns, strict=True)):
        go = tmp_path / f"go{number}"
        action = MARK.format(path=str(path), who=f"action{number}")
        action += ACTION.format(go=str(go), number=number)
        held = fault("held", release=threading.Event())
        model.forget()
        model.script(f"I act.\n\n```python\n{action}\n```", held)
        book.ask(prompt)
        until(lambda n=number: path.exists() and f"action{n}" in path.read_text().split())
        book.run_cell(own)
        expect(book.bracket(f"'whole', {number}")).to_have_text("[*]:")
        go.touch()
        book.page.evaluate(STOP_BEHIND, f"'acted', {number}")
        card = book.holding(f"Round {number}.").first.locator(".codeact-Card")
        expect(card).to_contain_text("Stopped by you")
        book.until_idle()
        book.until_nothing_waits()
        assert shown(book, own) == [f"('whole', {number})"]
        assert shown(book, action) == [f"('acted', {number})"]
        assert model.unscripted == 0
    ran = [f"{who}{number}" for number in range(ROUNDS) for who in ("action", "own")]
    assert path.read_text().split() == ran


def shown(book, source):
    """What the cell of this text shows, as its value or as its error."""
    (cell,) = [cell for cell in book.model() if cell["source"] == source]
    return [
        output["data"]["text/plain"] if "data" in output else output.get("ename", "")
        for output in cell["outputs"]
    ]
