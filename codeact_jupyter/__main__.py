"""Where ``codeact-jupyter`` and ``python -m codeact_jupyter`` begin.

Loading the command takes a while, and a Ctrl-C meanwhile ends in a sentence too.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Load the command and run it."""
    _open_what_is_closed()
    _do_without_iris()
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


def _do_without_iris() -> None:
    """Let jsonschema, by which nbformat checks notebooks, take ``rfc3987_syntax`` for missing.

    JupyterLab's packages install it. Its import builds 38 parsers, for two seconds (1.1.0), and
    checks a format that no notebook has.
    """
    modules: dict[str, object] = sys.modules  # type: ignore[assignment] # None: not to be found
    modules.setdefault("rfc3987_syntax", None)


if __name__ == "__main__":
    main()
