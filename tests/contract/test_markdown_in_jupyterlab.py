"""Text of a model in JupyterLab's own renderer: marked, and formulas put back after it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from markdowns import ESCAPES, PICTURE, TEXTS, harm

from codeact_jupyter.markdown import safe

LABEXTENSION = Path(__file__).parents[2] / "labextension"


@pytest.fixture(scope="module")
def render():
    """The renderer: takes Markdown, returns HTML."""
    with subprocess.Popen(
        ["node", "scripts/render.mjs"],
        cwd=LABEXTENSION,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as node:

        def rendered(markdown):
            node.stdin.write(json.dumps(markdown) + "\n")
            node.stdin.flush()
            return json.loads(node.stdout.readline())

        yield rendered
        node.stdin.close()


def test_the_renderer_loads_what_nothing_has_made_safe(render):
    assert harm(render(PICTURE)) == ["img", "src", "alt"]
    assert harm(render(ESCAPES["fence in a list item"])) == ["img", "src", "alt"]
    assert harm(render(ESCAPES["tag in a formula in an address"])) == ["style", '$"']
    assert harm(render(ESCAPES["diagram"])) == ["mermaid"]
    assert harm(render(ESCAPES["style in a formula"])) == ["\\style"]
    assert harm(render(ESCAPES["macro with a letter that is written otherwise"])) == ["\\style"]


@pytest.mark.parametrize("text", ESCAPES.values(), ids=ESCAPES)
def test_no_known_escape_brings_a_picture_or_a_tag_back(render, text):
    for end in range(len(text) + 1):  # a reply is shown while it streams in
        assert harm(render(safe(text[:end]))) == []


@settings(max_examples=1000)
@given(text=TEXTS)
def test_no_arrangement_of_marks_brings_a_picture_or_a_tag_back(render, text):
    assert harm(render(safe(text))) == []
