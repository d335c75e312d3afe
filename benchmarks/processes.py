"""Fresh processes to measure in: plain Python ones and kernels, all alike.

All keep their bytecode in one folder of this run, ours and that of other packages alike:
a checkout has none of its own where somebody set ``PYTHONDONTWRITEBYTECODE``, and would
be compiled each time, while installed packages were compiled when they were installed.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from kernels import Kernel

from benchmarks import ROOT, TESTS

if TYPE_CHECKING:
    from collections.abc import Iterator

LOAD = "%load_ext codeact_jupyter"
UNLOAD = "%unload_ext codeact_jupyter"
_bytecode = tempfile.TemporaryDirectory(prefix="bytecode")


def child(module: str, *arguments: object) -> Any:
    """Run ``python -m MODULE ARGUMENTS`` and return the JSON in its last line."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
            env=_environment(folder),
        )
    return json.loads(done.stdout.splitlines()[-1])


@contextlib.contextmanager
def kernel() -> Iterator[Kernel]:
    """Start a kernel that can import this package."""
    with tempfile.TemporaryDirectory() as folder:
        own = {
            "PYTHONPATH": f"{ROOT}{os.pathsep}{TESTS}",
            "PYTHONPYCACHEPREFIX": _bytecode.name,
            "PYTHONDONTWRITEBYTECODE": "",
            "IPYTHONDIR": folder,
        }
        with Kernel(cwd=ROOT, **own) as started:
            yield started


def answer(asked: Kernel, code: str) -> Any:
    """Run ``code`` in a kernel and return the JSON in the last line that it prints."""
    ran = asked.run(code)
    if ran.status != "ok":
        raise RuntimeError(ran.text)
    texts = [output["text"] for output in ran.outputs if output["output_type"] == "stream"]
    return json.loads("".join(texts).splitlines()[-1])


def _environment(folder: str) -> dict[str, str]:
    """The environment without the user's models, and with an IPython folder that is empty."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODEACT_", "OPENAI_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PYTHONPYCACHEPREFIX": _bytecode.name, "IPYTHONDIR": folder}
