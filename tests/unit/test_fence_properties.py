"""What holds for all replies, however they are written, wherever they are cut."""

import ast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from replying import assert_one_kind, assert_read_alike, pieces_of

from codeact_jupyter.actions import ReplyStream, _syntax, parse_reply

MANY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))

NASTY = [
    *("```", "`", "``", "````", "~~~", "~~", "```python\n", "~~~py\n", "\n```\n", "\n~~~\n"),
    *("```bash\n", "````md\n", "python", "{code-cell} ", "<think>", "</think>", "</t", "hink>"),
    *("<thinking>", "<thought>", "</thought>", "\r\n", "\r", "\n", "\n\n", " ", "    ", "\t", "> "),
    *("- ", "1. ", "x = 1", "print(1)", "f(", ")", "'''", '"""', '"', "#", "\\", "!ls", "%%time\n"),
    *("5076.0", "It is so.", "\0", "\ufeff", "\u200b", "\xa0", "é", "\u2028", "await f()", "\\d"),
]
texts = st.lists(st.sampled_from(NASTY), max_size=25).map("".join)


@MANY
@given(pieces_of(texts))
def test_a_stream_reads_what_the_whole_reads_however_it_is_cut(pieces):
    assert_read_alike(pieces, "fence")


@MANY
@given(st.one_of(texts, st.text(max_size=60), st.text("`~\n px=<>/think", max_size=60)))
def test_any_text_is_an_action_or_an_answer_or_nothing(text):
    assert_one_kind(parse_reply(text))


@MANY
@given(texts, texts)
def test_a_draft_changes_nothing_of_what_comes_behind_it(draft, text):
    text = text.lstrip("\ufeff\u200b")
    draft = draft.replace("</t", "")
    assert parse_reply(f"<think>{draft}\n</think>\n{text}") == parse_reply(text)
    plain = draft.translate({ord(mark): None for mark in "`~<"})
    assert parse_reply(f"{plain}\n```py\nx\n```\n</think>\n{text}") == parse_reply(text)


CODE = [
    "x = 1",
    "print(x)",
    "if x:\n    y = 2",
    "\n# see\n",
    "!ls",
    's = """\n{}\n"""',
    "def f():\n    '''\n    {}\n    '''\n",
]
WORDS = ["Look.", "So *this*, `x` and", "1 < 2", "", "a_b"]
INFO = ["python", "py", "Python3", "{python}", "json", "bash", "text", "pycon"]


@st.composite
def blocks(draw, languages=INFO):
    """A fenced block by the book, with shorter fences and those of the other kind inside."""
    kind, count = draw(st.sampled_from("`~")), draw(st.integers(3, 6))
    inner = [(3 + n) * c for n in range(count - 3) for c in "`~"] + ["`~"[kind == "`"] * 3, "``x``"]
    fill = st.sampled_from(["text", *inner, ""])
    lines = draw(st.lists(st.sampled_from(CODE), max_size=4))
    code = "\n".join(line.replace("{}", draw(fill)) for line in lines)
    indent = " " * draw(st.integers(0, 3))
    closing = kind * (count + draw(st.integers(0, 2))) + draw(st.sampled_from(["", " "]))
    info = draw(st.sampled_from(languages))
    text = f"{kind * count}{info}\n{code}"
    end = " " * draw(st.integers(0, 3)) + closing
    return "\n".join([*(indent + line for line in text.split("\n")), end])


paragraphs = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("\n".join)


@MANY
@given(st.lists(st.one_of(blocks(), paragraphs), max_size=5).map("\n\n".join))
def test_commonmark_agrees_on_the_first_python_block(text):
    tokens = MarkdownIt("commonmark").parse(text)
    python = [
        token.content.strip()
        for token in tokens
        if token.type == "fence" and token.info.lower() in ("python", "py", "python3", "{python}")
    ]
    assert parse_reply(text).code == next(filter(None, python), None)


@MANY
@given(paragraphs, blocks(["python"]), paragraphs, st.integers(1, 9))
def test_a_view_of_a_proper_reply_only_grows(before, block, after, size):
    text = f"{before}\n\n{block}\n\n{after}"
    final, stream = parse_reply(text), ReplyStream()
    code = prose = ""
    for at in range(0, len(text), size):
        stream.feed(text[at : at + size])
        view = stream.so_far
        now = (view.thought or view.answer or "", view.code or "")
        assert now[1].startswith(code.rstrip("`~ \n"))
        assert now[0].startswith(prose) or final.code is None
        prose, code = now
    assert final.code is None or final.code.startswith(code)


@MANY
@given(st.text(max_size=40), st.sampled_from(["'''", '"""']))
def test_any_text_can_stand_in_a_string_of_the_code(text, quotes):
    text = text.replace("\\", "").replace("\0", "").replace(quotes[0], "")
    code = f"s = r{quotes}{text}\n```\n</think>\n{quotes}\nprint(s)"
    reply = parse_reply(f"<think>no</think>Go.\n```python\n{code}\n```\nSo.\n```\nno\n```")
    assert reply.thought == "Go."
    assert ast.dump(ast.parse(reply.code)) == ast.dump(ast.parse(code))


HOSTILE = {
    "fences in a string": "```python\ns = '''\n" + "```\n" * 20_000,
    "strings without end": "```python\n= '''\n" + "'''\n```\n=\n" * 8_000,
    "broken blocks": "```\nx '''\n```\n" * 8_000,
    "glued fences": "```python\n" + "x y```\n" * 40_000 + "```",
    "escapes": "```\n" + "!ls\n" * 400 + "x y\n" * 5_000 + "```",
    "open blocks that a draft left": "```python\n</think>\n" * 4_000,
    "open blocks of others": "```x\n</think>\n" * 20_000,
    "drafts in one line": " <think> </think>" * 6_000,
    "ends in one line": "</think>```x`" * 8_000,
    "backticks of all lengths": "".join("`" * n + " " for n in range(1, 440)) + "<think>",
    "list markers": "- " * 50_000,
    "digits": "1" * 100_000,
    "blank lines": "```python\n" + " \n" * 50_000,
    "brackets": "```\n" + "[{(" * 30_000 + "\n```",
    "signs": "```\n" + "-" * 50_000 + "1\n```",
    "a long sum": "```\n" + "a+" * 50_000 + "a\n```",
    "lambdas": "```\n" + "lambda:" * 14_000 + "\n```",
}


@pytest.mark.timeout(20)  # each takes about a second at most, and minutes if quadratic
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_replies_cost_little(text, monkeypatch):
    tried, uncached = [], _syntax._judge.__wrapped__

    def judge(code):
        tried.append(len(code))
        return uncached(code)

    monkeypatch.setattr(_syntax, "_judge", judge)
    parse_reply(text)
    assert len(tried) <= 64
    assert sum(tried) <= 200_000 + 4 * len(text)
