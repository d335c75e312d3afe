"""The values that all parts of the package hand to each other.

Frozen, keyword-only, and free of behaviour beyond reading themselves: they know nothing of
ids, files, kernels or endpoints, and import none of ours but
:mod:`codeact_jupyter.cells` and :mod:`codeact_jupyter.notebooks`.
The words are those of the CodeAct paper (thought, observation) and of Jupyter (cell, output).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from codeact_jupyter.notebooks import Meanwhile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeact_jupyter.cells import CellRun

Role = Literal["system", "user", "assistant"]
"""Who says a message of a chat completion request."""


class Message(TypedDict):
    """One message of a chat completion request."""

    role: Role
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One reply of the model, read by an action format.

    ``code`` and ``answer`` are never both set; both are None for an empty reply.

    Attributes:
        thought: The prose before the action, without reasoning drafts; may be empty.
        code: The Python of the one action, or None when no action must run.
        answer: The whole prose of a reply that has no action, or None.
        misread: Why a reply without ``code`` is no action though it was meant as one, in words
            for the model; or ``""``.
    """

    thought: str = ""
    code: str | None = None
    answer: str | None = None
    misread: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """Tokens of one or more requests.

    Attributes:
        input: Tokens sent, cached ones included.
        output: Tokens received.
        cached: The part of ``input`` that the server read from its cache.
        estimated: True when a server reported nothing and the numbers are our estimate.
        cost: In the endpoint's money, of the requests for which it told that; None for none.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    estimated: bool = False
    cost: float | None = None

    @property
    def total(self) -> int:
        """Tokens in both directions."""
        return self.input + self.output

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input=self.input + other.input,
            output=self.output + other.output,
            cached=self.cached + other.cached,
            estimated=self.estimated or other.estimated,
            cost=self.cost if other.cost is None else (self.cost or 0.0) + other.cost,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCall:
    """A call in the native field of an answer, of a tool that nobody offered.

    Attributes:
        name: The tool's name, cut to one line.
        arguments: Its arguments by name, or None when they were not a JSON object.
    """

    name: str
    arguments: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """One reply of a model that arrived whole.

    Attributes:
        text: The visible text.
        reasoning: What the model thought aloud in a separate field; never parsed.
        call: The first tool call, which some models make unasked.
        finish: The server's finish reason, for example ``"stop"`` or ``"length"``.
        usage: Tokens of this request.
        seconds: Wall time from the request to the last byte.
    """

    text: str
    reasoning: str = ""
    call: ToolCall | None = None
    finish: str
    usage: Usage
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """Where a model is asked, with the key that belongs to exactly that address.

    Attributes:
        base_url: The API's root, usually ending in ``/v1``.
        api_key: The key that came with this URL, or None for a server without keys.
            Never shown by ``repr``.
        model: The model's name, or None to use the only one that the endpoint lists.
        source: Where the URL was set, in words, for messages: ``"CODEACT_BASE_URL"``; or
            ``"OPENAI_API_KEY"``, which set alone means the default URL of OpenAI.
        local: True for the model that this package serves itself.
    """

    base_url: str = field(repr=False)
    api_key: str | None = field(default=None, repr=False)
    model: str | None = None
    source: str
    local: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one turn may use up.

    Attributes:
        steps: Replies of the model.
        tokens: Tokens in both directions, over all requests of the turn.
        seconds: Seconds of model time; waiting for the user does not count.
    """

    steps: int
    tokens: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """The Python that the model wants to run: exactly one code cell.

    Attributes:
        cell_id: The id of its cell, valid under nbformat 4.5.
        turn: The id of the turn it belongs to.
        step: Its step in the turn, from 1.
        code: The source as the model wrote it.
        grade: What it would do, as far as its text tells; None where nobody looked.
    """

    cell_id: str
    turn: str
    step: int
    code: str
    grade: Grade | None = None

    @property
    def installs(self) -> bool:
        """Whether it may change packages, which needs the user's word in every mode."""
        return self.grade is None or "install" in self.grade.kinds


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What a cell did to the user's variables: names with their digest lines.

    Attributes:
        new: Digest line by name, for names that did not exist before.
        changed: Digest line by name, for names whose value is another one now.
        deleted: Names that are gone.
    """

    new: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, str] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What there is to see of the user's variables at one moment.

    Attributes:
        text: Digest lines, of all variables or of those that changed; ``""`` for none.
        names: The names of all of them.
    """

    text: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What was decided about one action before it runs.

    Attributes:
        kind: ``run`` it; ``rejected`` by the user, the turn goes on with his reason;
            ``stop`` the turn; ``handed_over`` to the user, who runs it himself, which
            ends the turn.
        code: The text to run where the user edited it; None for the action's own.
        reason: The user's words to the model, may be empty.
        begun: The user runs it himself, and it has begun.
    """

    kind: Literal["run", "rejected", "stop", "handed_over"]
    code: str | None = None
    reason: str = ""
    begun: bool = False


GradeKind = Literal[
    "self",
    "install",
    "shell",
    "network",
    "delete",
    "unknown",
    "write",
    "rebind",
    "assign",
    "read",
]
"""What an action would do, gravest first: the farther an effect reaches, the graver.

