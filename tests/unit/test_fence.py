"""What counts as the action of a reply, as a table: one row for each way models write."""

import sys
import threading
import warnings

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from codeact_jupyter import actions
from codeact_jupyter.actions import ReplyStream, _formats, _syntax, parse_reply
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.policy.grades import grade
from codeact_jupyter.types import Reply


def runs(code, thought=""):
    return Reply(thought=thought, code=code)


def says(answer):
    return Reply(answer=answer)


NOTHING = Reply()
X = "```python\nx = 1\n```"
STRING = 's = """\n```\nnot the end\n```\n"""\nprint(s)'
NESTED = "```md\n1. a\n    ```python\n    x\n    ```\n2. b\n    ```python\n    y\n    ```\n```"
DRAFT = f"I could do\n{X}\nbut no"

SHAPES = [
    ("nothing", "", NOTHING),
    ("only blanks", " \n\t\r\n ", NOTHING),
    ("only a zero-width mark", "\ufeff\u200b", NOTHING),
    ("prose", "It is 42.\n", says("It is 42.")),
    ("an action", X, runs("x = 1")),
    ("a thought and an action", f"First:\n\n{X}\n", runs("x = 1", "First:")),
    ("what follows the action is dropped", f"Go.\n{X}\nOutput:\n1", runs("x = 1", "Go.")),
    ("two blocks: the first runs", f"{X}\nand\n```python\ny = 2\n```", runs("x = 1")),
    ("two blocks without a line between", f"{X}\n```python\ny = 2\n```", runs("x = 1")),
    (
        "blank lines around the code go",
        "```python\n\n  \nx = 1\n\ny = 2 \n\n```",
        runs("x = 1\n\ny = 2"),
    ),
    ("inner indentation stays", "```python\nif x:\n    y\n```", runs("if x:\n    y")),
    ("common indentation goes", "```python\n  if x:\n    y\n```", runs("if x:\n  y")),
    ("code that does not parse runs too", "```python\nprint(\n```\nSo.", runs("print(")),
    ("a comment is an action", "```python\n# wait\n```", runs("# wait")),
    ("a bare name is an action if marked", "```python\ndf\n```", runs("df")),
    ("await at the top", "```\nawait f()\n```", runs("await f()")),
    ("magics", "```python\n%%time\nx = 1\n```", runs("%%time\nx = 1")),
    ("shell lines", "```python\n!ls\n%pip list\nx = !pwd\n```", runs("!ls\n%pip list\nx = !pwd")),
    ("a magic and a fence in a string", f"```python\n!ls\n{STRING}\n```", runs(f"!ls\n{STRING}")),
    ("NUL in code", "```python\nx\0\n```", runs("x\0")),
    ("NUL in prose", "a\0b", says("a\0b")),
    ("a mark of byte order", f"\ufeff{X}", runs("x = 1")),
    ("a zero-width mark", f"\u200b\u2060{X}", runs("x = 1")),
]

PYTHON = [
    *("python", "Python", "PYTHON", "py", "py3", "python3", "python3.11", "ipython", "ipython3"),
    *("{python}", ".python", "{.python .numberLines}", "{python, echo=FALSE}", "python {1,2}"),
    *("{code-cell} python", "{code-cell} ipython3", "{code-cell}", "{code-block} python"),
    *('python title="x"', "python:main.py", "Python 3", "jupyter", " python ", "\tpython"),
    *("\xa0python\xa0", "python\u200b"),
]
OTHERS = [
    *("bash", "sh", "json", "text", "output", "console", "html", "sql", "markdown", "r", "c++"),
    *("pycon", "doctest", "python-repl", "pytb", "python2", "pyi", "cython", "none", "not python"),
    *("{r}", "{code-cell} bash", "{.bash .python}", "text python", 'title="x.py"'),
]

LANGUAGES = [
    *((f"marked {info!r}", f"```{info}\nx = 1\n```", runs("x = 1")) for info in PYTHON),
    *(
        (f"marked {info!r}", f"Hm.\n```{info}\nx = 1\n```", says(f"Hm.\n```{info}\nx = 1\n```"))
        for info in OTHERS
    ),
    (
        "other languages belong to the thought",
        f"Run\n```bash\nls\n\n```\nthen\n{X}",
        runs("x = 1", "Run\n```bash\nls\n\n```\nthen"),
    ),
    (
        "Python in a longer fence of another language",
        f"````markdown\n{X}\n````",
        says(f"````markdown\n{X}\n````"),
    ),
    ("Python indented in another language", NESTED, says(NESTED)),
    ("an opening fence closes nothing", f"```text\n{X}", says(f"```text\n{X}")),
    ("another language without an end", f"~~~text\n{X}", says(f"~~~text\n{X}")),
]

