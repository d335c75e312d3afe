"""What counts as the action of a reply with tags: one row for each way models write."""

import ast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replying import assert_one_kind, assert_read_alike, pieces_of

from codeact_jupyter.actions import ReplyStream, _syntax, parse_reply
from codeact_jupyter.types import Reply

MANY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def runs(code, thought=""):
    return Reply(thought=thought, code=code)


def says(answer):
    return Reply(answer=answer)


def read(text):
    return parse_reply(text, "execute")


NOTHING = Reply()
WIDE = "\uff1cexecute\uff1ex\uff1c/execute\uff1e"
X = "<execute>\nx = 1\n</execute>"
FENCE = "```python\nx = 1\n```"
STRING = 's = """\n</execute>\nnot the end\n"""\nprint(s)'

ROWS = [
    ("nothing", "", NOTHING),
    ("only blanks", " \n\t\r\n ", NOTHING),
    ("prose", "It is 42.\n", says("It is 42.")),
    ("a tag on lines of its own", X, runs("x = 1")),
    ("a tag in one line", "<execute> print(x) </execute>", runs("print(x)")),
    ("a tag behind prose", "I look: <execute> x.head() </execute>", runs("x.head()", "I look:")),
    ("a thought before", f"I look.\n\n{X}", runs("x = 1", "I look.")),
    ("capitals", "<EXECUTE>\nx = 1\n</Execute>", runs("x = 1")),
    ("blanks in the tags", "<execute >\nx = 1\n</execute >", runs("x = 1")),
    ("OpenHands' names", "<execute_ipython>\nx = 1\n</execute_ipython>", runs("x = 1")),
    ("a closing tag without >", "<execute>\nx = 1\n</execute", runs("x = 1")),
    ("another name without >", "<execute>\nx = 1\n</execute_ipython", runs("x = 1")),
    ("any other name without >", "<execute>\nx = 1\n</execute_x\nOut", runs("x = 1")),
    ("no closing tag", "<execute>\nx = 1\n", runs("x = 1")),
    ("no closing tag, in one line", "I look: <execute> df", runs("df", "I look:")),
    ("the turn's end", f"Go.\n{X}<|im_end|>\n<|im_start|>user\n", runs("x = 1", "Go.")),
    ("the turn's end for a closing tag", "<execute>\nx = 1<|im_end|>\n<|im_", runs("x = 1")),
    ("the turn's end behind an answer", f"It is 42.<|im_end|>\n{X}", says("It is 42.")),
    ("half a closing tag", "<execute>\nx = 1\n</exec", runs("x = 1")),
    ("the start of one", "<execute>\nx = 1\n</", runs("x = 1")),
    ("two tags: the first runs", f"{X}\nand\n<execute>\ny\n</execute>", runs("x = 1")),
    (
        "two tags of which the first is broken",
        "<execute>\nf('\n</execute>\nand then\n<execute>\ng('')\n</execute>",
        runs("f('"),
    ),
    ("code that does not parse runs too", "<execute>\nprint(\n</execute>\nSo.", runs("print(")),
    ("a tag in a string", f"<execute>\n{STRING}\n</execute>\nSo.", runs(STRING)),
    (
        "a tag in a short string",
        "<execute>print('</execute>')</execute>",
        runs("print('</execute>')"),
    ),
    (
        "a shell line and a tag in a string",
        f"<execute>\n!ls\n{STRING}\n</execute>",
        runs(f"!ls\n{STRING}"),
    ),
    ("shell lines", "<execute>\n!pip install x\n</execute>", runs("!pip install x")),
    ("text behind the tag", f"Go.\n{X}\nExecution Output:\n1", runs("x = 1", "Go.")),
    ("text behind it in its line", "<execute>x = 1</execute> It is 1.", runs("x = 1")),
    ("empty", "<execute></execute>", NOTHING),
    ("only blanks in it", "So.\n<execute>\n \n</execute>\nIt is 1.", says("So.\n\nIt is 1.")),
    ("only a full-width blank in it", "<execute>\u3000</execute>", NOTHING),
    ("only a zero-width mark in it", "<execute>\n\u200b\n</execute>", NOTHING),
    ("full-width brackets are words", WIDE, says(WIDE)),
    ("an empty one and another", f"<execute></execute>\n{X}", runs("x = 1")),
    ("an opening tag at the end", "So.\n<execute>", says("So.")),
    ("a closing tag alone", "So.\n</execute>", says("So.\n</execute>")),
    ("CRLF", "Go.\r\n<execute>\r\nx = 1\r\ny\r\n</execute>\r\n", runs("x = 1\ny", "Go.")),
    ("indented", "<execute>\n    if x:\n        y\n</execute>", runs("if x:\n    y")),
    ("indented with its tag", "  <execute>\n  if x:\n    y\n  </execute>", runs("if x:\n  y")),
    ("glued to its tag", "<execute> if x:\n    y\n</execute>", runs("if x:\n    y")),
    ("glued and indented", "  <execute>x = 1\n  y = 2</execute>", runs("x = 1\ny = 2")),
    ("in a list", "1. <execute>\n   x = 1\n   </execute>", runs("x = 1", "1.")),
    ("a doubled tag", "<execute><execute>\nx = 1\n</execute>", runs("x = 1")),
    ("opened again", f"<execute>\ny = 2\n{X}", runs("y = 2")),
    (
        "another language",
        "<execute_bash>\nls\n</execute_bash>",
        says("<execute_bash>\nls\n</execute_bash>"),
    ),
]

