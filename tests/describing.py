"""What the digest says of one value."""

from __future__ import annotations

from codeact_jupyter.context.digests import describe


def line(value: object, *, schema_only: bool = False) -> str:
    """The line of a variable, without its name."""
    return describe("x", value, schema_only=schema_only).removeprefix("x: ")
