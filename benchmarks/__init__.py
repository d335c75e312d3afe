"""The figures that the package holds, each measured against a plain cell in the same run.

``python -m benchmarks`` prints one row per figure, ``python -m benchmarks load idle`` only
those, ``--write`` puts the table into ``benchmarks/RESULTS.md``. No figure is a test: a
machine that is busy makes a row say OVER and nothing fails.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = str(ROOT / "tests")  # its kernels and its endpoint are used here too

if TESTS not in sys.path:
    sys.path.append(TESTS)