UNMARKED = [
    ("a call", "```\nprint(1)\n```", runs("print(1)")),
    ("an assignment", "```\nx = 1\n```", runs("x = 1")),
    ("a calculation", "```\n1 + 1\n```", runs("1 + 1")),
    ("a magic", "```\n%matplotlib inline\n```", runs("%matplotlib inline")),
    ("without an end", "So\n```\nx = 1", runs("x = 1", "So")),
    ("no code without an end", "It is\n```\n5076.0", says("It is\n```\n5076.0")),
    (
        "strange escapes",
        '```\nx = "\\d" if 1 is 1or 2 else 0\n```',
        runs('x = "\\d" if 1 is 1or 2 else 0'),
    ),
    *(
        (f"no action: {text!r}", f"It is\n```\n{text}\n```", says(f"It is\n```\n{text}\n```"))
        for text in [
            *("5076.0", "-5", "hello", "'hello'", "[1, 'a']", "{'a': (1, 2)}", "Oslo, Bergen"),
            *("Total: 5076", "/tmp/out.csv", "  city  sum\n0 Oslo  1", "two words", "f(", "\0"),
        ]
    ),
    ("then Python", f"```\n5\n```\n{X}", runs("x = 1", "```\n5\n```")),
    ("broken, then Python", f"```\nno code\n```\n{X}", runs("x = 1", "```\nno code\n```")),
    ("a broken string, then Python", f"```\nno '''\n```\n{X}", runs("x = 1", "```\nno '''\n```")),
    ("a fence in a string", f"```\n{STRING}\n```", runs(STRING)),
]

