"""What an action would do: attacks are named, everyday analysis is not."""

import ast
import json
import keyword
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from codeact_jupyter.policy import effects
from codeact_jupyter.policy.effects import Effect
from codeact_jupyter.policy.grades import grade
from codeact_jupyter.types import Grade, GradeKind

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
ORDER = get_args(GradeKind)
ATTACKS = [json.loads(line) for line in (DATA / "attacks.jsonl").read_text().splitlines()]
EVERYDAY = (DATA / "everyday.txt").read_text().split("# ---\n")
KINDS = {
    "file.delete": "delete",
    "process+file.delete": "shell",  # a command's words are the shell's, not ours to read
    "file.write.outside": "write",
    "network": "network",
    "process": "shell",
    "credential": "self",
    "dynamic": "unknown",
    "deserialise": "unknown",
    "native": "unknown",
    "introspection": "self",
    "kernel.kill": "self",
    "package.install": "install",
    "browser.js": "self",
    "self": "self",
}
"""The kind that each category of the attacks is told as."""

ALONE = {
    "obf-homoglyph-comment": ("unknown", True),  # is no Python; the shell is told beside it
    "ns-delete-all": ("delete", True),
    "ns-overwrite-user": ("rebind", True),  # by None: nothing of it is left
    "mag-reset": ("delete", True),
    "mag-cd": ("self", True),
    "mag-help": ("read", False),  # `os?` does nothing
}
"""Rows whose category has no kind of its own, or that its kind does not fit."""


def rows(*kinds, static):
    found = [row for row in ATTACKS if row["kind"] in kinds and row["static"] == static]
    return [pytest.param(row, id=row["id"]) for row in found]


@pytest.mark.parametrize("row", rows("code", "magic", "policy", static="yes"))
def test_what_the_text_tells_is_told(row):
    kind, grave = ALONE.get(row["id"]) or (KINDS[row["category"]], True)
    found = grade(row["code"], {"df"})
    assert found.grave is grave, found.sentence
    graver = ORDER[: ORDER.index(kind) + 1] if kind == "unknown" else [kind]
    assert set(found.kinds) & set(graver), found.sentence


@pytest.mark.parametrize("row", rows("benign", static="none"))
@pytest.mark.parametrize("names", [(), ("df", "tmp", "xs", "model")])
def test_what_only_looks_like_harm_is_not_called_grave(row, names):
    assert not grade(row["code"], names).grave


@pytest.mark.parametrize("code", EVERYDAY)
def test_everyday_analysis_is_not_called_grave(code):
    compile_me = re.sub(r"^[%].*|.*[?]$", "", code, flags=re.M)
    assert ast.parse(compile_me) is not None  # the snippet itself is right
    for names in ((), ("df", "x", "xs", "model", "fig", "text")):
        assert not grade(code, names).grave, grade(code, names).sentence


def cells_of_notebooks():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text())["cells"]:
            source = "".join(cell["source"])
            # ours are typed by users; an action that holds one is refused
            if cell["cell_type"] == "code" and not re.search("%codeact|load_ext codeact", source):
                yield source


