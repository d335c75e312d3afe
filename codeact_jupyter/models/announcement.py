"""What is said before the first request to another machine: where it goes, and what is sent there.

For the dialogue, once for each host and way of sending. It sends nothing itself.
"""

from __future__ import annotations

from codeact_jupyter import urls

LEAVES = (
    "The model is at {host}. Sent there: your prompts, your cells with their outputs, "
    "names, types, shapes and sample values of your variables, and names and beginnings of data "
    "files. To send no values and no outputs: %config CodeAct.schema_only = True"
)
SCHEMA_LEAVES = (
    "The model is at {host}. Sent there: your prompts, the code of your cells, and names, "
    "types and shapes of your variables; no values, no outputs and no names of files but those "
    "that you gave."
)


class Announcements:
    """The announcements of one session."""

    def __init__(self) -> None:
        self._told: set[tuple[str, bool]] = set()

    def of(self, base_url: str, *, schema_only: bool) -> str:
        """What is to be said before a request to this URL, or ``""``."""
        host = urls.host(base_url)
        key = (host, schema_only)
        if urls.is_loopback(base_url) or key in self._told:
            return ""
        self._told.add(key)
        return (SCHEMA_LEAVES if schema_only else LEAVES).format(host=host)
