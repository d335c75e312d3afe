"""The cells of a reply that is still being written."""

from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.actions import ReplyStream, parse_reply
from codeact_jupyter.hosts.drafts import Draft, shown, utf16

REPLY = "I plot it 😀.\n\n```python\nx = '😀'\nprint(x)\n```\nThe output will be 😀."


class Cells:
    """What a tab shows of the pieces that it is sent."""

    def __init__(self):
        self.text = {True: "", False: ""}
        self.made = []

    def take(self, piece):
        if piece.first:
            self.made.append(piece.code)
        before = self.text[piece.code].encode("utf-16-le", "surrogatepass")[: 2 * piece.at]
        self.text[piece.code] = before.decode("utf-16-le", "surrogatepass") + piece.text


def written(text, cuts):
    """Cells and draft after ``text`` has come in pieces, and was looked at after each."""
    cells, draft, stream = Cells(), Draft(), ReplyStream()
    ends = sorted({min(cut, len(text)) for cut in cuts} | {len(text)})
    begin = 0
    for end in ends:
        stream.feed(text[begin:end])
        begin = end
        for piece in draft.follow(stream.so_far):
            cells.take(piece)
    return cells, draft


def test_prose_comes_first_then_code_and_nothing_behind_it():
    cells, _ = written(REPLY, range(len(REPLY)))
    assert cells.made == [False, True]
    assert cells.text[False] == "I plot it 😀."
    assert cells.text[True].startswith("x = '😀'\nprint(x)")
    assert "output" not in cells.text[True]


@given(st.lists(st.integers(0, len(REPLY))))
def test_what_is_shown_is_what_was_told_however_the_text_is_cut(cuts):
    cells, draft = written(REPLY, cuts)
    assert cells.text == {True: draft.code, False: draft.prose}
    assert draft.prose == shown(parse_reply(REPLY).thought)


@given(st.text(max_size=200), st.lists(st.integers(0, 200)))
def test_any_text_can_be_followed(text, cuts):
    cells, draft = written(text, cuts)
    assert cells.text == {True: draft.code, False: draft.prose}


def test_the_half_end_of_a_block_is_not_shown_as_code():
    draft, stream = Draft(), ReplyStream()
    stream.feed("```python\nx = 1\n``")
    pieces = list(draft.follow(stream.so_far))
    assert [piece.text for piece in pieces] == ["x = 1"]


def test_a_picture_of_the_models_is_never_shown_while_it_streams():
    cells, _ = written("See ![x](https://example.org/x.png) here.", range(50))
    assert "![x](https" not in cells.text[False]


def test_a_browser_counts_utf16_units():
    assert utf16("a😀") == 3
