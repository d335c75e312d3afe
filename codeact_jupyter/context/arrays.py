"""Digests of arrays: numpy's own, and the tensors of other packages.

Called through the table of :mod:`codeact_jupyter.context.digests`. Values are read of
small numpy arrays only; of a tensor nothing but shape and dtype, because its values may
live on another device or not be computed yet.
"""

from __future__ import annotations

from typing import Any

from codeact_jupyter.context.literals import items, literal
from codeact_jupyter.context.objects import (
    ABSENT,
    Digest,
    Look,
    class_name,
    clean,
    loaded,
    root,
    slot_attribute,
)

_SMALL = 100_000  # elements up to which all of them may be read
_FEW = 8
_TRUSTED = frozenset({"numpy", "pandas", "pyarrow"})


def dtype_text(dtype: Any) -> str:
    """Return the dtype's name: ``int64``, ``datetime64[us]``, ``category``."""
    cls = type(dtype)
    if root(cls) not in _TRUSTED:
        return f"<{class_name(cls)}>"
    text = clean(str(dtype))
    return text if len(text) <= 60 else f"<{class_name(cls)} of {len(text):,} characters>"


def is_trusted(dtype: Any) -> bool:
    """Whether reading values of this dtype runs only code of numpy, pandas or Arrow."""
    return root(type(dtype)) in _TRUSTED


def array(value: Any, look: Look) -> str:
    """An ndarray or a subclass, which is read as the plain array below it."""
    numpy = loaded("numpy")
    plain = numpy.ndarray.view(value, numpy.ndarray)
    text = f"{_shape(plain.shape)} {dtype_text(plain.dtype)}"
    if look.schema_only or type(value) is not numpy.ndarray:
        return text
    return ", ".join(filter(None, (text, _contents(plain))))


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _contents(plain: Any) -> str:
    """Few values whole; of more, the range, where it is quick to find."""
    if plain.ndim == 0:
        return literal(plain[()])
    if plain.ndim == 1 and plain.dtype.names is None:
        if len(plain) <= _FEW:
            return items(iter(plain), len(plain))
        if plain.dtype.kind in "OUS":
            return items(iter(plain[:_FEW]), len(plain))
    if plain.size and plain.size <= _SMALL and plain.dtype.kind in "iufmM":
        return value_range(plain)
    return ""


def value_range(plain: Any) -> str:
    """Return ``min 0.1, max 3.0, 2 missing`` of a numeric ndarray."""
    present = plain[plain == plain]  # noqa: PLR0124  (NaN and NaT differ from themselves)
    if not present.size:
        return "all missing"
    ends = f"min {literal(present.min())}, max {literal(present.max())}"
    missing = plain.size - present.size
    return f"{ends}, {missing:,} missing" if missing else ends


def tensor(value: Any, _look: Look) -> str:
    """A tensor or a lazy array of a package whose ``shape`` and ``dtype`` are plain data."""
    return _shape_and_dtype(getattr(value, "shape", ABSENT), getattr(value, "dtype", ABSENT))


def like_an_array(value: object) -> str:
    """Return shape and dtype of an object that keeps both in slots; else nothing."""
    return _shape_and_dtype(slot_attribute(value, "shape"), slot_attribute(value, "dtype"))


def _shape_and_dtype(shape: Any, dtype: Any) -> str:
    if not issubclass(type(shape), tuple) or dtype is ABSENT:
        return ""
    sides = [side for side in tuple.__iter__(shape) if type(side) is int]
    if len(sides) != tuple.__len__(shape):
        return ""
    spelt_out = root(type(dtype)) in _TRUSTED | {"torch", "tensorflow"}
    name = clean(str(dtype)) if spelt_out else f"<{class_name(type(dtype))}>"
    return f"{_shape(tuple(sides))} {name}"


DIGESTS: dict[str, Digest] = {
    "numpy.ndarray": array,
    **dict.fromkeys(("torch.Tensor", "jaxlib.ArrayImpl", "jax.Array", "cupy.ndarray"), tensor),
    **dict.fromkeys(("tensorflow.Tensor", "scipy.spmatrix", "scipy.sparray"), tensor),
}
