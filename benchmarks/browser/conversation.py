"""Long tasks of the page while an action streams into a notebook and chat of many turns.

The same is done with the chat closed. What so large a notebook costs by itself is in both:
CodeMirror measures each editor that is drawn whenever the notebook scrolls. That JupyterLab draws
its cells one by one while the page is idle is not: that has to be over first.
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
    """Stream with the chat open and closed."""
    beside, alone = (_long_tasks(stage, chat=chat) for chat in (True, False))
    name = f"long tasks while an action streams into {TURNS} turns and their chat, over no chat"
    how = f"{ROUNDS} rounds; {len(beside)} beside {len(alone)}"
    yield at_most(name, len(beside) - len(alone), 0, "{}", how)
    how = f"{sum(beside):.0f} ms beside {sum(alone):.0f} ms"
    yield at_most("their length", sum(beside) - sum(alone), 0, "{:.0f} ms", how)


def _long_tasks(stage: Stage, *, chat: bool) -> list[float]:
    """Milliseconds of each, beside the chat or without one."""
    with stage.open(*earlier_steps(TURNS, each=1), PROMPT) as scene:
        scene.page.wait_for_function(DRAWN, timeout=MOST_SECONDS * 1000, polling=1000)
        if chat:
            expect(Chat(scene.book).field).to_be_focused()  # before the notebook is to have that
        ours, _ = rounds(stage, scene, len(scene.do("sources")) - 1)
    return ours
