"""Code that fails among the variables of a user, for tests of the hints that follow."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from IPython.core.error import StdinNotImplementedError

from codeact_jupyter.context.hints import hints_for

# What a hint says of `df` in :func:`namespace`, and of a text that is no number.
COLUMNS = "`df` has the columns: species, 'Body Mass', year."
STRIPPED = (
    "is no plain number: `pd.to_numeric(s.str.replace(r'[^0-9.+-]', '', regex=True), "
    "errors='coerce')` takes the other characters away; what is no number then becomes NaN."
)


class Robot:
    """An object of a class of the user's own."""

    size = 1

    def compute(self): ...


def namespace() -> dict[str, Any]:
    """The names of a user's kernel: modules, tables and other values."""
    frame = pd.DataFrame({"species": ["a", "b"], "Body Mass": ["1,234", "—"], "year": [1, 2]})
    return {
        "np": np,
        "pd": pd,
        "os": os,
        "asyncio": asyncio,
        "subprocess": subprocess,
        "Path": Path,
        "df": frame,
        "by_species": frame.set_index("species"),
        "g": frame.groupby("species"),
        "totals": pd.Series([1, 2], index=["x", "y"]),
        "prices": {"alpha": 1, "beta": 2},
        "robot": Robot(),
        "nothing": None,
        "StdinNotImplementedError": StdinNotImplementedError,
    }


def failing(code: str, *, schema_only: bool = False, **names: Any) -> tuple[str, ...]:
    """The hints on the error that the code ends in."""
    space = namespace() | names
    try:
        exec(compile(code, "<cell>", "exec"), space)
    except Exception as error:  # noqa: BLE001  (any error of the code)
        return hints_for(error, code, space, schema_only=schema_only)
    raise AssertionError("the code did not fail")
