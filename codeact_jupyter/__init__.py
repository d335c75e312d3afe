"""CodeAct for Jupyter: a language model that acts in your live kernel.

``%load_ext codeact_jupyter`` registers the magics ``%%codeact`` and ``%codeact``.
In a script, :class:`Session` does the same in a kernel of its own. Read
:mod:`codeact_jupyter.loop` first: it is the whole product on one page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeact_jupyter._version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.config import CodeAct as Settings
    from codeact_jupyter.errors import CodeActError
    from codeact_jupyter.progress import Progress
    from codeact_jupyter.session import Session
    from codeact_jupyter.types import Action, Ending, Observation, Reply, Step, Turn, Verdict

__all__ = [
    "Action",
    "CellRun",
    "CodeActError",
    "Ending",
    "Observation",
    "Progress",
    "Reply",
    "Session",
    "Settings",
    "Step",
    "Turn",
    "Verdict",
    "__version__",
    "load_ipython_extension",
    "unload_ipython_extension",
]
_HOMES = {
    "CellRun": "cells",
    "CodeActError": "errors",
    "Progress": "progress",
    "Session": "session",
    "Settings": "config",
}  # all others are in ``types``


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: loading the extension must stay cheap."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    home = import_module(f"{__name__}.{_HOMES.get(name, 'types')}")
    return getattr(home, "CodeAct" if name == "Settings" else name)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where the built extension of JupyterLab and Notebook lies, and what it is called.

    Read by ``jupyter-builder develop`` and ``jupyter labextension develop``; an installed
    package has the extension in ``share/jupyter/labextensions`` and is not asked.
    """
    return [{"src": "labextension", "dest": "codeact-jupyter"}]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics in ``shell``; called by ``%load_ext codeact_jupyter``."""
    from codeact_jupyter.magic import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything out of ``shell`` again; called by ``%unload_ext codeact_jupyter``."""
    from codeact_jupyter.magic import unload

    unload(shell)
