"""Whether a conversation fits a context window or the limit of a turn, by our own guess.

Some servers do not refuse a conversation that is too long for the model: they drop its
beginning without a word, and the model forgets what it was asked. So where the window is
known, the client asks here before it sends. It never changes a conversation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codeact_jupyter.errors import ConfigError, ContextFull
from codeact_jupyter.models import sentences
from codeact_jupyter.models.text import estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeact_jupyter.types import Message

MOST_ROOM = 1_024  # tokens for the reply, what CodeActAgent's own chat allows
_MESSAGE = 5  # tokens of the marks around each message (ChatML)
_DIGIT = re.compile(r"\d")


def check(messages: Sequence[Message], window: int) -> None:
    """Refuse a conversation that leaves no room for a reply.

    Args:
        messages: The conversation.
        window: Tokens that conversation and reply may have together.

    Raises:
        ContextFull: It is too long, by our guess.
    """
    room = min(MOST_ROOM, window // 4)
    tokens = sum(map(tokens_of, messages))
    if tokens > window - room:
        raise ContextFull(sentences.OVER_WINDOW.format(tokens=tokens, window=window, room=room))


def check_limit(messages: Sequence[Message], limit: int) -> None:
    """Refuse a conversation that takes all the tokens of a turn before it has begun.

    Raises:
        ConfigError: It does, by our guess.
    """
    tokens = sum(estimate(message["content"]) for message in messages)
    if tokens > limit:
        raise ConfigError(sentences.OVER_LIMIT.format(tokens=tokens, limit=limit))


def tokens_of(message: Message) -> int:
    """Guess the tokens of one message, rather too many than too few.

    The vocabularies of Llama and Mistral have a token for each digit, so a table of
    numbers takes far more tokens than words of the same length.
    """
    text = message["content"]
    return _MESSAGE + estimate(text) + len(_DIGIT.findall(text))
