"""What a hint must never do: run code of the user's objects, tell a secret, fail, or be long."""

import pandas as pd
from failing import COLUMNS, failing, namespace
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.error import StdinNotImplementedError

from codeact_jupyter.context.hints import hints_for


def test_no_code_of_the_users_objects_runs():
    calls = []

    class Nosy(KeyError):
        args = property(lambda self: calls.append("args"))
        __str__ = __repr__ = __getattribute__ = lambda self, *_: calls.append("str")

    class Thing:
        __getattr__ = __getattribute__ = __repr__ = lambda self, *_: calls.append("thing")
        __eq__ = __hash__ = __len__ = __bool__ = lambda self, *_: calls.append("thing")

    space = namespace() | {"thing": Thing(), "things": {"a": Thing()}}
    for error in (Nosy("Species"), KeyError(Thing()), AttributeError(name="x", obj=Thing())):
        hints_for(error, "thing['x']; things['b']; df['Species']", space)
    assert calls == []
    assert hints_for(Nosy("Species"), "df['Species']", space) == (
        f"{COLUMNS} Nearest to 'Species': 'species'.",
    )


def test_secrets_are_masked(monkeypatch):
    monkeypatch.setenv("SERVICE_TOKEN", "sk-12345678")
    frame = pd.DataFrame({"sk-12345678": [1]})
    assert failing("frame['zz']", frame=frame) == (
        "`frame` has the columns: '[masked SERVICE_TOKEN]'.",
    )


def test_labels_of_a_strange_kind_are_not_compared():
    calls = []

    class Label:
        __hash__ = object.__hash__
        __eq__ = lambda self, other: calls.append(other)  # noqa: E731

    frame = pd.DataFrame({"a": [1]}).set_axis([Label()], axis=1)
    calls.clear()
    assert hints_for(KeyError("zz"), "frame['zz']", {"frame": frame}) == (
        "`frame` has the columns: <Label>.",
    )
    assert calls == []


def test_a_name_keeps_its_blanks_and_a_long_hint_says_that_it_was_cut():
    frame = pd.DataFrame({"a  b": [1]})
    assert failing("frame['a b']", frame=frame) == (
        "`frame` has the columns: 'a  b'. Nearest to 'a b': 'a  b'.",
    )
    long = "n" * 2_000
    (hint,) = failing(f"{long}['zz']", **{long: frame})
    assert hint.endswith("nnn …")


def test_a_hint_that_cannot_be_found_is_left_out(monkeypatch):
    monkeypatch.setattr("codeact_jupyter.context.hints.parsed", lambda code: 1 / 0)
    assert failing("df['zz']") == ()


ERRORS = [
    *(KeyError, AttributeError, NameError, FileNotFoundError, ModuleNotFoundError),
    *(RuntimeError, EOFError, ValueError, TypeError, StdinNotImplementedError),
]
arguments = st.text(max_size=40) | st.integers() | st.none() | st.lists(st.text(max_size=5))
TEMPLATES = [
    *("could not convert string to float: {!r}", "['{}'] not in index", "None of [{!r}] are"),
    *("Column not found: {}", "name '{}' is not defined", "Index(['{}'], dtype='str')", "{}"),
]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(ERRORS),
    st.sampled_from(TEMPLATES),
    arguments,
    st.sampled_from(["df['x']", "g.x; prices['y']", "x = (", "%time df.x", ""]),
    st.booleans(),
)
def test_hints_never_fail_and_are_short_lines(kind, template, argument, code, schema_only):
    for error in (kind(template.format(argument)), kind(argument), kind(), kind(argument, 2)):
        hints = hints_for(error, code, namespace(), schema_only=schema_only)
        assert len(hints) <= 3
        for hint in hints:
            assert hint.isprintable()
            assert len(hint) < 1_200
            hint.encode("utf-8")
