"""Long tasks of the page while a long action streams in, beside the same text without us.

The pieces that our messages brought are written again, at the same pace, into another
cell at the same place by the calls of the shared model alone. A long task is one that
keeps the page from answering the user for 50 ms or more (W3C, Long Tasks API). A first round
of both is not counted: code that runs for the first time is compiled, and ours would come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from endpoint import fault

from benchmarks.rows import Row, at_most
from benchmarks.scripted import block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.browser.stage import Scene, Stage

ROUNDS = 5
CHARACTERS = 4_000
EVERY = 0.008  # seconds between two pieces of the reply
PROMPT = "%%codeact --auto --again\nWrite a lot."
LINE = "value_{0:03} = 'words of a text' + str({0})  # line {0:03}\n"


def figure(stage: Stage) -> Iterator[Row]:
    """Stream the text as an action, then again as plain pieces."""
    with stage.open(PROMPT) as scene:
        ours, plain = rounds(stage, scene, 1)
    how = f"{CHARACTERS:,} characters, {ROUNDS} rounds; beside "
    name = "long tasks while an action streams in"
    count = f"{how}{len(plain)}"
    yield at_most(f"{name}, over plain", len(ours) - len(plain), 0, "{}", count)
    length = f"{how}{sum(plain):.0f} ms"
    yield at_most("their length, over plain", sum(ours) - sum(plain), 0, "{:.0f} ms", length)


def rounds(stage: Stage, scene: Scene, at: int) -> tuple[list[float], list[float]]:
    """Stream the text below the prompt that is the last cell, with us and without, in turn.

    Args:
        stage: Whose model speaks.
        scene: The notebook.
        at: The place of the prompt.

    Returns:
        Milliseconds of all long tasks of both.
    """
    code = "".join(LINE.format(n) for n in range(CHARACTERS))[:CHARACTERS].rpartition("\n")[0]
    ours: list[float] = []
    plain: list[float] = []
    for number in range(1 + ROUNDS):
        stage.model.script(fault("slow", text=block(code), every=EVERY), "Done.")
        pieces = _streamed(scene, at, number)
        mine = _long_tasks(scene, pieces[0]["when"], pieces[-1]["when"])
        scene.do("removeFrom", at + 1)
        begun, ended, text = scene.do("replay", pieces, at + 1)
        assert code.startswith(text[:100])
        if number > 0:
            ours += mine
            plain += _long_tasks(scene, begun, ended)
        scene.do("removeFrom", at + 1)
        scene.do("quiet")
    return ours, plain


def _streamed(scene: Scene, at: int, number: int) -> list[dict[str, Any]]:
    """Run the prompt to its end; the messages of its action's cell."""
    before = len(scene.seen["pieces"])
    scene.do("choose", at)
    scene.page.keyboard.press("Shift+Enter")
    scene.request(2 * number + 1)
    scene.page.wait_for_function("bench.sources().includes('Done.')")
    scene.book.until_idle()
    scene.do("quiet")
    new = scene.seen["pieces"][before:]
    action = max(new, key=lambda piece: len(piece["source"] or ""))["cell_id"]
    return [piece for piece in new if piece["cell_id"] == action]


def _long_tasks(scene: Scene, begun: float, ended: float) -> list[float]:
    """Milliseconds of each long task between these times of the page's clock."""
    origin = scene.page.evaluate("performance.timeOrigin")
    tasks = scene.seen["tasks"]
    return [t["duration"] for t in tasks if begun <= origin + t["startTime"] <= ended]
