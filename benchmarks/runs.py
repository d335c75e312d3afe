"""What ``codeact-jupyter run`` adds: to an action, to outputs, and before the first word.

An action is compared with ``nbclient.execute_cell`` of the same cell in a kernel of its
own, in turn. That is as its users have it, over TCP and with IPython's history, which our
kernel does without; without them there too, the ratio differs by less than 0.05. The clock of
an action runs from the end of the model's reply to the next request, with all that a run does:
reading, policy, the cell, the look at the variables, the record and the notebook file, which
is written meanwhile.

The first word is timed from the start of the command to the first text of the reply. The
model server is the local model's where its file is there, asked the same before, so that
it has read the prompt; else the scripted endpoint.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import nbformat
from endpoint import ScriptedEndpoint
from nbclient import NotebookClient

from benchmarks.rows import Row, at_most, known
from benchmarks.scripted import ENDLESS, Script, ScriptedDialogue, block
from codeact_jupyter.config import CodeAct
from codeact_jupyter.models import local
from codeact_jupyter.models.serve import serve
from codeact_jupyter.record import notebook
from codeact_jupyter.record.autosave import Autosave
from codeact_jupyter.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = 80  # in each pair of kernels, since no two kernels are equally fast
KERNELS = 7
WARM = 20
OUTPUTS = 1_000
FIRST_SECONDS = 2.5
COMMANDS = 5
PROMPT = "Say in one word whether 7 is prime."


def figure() -> list[Row]:
    """Measure all three."""
    return [_action_row(), _lost_row(), *_first_word_rows()]


class ScriptedRun(Session):
    """A session in a kernel of its own whose model is a script."""

    @cached_property
    def dialogue(self) -> ScriptedDialogue:
        return ScriptedDialogue(self._place, self.record, keys=self.keys)


# --- an action


def _action_row() -> Row:
    pairs = [tuple(map(statistics.median, _times())) for _ in range(KERNELS)]
    ratios = sorted(step / plain for step, plain in pairs)
    ratio = statistics.median(ratios)
    step, plain = map(statistics.median, zip(*pairs, strict=True))
    among = f"{KERNELS} pairs of kernels, {ratios[0]:.2f} to {ratios[-1]:.2f}"
    how = f"{step:.2f} ms beside {plain:.2f} ms, {among}"
    return at_most("an action of run / nbclient.execute_cell", ratio, 1.1, "{:.2f}", how)


def _times() -> tuple[list[float], list[float]]:
    """Milliseconds of actions, and of the same cells under nbclient between them."""
    taken: dict[str, list[float]] = {"step": [], "plain": []}
    begun: list[float] = []
    with _plain_kernel() as run_plain, tempfile.TemporaryDirectory() as folder:

        def clock(mark: str) -> None:
            if mark == "begin":
                begun.append(perf_counter())
            elif begun:
                taken["step"].append((perf_counter() - begun[-1]) * 1000)

        def plain(number: int) -> None:
            start = perf_counter()
            run_plain(number)
            taken["plain"].append((perf_counter() - start) * 1000)

        with ScriptedRun(folder=folder) as session:
            record = session.record
            path = Path(folder) / "out.ipynb"
            saved = Autosave(path, lambda: notebook.to_notebook(record), print)
            saved.begin()
            record.on_change = saved.changed
            replies = (block(f"x = {number}") for number in range(WARM + STEPS))
            session.dialogue.script = Script(replies, plain, clock)
            session.ask("Count.", CodeAct().with_flags(ENDLESS), auto=True)
            saved.close()
    return taken["step"][WARM:], taken["plain"][WARM:-1]


@contextlib.contextmanager
def _plain_kernel() -> Iterator[Any]:
    untyped: Any = nbformat
    cells = [untyped.v4.new_code_cell(f"x = {number}") for number in range(WARM + STEPS + 2)]
    client: Any = NotebookClient(untyped.v4.new_notebook(cells=cells), kernel_name="python3")
    with client.setup_kernel():
        yield lambda number: client.execute_cell(cells[number], number)


# --- outputs


def _lost_row() -> Row:
    with Session() as session:
        shown = session.run_cell(f"for number in range({OUTPUTS}): display(number)")
        printed = session.run_cell(f"for number in range({OUTPUTS}): print(number, flush=True)")
    numbers = [str(number) for number in range(OUTPUTS)]
    found = [output["data"]["text/plain"] for output in shown.outputs]
    lines = "".join(output["text"] for output in printed.outputs).split()
    lost = sum(one != other for one, other in zip(found, numbers, strict=False))
    lost += abs(len(found) - OUTPUTS) + abs(len(lines) - OUTPUTS)
    how = f"{OUTPUTS:,} displays and {OUTPUTS:,} printed lines"
    return at_most("outputs that a run lost", float(lost), 0, "{:.0f}", how)


# --- the first word


def _first_word_rows() -> Iterator[Row]:
    with ScriptedEndpoint(["Yes."] * COMMANDS) as server:
        seconds = [_first_word(server.base_url) for _ in range(COMMANDS)]
    name = "first word of run, without a model"
    yield known(name, f"{statistics.median(seconds):.2f} s", f"{COMMANDS} commands")
    if local.is_there():
        with serve(port=0, context=8192) as address:
            _first_word(f"{address}/v1")
            seconds = [_first_word(f"{address}/v1") for _ in range(COMMANDS)]
        name = "first word of run, the local model warm"
        how = f"{COMMANDS} commands, {min(seconds):.2f} to {max(seconds):.2f} s"
        yield at_most(name, statistics.median(seconds), FIRST_SECONDS, "{:.2f} s", how)


def _first_word(base_url: str) -> float:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODEACT_", "OPENAI_"))}
    command = [sys.executable, "-m", "codeact_jupyter", "run", PROMPT, "--auto"]
    start = perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        env={**kept, "CODEACT_BASE_URL": base_url},
    ) as process:
        assert process.stdout is not None
        head = b""
        while b"step 1" not in head or not head.partition(b"\xe2\x94\x80\xe2\x94\x80\n")[2]:
            piece = process.stdout.read(1)
            if not piece:
                raise RuntimeError(head.decode())
            head += piece
        seconds = perf_counter() - start
        process.stdout.read()
    return seconds
