"""Fixtures for all tests."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from endpoint import ScriptedEndpoint
from kernels import ENDS, PAIRS, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A shell that starts us in the background makes us ignore SIGINT, and what we start would
# inherit that: no test of an interrupt could pass.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests in a browser come last: Playwright keeps an event loop of its own.

    Of those the longest files come first, or all others would wait for them.
    """
    items.sort(
        key=lambda item: (
            "browser" in item.path.parts,
            not item.path.stem.startswith("test_survival"),
        )
    )


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    """A running endpoint with an empty script: ``endpoint.script("Hello.")``."""
    with ScriptedEndpoint() as server:
        yield server


@pytest.fixture(params=ENDS)
def pair(request: pytest.FixtureRequest) -> str:
    """The Python of the newest and of the oldest pair of ipykernel and IPython."""
    return PAIRS[request.param]


@pytest.fixture
def start_kernel(endpoint: ScriptedEndpoint) -> Iterator[Callable[..., Kernel]]:
    """Start a kernel with the extension loaded, asking the scripted endpoint."""
    with ExitStack() as stack:

        def start(python: str = PAIRS["newest"], **options) -> Kernel:
            kernel = stack.enter_context(Kernel(python, **{**endpoint.environment, **options}))
            loaded = kernel.run("%load_ext codeact_jupyter")
            assert loaded.status == "ok", loaded.text
            return kernel

        yield start


@pytest.fixture
def kernel(start_kernel: Callable[..., Kernel], pair: str) -> Kernel:
    """A kernel of each ``pair``, in which ``--auto`` acts although nobody can answer."""
    return start_kernel(pair, CODEACT_RUN="1")
