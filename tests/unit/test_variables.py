"""The digest of the user's variables, and what an action changed."""
# ruff: noqa: RUF001  (the digests hold the multiplication sign)

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import gc
import re
import subprocess
import sys
import types
import warnings
import weakref
from pathlib import PurePosixPath
from typing import NamedTuple

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from codeact_jupyter.context import marks
from codeact_jupyter.context.digests import describe
from codeact_jupyter.context.literals import head, literal, prose, quoted
from codeact_jupyter.context.variables import Variables, touched_names
from codeact_jupyter.types import Changes

MANY = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


def line(value, *, schema_only=False):
    return describe("x", value, schema_only=schema_only).removeprefix("x: ")


# --- whole lines ---------------------------------------------------------------------------


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    HIGH = 3


class Point(NamedTuple):
    x: object
    y: object


@dataclasses.dataclass
class Login:
    user: str
    password: str
    age: int = 3
    note: str = dataclasses.field(default="hidden", repr=False)


@dataclasses.dataclass(slots=True)
class Slim:
    size: float


class Plain:
    """A plain thing.

    With more to say.
    """

    def __init__(self, a, b=2, *, api_key="sk-1"):
        self.a, self.b, self._c = a, b, api_key


class Ridge:
    def fit(self): ...

    def get_params(self): ...


class Fitted(Ridge):
    def __init__(self):
        self.alpha, self.coef_, self.intercept_ = 1, 2, 3


class Pipeline(Ridge):
    def __init__(self, last):
        self.steps = [("last", last)]


def add(a, b=1, /, c="x", *args, k, token="t", **kw):
    """Add things.

    Slowly.
    """


async def fetch(url): ...


def wrap(function):
    def wrapper(*args):
        return function(*args)

    wrapper.__wrapped__ = function
    return wrapper


