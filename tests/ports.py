"""A port for a server of a test that is told its port before it starts."""

from __future__ import annotations

import errno
import random
import socket

_BELOW_EPHEMERAL = range(20_000, 32_000)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has, nor is given while the server starts.

    Not one of those from which the system takes the next for each connection: tests make
    many in the seconds that a server takes to bind its port.
    """
    while True:
        port = random.choice(_BELOW_EPHEMERAL)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return port
