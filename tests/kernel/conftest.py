"""Fixtures for tests with kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from endpoint import ScriptedEndpoint
from kernels import ENDS, Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=ENDS)
def shared_kernel(request: pytest.FixtureRequest) -> Iterator[tuple[Kernel, ScriptedEndpoint]]:
    """One kernel of each pair for all tests of a module that leave no trace in it."""
    with (
        ScriptedEndpoint() as endpoint,
        Kernel(ENDS[request.param], CODEACT_RUN="1", **endpoint.environment) as kernel,
    ):
        kernel.run("%load_ext codeact_jupyter")
        yield kernel, endpoint
