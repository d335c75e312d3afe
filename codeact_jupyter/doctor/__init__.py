"""``codeact-jupyter doctor``: why actions fail, why answers are slow, and what helps.

The checks go from the ground up: Python and its packages, the working folder, IPython's
history, the kernels that Jupyter knows, the endpoint that the settings give. Each is a
small function that yields :class:`~codeact_jupyter.doctor.finding.Finding` values, by what
is really there: a kernel is started, the model is asked. Everything that may hang has a
deadline.

Called by the command line. It changes nothing on this machine, prints nothing, shows no
key, and sends a model nothing of the user's.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from codeact_jupyter.doctor.finding import Finding, examined

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

__all__ = ["Finding", "diagnose"]


def diagnose(*, kernel: str | None = None, ask: bool = True) -> Generator[Finding]:
    """Yield what all checks find, each as soon as it is known.

    Args:
        kernel: Name of the only kernelspec to look at; without one all are looked at,
            and ``python3`` is started.
        ask: Whether the endpoint may be asked.
    """
    from codeact_jupyter.doctor import endpoint, environment, kernels

    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "Python": environment.python,
        "packages": environment.packages,
        "JupyterLab": environment.jupyterlab,
        "folder": environment.folder,
        "history": environment.history,
        "kernels": partial(kernels.kernels, kernel),
        "endpoint": partial(endpoint.endpoint, ask=ask),
    }
    for name, check in checks.items():
        yield from examined(name, check)
