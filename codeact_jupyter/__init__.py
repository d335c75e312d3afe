"""CodeAct for Jupyter: a language model that acts in your live kernel.

``%load_ext codeact_jupyter`` registers the magics ``%%codeact`` and ``%codeact``.
Read :mod:`codeact_jupyter.loop` first: it is the whole product on one page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0.dev0"
__all__ = ["__version__", "load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics in ``shell``; called by ``%load_ext codeact_jupyter``."""
    from codeact_jupyter.magic import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything out of ``shell`` again; called by ``%unload_ext codeact_jupyter``."""
    from codeact_jupyter.magic import unload

    unload(shell)
