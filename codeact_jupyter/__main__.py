"""``python -m codeact_jupyter`` is the command ``codeact-jupyter``."""

from codeact_jupyter.cli import main

if __name__ == "__main__":
    main(prog_name="codeact-jupyter")
