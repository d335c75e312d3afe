"""The names that code touches."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codeact_jupyter.context.variables import touched_names

MANY = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = 1", {"x"}),
        ("x += 1; y: int = 2; (z := 3)", {"x", "y", "z"}),
        ("a, (b, *c) = d", {"a", "b", "c"}),
        ("df['a'] = 1", {"df"}),
        ("df.loc[df.x > 3, 'a'] = other['b']", {"df"}),
        ("d['k']['l'][0] += 1", {"d"}),
        ("obj.attr.name = 1", {"obj"}),
        ("del d['k'], e", {"d", "e"}),
        ("lst.append(x); other.sort()", {"lst", "other"}),
        ("df['a'].fillna(0, inplace=True)", {"df"}),
        ("df.head().drop(columns='a', inplace=True)", {"df"}),
        ("df.drop(columns='a', inplace=False)", set()),
        ("df.drop(columns='a', inplace=flag)", {"df"}),
        ("df.sort_values('a').head(); print(x)", set()),
        ("random.shuffle(deck); np.copyto(a, b)", {"deck", "a"}),
        ("for i in range(3): s.add(i)", {"i", "s"}),
        ("with open(p) as f: pass", {"f"}),
        ("def f(x):\n    y = x\nclass C: pass", {"f", "y", "C"}),
        ("%time df['a'] = 1", {"df"}),
        ("%%time\nlst.append(1)\nx = 2", {"lst", "x"}),
        ("files = !ls", {"files"}),
        ("await task\nx = 1", {"x"}),
        ("model.fit(X, y)", {"model"}),
        ("[n for n in y]", {"n"}),
        ("x = '\\d' is 1", {"x"}),
        ("x = (", set()),
        ("x = '\ud800'", set()),
        ("", set()),
        ("\0", set()),
        ("x = " + "(" * 5000, set()),
    ],
)  # fmt: skip
def test_the_names_that_code_touches(code, expected):
    assert touched_names(code) == expected


@MANY
@given(st.text(max_size=60))
def test_any_text_may_be_asked_for_its_names(code):
    assert isinstance(touched_names(code), frozenset)