LINES = [
    (None, "None"),
    (..., "ellipsis"),
    (True, "bool, True"),
    (5, "int, 5"),
    (-(10**29), "int, -100000000000000000000000000000"),
    (10**30, "int, <int with 31 digits>"),
    (10**2999, "int, <int with 3,000 digits>"),
    (10**3000 - 1, "int, <int with 3,000 digits>"),
    (-(10**3000), "int, <int with 3,001 digits>"),
    (1 << 10**6, "int, <int with about 301,031 digits>"),
    (0.1 + 0.2, "float, 0.30000000000000004"),
    (float("nan"), "float, nan"),
    (1 + 2j, "complex, (1+2j)"),
    ("hello\nworld", "str, 'hello\\nworld'"),
    ("a\ud800b\x1b[31m", "str, 'a\\ud800b\\x1b[31m'"),
    ("twenty-one characters", "str, 21 characters 'twenty-one characters'"),
    ("58278" * 3000, "str, <15,000 characters>"),
    (b"ab\x00", "bytes, b'ab\\x00'"),
    (b"word " * 30, f"bytes, b'{'word ' * 8}' … (150 bytes)"),
    (b"7" * 500, "bytes, (500 bytes)"),
    (bytearray(b"ab"), "bytearray, b'ab'"),
    ([], "list, 0 items []"),
    ([1, "a", None], "list, 3 items [1, 'a', None]"),
    (list(range(1000)), ("list, 1,000 items of int (the first 100) [0, 1, 2, 3, 4, 5, 6, 7, 8, 9,"
        " … 990 more]")),
    ([1, 2.0, "a", None, True] * 5, ("list, 25 items of int, float, str and 2 more types [1, 2.0,"
        " 'a', None, True, 1, 2.0, 'a', None, True, … 15 more]")),
    ([[1, [2, [3, [4]]]]], "list, 1 item [[1, [2, <list, 2 items>]]]"),
    ((1,), "tuple, 1 item (1,)"),
    ({"a"}, "set, 1 item {'a'}"),
    (set(), "set, 0 items set()"),
    (frozenset({1}), "frozenset, 1 item frozenset({1})"),
    (collections.deque([1, 2]), "deque, 2 items deque([1, 2])"),
    ({"a": 1, "b": {"c": [1]}}, "dict, 2 keys {'a': 1, 'b': {'c': [1]}}"),
    ({"user": "bo", "api_key": "sk-1"}, "dict, 2 keys {'user': 'bo', 'api_key': <withheld>}"),
    (dict.fromkeys(range(500)), ("dict, 500 keys {0: None, 1: None, 2: None, 3: None, 4: None,"
        " 5: None, 6: None, 7: None, 8: None, 9: None, … 490 more}")),
    (collections.Counter("aab"), "Counter, 2 keys {'a': 2, 'b': 1}"),
    (collections.defaultdict(list, a=[1]), "defaultdict, 1 key {'a': [1]}"),
    ([collections.Counter("a")], "list, 1 item [Counter({'a': 1})]"),
    (Point(1, "b"), "Point, Point(x=1, y='b')"),
    ([Point(1, 2)], "list, 1 item [Point(x=1, y=2)]"),
    (range(10), "range, range(0, 10)"),
    (range(0, 10**40, 2), "range, range(0, <int with 41 digits>, 2)"),
    (slice(1, None), "slice, slice(1, None, None)"),
    (Colour.RED, "Colour, Colour.RED"),
    (Level.HIGH, "Level, Level.HIGH"),
    (dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC), "datetime, 2026-01-02 03:00:00+00:00"),
    (dt.date(2026, 1, 2), "date, 2026-01-02"),
    (dt.timedelta(days=1), "timedelta, 1 day, 0:00:00"),
    (decimal.Decimal("1.10"), "Decimal, 1.10"),
    (decimal.Decimal("1" * 200), "Decimal, <Decimal>"),
    (fractions.Fraction(1, 3), "Fraction, 1/3"),
    (fractions.Fraction(10**6000), "Fraction, <Fraction>"),
    (PurePosixPath("/tmp/x y"), "PurePosixPath, '/tmp/x y'"),
    (np.float32(0.1), "float32, 0.1"),
    (np.str_("a"), "str_, 'a'"),
    (np.datetime64("2026-01-02"), "datetime64, 2026-01-02"),
    (pd.Timestamp("2026-01-02", tz="UTC"), "Timestamp, 2026-01-02 00:00:00+00:00"),
    (pd.NaT, "NaTType, NaT"),
    (pd.NA, "NAType, <NA>"),
    (add, "function, add(a, b=1, /, c='x', *args, k, token=…, **kw): Add things."),
    (fetch, "function, async fetch(url)"),
    (wrap(add), "function, wrapper(a, b=1, /, c='x', *args, k, token=…, **kw)"),
    (lambda q: q, "function, <lambda>(q)"),
    (Plain, "class, Plain(a, b=2, *, api_key=…): A plain thing."),
    (Fitted, "class, Fitted() from Ridge"),
    (Colour, "class, an enumeration of RED"),
    (Plain(1), "Plain, attributes a, b"),
    (Login("bo", "hunter2"), "Login, (user='bo', password=<withheld>, age=3)"),
    (Slim(1.5), "Slim, (size=1.5)"),
    (Ridge(), "Ridge, not fitted"),
    (Fitted(), "Fitted, fitted (coef_, intercept_)"),
    (Pipeline(Ridge()), "Pipeline, not fitted"),
    (Pipeline(Fitted()), "Pipeline, fitted (coef_, intercept_)"),
    (re, "module, re"),
    (len, "builtin_function_or_method"),
    ((n for n in ()), "generator"),
    (ValueError("no"), "ValueError"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), LINES, ids=[said for _, said in LINES])
def test_a_line_tells_type_size_and_a_short_value(value, expected):
    assert line(value) == expected


PENGUINS = pd.DataFrame(
    {
        "species": ["Adelie", "Gentoo", "Chinstrap"] * 4,
        "price": ["1,234", "$5.5", "7 %", "—", "n/a", "1"] * 2,
        "bill length": [1.5, None, 2.5] * 4,
        "year": range(12),
        "kind": pd.Categorical(["a", "b"] * 6),
        "when": pd.date_range("2026-01-01", periods=12, unit="us"),
        "login_token": ["sk-1"] * 12,
        "odd": pd.Series([1, "a", [2], None] * 3, dtype=object),
    }
)
WIDE = pd.DataFrame(np.zeros((2, 100)))
LONG = pd.DataFrame({"code": [f"c{n}" for n in range(60_000)], "n": range(60_000)})
REPEATING = pd.DataFrame({"k": ["a"] * 12 + ["b", "c"] * 99_994, "m": [None, 1.5] * 100_000})

