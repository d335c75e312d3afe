"""Digests of tables: columns with dtype, a few texts, what is missing; pandas mainly.

Called through the table of :mod:`codeact_jupyter.context.digests`. The work does not grow
with the rows: values are read from rows spread over the column, and whole columns only in frames of
at most 100,000 cells. A subclass is read as the plain pandas object below it.

Columns of text that mostly holds numbers are pointed out, with what is in the way: a model
otherwise loses several steps on a conversion that fails.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from codeact_jupyter.console import count
from codeact_jupyter.context.arrays import dtype_text, is_trusted, value_range
from codeact_jupyter.context.literals import TIMES, items, label, literal
from codeact_jupyter.context.objects import (
    Digest,
    Look,
    class_name,
    clean,
    is_secret_name,
    loaded,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SMALL = 100_000  # cells up to which whole columns are read
_SAMPLE = 50  # rows looked at for the texts of a column
_FIRST = 10  # of these, at the top
_CLOSE_SAMPLE = 2_000  # rows looked at for texts that are no numbers
_FEW = 3  # texts shown of a column that holds many
_FEW_ALL = 6  # texts shown where they are all there are
_MAX_COLUMNS = 20
_MAX_CHARACTERS = 900
_DECORATION = re.compile(r"[\s,$€£¥₹%_']|^(?:USD|EUR|GBP|CHF)|(?:USD|EUR|GBP|CHF)$")
_SEPARATORS = (";", "\t", "|", ",")
_ENDINGS = ("%", "€", "$", "£")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def frame(value: Any, look: Look) -> str:
    """A DataFrame."""
    plain = _plain(value, "DataFrame")
    rows, width = len(plain.index), len(plain.columns)
    size = f"{count(rows, 'row')} {TIMES} {count(width, 'column')}"
    if look.brief:
        return size
    shown = plain.iloc[:, :_MAX_COLUMNS]
    small = rows * shown.shape[1] <= _SMALL
    texts: list[str] = []
    for position in range(shown.shape[1]):
        texts.append(_column(shown.iloc[:, position], small=small, look=look))
        if sum(map(len, texts)) > _MAX_CHARACTERS:
            break
    if width > len(texts):
        more = count(width - len(texts), "more column")
        texts.append(f"… and {more}: see `{look.name}.columns`")
    parts = (size, _labels(plain.index), ", ".join(texts), misread(plain.columns))
    return "; ".join(filter(None, parts))


def misread(columns: Any) -> str:
    """Return what the names say of a file read with the wrong separator, or ``""``."""
    names = [name for name in columns[:_MAX_COLUMNS] if type(name) is str]
    if len(columns) == 1 and names:
        found = [mark for mark in _SEPARATORS if mark in names[0]]
        return f"one column only: read the file again with sep={found[0]!r}" if found else ""
    if sum(name.startswith("Unnamed: ") for name in names) * 2 > len(names):
        return "the file's first line holds no names: read it again with skiprows"
    return ""


def _plain(value: Any, name: str) -> Any:
    """The object itself or, of a subclass, the same data as a plain pandas object."""
    plain = getattr(loaded("pandas"), name)
    return value if type(value) is plain else plain(value)


def _labels(index: Any) -> str:
    """The index, where it is more than row numbers."""
    if type(index).__name__ == "RangeIndex":
        return ""
    named = [label(name) for name in index.names if name is not None]
    return f"index {', '.join(named)}" if named else f"index of {dtype_text(index.dtype)}"


def _column(column: Any, *, small: bool, look: Look) -> str:
    name = label(column.name)
    secret = type(column.name) is str and is_secret_name(column.name)
    if look.schema_only or secret or not is_trusted(column.dtype):
        return f"{name} {dtype_text(column.dtype)}"
    return " ".join(filter(None, (name, dtype_text(column.dtype), *_facts(column, small))))


def _facts(column: Any, small: bool) -> Iterator[str]:
    if _is_text(column.dtype):
        whole = len(column) <= _CLOSE_SAMPLE
        different = _different(_present(column, _CLOSE_SAMPLE if whole else _SAMPLE))
        yield from _number_note(column, different[:_SAMPLE])
        yield _few(different, whole=whole)
    missing = int(column.isna().sum()) if small else 0
    if missing:
        yield f"({missing:,} missing)"


def _is_text(dtype: Any) -> bool:
    return str(dtype) in {"object", "str", "string", "category"} or dtype_text(dtype).startswith(
        ("string", "large_string")
    )


def _present(column: Any, rows: int) -> list[Any]:
    """The values that are not missing, of the first rows and of some all over the column."""
    total = len(column)
    if total > rows:
        # steps of the golden section, which hit no repeating pattern of the data
        spread = {int(step * 0.6180339887498949 * total) % total for step in range(rows)}
        column = column.take(sorted(spread.union(range(_FIRST))))
    return list(column[~column.isna()].tolist())


def _different(values: list[Any]) -> list[Any]:
    """The values without repetitions; no method of an unknown one is called for it."""
    return list({v if type(v) is str else (literal(v, 30, 1),): v for v in values}.values())


def _few(different: list[Any], *, whole: bool) -> str:
    """All values of a column where they are few, else the first: ``['a', 'b', …]``."""
    texts = [literal(value, limit=30, depth=1) for value in different[:_FEW_ALL]]
    if not whole or len(different) > len(texts) or sum(map(len, texts)) > 80:
        texts = [*texts[:_FEW], "…"]
    return f"[{', '.join(texts)}]" if different else ""


def sample(column: Any) -> list[Any]:
    """Some values of a column, the first ones among them, none twice."""
    return _different(_present(column, _SAMPLE))


def mostly_numbers(different: list[Any]) -> bool:
    """Whether values are text, and most of them is a number with signs around."""
    numbers = sum(type(value) is str and is_numeric_text(value) for value in different)
    return numbers >= 2 and numbers * 2 > len(different)


def as_numbers(source: str, values: Sequence[Any] = ()) -> str:
    """Return code that makes numbers of a column of text.

    Args:
        source: Code of the column.
        values: Some of what it holds; by default the code is made for anything.
    """
    texts = [value for value in values if type(value) is str]
    if len(texts) == len(values) > 0:
        for ending in _ENDINGS:
            if all(text.endswith(ending) and _plain_number(text[:-1]) for text in texts):
                return f"{source}.str.rstrip({ending!r}).astype(float)"
        if all(map(_plain_number, (text.replace(",", "") for text in texts))):
            return f"{source}.str.replace(',', '').astype(float)"
    return f"pd.to_numeric({source}.str.replace(r'[^0-9.+-]', '', regex=True), errors='coerce')"


def _plain_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _number_note(column: Any, different: list[Any]) -> Iterator[str]:
    if not mostly_numbers(different):
        return
    close = _different(_present(column, _CLOSE_SAMPLE))
    odd = (text for text in close if type(text) is str and not is_numeric_text(text))
    shown = [literal(text, limit=30) for text in islice(odd, 2)]
    yield f"(looks numeric except {', '.join(shown)})" if shown else "(looks numeric)"


def is_numeric_text(text: str) -> bool:
    """Whether text is a number once commas, currency and percent signs are taken away."""
    return len(text) <= 40 and _NUMBER.fullmatch(_DECORATION.sub("", text)) is not None


def series(value: Any, look: Look) -> str:
    """A Series."""
    plain = _plain(value, "Series")
    size = f"{count(len(plain), 'value')} of {dtype_text(plain.dtype)}"
    name = "" if plain.name is None else f"name {label(plain.name)}"
    parts = [size, name, _labels(plain.index)]
    secret = type(plain.name) is str and is_secret_name(plain.name)
    if not look.schema_only and not secret and is_trusted(plain.dtype):
        parts += [" ".join(_facts(plain, len(plain) <= _SMALL)), _values(plain)]
    return ", ".join(filter(None, parts))


def _values(plain: Any) -> str:
    """The first values, under their labels where these are more than row numbers."""
    if _is_text(plain.dtype) and not _labels(plain.index):
        return ""
    first = plain.iloc[:5]
    if not _labels(plain.index):
        numeric = str(plain.dtype)[:3] in {"int", "uin", "flo"} and 5 < len(plain) <= _SMALL
        return value_range(plain.to_numpy()) if numeric else items(first.array, len(plain))
    texts = [
        f"{literal(key, 40)}: {literal(item, 40)}"
        for key, item in zip(first.index, first.array, strict=True)
    ]
    rest = [f"… {len(plain) - len(texts):,} more"] if len(plain) > len(texts) else []
    return f"{{{', '.join(texts + rest)}}}"


def index(value: Any, look: Look) -> str:
    """An Index of any kind."""
    named = [label(name) for name in value.names if name is not None]
    text = f"{count(len(value), 'label')} of {dtype_text(value.dtype)}"
    shown = "" if look.schema_only or not is_trusted(value.dtype) else items(value[:5], len(value))
    name = f"name{'s' if len(named) > 1 else ''} {', '.join(named)}" if named else ""
    return ", ".join(filter(None, (text, name, shown)))


def grouped(value: Any, _look: Look) -> str:
    """A GroupBy: by what, never the groups, which would have to be computed."""
    keys = value.keys if type(value.keys) is list else [value.keys]
    texts = (label(key) if type(key) is str else f"<{class_name(type(key))}>" for key in keys)
    return f"by {', '.join(texts)}"


def polars_frame(value: Any, look: Look) -> str:
    """A DataFrame of polars: said to be one, for its methods are not those of pandas."""
    rows, width = value.shape
    size = f"{count(rows, 'row')} {TIMES} {count(width, 'column')}"
    if look.brief:
        return size
    columns = islice(value.schema.items(), _MAX_COLUMNS)
    texts = [f"{label(name)} {clean(str(dtype))}" for name, dtype in columns]
    more = [f"… and {count(width - len(texts), 'more column')}"] if width > len(texts) else []
    return f"of polars, {size}; {', '.join(texts + more)}"


def polars_series(value: Any, _look: Look) -> str:
    """A Series of polars."""
    return f"of polars, {count(len(value), 'value')} of {clean(str(value.dtype))}"


DIGESTS: dict[str, Digest] = {
    "polars.DataFrame": polars_frame,
    "polars.Series": polars_series,
    "pandas.DataFrame": frame,
    "pandas.Series": series,
    "pandas.Index": index,
    "pandas.DataFrameGroupBy": grouped,
    "pandas.SeriesGroupBy": grouped,
}