FENCES = [
    ("tildes", "~~~python\nx = 1\n~~~", runs("x = 1")),
    ("behind words", f"Let me see: {X}\nSo.", runs("x = 1", "Let me see:")),
    ("behind words, indented", "  - So: ```py\n    x = 1\n  ```", runs("x = 1", "- So:")),
    ("tildes do not close backticks", "```python\nx = 1\n~~~\n```", runs("x = 1\n~~~")),
    ("backticks in tildes", "~~~python\nx = '''\n```\n'''\n~~~", runs("x = '''\n```\n'''")),
    ("four marks", "````python\nx = '''\n```\n'''\n````", runs("x = '''\n```\n'''")),
    ("closed by more marks", "```python\nx = 1\n`````\nSo.", runs("x = 1")),
    ("closed by fewer marks", "````python\nx = 1\n```\nSo.", runs("x = 1")),
    ("blanks behind the closing fence", "```python\nx = 1\n``` \t\nSo.", runs("x = 1")),
    (
        "words behind it do not close",
        "```python\nx = '''\n``` no\n'''\n```",
        runs("x = '''\n``` no\n'''"),
    ),
    ("CRLF", "Go.\r\n```python\r\nx = 1\r\ny = 2\r\n```\r\n", runs("x = 1\ny = 2", "Go.")),
    ("lone CR", "Go.\r```python\rx = 1\ry = 2\r```\r", runs("x = 1\ny = 2", "Go.")),
    ("no end", "```python\nx = 1", runs("x = 1")),
    ("no end, and cut", "```python\nx = [1,", runs("x = [1,")),
    ("half an end", "```python\nx = 1\n``", runs("x = 1")),
    ("half an end of tildes", "~~~python\nx = 1\n~ \n", runs("x = 1")),
    ("half an end glued", "```python\nprint(1)``", runs("print(1)")),
    ("marks that end a comment stay", "```python\nx  # see `x`", runs("x  # see `x`")),
    ("glued", "```python\nprint(1)```", runs("print(1)")),
    ("glued, then prose", "```python\nx = 1\nprint(1)```\nIt is 1.", runs("x = 1\nprint(1)")),
    ("glued, then a block", f"```python\nprint(1)```\nThen\n{X}", runs("print(1)")),
    ("not glued: in a comment", "```python\nx  # ```\ny\n```", runs("x  # ```\ny")),
    ("not glued: a comment of broken code", "```python\nx  # ```\ny(\n```", runs("x  # ```\ny(")),
    ("not glued: two marks", "```python\nx = 1``\nf(\n```", runs("x = 1``\nf(")),
    ("not glued: in a string", '```python\ns = """```\n"""\n```', runs('s = """```\n"""')),
    ("glued with the wrong marks", "~~~python\nx = 1```\nSo.", runs("x = 1```\nSo.")),
    ("closing fence indented too far", "```python\nx = 1\n     ```\nSo.", runs("x = 1")),
    ("indented", "  ```python\n  if x:\n      y\n  ```", runs("if x:\n    y")),
    ("indented, closed at the margin", "    ```python\n    x = 1\n```", runs("x = 1")),
    (
        "indented, text less so",
        "   ```python\n   s = '''\n text\n   '''\n   ```",
        runs("s = '''\ntext\n'''"),
    ),
    ("in a list", "1. Look:\n   ```python\n   x = 1\n   ```", runs("x = 1", "1. Look:")),
    ("behind a list marker", "- ```python\n  x = 1\n  ```", runs("x = 1")),
    ("behind a number", "1. ```python\n   if x:\n     y\n   ```", runs("if x:\n  y")),
    (
        "deep in a list",
        "- a\n  - b\n        ```py\n        x = 1\n        ```",
        runs("x = 1", "- a\n  - b"),
    ),
    ("tabs", "\t```python\n\tif x:\n\t\ty\n\t```", runs("if x:\n    y")),
    ("a tab and blanks", "\t```python\n    if x:\n\t    y\n\t```", runs("if x:\n    y")),
    ("tabs in code stay", "```python\nif x:\n\ty\n```", runs("if x:\n\ty")),
    (
        "an indented string keeps its blanks",
        "```python\ns = '''\n  \n'''\n```",
        runs("s = '''\n  \n'''"),
    ),
    ("a fence in a string", f"```python\n{STRING}\n```\nSo.", runs(STRING)),
    ("one in an f-string", "```python\nf'''\n```\n{x}'''\n```\nSo.", runs("f'''\n```\n{x}'''")),
    (
        "many in a string",
        "```python\ns = '''\n" + "```\n" * 500 + "'''\n```\nSo.",
        runs("s = '''\n" + "```\n" * 500 + "'''"),
    ),
    (
        "a fence that opens in a string",
        f"```python\ns = '''\n{X}\n'''\n```",
        runs(f"s = '''\n{X}\n'''"),
    ),
    ("nothing parses: the first end", "```python\ns = '''\n```\nSo\n```\nno", runs("s = '''")),
    ("broken in front: the first end", '```python\nx = = """\n```\n"""\n```', runs('x = = """')),
    ("empty", "```python\n```", NOTHING),
    ("empty, with prose", "Hm.\n```python\n\n```\nNo.", says("Hm.\nNo.")),
    ("empty, then another", f"```python\n \n```\n{X}", runs("x = 1")),
    ("empty without an end", "Hm.\n```python", says("Hm.")),
    ("half a beginning", "Hm.\n``", says("Hm.")),
]

PROSE = [
    ("a word that parses", "yes", says("yes")),
    ("a line that parses", "x = 1", says("x = 1")),
    ("inline code", "Use `x = 1` here", says("Use `x = 1` here")),
    ("a block on one line", "```x = 1```", says("```x = 1```")),
    ("a marked block on one line", "```python x = 1```\nSo.", says("```python x = 1```\nSo.")),
    ("marks within a line", "Write ```python\nx = 1", says("Write ```python\nx = 1")),
    ("marks behind words, never closed", "Use ```py\nx = 1", says("Use ```py\nx = 1")),
    (
        "marks behind words that are spoken of",
        "Use ```py\nand close it with\n```\nOk",
        says("Use ```py\nand close it with\n```\nOk"),
    ),
    ("marks behind words, quoted", f"> So: {X}\nOk", says(f"> So: {X}\nOk")),
    ("two marks", "``python\nx = 1\n``.", says("``python\nx = 1\n``.")),
    ("the paper's tags", "<execute>\nx = 1\n</execute>", says("<execute>\nx = 1\n</execute>")),
    ("a quoted block", "> ```python\n> x = 1\n> ```", says("> ```python\n> x = 1\n> ```")),
    ("a prompt", ">>> x = 1\n1", says(">>> x = 1\n1")),
]

