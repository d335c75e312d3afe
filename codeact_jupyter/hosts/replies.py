"""What a reply of a kernel of our own holds, as the probe and IPython put it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeact_jupyter.cells import UserError
from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from codeact_jupyter.hosts.process import Message

MIME = "application/vnd.codeact.probe+json"


def content_in(reply: Message) -> dict[str, Any] | None:
    """What the probe answered in a reply, if it did."""
    found = reply.get("user_expressions", {}).get("found", {})
    content: dict[str, Any] | None = found.get("data", {}).get(MIME)
    return content


def error_in(reply: Message) -> UserError | None:
    """The error of a cell as its reply tells it, without the user's frames."""
    if reply["status"] == "ok":
        return None
    return UserError(name=str(reply.get("ename")), message=redact(str(reply.get("evalue"))))


def tuples(found: dict[str, Any]) -> dict[str, Any]:
    """JSON has lists where our values have tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
