"""Keeps ipykernel 7.0 to 7.3 from leaving messages unread.

Those versions send each reply past the stream that reads requests from the same socket. A request
that comes in that moment is not noticed, nor is any after it: the kernel looks idle and hears
nothing, and only a restart, which costs the user's variables, helps. A tab that answers the
kernel's messages sends often enough to meet that moment. ipykernel 7.4 sends through the stream
(https://github.com/ipython/ipykernel/pull/1529), and so do earlier ones from here on.

The place in the user's kernel calls this when it opens. It stays when that closes, since nobody
would want it back. It changes nothing where ipykernel has no such socket.
"""

from __future__ import annotations

from typing import Any


def send_replies_through_stream(kernel: Any) -> None:
    """Let ipykernel send its replies through the stream that reads the requests."""
    manager: Any = getattr(getattr(kernel, "shell_channel_thread", None), "_manager", None)
    stream = getattr(kernel, "shell_stream", None)
    sender = getattr(manager, "_shell_socket", None)
    if sender is not None and sender is getattr(stream, "socket", None):
        manager._shell_socket = stream  # both have the method by which it sends
