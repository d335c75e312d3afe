"""Fixtures for all tests."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from endpoint import ScriptedEndpoint
from kernels import ENDS, PAIRS, Kernel
from shared_kernels import SharedKernel, SharedKernels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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


@pytest.fixture(scope="session")
def shared_kernels() -> Iterator[SharedKernels]:
    """The kernels that tests share."""
    kernels = SharedKernels()
    yield kernels
    kernels.close()


@pytest.fixture
def taken_kernels(shared_kernels: SharedKernels) -> Iterator[list[SharedKernel]]:
    """Those of them that this test has."""
    taken: list[SharedKernel] = []
    yield taken
    for kernel in taken:
        shared_kernels.give_back(kernel)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Let no other test have the kernels of one that failed."""
    report = yield
    if call.excinfo is not None:
        for kernel in getattr(item, "funcargs", {}).get("taken_kernels", ()):
            kernel.used_up = True
    return report


@pytest.fixture
def take_kernel(
    request: pytest.FixtureRequest,
    endpoint: ScriptedEndpoint,
    shared_kernels: SharedKernels,
    taken_kernels: list[SharedKernel],
) -> Iterator[Callable[..., Kernel]]:
    """A kernel as if just started, with the scripted endpoint in its variables."""
    own = request.node.get_closest_marker("own_kernel")
    with ExitStack() as stack:

        def take(python: str = PAIRS["newest"], *, cwd: Path | None = None, **more: str) -> Kernel:
            variables = {**endpoint.environment, **more}
            if own:
                return stack.enter_context(Kernel(python, cwd=cwd, **variables))
            kernel = shared_kernels.take(python)
            taken_kernels.append(kernel)
            kernel.begin(cwd, **variables)
            return kernel

        yield take


@pytest.fixture
def start_kernel(take_kernel: Callable[..., Kernel]) -> Callable[..., Kernel]:
    """A kernel with the extension loaded, asking the scripted endpoint."""

    def start(*python: str, **options) -> Kernel:
        kernel = take_kernel(*python, **options)
        loaded = kernel.run("%load_ext codeact_jupyter")
        assert loaded.status == "ok", loaded.text
        return kernel

    return start


@pytest.fixture
def kernel(start_kernel: Callable[..., Kernel], pair: str) -> Kernel:
    """A kernel of each ``pair``, in which ``--auto`` acts although nobody can answer."""
    return start_kernel(pair, CODEACT_RUN="1")
