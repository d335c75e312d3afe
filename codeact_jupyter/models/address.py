"""An endpoint's address, checked before anything is sent there.

The client library finds a URL without a scheme or a key with a line break only while it
sends, retries it, and prints the secret in its traceback. So all of it is looked at once,
here, without any network. No sentence of this module quotes a key.

Called when a :class:`~codeact_jupyter.models.client.ChatModel` is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from codeact_jupyter import urls
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.redact import protect

if TYPE_CHECKING:
    from codeact_jupyter.types import Endpoint

_KEY_ALONE = "OPENAI_API_KEY"  # the source where no URL is set beside it
_NO_KEY = "no-key"  # servers without keys ignore it; the client library insists on one


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A checked endpoint, with the words that messages need.

    Attributes:
        url: The API's root.
        host: Host, with the port where the URL names one.
        source: Where the URL was set, or OPENAI_API_KEY where it is OpenAI's own by default.
        key: What goes into the Authorization header.
        has_key: False when ``key`` is only a stand-in.
        own: True for the model that this package serves itself.
        loopback: True when the host is this machine, where no proxy belongs.
    """

    url: str
    host: str
    source: str
    key: str = field(repr=False)
    has_key: bool
    own: bool
    loopback: bool

    @property
    def of_openai(self) -> bool:
        """True when OPENAI_* variables led here, so that all of them belong together."""
        return self.source.startswith("OPENAI_")

    @property
    def the_url(self) -> str:
        """The URL and where it comes from, in the words of a sentence."""
        if self.source != _KEY_ALONE:
            return f"the URL set in {self.source}"
        return (
            f"the default URL of OpenAI (only {_KEY_ALONE} is set; for another server set "
            f"{self.url_name} too)"
        )

    @property
    def url_name(self) -> str:
        """Where another URL is to be set."""
        return "OPENAI_BASE_URL" if self.source == _KEY_ALONE else self.source

    @property
    def key_name(self) -> str:
        """The environment variable that holds this endpoint's key."""
        if self.of_openai:
            return "OPENAI_API_KEY"
        if self.source == "CODEACT_BASE_URL":
            return "CODEACT_API_KEY"
        return "CODEACT_API_KEY, together with CODEACT_BASE_URL,"  # it counts only beside it


def checked(endpoint: Endpoint) -> Address:
    """Check an endpoint without asking it.

    Raises:
        ConfigError: The URL or the key cannot be used; says where it was set.
    """
    problem = urls.problem(endpoint.base_url, endpoint.source) or _key_problem(endpoint)
    if problem:
        raise ConfigError(problem)
    protect(_key(endpoint), "API key")
    parts = urlsplit(endpoint.base_url.strip())
    host = urls.host_of(parts)
    return Address(
        url=f"{parts.scheme}://{host}{parts.path}",
        host=host,
        source=endpoint.source,
        key=_key(endpoint) or _NO_KEY,
        has_key=bool(_key(endpoint)),
        own=endpoint.local,
        loopback=urls.is_loopback(endpoint.base_url.strip()),
    )


def _key(endpoint: Endpoint) -> str:
    return (endpoint.api_key or "").strip()


def _key_problem(endpoint: Endpoint) -> str:
    """Return what is wrong with the key, or ``""``; never any part of the key."""
    if all("!" <= character <= "~" for character in _key(endpoint)):
        return ""
    where = "in" if endpoint.source == _KEY_ALONE else "together with"
    return (
        f"The key for {urls.host(endpoint.base_url.strip())}, set {where} {endpoint.source}, "
        "holds a blank, a line break or a character outside ASCII, so it cannot be a key. Copy it "
        "again, without anything around it."
    )
