"""Long tasks of the page while an action streams into a chat of many turns, or of none.

Both notebooks hold the same cells; in the second they are the user's own, so that its transcript
is empty. What so large a notebook costs by itself is in both: CodeMirror measures each editor
that is drawn whenever the notebook scrolls. That JupyterLab draws its cells one by one while the
page is idle is not: that has to be over first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat import Chat
from nbformat import from_dict
from playwright.sync_api import expect

from benchmarks.browser.growth import earlier_steps
from benchmarks.browser.streaming import PROMPT, ROUNDS, rounds
from benchmarks.rows import Row, at_most

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.browser.stage import Stage

TURNS = 300
DRAWN = """() => jupyterapp.shell.currentWidget.content.widgets
  .every(cell => !cell.isPlaceholder())"""
MOST_SECONDS = 300


def figure(stage: Stage) -> Iterator[Row]:
    """Stream into both transcripts."""
    turns = [*earlier_steps(TURNS, each=1)]
    full, empty = (_long_tasks(stage, cells) for cells in (turns, map(_own, turns)))
    name = f"long tasks while an action streams into a chat of {TURNS} turns, over one of none"
    how = f"{ROUNDS} rounds; {len(full)} beside {len(empty)}"
    yield at_most(name, len(full) - len(empty), 0, "{}", how)
    how = f"{sum(full):.0f} ms beside {sum(empty):.0f} ms"
    yield at_most("their length", sum(full) - sum(empty), 0, "{:.0f} ms", how)


def _own(cell: dict[str, Any]) -> dict[str, Any]:
    """The same cell, as if no turn had made it."""
    own = {"metadata": {}, "source": cell["source"].replace("%%codeact", "# Next")}
    return from_dict({**cell, **own})


def _long_tasks(stage: Stage, cells: Iterable[dict[str, Any]]) -> list[float]:
    """Milliseconds of each, below these cells and beside the chat."""
    with stage.open(*cells, PROMPT) as scene:
        scene.page.wait_for_function(DRAWN, timeout=MOST_SECONDS * 1000, polling=1000)
        expect(Chat(scene.book).field).to_be_focused()  # before the notebook is to have that
        ours, _ = rounds(stage, scene, len(scene.do("sources")) - 1)
    return ours
