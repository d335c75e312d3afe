"""Objects that resist being looked at: none of their own code runs, and each gets its line."""
# ruff: noqa: RUF001  (the digests hold the multiplication sign)

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
from describing import line

from codeact_jupyter.context.variables import Variables

CALLS = []
SPECIAL = (
    *("__repr__", "__str__", "__getattr__", "__getattribute__", "__len__", "__iter__", "__dir__"),
    *("__eq__", "__hash__", "__bool__", "__contains__", "__getitem__", "__format__", "__call__"),
    *("__array__", "__index__", "__int__", "__float__", "__lt__", "__reduce__"),
)


def record(name):
    """A method that writes down that it was called."""

    def method(*_args):
        CALLS.append(name)
        raise ZeroDivisionError

    return method


Recorder = type(
    "Recorder",
    (),
    {name: record(name) for name in SPECIAL}
    | {name: property(record(name)) for name in ("__class__", "shape", "dtype", "columns")},
)


class Meta(type):
    """A metaclass that resists as well."""

    __hash__ = __eq__ = __instancecheck__ = __getattribute__ = __repr__ = record("metaclass")


def test_no_method_of_an_unknown_object_is_called():
    class Listed(list):
        __len__ = __iter__ = __repr__ = __eq__ = __getattribute__ = record("list")

    thing, odd = Recorder(), Meta("Odd", (), {})
    namespace = {
        "thing": thing,
        "inside": [thing, {"a": thing}, (thing,)],
        "listed": Listed([thing, 2]),
        "odd": odd,
        "instance": odd(),
        "frame": pd.DataFrame({"a": pd.Series([None, 1], dtype=object)}),
        "array": np.array([None, None], dtype=object),
    }
    namespace["array"][0] = thing
    namespace["frame"]._mgr.blocks[0].values[0, 0] = thing  # pandas itself would ask it
    CALLS.clear()
    variables = Variables(namespace)
    lines = [*variables.digest(), *variables.changes(namespace).new.values()]
    variables.mark()
    variables.changes(namespace)
    assert CALLS == []
    assert lines[:7] == [
        "thing: Recorder",
        "inside: list, 3 items [<Recorder>, {'a': <Recorder>}, (<Recorder>,)]",
        "listed: Listed, 2 items [<Recorder>, 2]",
        "odd: class, Odd",
        "instance: Odd",
        "frame: DataFrame, 2 rows × 1 column; a object [<Recorder>, 1]",
        "array: ndarray, (2,) object, [<Recorder>, None]",
    ]


def test_a_builtin_type_below_a_strange_class_is_still_read():
    class Weird(int):
        __repr__ = __str__ = __format__ = record("int")

    class Frame(pd.DataFrame):
        columns = shape = property(record("frame"))

    CALLS.clear()
    assert line(Weird(4)) == "Weird, 4"
    assert line([Weird(4)]) == "list, 1 item [Weird(4)]"
    assert line(Frame({"a": [1]})) == "Frame, 1 row × 1 column; a int64"
    assert CALLS == []


def test_what_cannot_be_read_is_said_to_be_so():
    class Broken(matplotlib.figure.Figure):
        def get_size_inches(self):
            raise ZeroDivisionError

    assert line(Broken()) == "Broken (could not be read: ZeroDivisionError)"


def test_an_interrupt_gets_through():
    class Hanging:
        def _repr_llm_(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        line(Hanging())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda: "two\nlines \x1b[1m", "Hooked, two lines \\x1b[1m"),
        (
            lambda: "about 1234567 words " * 50,
            f"Hooked, {('about 1234567 words ' * 20).rstrip()} … (1,000 characters)",
        ),
        (lambda: 1 / 0, "Hooked, its _repr_llm_ raised ZeroDivisionError"),
        (lambda: 5, "Hooked, its _repr_llm_ returned a int, not text"),
    ],
)
def test_an_object_may_describe_itself(answer, expected):
    class Hooked:
        def _repr_llm_(self):
            return answer()

    assert line(Hooked()) == expected
    assert line(Hooked(), schema_only=True) == "Hooked"
    assert line(Hooked) == "class, Hooked"


def test_a_list_that_holds_itself_ends():
    own = [1]
    own.append(own)
    assert line(own) == "list, 2 items [1, [1, [1, <list, 2 items>]]]"
