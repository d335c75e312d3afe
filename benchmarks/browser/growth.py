"""An action in a notebook that has a thousand steps already, beside one in a new notebook.

Each is measured against a plain cell and a save in the same notebook, in turn with it: a
larger notebook may cost more to save, an action must not make that worse. An action's
clock runs from the last byte of its reply to the next request to the model.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from benchmarks.browser.stage import HeldStep, Stage
from benchmarks.rows import Row, at_most
from codeact_jupyter.fingerprints import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

TURN = 20  # steps; the middle one is step 10, or step 1,000
WARM = 2
EARLIER = {10: 0, 1_000: 990}
PLAIN = "y = 1"
PROMPT = f"%%codeact --auto --max-steps {TURN + 1}\nCount."


def figure(stage: Stage) -> Iterator[Row]:
    """Measure in both notebooks."""
    small, large = (_measure(stage, earlier) for earlier in EARLIER.values())
    ratios = [ours / plain for ours, plain in (small, large)]
    how = " and ".join(f"{ours:.0f} ms beside {plain:.0f} ms" for ours, plain in (small, large))
    name = "an action at step 1,000 / at step 10, each / plain cell and save"
    yield at_most(name, ratios[1] / ratios[0], 1.1, "{:.2f}", f"{how}, {TURN - WARM} steps each")


def _measure(stage: Stage, earlier: int) -> tuple[float, float]:
    """Median milliseconds of an action, and of a plain cell and a save."""
    steps = [HeldStep(f"x = {1000 + number}") for number in range(TURN)]
    stage.model.script(*(step.reply for step in steps), "Done.")
    ours, plain = [], []
    with stage.open(PLAIN, *earlier_steps(earlier), PROMPT) as scene:
        scene.do("choose", len(scene.do("sources")) - 1)
        scene.page.keyboard.press("Shift+Enter")
        for number, step in enumerate(steps):
            request = scene.request(number)
            step.release(scene)
            ours.append((scene.request(number + 1).came - request.answered) * 1000)
            scene.do("quiet")
            plain.append(scene.do("runAndSave", 1))
    return statistics.median(ours[WARM:]), statistics.median(plain[WARM:])


def earlier_steps(steps: int, each: int = TURN) -> Iterator[Any]:
    """Cells of turns that are over, ``each`` so many steps, as a notebook's file holds them."""
    for number in range(steps):
        turn, step = f"turn{number // each:04}", number % each + 1
        about = {"session": "earlier0", "turn": turn, "step": step, "model": "scripted"}
        if step == 1:
            prompt = "%%codeact\nCount on."
            yield new_code_cell(prompt, metadata=_kept(about, "prompt", "answered", "Count on."))
        thought, code = "I do the next thing.", f"x = {number}\nx"
        yield new_markdown_cell(thought, metadata=_kept(about, "thought", "done", thought))
        shown = new_output("execute_result", {"text/plain": str(number)}, execution_count=number)
        action = new_code_cell(code, metadata=_kept(about, "action", "ok", code))
        action.update(execution_count=number, outputs=[shown])
        yield action


def _kept(about: dict[str, Any], role: str, status: str, text: str) -> dict[str, Any]:
    kept = {"role": role, "status": status, "fingerprint": fingerprint(text), "seconds": 0.1}
    return {"codeact": {**about, **kept, "tokens": 100, "edited": False}}