FENCES = [
    ("instead of the tag", f"Go.\n{FENCE}\nOutput: 1", runs("x = 1", "Go.")),
    ("before a tag", f"{FENCE}\n<execute>\ny\n</execute>", runs("x = 1")),
    ("behind a tag", f"<execute>\ny\n</execute>\n{FENCE}", runs("y")),
    ("inside the tag", f"<execute>\n{FENCE}\n</execute>", runs("x = 1")),
    ("inside the tag, unmarked", "<execute>\n```\ndf\n```\n</execute>", runs("df")),
    ("inside the tag, indented", "<execute>\n  ```py\n  x\n  ```\n</execute>", runs("x")),
    ("inside a tag without end", f"<execute>\n{FENCE}", runs("x = 1")),
    ("inside the tag without end", "<execute>\n```python\nx = 1\n</execute>", runs("x = 1")),
    ("around the tag", f"```python\n{X}\n```", runs("x = 1")),
    ("around a tag without end", "```python\n<execute>\nx = 1\n```", runs("x = 1")),
    ("of another language", "```bash\nls\n```", says("```bash\nls\n```")),
    ("a tag in one of another language", f"```xml\n{X}\n```\nSo.", says(f"```xml\n{X}\n```\nSo.")),
    ("a tag in an unmarked one", f"```\n{X}\n```", says(f"```\n{X}\n```")),
]

QUOTES = [
    "Code goes between `<execute>` and `</execute>`.",
    "Use `<execute> print(1) </execute>` for that.",
    'Code should be enclosed in "<execute>", for example: <execute> print("Hi") </execute>.',
    "Python code in an execute tag (for example: <execute>print('Hi')</execute>).",
    "I may write (<execute>print(1)</execute>) then.",
    "An action looks like <execute> print(1)",
    "> <execute> print(1) </execute>",
    "Wrap it in an <execute> tag.",
    "Wrap it in <execute> and </execute>.",
    "Wrap it in <execute> ... </execute>.",
    "Wrap it in <execute></execute> then.",
    "As I said: <execute> tags hold code.",
]

ANSWERS = [
    ("only a solution", "<solution>42</solution>", says("42")),
    ("with blanks", "<solution> 42 </solution>", says("42")),
    ("on lines of its own", "So.\n<solution>\n42\n</solution>", says("So.\n42")),
    ("in a sentence", "It is <solution>42</solution>.", says("It is 42.")),
    ("without its end", "<solution>42", says("42")),
    ("code and a solution", f"{X}\n<solution>1</solution>", runs("x = 1")),
    ("a solution and code", f"<solution>1</solution>\n{X}", runs("x = 1", "1")),
    ("an empty solution", "<solution></solution>", NOTHING),
    ("a quoted one", "Use `<solution>`.", says("Use `<solution>`.")),
    ("a thought", f"<thought>I look.</thought>\n{X}", runs("x = 1", "I look.")),
    ("a draft", f"<think>{X}</think>\nIt is 1.", says("It is 1.")),
    ("a draft before", f"<think>no {X}</think>{X}", runs("x = 1")),
    ("the end of a draft alone", f"I try {X}\n</think>\nIt is 1.", says("It is 1.")),
    ("a tag that a draft left open", f"hm\n<execute>\nmaybe so\n</think>\n{X}", runs("x = 1")),
    (
        "a tag that nothing closed in it",
        "hm\n<execute>\nmaybe so\n</think>\nIt is 1.",
        says("It is 1."),
    ),
    ("a draft's mark in a later tag", f"{X}\n<execute>'</think>'</execute>", runs("x = 1")),
]


def named(rows):
    return [pytest.param(text, reply, id=name) for name, text, reply in rows]


@pytest.mark.parametrize(("text", "reply"), named(ROWS + FENCES + ANSWERS))
def test_what_a_reply_is_read_as(text, reply):
    assert read(text) == reply