FRAMES = [
    (PENGUINS, ("DataFrame, 12 rows × 8 columns; species str ['Adelie', 'Gentoo', 'Chinstrap'], "
        "price str (looks numeric except '—', 'n/a') ['1,234', '$5.5', '7 %', '—', 'n/a', '1'], "
        "'bill length' float64 (4 missing), year int64, kind category ['a', 'b'], "
        "when datetime64[us], login_token str, odd object [1, 'a', [2]] (3 missing)")),
    (PENGUINS[["species", "year"]].set_index("species"),
        "DataFrame, 12 rows × 1 column; index species; year int64"),
    (PENGUINS[["year"]].set_axis(list("abcdefghijkl")),
        "DataFrame, 12 rows × 1 column; index of str; year int64"),
    (pd.DataFrame(), "DataFrame, 0 rows × 0 columns"),
    (pd.DataFrame({"a": ["x"] * 3}).iloc[:0], "DataFrame, 0 rows × 1 column; a str"),
    (WIDE, (f"DataFrame, 2 rows × 100 columns; {', '.join(f'{n} float64' for n in range(20))}, "
        "… and 80 more columns: see `x.columns`")),
    (LONG, "DataFrame, 60,000 rows × 2 columns; code str ['c0', 'c1', 'c2', …], n int64"),
    (REPEATING, "DataFrame, 200,000 rows × 2 columns; k str ['a', 'c', 'b', …], m float64"),
    (PENGUINS["year"], "Series, 12 values of int64, name year, min 0, max 11"),
    (PENGUINS["price"], ("Series, 12 values of str, name price, (looks numeric except '—', 'n/a') "
        "['1,234', '$5.5', '7 %', '—', 'n/a', '1']")),
    (PENGUINS.groupby("species")["year"].mean(), ("Series, 3 values of float64, name year, "
        "index species, {'Adelie': 4.5, 'Chinstrap': 6.5, 'Gentoo': 5.5}")),
    (pd.Series([1.5, 2]), "Series, 2 values of float64, [1.5, 2.0]"),
    (PENGUINS.groupby(["species", "year"]), "DataFrameGroupBy, by species, year"),
    (pd.Index(["a", "b"], name="q"), "Index, 2 labels of str, name q, ['a', 'b']"),
    (pd.RangeIndex(300), "RangeIndex, 300 labels of int64, [0, 1, 2, 3, 4, … 295 more]"),
    (np.arange(20.0).reshape(4, 5), "ndarray, (4, 5) float64, min 0.0, max 19.0"),
    (np.array([1, 2, 3]), "ndarray, (3,) int64, [1, 2, 3]"),
    (np.array([0.1] * 9 + [np.nan], dtype="f4"), ("ndarray, (10,) float32, min 0.1, max 0.1, "
        "1 missing")),
    (np.array(3.5), "ndarray, () float64, 3.5"),
    (np.zeros(200_000), "ndarray, (200000,) float64"),
    (np.zeros(2, dtype=[("a", "i4")]), "ndarray, (2,) [('a', '<i4')]"),
    (np.ma.array([1, 2], mask=[0, 1]), "MaskedArray, (2,) int64"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), FRAMES, ids=[said for _, said in FRAMES])
def test_tables_and_arrays_are_told_by_their_columns_and_dtypes(value, expected):
    assert line(value) == expected


def test_a_figure_is_told_by_its_axes():
    figure = matplotlib.figure.Figure(figsize=(6.4, 4.8))
    axes = figure.add_subplot(1, 2, 1, title="Sales", xlabel="month")
    figure.add_subplot(1, 2, 2)
    assert line(figure) == "Figure, 6.4 × 4.8 inches, 2 axes: 'Sales' x 'month', untitled"
    assert line(axes) == "Axes, 'Sales' x 'month'"
    assert line(figure, schema_only=True) == "Figure, 6.4 × 4.8 inches, 2 axes"


def test_a_frame_of_polars_is_not_taken_for_one_of_pandas(monkeypatch):
    polars = types.ModuleType("polars")
    parts = {"__module__": "polars", "shape": (2, 21)}
    schema = {"a": "Int64", "b c": "String"} | {f"c{n}": "Date" for n in range(19)}
    polars.DataFrame = type("DataFrame", (), {**parts, "schema": schema})
    monkeypatch.setitem(sys.modules, "polars", polars)
    assert line(polars.DataFrame()) == (
        "DataFrame, of polars, 2 rows × 21 columns; a Int64, 'b c' String, "
        f"{', '.join(f'c{n} Date' for n in range(18))}, … and 1 more column"
    )


