"""The list of the user's variables."""

import re
import subprocess
import sys

import numpy as np
import pandas as pd

from codeact_jupyter.context.variables import Variables


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
