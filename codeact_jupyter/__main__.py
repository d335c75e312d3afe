"""Where ``codeact-jupyter`` and ``python -m codeact_jupyter`` begin.

Loading the command takes a while, and a Ctrl-C meanwhile ends in a sentence too.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Load the command and run it."""
    try:
        from codeact_jupyter import cli
    except KeyboardInterrupt:
        sys.stderr.write("Stopped by you.\n")
        sys.exit(130)
    cli.main(prog_name="codeact-jupyter")


if __name__ == "__main__":
    main()
