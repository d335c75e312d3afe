"""The marks by which a change is seen: they keep nothing alive, and tell any two values apart."""

import gc
import weakref

import numpy as np
import pandas as pd

from codeact_jupyter.context import marks
from codeact_jupyter.context.variables import Variables


def test_a_mark_keeps_nothing_alive():
    class Big:
        pass

    class Biglist(list):
        pass

    makers = [
        *(Big, Biglist, lambda: np.zeros(10), lambda: pd.DataFrame({"a": [1]})),
        *(lambda: pd.Series([1]), lambda: {Big()}, lambda: lambda: 1),
    ]
    inner = Big()
    namespace = {f"v{n}": maker() for n, maker in enumerate(makers)}
    namespace["holder"] = [inner, {"a": inner}]
    namespace["category"] = pd.Series(pd.Categorical(["a"]))
    gone = [weakref.ref(inner), weakref.ref(namespace["category"].cat.categories)]
    gone += [weakref.ref(namespace[f"v{n}"]) for n in range(len(makers))]
    variables = Variables(namespace)
    variables.mark()
    variables.digest()
    variables.changes(list(namespace))
    namespace.clear()
    del inner
    gc.collect()
    assert [ref() for ref in gone] == [None] * len(gone)
    assert len(variables.changes().deleted) == len(makers) + 2


def test_an_address_used_again_is_no_unchanged_value():
    namespace = {"v": [1, 2]}
    variables = Variables(namespace)
    variables.mark()
    for _ in range(50):
        del namespace["v"]
        namespace["v"] = [3, 4]
        assert variables.changes().changed in ({}, {"v": "v: list, 2 items [3, 4]"})
        del namespace["v"]
        namespace["v"] = [1, 2]
        assert list(variables.changes().changed) == ["v"]


def test_a_class_is_remembered_no_longer_than_it_lives():
    kind = type("Kind", (list,), {})
    marks.mark_of(kind([1]))
    key, gone = id(kind), weakref.ref(kind)
    assert key in marks._SEEN
    del kind
    gc.collect()
    assert gone() is None
    assert key not in marks._SEEN


def test_a_class_that_has_the_id_of_another_is_looked_at_itself(monkeypatch):
    grown, plain = type("Grown", (list,), {}), type("Plain", (), {})
    value = grown([1])
    marks.mark_of(plain())
    monkeypatch.setitem(marks._SEEN, id(grown), marks._SEEN[id(plain)])
    before = marks.mark_of(value)
    value.append(2)
    assert not marks.same(before, marks.mark_of(value))
