"""What happened in a kernel since the extension was loaded, in the order it happened.

The record is a list of two kinds of entries: cells that ran, the user's and the model's,
and notes, which are the words between them. The session writes it; the export and the
context read it. It lives in memory, never in the user's namespace, so ``%reset`` leaves
it alone, and it is bounded cell by cell (:mod:`codeact_jupyter.hosts.outputs`).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from codeact_jupyter.fingerprints import fingerprint
from codeact_jupyter.markdown import fenced, visible
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.types import EndKind, Step, Turn

WHY_NOT = {
    "rejected": "Rejected, so it did not run.",
    "refused": "Refused by a rule, so it did not run.",
    "handed_over": "Handed over to be edited and run by hand.",
    "stopped": "The turn ended before this ran.",
}
Role = Literal["prompt", "thought", "answer", "proposal", "ending"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where in the conversation an entry belongs; shared by the entries of a step.

    Attributes:
        session: The session's id.
        turn: The turn's id, or ``""`` for a cell of the user's own.
        step: The step's number, or 0 for a prompt and for the user's cells.
        model: The model that wrote it, or ``""``.
        seconds: Model time that the step took.
        tokens: Tokens that the step took, in both directions.
    """

    session: str
    turn: str = ""
    step: int = 0
    model: str = ""
    seconds: float = 0.0
    tokens: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A cell that ran.

    Attributes:
        origin: Where it belongs.
        run: What ran and what it put out.
        proposed: The code as the model wrote it; None for a cell of the user's own.
    """

    origin: Origin
    run: CellRun
    proposed: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Words: a prompt, a thought, an answer, an action that did not run, how a turn ended."""

    origin: Origin
    role: Role
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnTotal:
    """What one turn that is over came to; its words are in the entries.

    Attributes:
        session: The session's id.
        ending: How it ended.
        steps: Replies of the model.
        tokens: Tokens of all its requests.
        seconds: Model time.
    """

    session: str
    ending: EndKind
    steps: int
    tokens: int
    seconds: float


Entry = Cell | Note


def new_id() -> str:
    """A short id for a session or a turn."""
    return uuid.uuid4().hex[:8]


def as_quote(text: str) -> str:
    """Words as a quotation in Markdown."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def not_run(status: str, code: str, reason: str = "") -> str:
    """An action that did not run, as Markdown: why, and its code."""
    why = WHY_NOT.get(status, WHY_NOT["stopped"])
    return f"{as_quote(f'{why} {reason}'.rstrip())}\n\n{fenced(visible(code))}"


def _is_in(entry: Entry, turn: str, step: int) -> bool:
    return entry.origin.turn == turn and entry.origin.step <= step


def masked_fingerprint(text: str) -> str:
    """The fingerprint of a text as a file holds it: with its secrets masked."""
    return fingerprint(redact(text))


@dataclass(kw_only=True)
class Record:
    """The history of one kernel.

    Attributes:
        session: Id of the session that entries belong to now.
        names_before: The user's names that existed when the record began.
        entries: What happened, oldest first.
        turns: The turns that are over, oldest first.
        on_change: Called after each entry and each end of a turn.
    """

    session: str
    names_before: tuple[str, ...] = ()
    entries: list[Entry] = field(default_factory=list)
    turns: list[TurnTotal] = field(default_factory=list)
    on_change: Callable[[], None] = lambda: None
    _actions: dict[str, tuple[Origin, str]] = field(default_factory=dict)

    def ran(self, run: CellRun) -> None:
        """Add a cell that ran: an action that :meth:`replied` told of, or the user's."""
        mine = (Origin(session=self.session), None)
        origin, proposed = self._actions.pop(run.cell_id or "", mine)
        if proposed == run.source:
            proposed = run.source  # one text in memory instead of two
        self.entries.append(Cell(origin=origin, run=run, proposed=proposed))
        self.on_change()

    def asked(self, turn: str, prompt: str) -> None:
        """Add a prompt; what an earlier turn proposed and nobody ran is forgotten."""
        self._actions.clear()
        self._note(Origin(session=self.session, turn=turn), "prompt", prompt)

    def replied(self, turn: str, model: str, step: Step) -> None:
        """Add what the model said; its action follows when it has run."""
        origin = Origin(
            session=self.session,
            turn=turn,
            step=step.number,
            model=model,
            seconds=step.seconds,
            tokens=step.usage.total,
        )
        if text := step.reply.thought or step.reply.answer:
            self._note(origin, "thought", text)
        if step.action is not None:
            self._actions[step.action.cell_id] = (origin, redact(step.action.code))

    def said(self, turn: str, model: str, step: int, text: str) -> None:
        """Add words of the model that led to nothing: a reply cut off, or sent back."""
        self._note(Origin(session=self.session, turn=turn, step=step, model=model), "thought", text)

    def ended(self, turn: Turn) -> None:
        """Close a turn: the last words of one that was answered are its answer."""
        self.turns.append(
            TurnTotal(
                session=self.session,
                ending=turn.ending.kind,
                steps=len(turn.steps),
                tokens=turn.usage.total,
                seconds=turn.seconds,
            )
        )
        for step in turn.steps:
            if step.action is not None and step.action.cell_id in self._actions:
                self._not_run(turn, step, step.action.code)
        if turn.ending.kind == "answered":
            self._mark_answer(turn.id)
        else:
            origin = Origin(session=self.session, turn=turn.id, model=turn.model)
            self._put(origin, "ending", turn.ending.sentence, behind=len(turn.steps))
        self.on_change()

    def _mark_answer(self, turn: str) -> None:
        """The last words of a turn are its answer; the user may have run cells since."""
        for at in range(len(self.entries) - 1, -1, -1):
            entry = self.entries[at]
            if isinstance(entry, Note) and entry.origin.turn == turn:
                self.entries[at] = replace(entry, role="answer")
                return

    def _not_run(self, turn: Turn, step: Step, code: str) -> None:
        """Keep an action that did not run, with why, where the model proposed it."""
        seen = step.observation
        text = not_run(seen.status, code, seen.reason) if seen else not_run("stopped", code)
        origin = Origin(session=self.session, turn=turn.id, step=step.number, model=turn.model)
        self._put(origin, "proposal", text, behind=step.number)

    def _put(self, origin: Origin, role: Role, text: str, *, behind: int) -> None:
        """Add a note behind a step of its turn; the user may have run cells since."""
        places = [at for at, entry in enumerate(self.entries) if _is_in(entry, origin.turn, behind)]
        at = places[-1] + 1 if places else len(self.entries)
        self.entries.insert(at, Note(origin=origin, role=role, text=redact(text)))

    def _note(self, origin: Origin, role: Role, text: str) -> None:
        self.entries.append(Note(origin=origin, role=role, text=redact(text)))
        self.on_change()
