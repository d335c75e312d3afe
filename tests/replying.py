"""What holds for every action format, for property tests of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from codeact_jupyter.actions import ReplyStream, parse_reply

if TYPE_CHECKING:
    from codeact_jupyter.types import Reply


@st.composite
def pieces_of(draw, texts):
    """A text in pieces, some of them empty."""
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def assert_read_alike(pieces: list[str], name: str) -> None:
    """A stream reads what the whole reads, however it is cut."""
    stream = ReplyStream(name)
    for i, piece in enumerate(pieces):
        stream.feed(piece)
        at_once = ReplyStream(name)
        at_once.feed("".join(pieces[: i + 1]))
        if sum(map(len, pieces)) < 256:  # a view of a longer text may lag
            assert stream.so_far == at_once.so_far
    assert stream.close() == parse_reply("".join(pieces), name)


def assert_one_kind(reply: Reply) -> None:
    """A reply is an action or an answer or nothing."""
    assert reply.code is None or reply.answer is None
    assert reply.code is not None or not reply.thought
    for part in (reply.thought, reply.code, reply.answer):
        assert part is None or part == part.rstrip()
        assert "\r" not in (part or "")
    assert reply.code != ""
    assert reply.answer != ""