@pytest.mark.parametrize("text", QUOTES)
def test_a_quotation_of_the_prompt_never_runs(text):
    assert read(text) == says(text)
    assert read(f"{text}\n{X}") == runs("x = 1", text)


def test_the_view_tells_prose_from_code_while_it_streams():
    stream, seen = ReplyStream("execute"), []
    for piece in ["I look.\n<execute", ">", "\nx =", " 1\n</", "execute>\nOut"]:
        stream.feed(piece)
        seen.append(stream.so_far)
    assert seen == [
        says("I look.\n<execute"),
        says("I look."),
        runs("x =", "I look."),
        runs("x = 1", "I look."),
        runs("x = 1", "I look."),
    ]


NASTY = [
    *(
        "<execute>",
        "</execute>",
        "<execute>\n",
        "\n</execute>\n",
        "</execute",
        "</exe",
        "<execute_",
    ),
    *("<execute_ipython>", "</execute_x", "<solution>", "</solution>", "<thought>", "</thought>"),
    *("<think>", "</think>", "</t", "hink>", "```python\n", "\n```\n", "```", "`", "~~~", "> "),
    *("for example: ", "So: ", "(", "- ", "1. ", "x = 1", "print(1)", "f(", ")", "'''", '"""', '"'),
    *(
        "#",
        "\r\n",
        "\r",
        "\n",
        " ",
        "    ",
        "\t",
        "!ls",
        "%%time\n",
        "It is so.",
        "\0",
        "\u200b",
        "\u3000",
    ),
]
texts = st.lists(st.sampled_from(NASTY), max_size=25).map("".join)


@MANY
@given(pieces_of(texts))
def test_a_stream_reads_what_the_whole_reads_however_it_is_cut(pieces):
    assert_read_alike(pieces, "execute")


@MANY
@given(st.one_of(texts, st.text(max_size=60), st.text("`\n px=<>/think", max_size=60)))
def test_any_text_is_an_action_or_an_answer_or_nothing(text):
    assert_one_kind(read(text))


@MANY
@given(st.text(max_size=60), st.text("`~ \n-x=", max_size=40))
def test_without_tags_it_reads_what_fence_reads(one, other):
    for text in (one, other, f"{one}\n{FENCE}\n{other}"):
        assert read(text) == parse_reply(text, "fence")


@MANY
@given(texts, texts)
def test_a_draft_changes_nothing_of_what_comes_behind_it(draft, text):
    text = text.lstrip("\ufeff\u200b")
    draft = draft.replace("</t", "")
    assert read(f"<think>{draft}\n</think>\n{text}") == read(text)
    plain = draft.translate({ord(mark): None for mark in "`~<"})
    assert read(f"{plain}\n<execute>\nx\n</execute>\n</think>\n{text}") == read(text)


@MANY
@given(st.text(max_size=40), st.sampled_from(["'''", '"""']), st.sampled_from(["</execute>", ""]))
def test_any_text_can_stand_in_a_string_of_the_code(text, quotes, closing):
    text = text.replace("\\", "").replace("\0", "").replace(quotes[0], "")
    code = f"s = r{quotes}{text}\n</execute>\n</think>\n{quotes}\nprint(s)"
    reply = read(f"<think>no</think>Go.\n<execute>\n{code}\n{closing}")
    assert reply.thought == "Go."
    assert ast.dump(ast.parse(reply.code)) == ast.dump(ast.parse(code))


HOSTILE = {
    "closing tags in a string": "<execute>\ns = '''\n" + "</execute>\n" * 10_000,
    "opening tags": "<execute>" * 10_000,
    "opening tags on lines": "<execute>\nx y\n" * 8_000,
    "opening tags behind words": "so <execute> " * 8_000,
    "strings without end": "<execute>\n= '''\n" + "'''\n</execute>\n=\n" * 6_000,
    "blocks behind an action": X + "\n<execute>" * 60_000,
    "broken blocks": "to <execute>x '''</execute>\n" * 4_000,
    "empty blocks": "<execute></execute>" * 4_000,
    "blocks that a draft left": "<execute>\n= =\n</think>\n" * 4_000,
    "fences in tags": "<execute>\n```\n" * 6_000,
    "half a tag and blanks": "<execute>\nx\n</execute" + " " * 100_000,
    "a tag and blanks": "<execute" + " " * 100_000,
    "solutions": " <solution>" * 8_000,
}


@pytest.mark.timeout(20)  # each takes about a second at most, and minutes if quadratic
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_replies_cost_little(text, monkeypatch):
    tried, uncached = [], _syntax._judge.__wrapped__

    def judge(code):
        tried.append(len(code))
        return uncached(code)

    monkeypatch.setattr(_syntax, "_judge", judge)
    read(text)
    assert len(tried) <= 64
    assert sum(tried) <= 200_000 + 4 * len(text)
