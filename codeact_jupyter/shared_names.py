"""Names that the kernel, the browser and notebook files share.

Apart from :mod:`codeact_jupyter.protocol`, which is not loaded before a tab says hello.
"""

COMM = "codeact"
"""The comm that each tab opens."""

READY_COMM = "codeact-ready"
"""The comm by which a tab knows that a kernel has this package."""

CARD_MIME = "application/vnd.codeact.turn+json"
"""The type of a turn's card."""

METADATA_KEY = "codeact"
"""Where cells and notebooks keep what we know of them."""

HIDE_TAG = "codeact-hide"
"""The tag of a cell that the model may not read."""

RAISES_TAG = "raises-exception"
"""The tag of a cell whose error does not stop a run (nbclient's)."""

SKIP_TAG = "skip-execution"
"""The tag of a cell that a run leaves out (nbclient's)."""

EXIT_REFUSED = "ExitRefused"
"""The error of a cell that was refused to end the kernel, as its output names it."""
