"""What runs a proposal from afar shows it first, whole: nobody approves what he has not read."""

from __future__ import annotations

import pytest
from other_labs import windowed_lab
from running import act
from waiting import until

PROMPT = "%%codeact\nCount."
TALL = "\n".join(f"line_{number} = {number}" for number in range(60))
# scroll so that this much of the cell is to be seen, at the upper edge of the notebook
SCROLL = """([text, shown]) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const found = content.widgets.find(cell => cell.model.sharedModel.getSource() === text);
  const { bottom } = found.node.getBoundingClientRect();
  content.outerNode.scrollTop += bottom - content.outerNode.getBoundingClientRect().top - shown;
}"""
ADD_ABOVE = """text => {
  const { content } = window.jupyterapp.shell.currentWidget;
  for (let count = 0; count < 3; count += 1) {
    content.model.sharedModel.insertCell(0, { cell_type: 'code', source: text });
  }
}"""
# whether the cell can be read from its first line to its bar, or fills the notebook to its bar
IN_SIGHT = """text => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const found = content.widgets.find(cell => cell.model.sharedModel.getSource() === text);
  const seen = content.outerNode.getBoundingClientRect();
  const its = ['.cm-content', '.codeact-Bar'].map(
    part => found.node.querySelector(part)?.getBoundingClientRect());
  return its.every(part => part?.height > 0) && its[1].bottom <= seen.bottom
    && (its[0].top >= seen.top || its[1].bottom - its[0].top > seen.height - 40);
}"""


lab = windowed_lab


@pytest.mark.parametrize("lines", [3, 40, 90])
@pytest.mark.parametrize("shown", [4, -9999, 9999])
def test_a_proposal_is_run_only_where_all_of_it_was_in_sight(open_book, model, lines, shown):
    code = "\n".join(["total = 0", *["total += 1"] * (lines - 1)])
    model.script(act(code), "Done.")
    book = open_book(PROMPT, TALL, TALL)
    book.ask(PROMPT)
    book.until_proposed()
    book.page.evaluate(ADD_ABOVE, TALL)
    book.page.evaluate(SCROLL, [code, shown])
    book.command("codeact:run-proposal")
    book.page.wait_for_function(IN_SIGHT, arg=code)
    book.until_proposed()
    assert len(model.requests) == 1

    def runs():
        """A slow page may have moved it again, and then a press brings it back."""
        book.command("codeact:run-proposal")
        return len(model.requests) == 2

    until(runs)