def test_tensors_of_packages_that_are_there_are_told_by_shape_and_dtype(monkeypatch):
    torch = types.ModuleType("torch")
    torch.dtype = type("dtype", (), {"__module__": "torch", "__str__": lambda _: "torch.float32"})
    torch.Tensor = type(
        "Tensor", (), {"__module__": "torch", "shape": (2, 3), "dtype": torch.dtype()}
    )
    assert line(torch.Tensor()) == "Tensor"  # nobody has loaded a torch that holds this class
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert line(torch.Tensor()) == "Tensor, (2, 3) torch.float32"


# --- objects that resist ---------------------------------------------------------------------


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


# --- secrets and schema only -----------------------------------------------------------------


def test_a_secret_is_masked_even_where_it_is_cut_or_escaped(monkeypatch):
    monkeypatch.setenv("SERVICE_API_KEY", 'se"cret\\value-123')
    secret = 'se"cret\\value-123'
    masked = "[masked SERVICE_API_KEY]"
    assert line([secret]) == f"list, 1 item ['{masked}']"
    cut = line("x" * 190 + " " + secret + " rest" * 50)
    assert cut == f"str, '{'x' * 190} [masked ' … (458 characters)"
    assert "cret" not in cut
    assert masked in line("x " * 40 + secret)
    assert masked in line(type("Hooked", (), {"_repr_llm_": lambda _: secret})())
    monkeypatch.setenv("SERVICE_API_KEY", "sk_12345678")
    assert line(pd.DataFrame({"sk_12345678": [1]})) == (
        f"DataFrame, 1 row × 1 column; {masked} int64"
    )


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        *((name, True) for name in ("token", "db_password", "apiKey", "API_KEY", "APIKEY")),
        *((name, True) for name in ("aws_secret", "credentials2", "privateKey", "my_pwd")),
        *((name, False) for name in ("key", "keys", "tokens", "tokenizer", "secretary", "df")),
    ],
)
def test_a_name_that_looks_secret_shows_no_value(name, secret):
    said = describe(name, "sk-123")
    withheld = f"{name}: str, 6 characters (its name looks secret: no value is shown)"
    assert said == (withheld if secret else f"{name}: str, 'sk-123'")


def test_a_function_with_a_secret_name_keeps_its_signature():
    assert describe("get_token", fetch) == "get_token: function, async fetch(url)"


SECRETS = re.compile(r"Adelie|Gentoo|1,234|hunter2|Add things|RED|\b42\b|4\.5|April|missing|min ")


SHOWN = [
    *(value for value, _ in LINES + FRAMES if value is not Colour),  # its members are names
    *(42, "April", ["April", 42], {"April": 42}, {"April"}, Slim(4.5), Point("April", 42)),
]


@pytest.mark.parametrize("value", SHOWN, ids=range(len(SHOWN)))
def test_schema_only_shows_no_value(value):
    said = line(value, schema_only=True)
    assert not SECRETS.search(said)
    assert not re.search(
        r"""['"](?!bill length|a', '<i4)""", re.sub(r"'bill length'|'a'|'<i4'", "", said)
    )


def test_schema_only_still_shows_types_shapes_and_columns():
    assert line(PENGUINS, schema_only=True) == (
        "DataFrame, 12 rows × 8 columns; species str, price str, 'bill length' float64, "
        "year int64, kind category, when datetime64[us], login_token str, odd object"
    )
    assert line({"a": 1}, schema_only=True) == "dict, 1 key"
    assert line([1, "a"], schema_only=True) == "list, 2 items of int, str"
    assert line("April", schema_only=True) == "str, 5 characters"
    assert line(Login("bo", "x"), schema_only=True) == "Login, (user, password, age)"
    assert line(add, schema_only=True) == ("function, add(a, b=…, /, c=…, *args, k, token=…, **kw)")


# --- properties --------------------------------------------------------------------------------

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**25, max_value=10**60)
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=300)
    | st.text(alphabet="0123456789.,-eE x", min_size=50, max_size=400)
    | st.binary(max_size=300)
    | st.characters(categories=["Cs", "Cc", "Cf"])
    | st.datetimes()
    | st.decimals()
)
hashable = st.none() | st.booleans() | st.integers() | st.text(max_size=100)
nested = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=15)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(hashable, inner, max_size=12)
        | st.frozensets(hashable, max_size=12)
        | st.lists(inner, max_size=5).map(collections.deque)
    ),
    max_leaves=30,
)