DRAFTS = [
    ("a draft", f"<think>\n{DRAFT}\n</think>\nNo.", says("No.")),
    ("a draft, then an action", f"<think>{DRAFT}</think>\nGo.\n\n```py\ny\n```", runs("y", "Go.")),
    ("an empty draft", f"<think>\n\n</think>\n\n{X}", runs("x = 1")),
    ("capitals and blanks", f"<Think >{DRAFT}</THINK>Yes", says("Yes")),
    ("thinking", f"<thinking>\n{DRAFT}\n</thinking>\nYes", says("Yes")),
    ("one end for the other", f"<thinking>\n{DRAFT}\n</think>\nYes", says("Yes")),
    ("never ended", f"<think>\n{DRAFT}", NOTHING),
    ("never ended, behind prose", f"Well.\n<think>\n{DRAFT}", says("Well.")),
    ("never ended, in a line", f"Well. <think>{DRAFT}", says("Well.")),
    ("in a line", "Well <think>or\n\nnot</think>, yes.", says("Well \n, yes.")),
    ("two in a line", "a<think>b</think>c<think>d</think>e", says("ace")),
    ("between paragraphs", "a\n<think>\nb\n\n</think>\nc", says("a\nc")),
    ("marks in a draft", "<think>`\n```python\n</think>\nYes `a`", says("Yes `a`")),
    ("marks in a draft, in a line", "<think>a ` b</think>Yes `a`", says("Yes `a`")),
    ("a thought in a draft", "So <think>a <thought>b</thought></think>yes", says("So yes")),
    ("a beginning in a draft", f"<think>a <think>\n{X}\n</think>Yes", says("Yes")),
    ("a fence right behind", f"<think>no</think>{X}", runs("x = 1")),
    ("a fence with blanks behind", f"<think>\nno\n</think>  {X}\nSo.", runs("x = 1")),
    (
        "a fence behind prose and a draft",
        "Hm <think>no</think>```python\nx",
        says("Hm ```python\nx"),
    ),
    ("in a block behind an action", f"{X}\n```html\n</think>\n```", runs("x = 1")),
    ("behind an action", f"{X}\n<think>\n```python\ny\n```\n</think>\nSo.", runs("x = 1")),
    ("only the end", f"{DRAFT}\n</think>\nYes.", says("Yes.")),
    ("only the end, in a line", f"{DRAFT}. So</think>Yes.", says("Yes.")),
    ("only the end, then an action", f"{DRAFT}</think>\n```py\ny\n```", runs("y")),
    ("only the end, then nothing", f"{DRAFT}</think>", NOTHING),
    ("only the end, behind two blocks", f"{DRAFT}\n```\nf(\n```\n</think>\nYes.", says("Yes.")),
    ("the end again", f"<think>a</think>\n{DRAFT}\n</think>Yes.", says("Yes.")),
    ("only the end, in an open block", "```python\nrm()\n</think>\nYes.", says("Yes.")),
    ("an end of other shape, in an open block", "```py\nf(\n </THINKING >\nYes.", says("Yes.")),
    ("only the end, in a broken block", f"```py\nf(\n</think>\nYes.\n{X}", runs("x = 1", "Yes.")),
    ("only the end, in an open other", f"~~~sh\nrm\n</think>\n{X}", runs("x = 1")),
    ("in a string", "```python\nx = '<think>'\n```", runs("x = '<think>'")),
    ("the end in a string", "```python\nx = '''\n</think>'''\n```", runs("x = '''\n</think>'''")),
    ("the end in an open string", "```python\nx = '''\n</think>'''", runs("x = '''\n</think>'''")),
    ("in another language", f"```html\n<think>\n```\n{X}", runs("x = 1", "```html\n<think>\n```")),
    (
        "in inline code",
        f"Say `<think>` or ``</think>``\n{X}",
        runs("x = 1", "Say `<think>` or ``</think>``"),
    ),
    ("in inline code with backticks", "Say `` ` <think> ``", says("Say `` ` <think> ``")),
    ("behind a lone backtick", "Say ` or <think>\nno", says("Say ` or")),
    ("the paper's thought", f"<thought>I look.</thought>\n{X}", runs("x = 1", "I look.")),
    ("other tags", "a < b <thinker> <b>c</b>", says("a < b <thinker> <b>c</b>")),
]

