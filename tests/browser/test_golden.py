"""The golden messages are what a page and its kernel say today."""

import json

import pytest
from record_golden import record
from recording import course, golden, text

from codeact_jupyter import __version__


@pytest.mark.own_page
def test_the_shortest_conversation_is_still_the_recorded_one(lab, nothing_left, page, model):
    recorded = record(page, lab, model, "asked")
    now = json.loads(text(recorded).replace('"this version"', f'"{__version__}"'))
    assert course(now) == course(golden("asked")), (
        "if that is meant, run `python tests/record_golden.py` and look at what it changes"
    )
