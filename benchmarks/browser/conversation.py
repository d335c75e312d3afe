"""Long tasks of the page while an action streams into the chat of a long conversation.

The same is done beside a new notebook. In both, what the same text costs the notebook alone is
taken off: a notebook of a thousand cells may be slower, its chat must not make that worse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat import Chat

from benchmarks.browser.growth import earlier_steps
from benchmarks.browser.streaming import PROMPT, ROUNDS, rounds
from benchmarks.rows import Row, at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.browser.stage import Stage

TURNS = 300


def figure(stage: Stage) -> Iterator[Row]:
    """Stream into both."""
    (long_count, long_length), (new_count, new_length) = (_over(stage, n) for n in (TURNS, 0))
    name = f"long tasks while an action streams into a chat of {TURNS} turns, over an empty one"
    how = f"each over plain, {ROUNDS} rounds; {long_count} beside {new_count}"
    yield at_most(name, long_count - new_count, 0, "{}", how)
    how = f"{long_length:.0f} ms beside {new_length:.0f} ms"
    yield at_most("their length", long_length - new_length, 0, "{:.0f} ms", how)


def _over(stage: Stage, turns: int) -> tuple[int, float]:
    """How many more long tasks there are than without us, and how many milliseconds more."""
    with stage.open(*earlier_steps(turns, each=1), PROMPT) as scene:
        chat = Chat(scene.book)
        chat.field.wait_for()
        ours, plain = rounds(stage, scene, len(scene.do("sources")) - 1)
    return len(ours) - len(plain), sum(ours) - sum(plain)
