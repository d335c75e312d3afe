"""Conversations between kernel and tab, written by hand: ``python tests/contract/write_golden.py``.

Each file in ``golden/`` is a list of ``{"from": "kernel" | "tab", "message": ...}`` that
begins with the tab's hello. The kernel's side and the tab's side are each tested against all
of them (``test_protocol.py``, ``labextension/test/golden.test.ts``). The tab's test begins
with a notebook that holds the prompt, and does what the user did where the tab asks for
something: it stops, rejects, approves, or deletes the cell.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from codeact_jupyter import protocol as p
from codeact_jupyter._version import __version__

GOLDEN = Path(__file__).parent / "golden"
SESSION, TURN, PROMPT = "s-1", "t-1", "prompt-1"
WORDS = "I look at the columns first."
CODE = "df.head()"

Line = dict[str, Any]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def kernel(message: Any) -> Line:
    return {"from": "kernel", "message": message.model_dump(mode="json")}


def tab(message: Any) -> Line:
    return {"from": "tab", "message": message.model_dump(mode="json")}


def reply(to: int, **said: Any) -> Line:
    return tab(p.Reply(to=to, **said))


def meta(role: p.CellRole, step: int, status: str, text: str = "") -> p.CellMetadata:
    return p.CellMetadata(
        session=SESSION,
        turn=TURN,
        step=step,
        role=role,
        status=status,
        model="scripted",
        fingerprint=sha(text) if text else "",
    )


def card(state: p.TurnState, step: int = 1, **fields: Any) -> p.Card:
    whole = {"tokens": 120 * step, "estimated": False, "seconds": 1.5, "model": "scripted"}
    return p.Card(
        session=SESSION,
        turn=TURN,
        prompt_id=PROMPT,
        state=state,
        step=step,
        **{"policy": "ask", **whole, **fields},
    )


def opening(turns: tuple[str, ...] = ()) -> list[Line]:
    return [
        tab(p.Hello(version=__version__, client="client-1", path="a.ipynb")),
        kernel(p.Welcome(version=__version__, turns=turns)),
    ]


def started() -> list[Line]:
    begun = p.TurnStarted(
        id=1,
        prompt_id=PROMPT,
        replaces="",
        metadata=meta("prompt", 0, "running"),
        card=card("thinking", 0),
    )
    news = p.NotebookNews(id=2, prompt_id=PROMPT, characters=4000)
    read = p.NotebookRead(id=3, prompt_id=PROMPT, characters=8000)
    return [
        kernel(begun),
        reply(1),
        kernel(news),
        reply(2, changes=()),
        kernel(read),
        reply(3, cells=()),
    ]


def cell(first: int, cell_id: str, role: p.CellRole, step: int, text: str, status: str) -> list:
    """A cell that is placed, streamed in two pieces and finished."""
    half = len(text) // 2
    place = p.CellPlace(
        id=first,
        prompt_id=PROMPT,
        cell_id=cell_id,
        cell_type="code" if role == "action" else "markdown",
        source="",
        metadata=meta(role, step, "writing"),
    )
    finish = p.CellFinish(
        id=first + 1, cell_id=cell_id, source=text, metadata=meta(role, step, status, text)
    )
    return [
        kernel(place),
        reply(first, fingerprint=sha("")),
        kernel(p.CellText(cell_id=cell_id, at=0, text=text[:half])),
        kernel(p.CellText(cell_id=cell_id, at=half, text=text[half:])),
        kernel(finish),
        reply(first + 1, fingerprint=sha(text)),
    ]


def mark(number: int, cell_id: str, status: str, *, passes: bool = False) -> list[Line]:
    marked = p.CellMark(
        id=number, cell_id=cell_id, metadata=meta("action", 1, status, CODE), passes=passes
    )
    return [kernel(marked), reply(number, fingerprint=sha(CODE))]


def put_out(number: int, cell_id: str) -> list[Line]:
    output = {"output_type": "stream", "name": "stdout", "text": "three\n"}
    told = p.CellOutputs(id=number, cell_id=cell_id, execution_count=2, outputs=(output,))
    return [kernel(told), reply(number)]


def ended(number: int, ending: str, step: int = 2) -> list[Line]:
    end = p.TurnEnded(
        id=number,
        prompt_id=PROMPT,
        metadata=meta("prompt", 0, ending, "how many?"),
        card=card("ended", step, ending=ending, sentence=f"It {ending}."),
    )
    return [kernel(end), reply(number)]


def proposal() -> list[Line]:
    return [
        *opening(),
        *started(),
        *cell(4, "thought-1", "thought", 1, WORDS, "done"),
        *cell(6, "action-1", "action", 1, CODE, "proposed"),
        kernel(p.TurnCard(card=card("waiting"))),
    ]


def conversations() -> dict[str, list[Line]]:
    run = p.CellRun(id=6, turn=TURN, cell_id="action-1", fingerprint=sha(CODE))
    again = {**kernel(run)}
    remove = p.CellRemove(
        id=8,
        cell_id="action-1",
        fingerprint=sha(CODE),
        metadata=meta("action", 1, "rejected", CODE),
    )
    return {
        "asked": [
            *proposal(),
            *mark(8, "action-1", "ok"),
            *cell(9, "answer-1", "answer", 2, "Three.", "done"),
            *ended(11, "answered"),
        ],
        "auto_stopped": [
            *opening(),
            *started(),
            *cell(4, "action-1", "action", 1, CODE, "running"),
            kernel(run),
            reply(6, fingerprint=sha(CODE)),
            again,
            reply(6, fingerprint=sha(CODE)),
            kernel(p.TurnCard(card=card("running", policy="auto"))),
            tab(p.Stop(id=1, turn=TURN)),
            kernel(p.Done(to=1, ok=True)),
            *mark(7, "action-1", "interrupted", passes=True),
            *ended(8, "stopped", 1),
        ],
        "rejected": [
            *proposal(),
            tab(p.Reject(id=1, cell_id="action-1", reason="too slow")),
            kernel(p.Done(to=1, ok=True)),
            kernel(remove),
            reply(8, fingerprint=sha(CODE)),
            *cell(9, "answer-1", "answer", 2, "Three.", "done"),
            *ended(11, "answered"),
        ],
        "deleted": [
            *proposal(),
            tab(p.Gone(id=1, cell_id="action-1")),
            kernel(p.Done(to=1, ok=True)),
            kernel(remove),
            reply(8),
            *ended(9, "answered"),
        ],
        "approved": [
            *proposal(),
            tab(p.ApproveRest(id=1, turn=TURN)),
            kernel(p.Done(to=1, ok=True)),
            kernel(run.model_copy(update={"id": 8})),
            reply(8, fingerprint=sha(CODE)),
            *mark(9, "action-1", "ok"),
            *ended(10, "answered", 1),
        ],
        "reloaded": [
            *opening((TURN,)),
            kernel(p.Ping(id=7)),
            reply(7),
            *cell(8, "action-1", "action", 1, CODE, "proposed"),
            *mark(10, "action-1", "ok"),
            *put_out(11, "action-1"),
            *ended(12, "answered", 1),
        ],
    }


def text(lines: list[Line]) -> str:
    return json.dumps(lines, indent=1) + "\n"


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for name, lines in conversations().items():
        (GOLDEN / f"{name}.json").write_text(text(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
