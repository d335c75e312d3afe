"""Where ``codeact-jupyter`` and ``python -m codeact_jupyter`` begin.

Loading the command takes a while, and a Ctrl-C meanwhile ends in a sentence too.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Load the command and run it."""
    _open_what_is_closed()
    try:
        from codeact_jupyter import cli
    except KeyboardInterrupt:
        sys.stderr.write("Stopped by you.\n")
        sys.exit(130)
    cli.main(prog_name="codeact-jupyter")


def _open_what_is_closed() -> None:
    """Let a closed stream (``>&-``) swallow what it is given.

    Else Python has none, and the first file or socket that is opened takes its place.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number: this one
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))


if __name__ == "__main__":
    main()
