"""What a user of JupyterLab feels: how soon actions start, and how the page stays smooth."""

from __future__ import annotations

from benchmarks import ROOT
from benchmarks.rows import Row, at_most, known

MOST_KILOBYTES = 120
LOADED = """() => performance.getEntriesByType('resource')
  .map(({ name }) => new URL(name).pathname)
  .filter(path => path.includes('/codeact-jupyter/static/'))
  .map(path => path.split('/').at(-1))"""


def figure() -> list[Row]:
    """Measure in a real JupyterLab and a real browser, where they are there."""
    from benchmarks.browser import conversation, growth, latency, stage, streaming

    if lack := stage.missing():
        return [known("the page", "not measured", lack)]
    with stage.stage() as there:
        parts = (latency, streaming, conversation, growth)
        found = [row for part in parts for row in part.figure(there)]
        with there.open() as scene:
            loaded = set(scene.page.evaluate(LOADED))
    return [*found, *_assets_rows(loaded)]


def _assets_rows(loaded: set[str]) -> list[Row]:
    """What every page loads, and what comes with the first opening of the chat.

    Args:
        loaded: The names of the extension's files that a page has asked for.
    """
    folder = ROOT / "codeact_jupyter/labextension/static"
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    later = {name: size for name, size in sizes.items() if name not in loaded}
    first = sum(sizes.values()) - sum(later.values())
    name = "static assets of the extension that a page loads"
    how = f"{len(loaded)} files, not compressed"
    more = ", ".join(f"{name} {size / 1000:.0f} kB" for name, size in sorted(later.items()))
    return [
        at_most(name, first / 1000, MOST_KILOBYTES, "{:.0f} kB", how),
        known("the others, such as the chat's", f"{sum(later.values()) / 1000:.0f} kB", more),
    ]
