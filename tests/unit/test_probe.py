"""How a kernel of our own sends text on."""

import pytest

from codeact_jupyter.probe import _PIECE, _send_in_pieces


class Stream:
    """Text as ipykernel keeps it until it is flushed."""

    def __init__(self):
        self.kept, self.sent, self.flushes, self.interrupted = "", "", 0, False

    def write(self, text):
        self.kept += text
        return len(text)

    def flush(self):
        self.flushes += 1
        if self.interrupted:
            raise KeyboardInterrupt
        self.sent, self.kept = self.sent + self.kept, ""


@pytest.fixture
def stream():
    stream = Stream()
    _send_in_pieces(stream)
    return stream


def test_where_nothing_was_printed_nobody_waits(stream):
    stream.flush()
    assert stream.flushes == 0
    assert stream.write("one") == 3
    stream.flush()
    stream.flush()
    assert (stream.sent, stream.flushes) == ("one", 1)
    stream.write("two")
    stream.flush()
    assert stream.sent == "onetwo"


def test_much_text_is_sent_without_a_flush(stream):
    stream.write("x" * (_PIECE - 1))
    assert stream.sent == ""
    stream.write("x")
    assert len(stream.sent) == _PIECE
    stream.write("y")
    assert stream.kept == "y"


def test_an_interrupted_flush_leaves_its_text_to_the_next_one(stream):
    stream.write("kept")
    stream.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        stream.flush()
    stream.interrupted = False
    stream.flush()
    assert stream.sent == "kept"
