"""Which names of a shell's namespace are the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection


def user_names(shell: Any) -> tuple[str, ...]:
    """The names that the user has defined in ``shell``, in their order."""
    hidden = shell.user_ns_hidden
    return tuple(name for name in shell.user_ns if not name.startswith("_") and name not in hidden)


def without(namespace: dict[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """The namespace but for some names; itself where there are none, which costs nothing."""
    if not hidden:
        return namespace
    return {name: value for name, value in namespace.items() if name not in hidden}
