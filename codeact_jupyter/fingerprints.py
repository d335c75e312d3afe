"""How two texts are compared when only one of them is at hand.

What the model wrote, a prompt that was answered, a file that an export wrote: each is
remembered by its fingerprint, in Python and in the browser alike.
"""

from __future__ import annotations

import hashlib


def fingerprint(text: str) -> str:
    """The SHA-256 of a text, to see later whether it was changed."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def cell_fingerprint(source: str) -> str:
    """That of a cell's text as IPython's history keeps it: without line ends behind it."""
    return fingerprint(source.rstrip("\n"))
