"""The deadlines of one request, by our own clock.

An HTTP library's read timeout starts anew with every byte, so a server that sends a
comment now and then keeps it waiting for ever. Here one deadline runs at a time, and
only what moves the answer on may set the next: first token, then silence between
pieces, then a moment for what may follow the finish reason. None reaches past the end
of the whole.

Used by :class:`~codeact_jupyter.models.client.ChatModel`; cancels the task it runs in.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from types import TracebackType

Phase = Literal["total", "first", "idle", "after"]


class Clock:
    """An ``async with`` that ends in TimeoutError once the running deadline is over.

    Args:
        ends: The end of the whole, in the loop's time.

    Attributes:
        phase: Which deadline is running: ``total``, for the ``first`` token, ``idle``
            between pieces, or ``after`` the finish reason.
    """

    def __init__(self, ends: float) -> None:
        self.phase: Phase = "total"
        self._ends = ends
        self._timeout = asyncio.timeout_at(ends)

    @property
    def rang(self) -> bool:
        """True when a deadline is over; tells our TimeoutError from another's."""
        return self._timeout.expired()

    def allow(self, phase: Phase, seconds: float) -> None:
        """Let ``phase`` begin now and take ``seconds``, or what is left of the whole."""
        ends = asyncio.get_running_loop().time() + seconds
        self.phase = phase if ends < self._ends else "total"
        self._timeout.reschedule(min(ends, self._ends))

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._timeout.__aexit__(kind, error, traceback)
