"""What all sentences for the user have in common."""

from codeact_jupyter.loop import ENDINGS
from codeact_jupyter.models import sentences


def test_a_sentence_does_not_guess_who_asked():
    """A prompt is asked by a cell, by the command or by a script, and all are told the same."""
    told = [text for name, text in vars(sentences).items() if name.isupper()]
    told += ENDINGS.values()
    assert len(told) > len(ENDINGS) + 30
    for text in told:
        for words in ("cell again", "`%%codeact` again", "command again"):
            assert words not in text


def test_no_sentence_takes_a_key_set_alone_for_a_url():
    assert not [name for name, text in vars(sentences).items() if "{address.source}" in str(text)]
