"""What an action changed in the user's variables."""
# ruff: noqa: RUF001  (the digests hold the multiplication sign)

import warnings

import numpy as np
import pandas as pd
import pytest

from codeact_jupyter.context.variables import Variables, touched_names
from codeact_jupyter.types import Changes


def after(before, action, touched=()):
    """What :meth:`Variables.changes` says of an action, given as code."""
    namespace = {"np": np, "pd": pd}
    warnings.simplefilter("ignore", DeprecationWarning)  # inplace=True, which models like
    exec(before, namespace)
    variables = Variables(namespace)
    variables.mark()
    variables.digest()
    assert variables.changes() == Changes()
    exec(action, namespace)
    found = variables.changes(touched)
    assert variables.changes() == Changes()
    return found


def test_the_changes_of_an_action():
    assert after("a = 1; b = 2; c = [1]", "import json; b = 3; n = None; del a; c.append(2)") == (
        Changes(
            new={"json": "json: module, json", "n": "n: None"},
            changed={"b": "b: int, 3", "c": "c: list, 2 items [1, 2]"},
            deleted=("a",),
        )
    )


FRAME = "df = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})"


@pytest.mark.parametrize(
    ("before", "action"),
    [
        ("v = [1, 2, 3]", "v.append(4)"),
        ("v = [1, 2, 3]", "v[-1] = 5"),
        ("v = [1, 2, 3]", "v = [1, 2, 3]"),
        ("v = {'a': 1}", "v['b'] = 2"),
        ("v = {'a': 1}", "del v['a']"),
        ("v = {1}", "v.add(2)"),
        ("import collections\nv = collections.deque([1])", "v.popleft()"),
        ("import collections\nv = collections.Counter('a')", "v.update('b')"),
        ("v = np.zeros(6)", "v.shape = (2, 3)"),
        ("v = np.zeros(6)", "v = v.astype(int)"),
        ("v = pd.Series([1, 2])", "v.index = [5, 6]"),
        ("v = pd.Series([1, 2])", "v.name = 'n'"),
        ("v = pd.Series([1, 2])", "v.loc[9] = 1"),
        *(
            (FRAME.replace("df", "v"), action)
            for action in (
                "v['c'] = 1",
                "v.index = [5, 6]",
                "del v['a']",
                "v.columns = ['q', 'r']",
                "v.rename(columns={'a': 'z'}, inplace=True)",
                "v['a'] = v['a'].astype(float)",
                "v['a'] = v['a'].astype('category')",
                "v.loc[5] = [1, 'z']",
                "v.drop(index=0, inplace=True)",
                "v.set_index('a', inplace=True)",
                "v = v.copy()",
            )
        ),
        ("v = 1", "v = 1.0"),
        ("v = 1", "v = True"),
        ("v = 10**100", "v = 10**101"),
        ("v = 'a' * 900", "v = 'a' * 899 + 'b'"),
        ("v = object()", "v = object()"),
        ("def v(): return 1", "def v(): return 2"),
        ("v = pd", "v = np"),
    ],
)
def test_a_change_is_seen_without_looking_at_the_code(before, action):
    assert list(after(before, action).changed) == ["v"]


@pytest.mark.parametrize(
    ("before", "action"),
    [
        (FRAME, "df.describe(); df.values; df['a'].sum(); df.sort_values('a'); df['a']"),
        ("v = float('nan'); w = [v]", "v == w"),
        ("v = 1000; s = 'ab'", "v = 10 ** 3; s = 'a' + 'b'"),
        ("v = [1, 2, 3]", "v[1] = 7"),  # not seen, as the docs say: nothing told of the code
    ],
)
def test_nothing_is_seen_where_nothing_changed(before, action):
    assert after(before, action) == Changes()


@pytest.mark.parametrize(
    ("before", "action", "expected"),
    [
        ("v = [1, 2, 3]", "v[1] = 7", "v: list, 3 items [1, 7, 3]"),
        ("v = {'a': 1, 'b': 2}", "v['a'] = 7", "v: dict, 2 keys {'a': 7, 'b': 2}"),
        ("v = 0.0", "v = -0.0", "v: float, -0.0"),
        (FRAME, "df.loc[0, 'b'] = 'z'", ("df: DataFrame, 2 rows × 2 columns; a int64, "
            "b str ['z', 'y']")),
        ("v = np.arange(3)", "v[0] = 7", "v: ndarray, (3,) int64, [7, 1, 2]"),
        ("v = [1, 2]", "v.extend([])", None),
        ("v = np.arange(3)", "np.put(v, 0, 0); np.extra = 1; del np.extra", None),
    ],
)  # fmt: skip
def test_code_that_assigns_into_a_variable_has_it_compared_by_its_line(before, action, expected):
    changes = after(before, action, touched_names(action))
    assert list(changes.changed.values()) == ([expected] if expected else [])


def test_a_touched_variable_that_was_never_told_counts_as_changed():
    namespace = {"v": [1, 2, 3]}
    variables = Variables(namespace)
    variables.mark()
    assert variables.changes(["v", "unknown"]).changed == {"v": "v: list, 3 items [1, 2, 3]"}
    assert variables.changes(["v"]) == Changes()


def test_very_many_new_variables_are_told_by_type():
    variables = Variables(namespace := {})
    variables.mark()
    namespace.update({f"v{n}": "word " * 30 for n in range(100)})
    lines = list(variables.changes().new.values())
    assert len(lines) == 100
    assert lines[0] == f"v0: str, 150 characters '{'word ' * 30}'"
    assert lines[-1] == "v99: str"
