"""Which front end sent the cell that runs now.

Found out per request, because one kernel may serve a browser tab and a script at once. A
client without Markdown, such as a command line, says so in the request's metadata with
``{"codeact": {"plain": true}}``; that changes looks and nothing else.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """What the front end of one request can do.

    Attributes:
        notebook: It takes proposals for the next cell.
        rich: It shows Markdown, and displays that are updated.
        can_ask: Somebody is there to answer a question.
        sends_metadata: The cell's metadata came with the request; runners such as
            nbclient and papermill send none.
    """

    notebook: bool
    rich: bool
    can_ask: bool
    sends_metadata: bool

    @property
    def nobody_there(self) -> bool:
        """Whether this is a runner that executes a notebook by itself."""
        return not self.can_ask and not self.sends_metadata


TERMINAL = Front(notebook=False, rich=False, can_ask=True, sends_metadata=False)


def front_of(shell: Any) -> Front:
    """Return what is known of the front end that sent the running cell."""
    if getattr(shell, "kernel", None) is None:
        return Front(notebook=False, rich=False, can_ask=sys.stdin.isatty(), sends_metadata=False)
    request = shell.get_parent() or {}
    metadata = request.get("metadata") or {}
    return Front(
        notebook=True,
        rich=not (metadata.get("codeact") or {}).get("plain", False),
        can_ask=bool(request.get("content", {}).get("allow_stdin", False)),
        sends_metadata=bool(metadata),
    )
