"""From a reply's last byte to its action's start, beside Shift-Enter on the same cell.

Both end at the kernel's word that it is busy with the cell, by the time that the kernel
gave it. By hand it takes one message to the kernel; an action needs one from the kernel
to the page before, so one round trip of a comm is added to the key press.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.browser.stage import HeldStep, Scene, Stage
from benchmarks.rows import Row, at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = 30
WARM = 3
ECHO = """def echo(comm, opened):
    comm.on_msg(lambda message: comm.send({}))
get_ipython().kernel.comm_manager.register_target("bench-echo", echo)"""
PROMPT = f"%%codeact --auto --max-steps {STEPS + WARM + 1}\nCount."


def figure(stage: Stage) -> Iterator[Row]:
    """Measure in one turn, by hand and by the turn in turn."""
    steps = [HeldStep(f"x = {100 + number}") for number in range(STEPS + WARM)]
    stage.model.script(*(step.reply for step in steps), "Done.")
    taken = []
    with stage.open(ECHO, PROMPT) as scene:
        scene.book.run(1)
        scene.book.until_idle()
        scene.book.run(2)
        for number, step in enumerate(steps):
            taken.append(_pair(scene, number, step))
    ours, hand, trip = (statistics.median(side) for side in zip(*taken[WARM:], strict=True))
    how = f"{ours:.1f} ms beside {hand:.1f} ms and {trip:.1f} ms, {STEPS} steps"
    name = "from reply to busy / Shift-Enter to busy + one round trip"
    yield at_most(name, ours / (hand + trip), 1.0, "{:.2f}", how)


def _pair(scene: Scene, number: int, step: HeldStep) -> tuple[float, float, float]:
    """Milliseconds of a step, of the key on its cell, and of a comm's round trip."""
    before = len(scene.seen["busy"])
    request = scene.request(number)
    step.release(scene)
    ours = scene.wait_for_busy(before + 1) - request.answered
    scene.request(number + 1)
    scene.do("choose", scene.do("sources").index(step.code))
    scene.do("quiet")
    scene.page.keyboard.press("Shift+Enter")
    busy = scene.wait_for_busy(before + 2)
    hand = busy - scene.seen["keys"][-1] / 1000
    scene.do("quiet")
    trip = scene.do("roundTrip")
    return ours * 1000, hand * 1000, trip
