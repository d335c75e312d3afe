"""The messages of a session, in the order in which they are sent.

Append only: what was sent once is sent again byte for byte, so a server can keep what it
computed for it. The one exception is :meth:`Conversation.compact`, an event of its own
that the user is told of. The loop appends; the model client reads.

Every text passes :func:`~codeact_jupyter.redact.redact` here, on its way in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, overload

from codeact_jupyter.context.profiles import DEFAULT
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeact_jupyter.context.example import Example
    from codeact_jupyter.context.profiles import Profile
    from codeact_jupyter.types import EndKind, Message, Reply, Role

    _Said = tuple[Role | Literal["observation"], str] | tuple[Literal["action"], str, str]

KEPT_OBSERVATIONS = 2
SHORTENED_CHARACTERS = 300
SENT_BACK = "I have not computed that yet."
ENDED_HERE = "(The turn ended here, without an answer: {why}.)"
WHY_ENDED: dict[EndKind, str] = {
    "answered": "nothing was said",
    "steps": "its limit of steps was reached",
    "tokens": "its limit of tokens was reached",
    "seconds": "its limit of time was reached",
    "stopped": "it was stopped",
    "stuck": "the same block was run again and again",
    "handed_over": "the user took the block over, to edit and run it",
    "empty": "the reply was empty",
    "fault": "no whole reply came",
}
GOES_ON = (
    "(Of this prompt's steps those up to step {step} have run and stand as the user left them: "
    "what he changed is shown above. Go on from there. What came after step {step}, the answer "
    "included, was taken back.)"
)
LEFT_OUT = "(What was said before is left out here.)"


class Conversation:
    """What was said between user, model and kernel.

    Args:
        profile: Whose words it begins with, and how actions are written in it.

    Attributes:
        profile: That one.
    """

    def __init__(self, profile: Profile = DEFAULT) -> None:
        self.profile = profile
        self._messages: list[_Said] = [("system", profile.system)]
        if profile.example:
            self._show(profile.example)
        self._begin = self._turn = len(self._messages)

    @property
    def told(self) -> Sequence[str]:
        """What the model was told since the example: prompts, cells, outputs."""
        real = self._messages[self._begin :]
        return [said[1] for said in real if _role(said) == "user"]

    @property
    def messages(self) -> Sequence[Message]:
        """The messages as they are sent; each is put together when it is read."""
        return _Messages(tuple(self._messages), self.profile.wording.block)

    def copy(self) -> Conversation:
        """Return a copy, to look at what would be sent."""
        other = Conversation(self.profile)
        other._messages = list(self._messages)
        other._turn = self._turn
        return other

    def ask(
        self,
        prompt: str,
        *,
        above: str = "",
        cells: str = "",
        variables: str = "",
        files: str = "",
        after: int = 0,
    ) -> None:
        """Add the user's words, after what the model needs to know of the notebook.

        Args:
            prompt: The user's words.
            above: The cells above the prompt that the model was not told of.
            cells: Other cells that ran since the last message.
            variables: Digest of the variables, or of their changes.
            files: What is told of the files that the prompt is about.
            after: The step of this very prompt from which the turn goes on, or 0.
        """
        parts = []
        if above:
            parts.append(f"The notebook above the prompt:\n{above}")
        if cells:
            parts.append(f"Cells that ran before:\n{cells}")
        if variables:
            parts.append(f"Variables in the kernel:\n{variables}")
        self._turn = len(self._messages)
        if files:
            parts.append(f"Files:\n{files}")
        goes_on = [GOES_ON.format(step=after)] if after else []
        self._add_user("\n\n".join([*parts, prompt.strip(), *goes_on]))

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
        self._add("assistant", SENT_BACK)
        self._add_user(reason)

    def close(self, kind: EndKind) -> None:
        """End a turn that got no answer, so that the next prompt follows a reply.

        Only why is told: what the user may do about it is no word of this conversation.

        Many chat templates demand that user and assistant take turns.
        """
        if _role(self._messages[-1]) == "user":
            self._add("assistant", ENDED_HERE.format(why=WHY_ENDED[kind]))

    def compact(self) -> int:
        """Make the conversation shorter; return how many characters that saved.

        First old observations are shortened. If they are, earlier turns are left out, and
        of this one only the last observation stays whole. Only for a context that is full:
        it changes what was sent before.
        """
        before = self._characters()
        self._shorten(KEPT_OBSERVATIONS)
        if self._characters() == before:
            self._leave_out_earlier_turns()
            self._shorten(1)
        return max(0, before - self._characters())

    def _characters(self) -> int:
        return sum(len(text) for _, *texts in self._messages for text in texts)

    def _shorten(self, kept: int) -> None:
        """Shorten all observations but the last ``kept``."""
        kinds = [said[0] for said in self._messages]
        observations = [index for index, kind in enumerate(kinds) if kind == "observation"]
        for index in observations[:-kept]:
            old = self._messages[index][1]
            if len(old) > 2 * SHORTENED_CHARACTERS:
                new = f"{old[:SHORTENED_CHARACTERS].rsplit(None, 1)[0]}\n[… shortened later …]"
                self._messages[index] = ("observation", new)

    def _leave_out_earlier_turns(self) -> None:
        if self._turn == self._begin:
            return
        prompt = f"{LEFT_OUT}\n\n{self._messages[self._turn][1]}"
        self._messages[self._begin : self._turn + 1] = [("user", prompt)]
        self._turn = self._begin

    def _show(self, example: Example) -> None:
        self._add_user(example.prompt)
        for reply, observation in example.steps:
            self.reply(reply)
            self._add_user(observation)
        self.reply(example.answer)

    def _add_user(self, content: str) -> None:
        self._add("user", content)

    def _add(self, kind: Role | Literal["observation"], content: str) -> None:
        self._messages.append((kind, redact(content)))


class _Messages(Sequence["Message"]):
    """Messages that take no memory: a long session would hold every text twice."""

    def __init__(self, said: tuple[_Said, ...], block: Callable[[str], str]) -> None:
        self._said = said
        self._block = block

    def __len__(self) -> int:
        return len(self._said)

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | Sequence[Message]:
        if isinstance(index, slice):
            return _Messages(self._said[index], self._block)
        said = self._said[index]
        return {"role": _role(said), "content": self._content(said)}

    def _content(self, said: _Said) -> str:
        """An action is kept in its two parts, which the record keeps too, and joined here."""
        if said[0] == "action":
            return f"{said[1]}\n\n{self._block(said[2])}".lstrip()
        return said[1]


def _role(said: _Said) -> Role:
    """Observations are said by the user, as in the paper."""
    match said[0]:
        case "observation":
            return "user"
        case "action":
            return "assistant"
        case role:
            return role
