"""Actions that never run, whatever the user said.

An action could start turns, switch approval off or take this package away, all by
writing the words that a user would write. :func:`refusal` finds them in the source as it
will run, after IPython's transformation, also inside other magics. It is no guard
against code that hides what it does.
"""

from __future__ import annotations

from codeact_jupyter.policy.words import magics

_EXTENSION_MAGICS = {"load_ext", "reload_ext", "unload_ext"}


def refusal(code: str) -> str | None:
    """Return why ``code`` must not run, as one sentence for user and model, or None."""
    if "codeact" not in code.lower():
        return None  # as nearly all: the tree need not be read
    try:
        return next(filter(None, (_refused(name, line) for name, line in magics(code))), None)
    except RecursionError:
        return "An action that names CodeAct may not nest magics so deep that none can read them."


def _refused(name: str, line: str) -> str | None:
    if name == "codeact":
        return "An action may not contain %codeact or %%codeact: it cannot ask itself."
    if name == "config" and line.lstrip().startswith("CodeAct"):
        return "An action may not contain %config CodeAct: only the user sets settings."
    if name in _EXTENSION_MAGICS and "codeact_jupyter" in line:
        return f"An action may not contain %{name} codeact_jupyter: it runs inside it."
    return None
