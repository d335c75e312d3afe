"""The local model for tests that need the real one; ``make test`` fetches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeact_jupyter.models import local
from codeact_jupyter.models.pull import pull

if TYPE_CHECKING:
    from pathlib import Path


class _Quiet:
    def say(self, sentence: str) -> None: ...

    def at(self, done: int, total: int) -> None: ...


@pytest.fixture(scope="session")
def local_model() -> Path:
    """Where the model's file lies; pulled first, if it is not there."""
    return local.path() if local.is_there() else pull(_Quiet())
