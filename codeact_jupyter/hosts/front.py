"""Which front end sent the cell that runs now.

Found out per request, because one kernel may serve a browser tab and a script at once. A
client without Markdown, such as a command line, says so in the request's metadata with
``{"codeact": {"plain": true}}``; that changes looks and nothing else.

A tab with our extension marks its requests with ``{"codeact": {"front": {…}}}``. The mark
counts only while it names the very session that sent the request, so one that was stored
in a file never does: no notebook can claim to be a front end.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from codeact_jupyter.shared_names import HIDE_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """How a tab with our extension marks a prompt that it sends.

    Attributes:
        client: The session id of its requests.
        version: Of the extension.
        cells: How many cells of the prompt's earlier turn the notebook still holds.
        keeps: The step of that turn from which the user goes on; 0 to ask anew.
        again: Whether the user wants the model asked although it has answered before.
        settings: What the user set in the front end, by the names of our settings; and
            ``narration``, whether thoughts become cells.
    """

    client: str
    version: str
    cells: int
    keeps: int
    again: bool
    settings: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """What the front end of one request can do.

    Attributes:
        notebook: It takes proposals for the next cell.
        rich: It shows Markdown, and displays that are updated.
        can_ask: Somebody is there to answer a question.
        sends_metadata: The cell's metadata came with the request; runners such as
            nbclient and papermill send none.
        cell_id: The id of the cell that runs, or ``""`` where the front end sends none.
        kept: What the cell's metadata keeps of an earlier turn. It may come from a
            stranger's file, so it is taken for no setting and no approval.
        mark: How our extension marked the request, or None where it did not send it.
    """

    notebook: bool
    rich: bool
    can_ask: bool
    sends_metadata: bool
    cell_id: str = ""
    kept: Mapping[str, Any] = field(default_factory=dict)
    mark: Mark | None = None

    @property
    def nobody_there(self) -> bool:
        """Whether this is a runner that executes a notebook by itself."""
        return not self.can_ask and not self.sends_metadata

    @property
    def updates(self) -> bool:
        """Whether a display can be counted on to change in place.

        Not in consoles, nor where cells run on the server (jupyter-server-nbmodel): these are
        known by asking the user, and sending no metadata.
        """
        return self.sends_metadata or not self.can_ask


TERMINAL = Front(notebook=False, rich=False, can_ask=True, sends_metadata=False)


def front_of(shell: Any) -> Front:
    """Return what is known of the front end that sent the running cell."""
    if getattr(shell, "kernel", None) is None:
        return Front(notebook=False, rich=False, can_ask=sys.stdin.isatty(), sends_metadata=False)
    request = shell.get_parent() or {}
    metadata = request.get("metadata") or {}
    kept = metadata.get("codeact")
    kept = dict(kept) if isinstance(kept, dict) else {}
    kept.pop("eyes", None)  # of a kernel of our own, which marks all its cells
    told = bool(kept) or any(name != "codeact" for name in metadata)
    mark = _mark(kept.pop("front", None), request.get("header", {}).get("session"))
    return Front(
        notebook=True,
        rich=not kept.pop("plain", False),
        can_ask=bool(request.get("content", {}).get("allow_stdin", False)),
        sends_metadata=told,
        cell_id=str(metadata.get("cellId") or ""),
        kept=kept,
        mark=mark,
    )


def cell_id_of(shell: Any) -> str:
    """The id of the cell whose request runs, or ``""`` where the front end sends none."""
    return str(_metadata_of(shell).get("cellId") or "")


def kept_status(shell: Any) -> str:
    """What the running cell's metadata says of its action: how it stood when it was sent."""
    kept = _metadata_of(shell).get("codeact")
    return str(kept.get("status", "")) if isinstance(kept, dict) else ""


def is_hidden(shell: Any) -> bool:
    """Whether the running cell is tagged as one that the model may not read.

    JupyterLab sends a cell's metadata with its request, and so does a run.
    """
    tags = _metadata_of(shell).get("tags")
    return isinstance(tags, list) and HIDE_TAG in tags


def _metadata_of(shell: Any) -> Mapping[str, Any]:
    """What came with the request of the running cell; nothing in a terminal."""
    if getattr(shell, "kernel", None) is None:
        return {}
    return (shell.get_parent() or {}).get("metadata") or {}


def _mark(found: Any, session: str | None) -> Mark | None:
    if not isinstance(found, dict) or not session or found.get("client") != session:
        return None
    settings = found.get("settings")
    return Mark(
        client=session,
        version=str(found.get("version", "")),
        cells=found["cells"] if isinstance(found.get("cells"), int) else 0,
        keeps=found["keeps"] if isinstance(found.get("keeps"), int) else 0,
        again=found.get("again") is True,
        settings=settings if isinstance(settings, dict) else {},
    )
