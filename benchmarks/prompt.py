"""Our own words in what a model reads, and whether each request begins with the one before.

Two turns through the real client against the tests' endpoint, with a cell of the user's
own between them. Counted as ours is all that was sent but the prompt, the code, what cells
put out and what the model itself said; the lines on new and changed variables are ours.
Tokens are estimated: characters / 4, or the words and marks of :data:`_WORDS` where there
are more of those.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from itertools import pairwise
from typing import Any
from unittest.mock import patch

from endpoint import ScriptedEndpoint

from benchmarks.processes import child
from benchmarks.rows import Row, at_most
from benchmarks.scripted import block, plain_shell

_WORDS = re.compile(r"[\s\",.:]+")  # as pydantic_ai's models/function.py splits
FIXED_BOUND = 700
STEP_BOUND = 40
PROMPTS = ("Where is the mean above 3?", "And how many rows are there?")
SETUP = "import pandas as pd"
BETWEEN = "factor = 3"
ACTIONS = (  # code, and what it prints
    ("values = [1, 2, 3, 4, 5]\nprint(sum(values))", "15"),
    ("mean = sum(values) / len(values)\nprint(mean)", "3.0"),
    ("table = pd.DataFrame({'name': ['a', 'b'], 'size': [3, 4]})\nprint(len(table))", "2"),
    ("limit = 3", ""),
    ("table['large'] = table['size'] > limit\nprint(table['large'].tolist())", "[False, True]"),
    ("print(table.shape)", "(2, 3)"),
    ("words = {'a': 1, 'b': 2}\nprint(words['a'])", "1"),
    ("del limit", ""),
    ("def double(n):\n    return n * 2\n\nprint(double(2))", "4"),
)
FIRST_TURN = 5


def figure() -> list[Row]:
    """Look at what was sent."""
    sent = child(__name__)
    fixed = tokens_of(sent[0][:-1]) + tokens(sent[0][-1]["content"]) - tokens(PROMPTS[0])
    steps = [tokens(text) - tokens(output) for text, output in _observations(sent)]
    pairs = list(pairwise(sent))
    kept = sum(after[: len(before)] == before for before, after in pairs)
    return [
        at_most("our words in a prompt, fixed", fixed, FIXED_BOUND, "{} tokens", _shares(sent)),
        at_most(
            "our words in a prompt, most in a step",
            max(steps),
            STEP_BOUND,
            "{} tokens",
            f"{', '.join(map(str, steps))}",
        ),
        Row(
            name="requests that begin with the one before",
            measured=f"{kept} of {len(pairs)}",
            bound="all",
            holds=kept == len(pairs),
        ),
    ]


def tokens(text: str) -> int:
    """About how many tokens a text has."""
    words = len([word for word in _WORDS.split(text) if word])
    return max(-(-len(text) // 4), words)


def tokens_of(messages: list[dict[str, str]]) -> int:
    """About how many tokens messages have."""
    return sum(tokens(message["content"]) for message in messages)


def _shares(sent: list[list[dict[str, str]]]) -> str:
    system, *example, _ = sent[0]
    return f"system {tokens(system['content'])}, example {tokens_of(example)}"


def _observations(sent: list[list[dict[str, str]]]) -> list[tuple[str, str]]:
    """Each action's observation as it was sent, with the output in it."""
    texts = [m["content"] for m in sent[-1] if m["role"] == "user"]
    own = [text for text in texts if text.startswith("Step ")][-len(ACTIONS) :]
    return [(text, output) for text, (_, output) in zip(own, ACTIONS, strict=True)]


def _requests() -> list[list[dict[str, str]]]:
    from codeact_jupyter.config import CodeAct
    from codeact_jupyter.places import ShellPlace
    from codeact_jupyter.session import PlacedSession

    shell: Any = plain_shell()
    replies = [block(code) for code, _ in ACTIONS]
    turns = [replies[:FIRST_TURN], replies[FIRST_TURN:]]
    with ScriptedEndpoint() as server, patch.dict(os.environ, server.environment):
        session = PlacedSession(ShellPlace(shell), CodeAct())
        session.open()
        for prompt, turn, cell in zip(PROMPTS, turns, (SETUP, BETWEEN), strict=True):
            server.script(*turn, "Done.")
            shell.run_cell(cell, store_history=True)
            session.ask(prompt, session.settings, auto=True)
        session.close()
        assert not server.unscripted
        return [request.json["messages"] for request in server.requests]


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):
        found = _requests()
    print(json.dumps(found))
