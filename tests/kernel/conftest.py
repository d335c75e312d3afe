"""Fixtures for tests with kernels."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from endpoint import ScriptedEndpoint
from kernels import PAIRS, Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=PAIRS)
def shared_kernel(request: pytest.FixtureRequest) -> Iterator[tuple[Kernel, ScriptedEndpoint]]:
    """One kernel of each pair for all tests of a module that leave no trace in it."""
    with (
        ScriptedEndpoint() as endpoint,
        Kernel(PAIRS[request.param], CODEACT_RUN="1", **endpoint.environment) as kernel,
    ):
        kernel.run("%load_ext codeact_jupyter")
        yield kernel, endpoint


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedEndpoint]:
    """An endpoint that this process itself asks, for sessions with a kernel of their own."""
    with ScriptedEndpoint() as server, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("CODEACT_", "OPENAI_"))]:
            patch.delenv(name)
        for name, value in {**server.environment, "PYTHONDONTWRITEBYTECODE": "1"}.items():
            patch.setenv(name, value)
        yield server
