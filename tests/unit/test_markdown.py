"""Model text on the page must not make the browser call anybody."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from codeact_jupyter.markdown import fenced, safe

PICTURE = "![x](http://evil.example/?q=1)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"look {PICTURE}", "look [x](http://evil.example/?q=1)"),
        ("<img src='http://evil.example'>", "&lt;img src='http://evil.example'>"),
        ("a < b and c > d", "a < b and c > d"),
        ("`<b>` stays", "`<b>` stays"),
        (f"```python\nx = '<b>'\n```\n{PICTURE}", None),
        ("$x^2$ and **bold**", "$x^2$ and **bold**"),
        ("", ""),
    ],
)
def test_words_stay_and_pictures_and_tags_lose_their_power(text, expected):
    if expected is None:
        expected = "```python\nx = '<b>'\n```\n[x](http://evil.example/?q=1)"
    assert safe(text) == expected


PIECES = [
    PICTURE,
    "<b>",
    "`",
    "``",
    "```",
    "~~~",
    "\n",
    "\\",
    " ",
    "x",
    "    ",
    "> ",
    "- ",
    "![a][b]",
]


@example("`\n`![x](http://evil.example/?q=1)`")
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_no_arrangement_of_marks_brings_a_picture_or_a_tag_back(text):
    tokens = MarkdownIt("commonmark").parse(safe(text))
    kinds = {child.type for token in tokens for child in [token, *(token.children or [])]}
    assert not kinds & {"image", "html_inline", "html_block"}


@given(st.text(alphabet="`a\n ", max_size=30))
def test_a_fenced_block_holds_any_code(code):
    tokens = MarkdownIt("commonmark").parse(fenced(code))
    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].content == code + "\n"