@MANY
@given(nested)
def test_any_builtin_data_is_one_short_line_that_can_be_sent(value):
    for schema_only in (False, True):
        said = describe("x", value, schema_only=schema_only)
        assert said.isprintable()
        said.encode("utf-8")
        assert len(said) < 2_500
        assert "could not be read" not in said
        assert said == describe("x", value, schema_only=schema_only)


NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@MANY
@given(st.text(alphabet="0123456789., abé\n", max_size=500), st.integers(1, 150))
@example("1 234567890", 5)
@example("12.5", 3)
def test_a_cut_text_ends_in_no_piece_of_a_number(text, limit):
    start = head(text, limit)
    assert text.startswith(start)
    assert len(start) <= limit
    whole = {match.span() for match in NUMBER.finditer(text)}
    assert all(m.span() in whole for m in NUMBER.finditer(start))
    shown = quoted(text, limit)
    assert (shown == repr(text)) == (len(text) <= limit)
    assert shown == repr(text) or shown.endswith((f"{len(text)} characters)", "characters>"))


@MANY
@given(st.lists(st.integers() | st.integers(10**20, 10**50) | st.floats(), max_size=40))
def test_numbers_in_a_list_are_whole_or_not_there(values):
    shown = literal(values)
    said = re.sub(r"<[^>]*>|… [\d,]+ more", "", shown).strip("[] ,")
    texts = [text for text in said.split(", ") if text]
    kept = [v for v in values[:10] if not (isinstance(v, int) and abs(v) >= 10**30)]
    assert texts == [repr(v) for v in kept][: len(texts)]
    left_out = re.search(r"… ([\d,]+) more", shown)
    total = shown.count(", ") + 1 if shown != "[]" else 0
    if left_out:
        total += int(left_out[1].replace(",", "")) - 1
        shown_items = shown[: left_out.start()].count(", ")
        assert shown_items + int(left_out[1].replace(",", "")) == len(values)
    else:
        assert len(re.findall(r"<int with \d+ digits>", shown)) + len(texts) == len(values)


def test_prose_states_what_it_leaves_out():
    assert prose("one  two\nthree", 50) == "one two three"
    assert prose("one two three", 9) == "one two … (13 characters)"


def test_looking_imports_nothing_heavy():
    code = (
        "import sys; before = set(sys.modules)\n"
        "from codeact_jupyter.context import hints, variables\n"
        "v = variables.Variables({'x': [1], 'f': print}); v.mark(); v.digest(); v.changes()\n"
        "hints.hints_for(KeyError('a'), 'x', {})\n"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"IPython", "numpy", "pandas", "matplotlib", "pydantic", "openai", "asyncio"}
    assert not heavy.intersection(ran.stdout.split())


# --- the list of variables ---------------------------------------------------------------------


def test_only_what_the_user_made_is_told():
    opened, exiter = object(), object()
    namespace = {"In": [], "Out": {}, "_": 1, "__name__": "m", "_i1": "x", "open": opened}
    namespace |= {"exit": exiter, "np": np, "pd": pd, "re": re, "x": 1, 5: "no name"}
    hidden = {"open": opened, "exit": exiter}
    expected = ["modules: np (numpy), pd (pandas), re", "x: int, 1"]
    assert Variables(namespace, hidden).digest() == expected
    assert Variables(namespace, ["open"]).digest() == expected
    assert Variables(namespace, lambda name: name == "open").digest() == expected
    namespace["open"] = 3  # the user's own now
    assert Variables(namespace, hidden).digest() == [expected[0], "open: int, 3", expected[1]]


def test_over_the_budget_the_oldest_are_named_only():
    namespace = {f"v{n}": n for n in range(300)}
    lines = Variables(namespace).digest(100)
    named = ", ".join(f"v{n}" for n in range(128))
    see = "(see %whos)"  # codespell:ignore whos
    assert lines == [
        f"… and 294 more variables: {named}, … 166 more {see}",
        *(f"v{n}: int, {n}" for n in range(294, 300)),
    ]
    assert Variables({"x": "a" * 150}).digest(10) == [f"x: str, 150 characters '{'a' * 150}'"]
    assert Variables({}).digest() == []


# --- changes -------------------------------------------------------------------------------------


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


# --- the names that code touches -----------------------------------------------------------------


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


# --- what is remembered of classes -----------------------------------------------------------


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
