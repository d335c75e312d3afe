"""The messages of a session, in the order in which they are sent.

Append only: what was sent once is sent again byte for byte, so a server can keep what it
computed for it. The one exception is :meth:`Conversation.compact`, an event of its own
that the user is told of. The loop appends; the model client reads.

Every text passes :func:`~codeact_jupyter.redact.redact` here, on its way in.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from codeact_jupyter.context import example
from codeact_jupyter.markdown import fenced
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeact_jupyter.types import Message, Reply, Role

KEPT_OBSERVATIONS = 2
SHORTENED_CHARACTERS = 300


def system_prompt() -> str:
    """The words that every conversation starts with; the same for every user and task."""
    return files(__package__).joinpath("system.md").read_text(encoding="utf-8").strip()


class Conversation:
    """What was said between user, model and kernel."""

    def __init__(self) -> None:
        self._messages: list[tuple[Role, str]] = [("system", system_prompt())]
        self._observations: list[int] = []
        self._show_example()
        self._begin = len(self._messages)

    @property
    def told(self) -> Sequence[str]:
        """What the model was told since the example: prompts, cells, outputs."""
        real = self._messages[self._begin :]
        return [content for role, content in real if role == "user"]

    @property
    def messages(self) -> Sequence[Message]:
        """The messages as they are sent."""
        return [{"role": role, "content": content} for role, content in self._messages]

    def copy(self) -> Conversation:
        """Return a copy, to look at what would be sent."""
        other = Conversation()
        other._messages = list(self._messages)
        other._observations = list(self._observations)
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
            self._add("assistant", f"{reply.thought}\n\n{fenced(reply.code)}".lstrip())

    def observe(self, text: str) -> None:
        """Add what came of an action."""
        self._add_user(text)
        self._observations.append(len(self._messages) - 1)

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
        if self._messages[-1][0] == "user":
            self._add("assistant", f"(The turn ended here: {sentence})")

    def compact(self) -> int:
        """Shorten old observations; return how many characters that saved.

        Only for a context that is full: it changes what was sent before.
        """
        saved = 0
        for index in self._observations[:-KEPT_OBSERVATIONS]:
            old = self._messages[index][1]
            if len(old) > 2 * SHORTENED_CHARACTERS:
                new = f"{old[:SHORTENED_CHARACTERS].rsplit(None, 1)[0]}\n[… shortened later …]"
                self._messages[index] = ("user", new)
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

    def _add(self, role: Role, content: str) -> None:
        self._messages.append((role, redact(content)))
