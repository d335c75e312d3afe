"""What one turn says to its tab besides its cells: how it stands, and its questions.

Puts the host's verbs into messages of the protocol and the replies into our own values;
the cells are written by :mod:`codeact_jupyter.hosts.page`. It decides nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from codeact_jupyter import protocol
from codeact_jupyter.errors import FrontendGone
from codeact_jupyter.fingerprints import fingerprint
from codeact_jupyter.notebooks import Above, CellChange, ShownCell
from codeact_jupyter.redact import redact
from codeact_jupyter.shared_names import CARD_MIME

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from codeact_jupyter.hosts.card import CardState
    from codeact_jupyter.hosts.link import Channel
    from codeact_jupyter.hosts.prompt import Prompt

NEWS_SECONDS = 2.0  # a kernel that is busy with a cell of the user's answers later
NEWS_CHARACTERS = 2_000


class Messages:
    """What one turn says and asks.

    Args:
        channel: To the tab.
        prompt: The cell that asked.
        card: How the turn stands.
        on_gone: Called when the notebook no longer holds the prompt.
    """

    def __init__(
        self,
        channel: Channel,
        prompt: Prompt,
        card: CardState,
        *,
        on_gone: Callable[[], None],
    ) -> None:
        self._channel = channel
        self._on_gone = on_gone
        self._prompt = prompt
        self._card = card
        self._news: asyncio.Future[protocol.Reply] | None = None

    def started(self) -> None:
        """The turn begins, in the place of the one that it replaces or goes on from."""
        metadata, card = self._about("running"), self._card.card()
        reply = self._channel.request(
            lambda number: protocol.TurnStarted(
                id=number,
                prompt_id=self._prompt.cell_id,
                replaces=self._prompt.replaces,
                keeps=self._prompt.keeps,
                metadata=metadata,
                card=card,
            )
        )
        when_gone(reply, self._on_gone)

    def ended(self) -> None:
        """The turn is over; how many cells it left in the notebook, the tab knows."""
        card = self._card.card()
        metadata = self._about(card.ending)
        self._channel.request(
            lambda number: protocol.TurnEnded(
                id=number, prompt_id=self._prompt.cell_id, metadata=metadata, card=card
            )
        )
        self._channel.over = True  # not before: a tab that comes in between was told of no turn
        self._channel.tell_others(protocol.TurnCard(card=card))

    def stands(self) -> None:
        """How the turn stands now."""
        self._channel.tell(protocol.TurnCard(card=self._card.card()))

    async def above(self, characters: int) -> Above:
        """The cells above the prompt, oldest first.

        Raises:
            FrontendGone: The tab could not read them: the model must not take that for none.
        """
        reply = await asyncio.wrap_future(
            self._channel.request(
                lambda number: protocol.NotebookRead(
                    id=number, prompt_id=self._prompt.cell_id, characters=characters
                )
            )
        )
        if reply.error is not None:
            raise FrontendGone(
                f"The browser tab could not read the notebook: {reply.text} Nothing was sent. "
                "Reload the page, then run the prompt again."
            )
        return above_in(reply)

    async def changes(self) -> tuple[CellChange, ...]:
        """What the user edited; where the kernel is busy with his own cell, the next time."""
        if self._news is None:
            self._news = asyncio.wrap_future(
                self._channel.request(
                    lambda number: protocol.NotebookNews(
                        id=number, prompt_id=self._prompt.cell_id, characters=NEWS_CHARACTERS
                    )
                )
            )
        await asyncio.wait({self._news}, timeout=NEWS_SECONDS)
        if not self._news.done():
            return ()
        reply, self._news = self._news.result(), None
        return tuple(
            CellChange(what=change.what, source=redact(change.source), step=change.step)
            for change in reply.changes or ()
        )

    def _about(self, status: str) -> protocol.CellMetadata:
        """What the prompt's cell keeps of its turn."""
        card = self._card.card()
        return protocol.CellMetadata(
            session=card.session,
            turn=card.turn,
            step=card.step,
            role="prompt",
            status=status,
            model=card.model,
            seconds=card.seconds,
            tokens=card.tokens,
            fingerprint=fingerprint(redact(self._prompt.words)),
        )


def when_gone(reply: Future[protocol.Reply], call: Callable[[], None]) -> None:
    """Have ``call`` done if the tab replies that what a request is about is gone."""

    def look(done: Future[protocol.Reply]) -> None:
        if not done.cancelled() and done.result().error == "gone":
            call()

    reply.add_done_callback(look)


def above_in(reply: protocol.Reply) -> Above:
    """The cells that a tab told, without our own cards."""
    cells = tuple(
        ShownCell(
            cell_id=cell.cell_id,
            cell_type=cell.cell_type,
            source=cell.source,
            execution_count=cell.execution_count,
            outputs=tuple(out for out in cell.outputs if CARD_MIME not in out.get("data", {})),
            turn=cell.turn,
        )
        for cell in reply.cells or ()
    )
    return Above(cells=cells, left_out=reply.left_out, hidden=frozenset(reply.hidden))