``self`` acts on what asks for approval: CodeAct, the kernel, the page, keys. ``install``
changes every notebook of an environment, ``shell`` may do all that the user may do,
``network`` leaves the machine, ``delete`` cannot be taken back. ``unknown`` may be any of
these; it stands after them because a known fact tells the user more, and before the rest
because that is always less. ``write`` leaves files, ``rebind`` replaces or changes a
variable of the user's, ``assign`` makes a new one, ``read`` is what remains."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grade:
    """What one action would do, as far as its text tells; never a promise about the rest.

    Attributes:
        kinds: Each kind once, gravest first; never empty.
        reasons: One piece of a sentence for each of ``kinds``: ``"deletes files"``.
        grave: True where the user should look twice, not only look.
    """

    kinds: tuple[GradeKind, ...]
    reasons: tuple[str, ...]
    grave: bool

    @property
    def sentence(self) -> str:
        """All that is worth telling, or that nothing was found; new variables are not told."""
        told = zip(self.kinds, self.reasons, strict=True)
        pieces = [reason for kind, reason in told if kind not in {"assign", "read"}]
        return "; ".join(pieces) or "no known risks found"


ObservationStatus = Literal[
    "ok", "error", "interrupted", "timed_out", "rejected", "refused", "stopped", "handed_over"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """What goes back to the model after an action.

    Attributes:
        status: How the cell ended; or why nothing ran: ``rejected`` by the user,
            ``refused`` by a rule, ``stopped`` or ``handed_over`` with the turn.
        run: The cell that ran, or None when nothing ran.
        changes: What it did to the variables.
        hints: Facts that help after an error, one sentence each.
        reason: The user's or the rule's words when nothing ran.
        edited: True when the user changed the code before it ran.
        meanwhile: What the user did himself, beside this action.
    """

    status: ObservationStatus
    run: CellRun | None = None
    changes: Changes = field(default_factory=Changes)
    hints: tuple[str, ...] = ()
    reason: str = ""
    edited: bool = False
    meanwhile: Meanwhile = field(default_factory=Meanwhile)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One reply of the model, the action it held, and what came of it.

    Attributes:
        number: From 1 in its turn.
        reply: The model's reply.
        action: The action, or None for a reply without one.
        observation: What the model reads next, or None after an answer.
        usage: Tokens of this step.
        seconds: Model time of this step.
    """

    number: int
    reply: Reply
    action: Action | None = None
    observation: Observation | None = None
    usage: Usage = Usage()
    seconds: float = 0.0


EndKind = Literal[
    "answered", "steps", "tokens", "seconds", "stopped", "fault", "empty", "stuck", "handed_over"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How a turn ended; always with a sentence, also when all went well.

    Attributes:
        kind: ``answered``; a limit (``steps``, ``tokens``, ``seconds``); ``stopped`` by
            the user; a ``fault``; an ``empty`` reply; ``stuck`` on one action;
            ``handed_over`` to the user.
        sentence: What happened and what to do next, for the user.
    """

    kind: EndKind
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """All that followed one prompt.

    Attributes:
        id: Unique in its session.
        prompt: The user's words.
        model: The model's name.
        steps: In order.
        ending: How it ended.
        usage: Tokens of all its requests.
        seconds: Model time; waiting for the user does not count.
    """

    id: str
    prompt: str
    model: str
    steps: tuple[Step, ...]
    ending: Ending
    usage: Usage
    seconds: float

    @property
    def answer(self) -> str:
        """The model's answer in Markdown, or ``""`` when the turn ended without one."""
        answered = self.ending.kind == "answered" and self.steps
        return (self.steps[-1].reply.answer or "") if answered else ""
