"""What a URL says of where it leads."""

import pytest

from codeact_jupyter import urls
from codeact_jupyter.models.address import checked
from codeact_jupyter.types import Endpoint


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://127.8.8.8/v1", True),
        ("http://localhost/v1", True),
        ("http://LOCALHOST/v1", True),
        ("http://localhost./v1", True),
        ("http://model.localhost:8000/v1", True),
        ("http://model.localhost./v1", True),
        ("http://[::1]:80/v1", True),
        ("http://[::ffff:127.0.0.1]/v1", True),
        ("http://0.0.0.0:8000/v1", True),
        ("http://[::]:8000/v1", True),
        ("http://127.evil.example/v1", False),
        ("http://localhost.evil.example/v1", False),
        ("http://notlocalhost/v1", False),
        ("http://localhost@evil.example/v1", False),
        ("http://192.168.0.1/v1", False),
        ("https://api.openai.com/v1", False),
        ("http://[::1/v1", False),
        ("nonsense", False),
    ],
)
def test_what_stays_on_this_machine(url, expected):
    assert urls.is_loopback(url) is expected


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "127.0.0.2", "a.localhost", "localhost."])
def test_no_proxy_stands_before_what_is_not_announced(host):
    url = f"http://{host}:8000/v1"
    assert checked(Endpoint(base_url=url, source="CODEACT_BASE_URL")).loopback
    assert urls.is_loopback(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://me:secret@models.example:8443/v1", "models.example:8443"),
        ("http://[::1]:80/v1", "[::1]:80"),
        ("me:secret@models.example/v1", ""),
        ("http://models.example:many/v1", ""),
    ],
)
def test_a_host_is_shown_without_user_and_password(url, expected):
    assert urls.host(url) == expected