TABLE = SHAPES + LANGUAGES + UNMARKED + FENCES + PROSE + DRAFTS


@pytest.mark.parametrize(
    ("text", "expected"), [pytest.param(text, reply, id=name) for name, text, reply in TABLE]
)
def test_a_reply_is_read_as_the_table_says(text, expected):
    assert parse_reply(text) == expected
    stream = ReplyStream()
    for character in text:
        stream.feed(character)
    assert stream.close() == expected


def test_the_public_names_are_sorted_and_exist():
    assert actions.__all__ == sorted(actions.__all__)
    assert all(hasattr(actions, name) for name in actions.__all__)


@pytest.mark.parametrize("read", [lambda name: parse_reply(X, name), ReplyStream])
def test_an_unknown_format_names_the_nearest_one(read):
    with pytest.raises(ConfigError, match=r"no action format 'fnece'; .* is 'fence'\. Nothing"):
        read("fnece")


def test_a_new_format_is_one_line_in_the_registry(monkeypatch):
    def shout(text, *, ended=True):
        return says(text.upper() if ended else text)

    monkeypatch.setattr(_formats, "_READERS", {**_formats._READERS, "shout": shout})
    stream = ReplyStream("shout")
    stream.feed("hi")
    assert (stream.so_far, stream.close()) == (says("hi"), parse_reply("hi", "shout"))


def test_the_view_tells_prose_from_code_while_it_streams():
    stream, seen = ReplyStream(), []
    for piece in ["I lo", "ok.\n``", "`py", "thon\n", "x =", " 1\n", "y", "\n``", "`\nOut"]:
        stream.feed(piece)
        seen.append(stream.so_far)
    assert seen == [
        says("I lo"),
        says("I look."),
        says("I look."),
        says("I look."),
        runs("x =", "I look."),
        runs("x = 1", "I look."),
        runs("x = 1\ny", "I look."),
        runs("x = 1\ny", "I look."),
        runs("x = 1\ny", "I look."),
    ]


def test_the_view_shows_an_unmarked_block_as_prose_until_it_is_closed():
    stream = ReplyStream()
    stream.feed("```\nx = 1\n")
    assert stream.so_far == says("```\nx = 1")
    assert stream.close() == runs("x = 1")
    stream.feed("```")
    assert stream.so_far == runs("x = 1")


def test_looking_after_each_piece_reads_the_text_a_bounded_number_of_times(monkeypatch):
    read = []

    def reader(text, *, ended=True):
        read.append(len(text))
        return Reply()

    monkeypatch.setattr(_formats, "_READERS", {"fence": reader})
    stream, length = ReplyStream(), 1_000_000
    for _ in range(length // 4):
        stream.feed("abcd")
        assert stream.so_far == Reply()
    assert sum(read) < 260 * length


def test_code_that_cannot_hold_a_fence_is_tried_once(monkeypatch):
    tried = []
    monkeypatch.setattr(_syntax, "_judge", lambda code: tried.append(code) or "broken")
    parse_reply("```python\nf(\n```\n'''\n```\n'''\n```")
    assert tried == ["f("]


def test_a_parser_that_breaks_down_means_no_python(monkeypatch):
    def broken(_, code):
        raise RuntimeError(code)

    monkeypatch.setattr(TransformerManager, "transform_cell", broken)
    assert parse_reply("```\nno code\n```") == says("```\nno code\n```")


def test_the_parsers_warnings_stay_inside_and_the_users_do_not():
    code = 'x = "\\d\\d" is 1or 2'
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        thread = threading.Thread(target=parse_reply, args=(f"```\n{code}\n```",))
        thread.start()
        thread.join()
        assert seen == []
        compile(code, "cell", "exec")
        assert seen != []
        before = list(warnings.filters)
        parse_reply(f"```\n{code} # again\n```")
        assert warnings.filters == before


def test_the_users_one_time_warnings_do_not_come_back():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        parse_reply("```\nf(0)\n```")
        for i in range(1, 4):
            warnings.warn("the user's", stacklevel=1)
            parse_reply(f"```\nf({i})\n```")
            grade(f"g({i})", ())
    assert len(seen) == 1


def test_nothing_of_a_reply_runs(monkeypatch):
    monkeypatch.setattr(sys, "codeact_ran", False, raising=False)
    parse_reply("```\nimport sys; sys.codeact_ran = True\n```")
    assert sys.codeact_ran is False
