"""``%load_ext codeact_jupyter`` beside ``import pydantic``, in fresh processes.

Each process has what every kernel has imported already. Run ``-m benchmarks.load pydantic``
or ``… extension`` to see one measurement.
"""

from __future__ import annotations

import json
import statistics
import sys
from time import perf_counter, process_time

from benchmarks.processes import child
from benchmarks.rows import Row, at_most

PAIRS = 11
BOUND = 1.5
TOO_HEAVY = ("openai", "nbformat", "jsonschema", "jinja2", "mcp", "pandas", "pydantic")


def figure() -> list[Row]:
    """Measure in alternating processes."""
    child(__name__, "extension"), child(__name__, "pydantic")  # both are compiled now
    pairs = [(child(__name__, "extension"), child(__name__, "pydantic")) for _ in range(PAIRS)]
    (ours, theirs), (our_cpu, their_cpu) = (
        [statistics.median(pair[side][clock] for pair in pairs) for side in (0, 1)]
        for clock in ("wall", "processor")
    )
    how = (
        f"{ours:.1f} ms beside {theirs:.1f} ms, {PAIRS} pairs; "
        f"processor time {our_cpu:.1f} ms beside {their_cpu:.1f} ms"
    )
    heavy = pairs[0][0]["heavy"]
    return [
        at_most("%load_ext / import pydantic", ours / theirs, BOUND, "{:.2f}", how),
        Row(
            name="heavy packages that %load_ext imports",
            measured=", ".join(heavy) or "none",
            bound="none",
            holds=not heavy,
            how=f"of {', '.join(TOO_HEAVY)}",
        ),
    ]


def _measure(what: str) -> dict[str, object]:
    import comm  # noqa: F401
    import ipykernel.ipkernel
    import ipykernel.kernelapp
    import ipykernel.zmqshell  # noqa: F401
    import jupyter_client  # noqa: F401
    import tornado.ioloop  # noqa: F401
    import traitlets  # noqa: F401
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_cell("1")
    before = set(sys.modules)
    start, processor = perf_counter(), process_time()
    if what == "pydantic":
        import pydantic  # noqa: F401
    else:
        shell.run_line_magic("load_ext", "codeact_jupyter")
    taken = {
        "wall": (perf_counter() - start) * 1e3,
        "processor": (process_time() - processor) * 1e3,
    }
    new = {name.partition(".")[0] for name in set(sys.modules) - before}
    return {**taken, "heavy": sorted(new.intersection(TOO_HEAVY))}


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1])))
