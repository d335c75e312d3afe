"""What a user of JupyterLab feels: how soon actions start, and how the page stays smooth."""

from __future__ import annotations

from pathlib import Path

from benchmarks import ROOT
from benchmarks.rows import Row, at_most, known

MOST_KILOBYTES = 120


def figure() -> list[Row]:
    """Measure in a real JupyterLab and a real browser, where they are there."""
    from benchmarks.browser import growth, latency, stage, streaming

    if lack := stage.missing():
        return [known("the page", "not measured", lack)]
    with stage.stage() as there:
        found = [row for part in (latency, streaming, growth) for row in part.figure(there)]
    return [*found, _assets_row()]


def _assets_row() -> Row:
    folder = ROOT / "codeact_jupyter/labextension/static"
    sizes = [path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()]
    how = f"{len(sizes)} files, not compressed"
    name = "static assets of the extension"
    return at_most(name, sum(sizes) / 1000, MOST_KILOBYTES, "{:.0f} kB", how)
