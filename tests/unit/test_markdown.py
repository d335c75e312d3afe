"""Model text on the page must not make the browser call anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdowns import ESCAPES, TEXTS, harm

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


CODE = "```python\nif a<b: x = '<img src=1>'\n```"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CODE, CODE),
        (f"Do this:\n{CODE}\n\n- then\n{CODE}", f"Do this:\n{CODE}\n\n- then\n{CODE}"),
        (CODE.removesuffix("\n```"), CODE.removesuffix("\n```")),  # while it streams in
        ("```\nvec![1]\n```", "```\nvec! [1]\n```"),
        ("1. a\n   ```\n   x<b\n   ```", "1. a\n   ```\n   x< b\n   ```"),
        ("`<class 'int'>`, `<img src=x>`", "`<class 'int'>`, `< img src=x>`"),
        ('$5 for `"a"`', '$5 for `"a"`'),
        ('| a | b |\n|---|---|\n| $x$ | "y" |', '| a | b |\n|---|---|\n| $x$ | "y" |'),
        ("> a\n> - [x](http://a)\n>   - b", "> a\n> - [x](http://a)\n>   - b"),
        ('see http://a/$"$', "see http://a/$&quot;$"),
        ("```mermaid\nA\n```", "```text\nA\n```"),
        ("$\\style{a}{b}$", "$\\ style{a}{b}$"),
        ("$\\textstyle\\frac12$ &amp; &#60;", "$\\textstyle\\frac12$ &amp; &#60;"),
        ("`\\href` &#92;", "`\\ href` & #92;"),
        ("```latex\n\\href{a}{b} &#92;\n```", "```latex\n\\href{a}{b} &#92;\n```"),
        ("wow!![x](u) and \\![x](u)", "wow[x](u) and \\! [x](u)"),
    ],
)
def test_what_cannot_do_harm_stays_and_the_rest_stays_readable(text, expected):
    assert safe(text) == expected


@pytest.mark.parametrize("text", ESCAPES.values(), ids=ESCAPES)
def test_no_known_escape_brings_a_picture_or_a_tag_back(text):
    for end in range(len(text) + 1):  # a reply is shown while it streams in
        assert harm(MarkdownIt("commonmark").render(safe(text[:end]))) == []


@given(TEXTS)
def test_no_arrangement_of_marks_brings_a_picture_or_a_tag_back(text):
    assert harm(MarkdownIt("commonmark").render(safe(text))) == []


@given(TEXTS)
def test_a_safe_text_is_left_as_it_is(text):
    assert safe(safe(text)) == safe(text)


@given(st.text(alphabet="`a\n ", max_size=30))
def test_a_fenced_block_holds_any_code(code):
    tokens = MarkdownIt("commonmark").parse(fenced(code))
    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].content == code + "\n"
