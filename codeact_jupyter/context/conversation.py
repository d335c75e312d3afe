"""The messages of a session, in the order in which they are sent.

Append only: what was sent once is sent again byte for byte, so a server can keep what it
computed for it. The one exception is :meth:`Conversation.compact`, an event of its own
that the user is told of. The loop appends; the model client reads.

Every text passes :func:`~codeact_jupyter.redact.redact` here, on its way in.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, overload

from codeact_jupyter.context import example
from codeact_jupyter.markdown import fenced
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from codeact_jupyter.types import Message, Reply, Role

    _Said = tuple[Role | Literal["observation"], str] | tuple[Literal["action"], str, str]

KEPT_OBSERVATIONS = 2
SHORTENED_CHARACTERS = 300


def system_prompt() -> str:
    """The words that every conversation starts with; the same for every user and task."""
    return files(__package__).joinpath("system.md").read_text(encoding="utf-8").strip()


class Conversation:
    """What was said between user, model and kernel."""

    def __init__(self) -> None:
        self._messages: list[_Said] = [("system", system_prompt())]
        self._show_example()
        self._begin = len(self._messages)

    @property
    def told(self) -> Sequence[str]:
        """What the model was told since the example: prompts, cells, outputs."""
        real = self._messages[self._begin :]
        return [_content(said) for said in real if _role(said) == "user"]

    @property
    def messages(self) -> Sequence[Message]:
        """The messages as they are sent; each is put together when it is read."""
        return _Messages(tuple(self._messages))

    def copy(self) -> Conversation:
        """Return a copy, to look at what would be sent."""
        other = Conversation()
        other._messages = list(self._messages)
        return other

    def ask(self, prompt: str, *, cells: str = "", variables: str = "") -> None:
        """Add the user's words, after what the model needs to know of the notebook.

        Args:
            prompt: The user's words.
            cells: The cells that ran since the last message.
            variables: Digest of the variables, or of their changes.
        """
        parts = []
        if cells:
            parts.append(f"Cells that ran before:\n{cells}")
        if variables:
            parts.append(f"Variables in the kernel:\n{variables}")
        self._add_user("\n\n".join([*parts, prompt.strip()]))

    def reply(self, reply: Reply) -> None:
        """Add what the model said, without what followed its action."""
        if reply.code is None:
            self._add("assistant", reply.answer or "(nothing)")
        else:
            self._messages.append(("action", redact(reply.thought), redact(reply.code)))

    def observe(self, text: str) -> None:
        """Add what came of an action."""
        self._add("observation", text)

    def doubt(self, reason: str) -> None:
        """Add why an answer does not stand, in place of :meth:`reply`.

        Its own words are left out: a made-up number that stands in the conversation is
        soon repeated as if it were known.
        """
        self._add("assistant", "(An answer that rests on no output.)")
        self._add_user(reason)

    def close(self, sentence: str) -> None:
        """End a turn that got no answer, so that the next prompt follows a reply.

        Many chat templates demand that user and assistant take turns.
        """
        if _role(self._messages[-1]) == "user":
            self._add("assistant", f"(The turn ended here: {sentence})")

    def compact(self) -> int:
        """Shorten old observations; return how many characters that saved.

        Only for a context that is full: it changes what was sent before.
        """
        saved = 0
        kinds = [said[0] for said in self._messages]
        observations = [index for index, kind in enumerate(kinds) if kind == "observation"]
        for index in observations[:-KEPT_OBSERVATIONS]:
            old = self._messages[index][1]
            if len(old) > 2 * SHORTENED_CHARACTERS:
                new = f"{old[:SHORTENED_CHARACTERS].rsplit(None, 1)[0]}\n[… shortened later …]"
                self._messages[index] = ("observation", new)
                saved += len(old) - len(new)
        return saved

    def _show_example(self) -> None:
        self._add_user(example.PROMPT)
        for reply, observation in example.STEPS:
            self.reply(reply)
            self._add_user(observation)
        self.reply(example.ANSWER)

    def _add_user(self, content: str) -> None:
        self._add("user", content)

    def _add(self, kind: Role | Literal["observation"], content: str) -> None:
        self._messages.append((kind, redact(content)))


class _Messages(Sequence["Message"]):
    """Messages that take no memory: a long session would hold every text twice."""

    def __init__(self, said: tuple[_Said, ...]) -> None:
        self._said = said

    def __len__(self) -> int:
        return len(self._said)

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | Sequence[Message]:
        if isinstance(index, slice):
            return _Messages(self._said[index])
        said = self._said[index]
        return {"role": _role(said), "content": _content(said)}


def _role(said: _Said) -> Role:
    """Observations are said by the user, as in the paper."""
    match said[0]:
        case "observation":
            return "user"
        case "action":
            return "assistant"
        case role:
            return role


def _content(said: _Said) -> str:
    """An action is kept in its two parts, which the record keeps too, and joined here."""
    if said[0] == "action":
        return f"{said[1]}\n\n{fenced(said[2])}".lstrip()
    return said[1]
