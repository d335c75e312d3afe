"""Writes one turn into the record, as the loop tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codeact_jupyter.record.log import Record
    from codeact_jupyter.types import Step, Turn


@dataclass(frozen=True, slots=True)
class Journal:
    """Writes one turn into the record."""

    record: Record
    turn: str
    model: str

    def replied(self, step: Step) -> None:
        """A whole reply has come and been read."""
        self.record.replied(self.turn, self.model, step)

    def doubted(self, step: Step) -> None:
        """A reply was sent back."""
        reply = step.reply
        text = f"(No output supported this answer; the model was asked again:) {reply.answer}"
        if reply.misread:
            text = f"{reply.thought} (The model was asked again, and told: {reply.misread})"
        elif not reply.answer:
            text = "(The model's reply was empty; it was asked again.)"
        self.record.said(self.turn, self.model, step.number, text.lstrip())

    def broken_off(self, step: int, text: str) -> None:
        """A reply broke off."""
        self.record.said(self.turn, self.model, step, f"{text} […]")

    def ended(self, turn: Turn) -> None:
        """The turn is over."""
        self.record.ended(turn)