def actions_of_tests():
    meant = re.compile(r"%pip|%codeact|exit\(|quit|%reset|run_cell|environ|os\.|^!")
    for path in sorted((ROOT / "tests" / "kernel").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            text = node.value if isinstance(node, ast.Constant) else None
            for block in (
                re.findall(r"```python\n(.*?)```", text or "", re.S)
                if isinstance(text, str)
                else ()
            ):
                if not meant.search(block):
                    yield block


def test_no_cell_of_our_notebooks_and_no_harmless_action_of_our_tests_is_grave():
    codes = [*cells_of_notebooks(), *actions_of_tests()]
    assert len(codes) > 30
    assert [code for code in codes if grade(code, ("penguins", "total", "n")).grave] == []


TOLD = {
    'df.to_csv("out.csv")': ("write", False),
    'pd.read_csv("x.csv")': ("read", False),
    'pd.read_csv("https://a.example/x.csv")': ("network", True),
    'url = "https://a.example/x"\npd.read_csv(url)': ("network", True),
    'open(p, "w")': ("write", False),
    'open("/etc/x", "w")': ("write", True),
    'open("~/x", mode="a")': ("write", True),
    'open("x")': ("read", False),
    'Path("x").unlink()': ("delete", True),
    'shutil.rmtree("x")': ("delete", True),
    "import os as _o; f=_o.unlink": ("delete", True),
    "from os import *\nremove('x')": ("delete", True),
    "fs = [os.remove]": ("delete", True),
    "@os.system\ndef f(): pass": ("shell", True),
    "getattr(os, 'remove')('x')": ("delete", True),
    "getattr(os, name)('x')": ("unknown", True),
    "for f in ['min', 'max']: getattr(df, f)()": ("assign", False),
    "a.b.os.system('ls')": ("shell", True),
    "[os][0].remove('x')": ("unknown", True),
    "f(m=os)": ("unknown", True),
    "dir(os); m = sys; print(m.version)": ("assign", False),
    "from x.y import os as q\nq.remove('x')": ("delete", True),
    "publish_display_data({'text/html': '<script>x</script>'})": ("self", True),
    "open.__self__": ("unknown", True),
    "df.query('a > @limit')": ("read", False),
    "df.query('a > @x.max() and `b c` < 3')": ("read", False),
    "df.query('a > @pd.io.common.os.system(1)')": ("shell", True),
    "!ls": ("shell", True),
    "x = !ls": ("shell", True),
    "%%bash\nls": ("shell", True),
    "%%time\n!ls": ("shell", True),
    "%timeit -n 3 os.remove('x')": ("delete", True),
    "rm -rf x": ("delete", True),
    "%pip install x": ("install", True),
    "!pip install x": ("install", True),
    "%pip list": ("read", False),
    "%nonsense": ("unknown", True),
    "%load_ext autoreload": ("read", False),
    "%config InlineBackend.figure_format = 'svg'": ("read", False),
    "%config Application.log_level = 0": ("self", True),
    "sqlite3.connect('x.db')": ("write", False),
    "sqlite3.connect(':memory:')": ("read", False),
    "con.execute('DROP TABLE t')": ("delete", True),
    "con.execute('INSERT INTO t VALUES (1)')": ("write", False),
    "pickle.loads(b)": ("unknown", True),
    "torch.load('m.pt', weights_only=True)": ("read", False),
    "yaml.load(f)": ("unknown", True),
    "yaml.safe_load(f)": ("read", False),
    "HTML('<b>x</b>')": ("read", False),
    "HTML('<script>x</script>')": ("self", True),
    "display(HTML(f'<img onerror={x}>'))": ("self", True),
    "Javascript('x')": ("self", True),
    "display({'application/javascript': x}, raw=True)": ("self", True),
    "os.environ['HOME']": ("read", False),
    "'X' in os.environ": ("read", False),
    "os.environ['A_TOKEN']": ("self", True),
    "os.getenv('HF_TOKEN')": ("self", True),
    "print(os.environ)": ("self", True),
    "os.environ['OMP_NUM_THREADS'] = '1'": ("rebind", False),
    "os.environ.update(PATH='x')": ("self", True),
    "def print(*words): ...": ("self", True),
    "def f(input): return input": ("assign", False),
    "sys.stdout = x": ("self", True),
    "setattr(builtins, 'open', x)": ("self", True),
    "import codeact_jupyter": ("self", True),
    "exit()": ("self", True),
    "globals()['df'] = 1": ("rebind", False),
    "globals().update(x)": ("rebind", False),
    "globals()[x]": ("unknown", True),
    "globals().get('__builtins__')": ("unknown", True),
    "from sklearn.datasets import fetch_openml": ("network", True),
    "requests = [1]\nrequests.sort()": ("assign", False),
    "def broken(:": ("unknown", True),
    "x = 1 # \u202e": ("unknown", True),
    "x = 1 # \x1b[2K": ("unknown", True),
    "": ("read", False),
}
USED = {
    "df = 1": "overwrites your variable `df`",
    "df += 1": "overwrites your variable `df`",
    "(df := 1)": "overwrites your variable `df`",
    "for df in x: pass": "overwrites your variable `df`",
    "with x as df: pass": "overwrites your variable `df`",
    "import x as df": "overwrites your variable `df`",
    "from x import df": "overwrites your variable `df`",
    "def df(): pass": "overwrites your variable `df`",
    "class df: pass": "overwrites your variable `df`",
    "try: pass\nexcept E as df: pass": "overwrites your variable `df`",
    "match x:\n    case df: pass": "overwrites your variable `df`",
    "a, (b, *df) = x": "overwrites your variable `df`",
    "def f():\n    global df\n    df = 1": "overwrites your variable `df`",
    "[(df := y) for y in x]": "overwrites your variable `df`",
    "%time df = 1": "overwrites your variable `df`",
    "del df": "deletes your variable `df`",
    "del globals()['df']": "deletes your variable `df`",
    "del df['a']": "changes your variable `df`",
    "df['a'] = 1": "changes your variable `df`",
    "df.loc[0, 'a'] = 1": "changes your variable `df`",
    "df.a = 1": "changes your variable `df`",
    "df.drop('a', inplace=True)": "changes your variable `df`",
    "df.append(1)": "changes your variable `df`",
    "df[0].update(x)": "changes your variable `df`",
    "setattr(df, 'a', 1)": "changes your variable `df`",
    "def f():\n    df['a'] = 1": "changes your variable `df`",
    "df['a'] = 1\ndf = 2": "overwrites your variable `df`",
    "df = 1\nold = 2\nlast = 3": "overwrites your variables `df`, `old` and `last`",
    "df = 1; old = 1; last = 1; a1 = 1": "overwrites your variables `df`, `old`, `last` and 1 more",
    "df.drop('a', inplace=False)": "no known risks found",
    "df.head().pop('a')": "no known risks found",
    "df2 = df.copy()": "no known risks found",
    "[df for df in x]": "no known risks found",
    "lambda df: df": "no known risks found",
    "def f(df):\n    df['a'] = 1": "no known risks found",
    "def f():\n    df = 1": "no known risks found",
    "class A:\n    df = 1": "no known risks found",
    "import pandas as pd": "no known risks found",
}


@pytest.mark.parametrize("code", TOLD)
def test_the_gravest_kind(code):
    found = grade(code, {"df", "pd"})
    assert (found.kinds[0], found.grave) == TOLD[code], found.sentence


@pytest.mark.parametrize("code", USED)
def test_what_happens_to_the_users_variables(code):
    found = grade(code, ("df", "old", "last", "a1", "pd"))
    assert (found.sentence, found.grave) == (USED[code], False)


def test_a_grade_reads_as_one_sentence():
    code = "import os\nos.system('ls')\ndf = 1\nnew = 2\nopen('a.txt', 'w')"
    assert grade(code, ["df"]) == snapshot(
        Grade(
            kinds=("shell", "write", "rebind", "assign"),
            reasons=(
                "runs a shell command",
                "writes the file `a.txt`, whose old content is lost",
                "overwrites your variable `df`",
                "makes the variable `new`",
            ),
            grave=True,
        )
    )
    assert grade(code, ["df"]).sentence == snapshot(
        "runs a shell command; writes the file `a.txt`, whose old content is lost; "
        "overwrites your variable `df`"
    )
    assert grade("x = 1", ()).sentence == snapshot("no known risks found")


SENTENCES = {
    "%cd /": "changes the working folder, so later paths mean others",
    "pd.read_csv('https://me:secret@a.example/x?key=1')": (
        "reaches `https://a.example` over the network"
    ),
    "df.to_csv('out.csv')": "writes the file `out.csv`",
    "open('out.csv', 'w')": "writes the file `out.csv`, whose old content is lost",
    "open('~/.ssh/id_rsa')": "touches keys or passwords (`~/.ssh/id_rsa`)",
    "open('random.py', 'w')": "touches start-up files or settings (`random.py`)",
    "x.to_csv('a`; no known risks found')": "writes the file `a'; no known risks found`",
    "x.to_csv('a\\nb')": "writes the file `a b`",
    "import builtins\nbuiltins.input = f": "replaces `builtins.input` for all that runs later",
    "eval('1')": "runs code that cannot be seen here (`eval`)",
    "df.pop('a'); del old": "changes your variable `df` and deletes your variable `old`",
    "x = (": "cannot be read as Python",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_the_words_for_the_user(code):
    assert grade(code, ("df", "old")).sentence == SENTENCES[code]


def test_no_word_promises_more_than_was_seen():
    words = [each for each in vars(effects).values() if isinstance(each, Effect)]
    assert len(words) > 30
    assert not [each for each in words if re.search(r"\bsafe|harmless", each.words + each.named)]


PIECES = [*EVERYDAY, *(row["code"] for row in ATTACKS), *TOLD, *USED]
CODE = st.one_of(
    st.text(),
    st.text(alphabet="%!?()[]{}=.,:;'\"\\ \n\tabos_é\u200b\x00"),
    st.lists(st.sampled_from(PIECES), max_size=3).map("\n".join),
    st.tuples(st.sampled_from(PIECES), st.text(max_size=8)).map("".join),
)


@settings(deadline=None)  # a loaded machine is no failure
@given(CODE, st.sets(st.sampled_from(["df", "x", "os", "print"])))
@example("%time " * 2000 + "x", set())
@example("x" + ".a" * 5000, set())
@example("+".join(["a"] * 20000), set())
@example("\ud800", set())
@example("(" * 300, set())
def test_any_text_has_a_grade_and_always_the_same(code, names):
    found = grade(code, names)
    assert found == grade(code, names)
    assert found.kinds == tuple(sorted(set(found.kinds), key=ORDER.index))
    assert found.kinds
    assert len(found.kinds) == len(found.reasons)
    assert all(found.reasons)


def is_python(code):
    """Not so of a magic, which means something else where a line stands before it."""
    try:
        return bool(ast.parse(code))
    except SyntaxError:
        return False


@settings(deadline=None)
@given(st.sampled_from([each for each in PIECES if is_python(each)]))
def test_a_comment_or_an_empty_line_changes_nothing(code):
    assert grade(f"{code}\n# looks at the data\n\n", {"df"}) == grade(f"{code}\n\n", {"df"})
    assert grade(f"\n# a note\n{code}\n\n", {"df"}) == grade(f"{code}\n\n", {"df"})


MODULES = {
    "os": "{}.remove('x')",
    "shutil": "f = {}.rmtree",
    "subprocess": "{}.run(['ls'])",
    "requests": "{}.get(url)",
    "pickle": "{}.load(f)",
    "importlib": "{}.import_module(x)",
    "builtins": "{}.input = f",
    "pandas": "{}.read_csv('https://a.example')",
}


@settings(deadline=None)
@given(st.sampled_from(sorted(MODULES)), st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True))
def test_another_name_for_a_module_makes_nothing_less_grave(module, alias):
    use = MODULES[module]
    usual = grade(f"import {module}\n{use.format(module)}", ())
    assume(not keyword.iskeyword(alias))
    other = grade(f"import {module} as {alias}\n{use.format(alias)}", ())
    assert other.grave
    assert ORDER.index(other.kinds[0]) <= ORDER.index(usual.kinds[0])


def test_ipython_is_not_imported_before_it_is_needed():
    code = (
        "import sys, codeact_jupyter.policy.grades as g; g.grade('x = 1', ()); print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "codeact_jupyter.policy.sights" in run.stdout.split()
    assert "IPython" not in run.stdout.split()
