"""A turn that writes and runs cells changes nothing for a user who types meanwhile."""

import threading

import pytest
from endpoint import fault
from nbformat.v4 import new_code_cell
from playwright.sync_api import expect

pytestmark = pytest.mark.own_page

TEXT = (
    "def mean(values):\n"
    "total = 0\nfor value in values:\ntotal += value\n"
    "return total / len(values)\n\n\n"
    "names = ['one', 'two']\nprint({name: mean(numbers[name]) for name in names})  # the means"
)
STEP = """I look at {what} and say in some more words why I do that before I do it.

```python
for line in range(6):
    print('{what}', line, 'of what there is to be seen')
```"""
STEPS = [STEP.format(what=what) for what in ("columns", "rows", "sums")]
ANSWER = "All of it was **seen**, and there is nothing more to say about it than these words."
PROMPT = "%%codeact --auto\nLook."
FILLER = "\n".join(f"filler_{number} = {number}" for number in range(8))

# Looked at after each frame is painted: where the user's cell was on the page.
WATCH = """() => {
  const cell = window.jupyterapp.shell.currentWidget.content.activeCell;
  const tops = (window.seenTops = new Set());
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => tops.add(Math.round(cell.node.getBoundingClientRect().top));
  const look = () => {
    port2.postMessage(null);
    if (window.seenTops === tops) requestAnimationFrame(look);
  };
  look();
}"""
WHERE = """() => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const view = notebook.activeCell.editor.editor;
  const head = view.state.selection.main.head;
  return {
    cell: notebook.activeCell.model.getMetadata('name'),
    mode: notebook.mode,
    focus: view.hasFocus,
    text: view.state.doc.toString(),
    head,
    line: Math.round(
      view.coordsAtPos(head).top - notebook.activeCell.node.getBoundingClientRect().top
    ),
    tops: [...window.seenTops],
    scroll: Math.round(notebook.outerNode.scrollTop),
  };
}"""


def layout(own_at):
    """Cells, and where the user's own is: above the prompt, or below it."""
    own = new_code_cell("", metadata={"name": "own"})
    fillers = [FILLER] * 5
    return {
        "above": [*fillers, own, FILLER, PROMPT, *fillers],
        "below": [*fillers, PROMPT, own, *fillers],
        "on the first screen": [PROMPT, own, *fillers],
    }[own_at]


def typed(book, at, delay):
    """Put the cursor into the cell, if possible in the middle of the page, and type there."""
    editor = book.cell(at).locator(".cm-content")
    editor.evaluate("node => node.scrollIntoView({block: 'center'})")
    editor.click()
    book.page.evaluate(WATCH)
    yield
    book.page.keyboard.type(TEXT, delay=delay)
    yield book.page.evaluate(WHERE)


@pytest.mark.parametrize("own_at", ["above", "below", "on the first screen"])
def test_typing_is_as_without_a_turn(open_book, model, own_at):
    cells = layout(own_at)
    at = next(place for place, cell in enumerate(cells) if not isinstance(cell, str)) + 1
    book = open_book(*cells)
    begun = threading.Event()
    slowly = [fault("slow", text=text, every=0.04) for text in (*STEPS[1:], ANSWER)]
    model.script(fault("held", release=begun, then=STEPS[0]), *slowly)

    without = list(typed(book, at, 0))[-1]
    book.page.keyboard.press("Control+A")
    book.page.keyboard.press("Delete")
    book.ask(PROMPT)
    model.wait_for(1)
    typing = typed(book, at, 25)
    next(typing)
    begun.set()
    found = next(typing)
    assert len(book.sources()) >= len(cells) + 1 + 4  # two steps came while he typed

    (before,), (after,) = without.pop("tops"), found.pop("tops")  # it stood still on the page
    scrolled = found.pop("scroll") - without.pop("scroll")
    assert found == without
    if own_at == "above":
        assert (after, scrolled) == (before, 0)
    expect(book.card).to_contain_text("4 steps")
    assert book.page.evaluate(WHERE)["tops"] == [after]
