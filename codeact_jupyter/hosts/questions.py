"""Asking the user about one action: yes, no or edit.

In a terminal *edit* opens the code in an editor line of several rows; in a notebook it
puts the code into the next cell, where editing belongs, and ends the turn.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from codeact_jupyter.errors import NotAnswered
from codeact_jupyter.types import Verdict

if TYPE_CHECKING:
    from codeact_jupyter.hosts.front import Front
    from codeact_jupyter.types import Action

QUESTION = "Run it? [y]es · [n]o · no, <what to do instead> · [e]dit: "
_FIRST_WORD = re.compile(r"(\w*)[\s,.:;-]*(.*)", re.DOTALL)
_AGAIN = "Please answer y, n, e, or: no, <what the model shall do instead>. "
_NOBODY = (
    "The model proposes an action and nobody is here to approve it, so it did not run. Run the "
    "cell in a front end that can ask, or write `%%codeact --auto` to let all actions run."
)


def approval(shell: Any, front: Front, action: Action) -> Verdict:
    """Say what ``action`` would do, ask, and return the user's decision.

    An interrupt or the end of input is a Stop.

    Raises:
        NotAnswered: Nobody can answer in this front end.
    """
    if not front.can_ask:
        raise NotAnswered(_NOBODY)
    question = QUESTION
    if action.grade is not None:
        told = action.grade.sentence
        question = f"{told[:1].upper()}{told[1:]}. {QUESTION}"
    try:
        while (verdict := _verdict(shell, front, action.code, input(question).strip())) is None:
            question = _AGAIN
    except (KeyboardInterrupt, EOFError):
        return Verdict(kind="stop")
    return verdict


def _verdict(shell: Any, front: Front, code: str, answer: str) -> Verdict | None:
    word, rest = _FIRST_WORD.fullmatch(answer).groups()  # type: ignore[union-attr]  # it fits all
    match word.lower():
        case "y" | "yes" if not rest:
            return Verdict(kind="run", code=code)
        case "n" | "no":
            return Verdict(kind="rejected", reason=rest) if rest else Verdict(kind="stop")
        case "e" | "edit" if not rest:
            return _edited(shell, front, code)
    return None


def _edited(shell: Any, front: Front, code: str) -> Verdict:
    if front.notebook:
        shell.set_next_input(code)
        return Verdict(kind="handed_over")
    from prompt_toolkit import prompt

    text = prompt("(Esc Enter runs it)\n", default=code, multiline=True, in_thread=True)
    return Verdict(kind="run", code=text)
