"""JupyterLabs other than the one that most tests share; each is a module's fixture ``lab``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator


def lab_of(environment: str):
    """The JupyterLab of another environment of this repository."""
    python = str(Path(__file__).parents[1] / environment / "bin/python")

    @pytest.fixture(scope="module")
    def lab(tmp_path_factory, shared_endpoint) -> Iterator[Lab]:
        folder = tmp_path_factory.mktemp("lab")
        with Lab(folder, python, **shared_endpoint.environment) as server:
            yield server

    return lab


@pytest.fixture(scope="module", params=["contentVisibility", "full"])
def windowed_lab(request, tmp_path_factory, shared_endpoint) -> Iterator[Lab]:
    """One that keeps cells far away on the page, as is the default, or takes them from it."""
    settings = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": request.param}}
    folder = tmp_path_factory.mktemp("lab")
    with Lab(folder, settings=settings, **shared_endpoint.environment) as server:
        yield server
