"""What the model was told, and one short conversation that several tests have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from endpoint import ScriptedEndpoint

ADD = "I add.\n\n```python\ntotal = 3 + 1\nprint('sum', total)\ntotal\n```"
TWICE = "Twice that.\n\n```python\ntwice = 2 * total\ntwice\n```"
ANSWER = "The sum is 4."


def told(endpoint: ScriptedEndpoint, request: int = -1) -> str:
    """The last message of a request."""
    return str(endpoint.requests[request].json["messages"][-1]["content"])


def spoken(endpoint: ScriptedEndpoint, request: int = -1) -> list[tuple[str, str]]:
    """The messages of a request as (role, text)."""
    return [(m["role"], m["content"]) for m in endpoint.requests[request].json["messages"]]
