"""One browser tab that shows a notebook of this kernel: its comm, and what is known of it.

Made by :mod:`codeact_jupyter.hosts.link` when a tab says hello. It sends what it is given, and
decides nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeact_jupyter import protocol


class Tab:
    """One browser tab that shows a notebook of this kernel.

    Attributes:
        client: The session id of its requests.
        path: The notebook's path, as the tab knows it.
        version: Of its extension.
        heard: When it last said something, on the monotonic clock.
        open: Whether its comm still is.
        done: What became of its requests, by their numbers: of things that users do, so few.
    """

    def __init__(self, comm: Any, hello: protocol.Hello) -> None:
        self._comm = comm
        self.client = hello.client
        self.path = hello.path
        self.version = hello.version
        self.heard = time.monotonic()
        self.open = True
        self.done: dict[int, protocol.Done] = {}

    def send(self, message: protocol.KernelMessage) -> None:
        """Send one message; returns at once."""
        self._comm.send(message.model_dump(mode="json"))

    def close(self) -> None:
        """Close its comm."""
        self.open = False
        self._comm.close()
