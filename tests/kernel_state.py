"""What a test may leave behind in a kernel; run inside it, by :mod:`shared_kernels`.

The kernel gets the text of this module, and keeps none of its names.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from IPython import get_ipython


def begin(folder: str, environment: dict[str, str]) -> None:
    """Be where a new kernel would be that is started there with these variables."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)


def put_away() -> None:
    """Let go of the extension and of all names, and count cells from 1 again."""
    shell = get_ipython()
    shell.extension_manager.unload_extension("codeact_jupyter")
    shell.config.pop("CodeAct", None)  # %config tells everything there is, and the shell too
    for name in shell.user_ns.keys() - shell.user_ns_hidden.keys():
        if not name.startswith("__"):
            del shell.user_ns[name]
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        vars(sys).pop(name, None)
    shell.reset()  # collects what nothing holds any more


def surroundings() -> tuple[str, dict[str, str]]:
    """Where the kernel is, and its variables."""
    return os.getcwd(), dict(os.environ)  # noqa: PTH109  # a text is sent


def at_work() -> tuple[list[str], list[str], list[str]]:
    """What ends soon after the extension was let go of, and not at once."""
    comms = get_ipython().kernel.comm_manager
    threads = [thread.name for thread in threading.enumerate()]
    return sorted(threads), sorted(comms.targets), sorted(comms.comms)


def state() -> dict[str, str]:
    """All else that the next test could meet, as text.

    Objects stand there with their addresses: another one in an old one's place is seen too.
    """
    shell = get_ipython()
    return {
        "names": repr(sorted(shell.user_ns)),
        "modules": repr(sorted(name for name, each in sys.modules.items() if _is_a_tests(each))),
        "places of modules": repr(sys.path),
        "signals": repr([signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]),
        "streams": repr((sys.stdin, sys.stdout, sys.stderr)),
        "hooks": repr((sys.displayhook, sys.gettrace(), sys.getprofile())),
        "events": repr(shell.events.callbacks),
        "transformers": repr(
            [
                *shell.input_transformers_cleanup,
                *shell.input_transformers_post,
                *shell.ast_transformers,
            ]
        ),
        "settings": repr((shell.config, shell.trait_values(config=True), shell.InteractiveTB.mode)),
    }


def _is_a_tests(module: object) -> bool:
    """Whether a module comes from a file that is neither ours nor of an environment."""
    file = getattr(module, "__file__", None) or sys.prefix
    name = getattr(module, "__name__", "")
    installed = file.startswith((sys.prefix, sys.base_prefix)) or "site-packages" in file
    return not installed and name.partition(".")[0] not in {"codeact_jupyter", "__main__"}
