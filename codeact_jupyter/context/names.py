"""Which names of a shell's namespace are the user's."""

from __future__ import annotations

from typing import Any


def user_names(shell: Any) -> tuple[str, ...]:
    """The names that the user has defined in ``shell``, in their order."""
    hidden = shell.user_ns_hidden
    return tuple(name for name in shell.user_ns if not name.startswith("_") and name not in hidden)
