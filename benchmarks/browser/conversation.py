"""Long tasks of the page while an action streams into the chat of a long conversation.

The same is done beside a new notebook, whose chat is empty. What a large notebook costs by itself
is in it: CodeMirror measures each editor that is drawn whenever the notebook scrolls. That
JupyterLab draws its cells one by one while the page is idle is not: that has to be over first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat import Chat
from playwright.sync_api import expect

from benchmarks.browser.growth import earlier_steps
from benchmarks.browser.streaming import PROMPT, ROUNDS, rounds
from benchmarks.rows import Row, at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.browser.stage import Stage

TURNS = 300
DRAWN = """() => jupyterapp.shell.currentWidget.content.widgets
  .every(cell => !cell.isPlaceholder())"""
MOST_SECONDS = 300


def figure(stage: Stage) -> Iterator[Row]:
    """Stream into both."""
    beside, empty = (_long_tasks(stage, turns) for turns in (TURNS, 0))
    name = f"long tasks while an action streams into {TURNS} turns and their chat, over new ones"
    how = f"{ROUNDS} rounds; {len(beside)} beside {len(empty)}"
    yield at_most(name, len(beside) - len(empty), 0, "{}", how)
    how = f"{sum(beside):.0f} ms beside {sum(empty):.0f} ms"
    yield at_most("their length", sum(beside) - sum(empty), 0, "{:.0f} ms", how)


def _long_tasks(stage: Stage, turns: int) -> list[float]:
    """Milliseconds of each, beside a chat of so many turns."""
    with stage.open(*earlier_steps(turns, each=1), PROMPT) as scene:
        scene.page.wait_for_function(DRAWN, timeout=MOST_SECONDS * 1000, polling=1000)
        chat = Chat(scene.book)
        expect(chat.field).to_be_focused()  # before the notebook is to have that
        ours, _ = rounds(stage, scene, len(scene.do("sources")) - 1)
    return ours
