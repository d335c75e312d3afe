"""What the URL of an endpoint says, read in one place: whose machine, which host, is it usable.

The announcement of what leaves the machine, the question for a key and the way past a
proxy all go by :func:`is_loopback`, so that they never disagree. Nothing here asks the
network, and nothing returns the part of a URL before ``@``: the client library finds a bad
URL only while it sends, retries it, and prints what is secret there in its traceback.
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


def shown(url: str) -> str:
    """Return a URL without the parts that may hold a secret: before ``@``, and from ``?`` on."""
    head, at, rest = url.rpartition("@")
    scheme = head.partition("://")[0] + "://" if at and "://" in head else ""
    return scheme + rest.partition("?")[0]


def password(url: str) -> str:
    """Return the password in a URL as it is written there, or ``""``."""
    head, _, _ = url.rpartition("@")
    return head.partition("://")[2].partition(":")[2]


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


def problem(url: str, source: str) -> str:
    """Return what keeps an endpoint's URL from being used, or ``""``.

    Args:
        url: The API's root; blanks around it do not count.
        source: Where it was set, for the sentence.
    """
    url = url.strip()
    if not url:
        return f"The endpoint's URL, set in {source}, is empty. Set it to the API's root, {_SHAPE}."
    try:
        parts = urlsplit(url)
        if parts.username is not None or parts.password is not None:
            return (
                f"The endpoint's URL, set in {source}, holds a user name or a password, which "
                "would show in messages. Take it out; a key goes into CODEACT_API_KEY."
            )
        if parts.query or parts.fragment:
            return (
                f"The endpoint's URL, set in {source}, holds a part from '?' or '#' on, to which "
                f"no path can be added. Leave that part out, {_SHAPE}."
            )
        usable = parts.scheme in ("http", "https") and _is_host(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number or too large, an unclosed [
        usable = False
    if usable and url.isprintable() and " " not in url:
        return ""
    return (
        f"The endpoint's URL {shown(url)[:100]!r}, set in {source}, cannot be used. Write it "
        f"whole, {_SHAPE}."
    )


_SHAPE = "for example 'http://localhost:11434/v1'"


def _is_host(host: str | None) -> bool:
    try:
        return bool(host) and bool(str(host).encode("idna"))
    except UnicodeError:  # an empty or too long label
        return False
