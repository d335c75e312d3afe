"""What a turn hears of a cell that its notebook does not have yet."""

import itertools
from types import SimpleNamespace

from codeact_jupyter import protocol
from codeact_jupyter.hosts.link import Channel

ABOUT = protocol.CellMetadata(session="s", turn="t", step=1, role="action", status="ok")


def test_a_cell_that_is_placed_once_more_is_not_gone():
    """In a notebook that was reverted; what is said of the cell is said again behind that."""
    sent = []
    tab = SimpleNamespace(open=True, client="c", path="a.ipynb", send=sent.append)
    channel = Channel("c", "t", tab, itertools.count(1), lambda _: [])
    cell = {"cell_id": "a", "metadata": ABOUT}
    marked = channel.request(lambda number: protocol.CellMark(id=number, passes=False, **cell))
    placed = channel.request(
        lambda number: protocol.CellPlace(
            id=number, prompt_id="p", cell_type="code", source="x", **cell
        )
    )
    channel.take(protocol.Reply(to=1, error="gone"))
    assert not marked.done()
    channel.take(protocol.Reply(to=2))
    assert placed.done()
    assert [message.id for message in sent] == [1, 2, 1]
    channel.take(protocol.Reply(to=1))
    assert marked.result().error is None
