"""Whether the tab of a turn is still there.

A closed tab says no goodbye, and a reloaded one is another tab to the kernel. While a turn
runs, a tab that was silent for a while is asked; one that does not answer is forgotten, and
the turn goes on with another tab of the same notebook, or waits for one. A kernel that runs
a cell hears nobody, so as long as it does no silence counts.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from codeact_jupyter import protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeact_jupyter.hosts.kernel_thread import KernelThread
    from codeact_jupyter.hosts.link import Channel, Link
    from codeact_jupyter.hosts.tab import Tab

_log = logging.getLogger("codeact_jupyter")
SILENCE_SECONDS = 20.0
ANSWER_SECONDS = 5.0


class Keeper:
    """Keeps one turn connected.

    Args:
        link: Knows all tabs.
        channel: Of the turn.
        kernel: The thread on which the kernel works.
        busy: Whether the kernel runs a cell.
    """

    def __init__(
        self, link: Link, channel: Channel, kernel: KernelThread, busy: Callable[[], bool]
    ) -> None:
        self._link = link
        self._channel = channel
        self._kernel = kernel
        self._busy = busy
        self._loop = asyncio.get_running_loop()
        self._checks: set[asyncio.Task[None]] = set()
        channel.rival = self._rival

    async def keep(self) -> None:
        """Ask a silent tab, again and again; ends when it is cancelled."""
        while True:
            await asyncio.sleep(SILENCE_SECONDS / 2)
            try:
                await self._look()
            except Exception:  # noqa: BLE001 - it is looked at again
                _log.exception("whether a notebook's tab is there could not be found out")

    async def _look(self) -> None:
        tab = self._channel.tab
        if tab is not None and not tab.open:
            self._link.successor(self._channel)
        elif tab is not None and time.monotonic() - tab.heard > SILENCE_SECONDS:
            await self._check(tab)

    def _rival(self, _: Tab) -> None:
        """Another tab shows the same notebook: is the one that we have still there?"""
        self._loop.call_soon_threadsafe(self._check_soon)

    def _check_soon(self) -> None:
        tab = self._channel.tab
        if tab is not None:
            check = self._loop.create_task(self._check(tab))
            self._checks.add(check)
            check.add_done_callback(self._checks.discard)

    async def settled(self) -> None:
        """Wait until it is known whether a tab that was asked is there: it is told the end."""
        while self._checks:
            await asyncio.wait(self._checks)

    async def _check(self, tab: Tab) -> None:
        reply = asyncio.wrap_future(self._channel.request(lambda number: protocol.Ping(id=number)))
        while not reply.done():
            await self._kernel.call(lambda: None)  # it hears nobody before it comes to this
            await asyncio.wait({reply}, timeout=ANSWER_SECONDS)
            if not reply.done() and not self._busy():
                self._channel.withdraw("ping")
                self._link.drop(tab)
                self._link.successor(self._channel)
                return
