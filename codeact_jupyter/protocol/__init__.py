"""What the kernel and a browser tab with our extension say to each other.

Defined here once; the TypeScript types are generated from :func:`schema` and a test
compares them. Each tab that shows a notebook opens a comm ``codeact`` to its kernel and
says :class:`Hello`; the kernel answers :class:`Welcome`. After that:

=================  ===========================================  =========================
kernel to tab      what the tab does                            when it cannot
=================  ===========================================  =========================
``turn.started``   mark the prompt's cell; set old cells aside  ``gone``: no such prompt
``turn.card``      show how the turn stands (no reply)          nothing: the next one will
``turn.runs``      interrupt that at a Stop (no reply)          nothing: it goes on
``cell.place``     insert a cell behind the turn's last one     ``gone``: the prompt went
``cell.text``      write what the model wrote (no reply)        nothing: ``cell.finish``
``cell.finish``    the cell is whole: a proposal, or prose      ``gone``
``cell.run``       finish it, and run it as the user would      ``gone edited stopped``
``cell.mark``      keep what came of it in its metadata         ``gone``
``cell.outputs``   show what it put out, where it has none      nothing
``cell.remove``    take it away, unless the user edited it      ``edited``
``notebook.read``  say what stands above the prompt             ``gone``
``notebook.news``  say what the user changed since              never
``turn.ended``     show the end, let held cells go on           ``gone``
``ping``           reply                                        the tab is closed
=================  ===========================================  =========================

A message with an ``id`` is a request: it gets exactly one ``reply``, which says ok or
names the error, and it is sent again to the next tab of that notebook when the reply did
not come; so each of them does nothing the second time. The kernel owns the turn: a tab
that was reloaded is told again what it has to know.

================  =============================================
tab to kernel     what the kernel does
================  =============================================
``stop``          end the turn; the tab interrupts a running action itself, of which other
                  tabs were told by ``turn.runs``
``reject``        tell the model that this proposal must not run, and why
``approve.rest``  run this proposal and all later ones of this turn
``gone``          a proposal was deleted (as ``reject``), or the prompt (as ``stop``)
================  =============================================

The first three may be said by any tab of the notebook, ``gone`` by the turn's own.

Cells are named by their id and never by their place. A text that is to be run or taken
away is named by its fingerprint, so what the user edited meanwhile is never lost.

The sidebar also asks by silent execute requests: :mod:`codeact_jupyter.protocol.answers`.

This module only holds shapes. It never sends anything, and is not loaded before a tab
says hello.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from codeact_jupyter._version import __version__
from codeact_jupyter.protocol.answers import About, Models, Preview, Variable, Variables
from codeact_jupyter.protocol.from_kernel import (
    CellFinish,
    CellMark,
    CellOutputs,
    CellPlace,
    CellRemove,
    CellRun,
    CellText,
    Done,
    KernelMessage,
    KernelRequest,
    NotebookNews,
    NotebookRead,
    Ping,
    TurnCard,
    TurnEnded,
    TurnRuns,
    TurnStarted,
    Welcome,
)
from codeact_jupyter.protocol.from_tab import (
    ApproveRest,
    Gone,
    Hello,
    NotebookCell,
    NotebookChange,
    Reject,
    Reply,
    Stop,
    TabMessage,
)
from codeact_jupyter.protocol.shapes import (
    Card,
    CellMetadata,
    CellRole,
    CellStatus,
    Grade,
    ReplyError,
    TurnState,
)
from codeact_jupyter.shared_names import CARD_MIME, COMM, METADATA_KEY, READY_COMM

__all__ = [
    "About",
    "ApproveRest",
    "Card",
    "CellFinish",
    "CellMark",
    "CellMetadata",
    "CellOutputs",
    "CellPlace",
    "CellRemove",
    "CellRole",
    "CellRun",
    "CellStatus",
    "CellText",
    "Done",
    "Gone",
    "Grade",
    "Hello",
    "KernelMessage",
    "KernelRequest",
    "Models",
    "NotebookCell",
    "NotebookChange",
    "NotebookNews",
    "NotebookRead",
    "Ping",
    "Preview",
    "Reject",
    "Reply",
    "ReplyError",
    "Stop",
    "TabMessage",
    "TurnCard",
    "TurnEnded",
    "TurnRuns",
    "TurnStarted",
    "TurnState",
    "Variable",
    "Variables",
    "Welcome",
    "schema",
    "to_kernel",
    "to_tab",
]

to_tab: TypeAdapter[KernelMessage] = TypeAdapter(KernelMessage)
to_kernel: TypeAdapter[TabMessage] = TypeAdapter(TabMessage)


class _Protocol(BaseModel):
    """The root of the schema: all shapes of both directions, and the answers to the sidebar."""

    kernel_message: KernelMessage
    tab_message: TabMessage
    answer: About | Models | Variables | Preview


class _Untitled(GenerateJsonSchema):
    """Gives fields no titles: each would become a TypeScript type of its own."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def schema() -> dict[str, Any]:
    """All shapes as one JSON Schema, the source of the TypeScript types.

    ``names`` in it are the constants that both sides share.
    """
    found = _Protocol.model_json_schema(mode="serialization", schema_generator=_Untitled)
    found["title"] = "Protocol"
    found["names"] = {
        "VERSION": __version__,
        "COMM": COMM,
        "READY_COMM": READY_COMM,
        "CARD_MIME": CARD_MIME,
        "METADATA_KEY": METADATA_KEY,
    }
    return found
