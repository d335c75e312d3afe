"""The request of the cell that ran last, to which a kernel counts what threads put out later.

ipykernel takes what a thread prints after its cell has ended for an output of the message that
came last, whatever that was. What a tab says to us belongs to no cell, so such an output would
be shown nowhere: as soon as it is heard, the last cell counts again. What a cell puts out by itself
is not touched: each thread of ipykernel 7 knows its own request, and older kernels hear a tab
only while no cell runs. Between the arrival of a message and its hearing lies a moment in which
an output is lost all the same, as it is behind other messages, such as those of a widget.
"""

from __future__ import annotations

from typing import Any


class LastRequest:
    """The last cell's request in one shell; does nothing in a terminal.

    Args:
        shell: The shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._request: Any = None

    def note(self) -> None:
        """A cell runs, on this thread."""
        if hasattr(self._shell, "get_parent"):
            self._request = request = self._shell.get_parent()
            self._shell.set_parent(request)  # a tab may have been heard meanwhile, beside it

    def counts(self) -> None:
        """What threads put out from now on is the last cell's again; from any thread."""
        noted = None
        while noted is not self._request:  # a cell may begin meanwhile
            noted = self._request
            self._shell.set_parent(noted)
