"""A prompt's words, and the ``%%codeact`` cell that asks, as its front end described it.

Says whether the very prompt was answered before, so that running a finished notebook
again asks no model, and who will show the turn. What a cell's metadata says may come from
a stranger's file: at worst it keeps a prompt quiet, or shows a card that is not true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codeact_jupyter.errors import ConfigError
from codeact_jupyter.fingerprints import fingerprint
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from codeact_jupyter.hosts.front import Front
    from codeact_jupyter.protocol import Card, CellMetadata

_HALF = re.compile("[\ud800-\udfff]")
_NESTED = re.compile(r"^[ \t]*%%codeact\b", re.MULTILINE)


def half_character(text: str) -> str:
    """The first half of a surrogate pair that stands alone, which nothing can send; or ``""``."""
    found = _HALF.search(text)
    return found[0] if found else ""


def check_words(words: str) -> None:
    """See to it that there is something to send, and that it can be.

    Raises:
        ConfigError: There is nothing but white space, or what is no text.
    """
    if half := half_character(words):
        raise ConfigError(
            f"The prompt holds {half!r}, which is no character of any text: it was probably "
            "typed or pasted in another encoding than UTF-8. Type it again. Nothing was sent."
        )
    if not words.strip():
        raise ConfigError(
            "The prompt is empty: say in it what you want, in a notebook below `%%codeact`. "
            "Nothing was sent."
        )


def words_of(body: str) -> str:
    """The user's words in the body of a ``%%codeact`` cell.

    Raises:
        ConfigError: There are none, or another prompt stands among them.
    """
    check_words(body)
    if _NESTED.search(body):
        raise ConfigError(
            "A `%%codeact` stands inside a `%%codeact` cell: give each prompt a cell of its own. "
            "Nothing was sent."
        )
    return body.strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """A prompt whose turn goes on beside the cells of a tab.

    Attributes:
        cell_id: Of its cell.
        words: The user's words.
        client: The session id of the tab that sent it.
        replaces: The earlier turn of this cell, in whose place it comes; ``""`` for none.
        keeps: The step of that turn from which this one goes on; 0 to begin anew.
        narration: Whether thoughts become cells.
    """

    cell_id: str
    words: str
    client: str
    replaces: str
    keeps: int
    narration: bool


def prompt_of(front: Front, words: str) -> Prompt:
    """The prompt that a tab with our extension sent."""
    assert front.mark is not None
    kept = _kept(front)
    return Prompt(
        cell_id=front.cell_id,
        words=words,
        client=front.mark.client,
        replaces=kept.turn if kept else "",
        keeps=front.mark.keeps if kept else 0,
        narration=front.mark.settings.get("narration", True) is not False,
    )


def answered_before(front: Front, words: str) -> Card | None:
    """The card of a prompt that was answered and whose cells are still there, else None."""
    kept = _kept(front)
    if kept is None or kept.status != "answered" or kept.fingerprint != fingerprint(redact(words)):
        return None
    if front.mark is not None and front.mark.cells < (kept.cells or 0):
        return None  # some of its cells were deleted
    if front.mark is not None and (front.mark.keeps or front.mark.again):
        return None  # the user goes on from one of its steps, or wants others
    from codeact_jupyter.protocol import Card

    return Card(
        session=kept.session,
        turn=kept.turn,
        prompt_id=front.cell_id,
        state="ended",
        step=kept.step,
        tokens=kept.tokens,
        estimated=False,
        seconds=kept.seconds,
        model=kept.model,
        policy="ask",
        ending="answered",
        sentence="Answered before, so no model was asked. To ask again: `%%codeact --again`",
    )


def _kept(front: Front) -> CellMetadata | None:
    """What the cell's metadata keeps, if it can be read."""
    if front.kept.get("role") != "prompt":
        return None
    from pydantic import ValidationError

    from codeact_jupyter.protocol import CellMetadata

    known: dict[str, Any] = {
        name: value for name, value in front.kept.items() if name in CellMetadata.model_fields
    }
    try:
        return CellMetadata.model_validate(known)
    except ValidationError:
        return None
