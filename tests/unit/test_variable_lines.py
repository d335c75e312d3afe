"""The line that tells of a variable, and what it keeps back: secrets and, if asked, all values."""
# ruff: noqa: RUF001  (the digests hold the multiplication sign)

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import re
import sys
import types
from pathlib import PurePosixPath
from typing import NamedTuple

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
from describing import line

from codeact_jupyter.context.digests import describe


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
