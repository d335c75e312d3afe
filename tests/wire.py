"""The websocket between a page and its kernel, which a test can cut.

Made before the page opens a notebook; while it is cut, both ends think that they speak to
each other and nothing arrives: a laptop that sleeps, a network that changes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

_CHANNELS = re.compile(r"/api/kernels/[^/]+/channels")


class Wire:
    """All websockets of one page to kernels."""

    def __init__(self, page: Page) -> None:
        self._lost = 0
        self._cut = False
        self._sockets: list[WebSocketRoute] = []
        self._page = page
        page.route_web_socket(_CHANNELS, self._route)

    def cut(self) -> None:
        """Lose everything from now on."""
        self._cut = True

    def until_lost(self) -> None:
        """Wait until something more was lost; Playwright drives the wires in this thread."""
        before = self._lost
        until(lambda: self._page.evaluate("() => true") and self._lost > before)

    def mend(self) -> None:
        """End the dead sockets, as a browser does at last; the page connects anew."""
        self._cut = False
        dead, self._sockets = self._sockets, []
        for socket in dead:
            socket.close()

    def _route(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        self._sockets.append(socket)

        def pass_on(to: WebSocketRoute, message: str | bytes) -> None:
            if self._cut:
                self._lost += 1
            else:
                to.send(message)

        socket.on_message(lambda message: pass_on(server, message))
        server.on_message(lambda message: pass_on(socket, message))
