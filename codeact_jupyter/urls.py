"""What the URL of an endpoint says, read in one place: whose machine, which host.

The announcement of what leaves the machine, the question for a key and the way past a
proxy all go by :func:`is_loopback`, so that they never disagree. Nothing here asks the
network, and nothing returns the part of a URL before ``@``.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit


def host(url: str) -> str:
    """Return host and port of a URL; ``""`` where it names none or cannot be read."""
    try:
        return host_of(urlsplit(url))
    except ValueError:
        return ""


def host_of(parts: SplitResult) -> str:
    """Return host and port of a URL that was split.

    Raises:
        ValueError: The port is no number, or too large.
    """
    name = parts.hostname or ""
    name = f"[{name}]" if ":" in name else name
    return f"{name}:{parts.port}" if parts.port is not None else name


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this machine.

    It does by the names of RFC 6761 (``localhost`` and what ends in it), by a loopback
    address, and by the unspecified one, to which a system connects as to itself.
    """
    try:
        name = (urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address  # ::ffff:127.0.0.1
    return address.is_loopback or address.is_unspecified
