"""The sequences by which text colours a terminal, moves its cursor or sets its title.

They are those of ECMA-48: CSI, OSC and the two-character ones. Used for what a kernel puts
out, what a model writes and what a server says; it knows nothing of any of them.
"""

from __future__ import annotations

import re

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b(?:\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
)
_UNFINISHED = re.compile(r"(?:(?:\x1b\[|\x9b)[0-?]*[ -/]*|\x1b\][^\x07\x1b\n]*\x1b?|\x1b)\Z")
_LONGEST = 2_000  # of a sequence that is waited for: a link's is as long as its address


def without_sequences(text: str) -> str:
    """Return ``text`` without its sequences; one that is not ended ends with its line."""
    return _SEQUENCE.sub("", text)


def unfinished(text: str) -> int:
    """Where a sequence begins that ``text`` ends within, or its length if it does not."""
    found = _UNFINISHED.search(text, max(0, len(text) - _LONGEST))
    return found.start() if found else len(text)
