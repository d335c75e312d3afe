"""Fixtures for tests with kernels."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pexpect
import pytest
from endpoint import ScriptedEndpoint
from examining import KEY
from kernels import ENDS, PAIRS, SECONDS, Kernel
from running import Shown
from tab import Tab
from terminal import Terminal

from codeact_jupyter import Session
from codeact_jupyter.doctor import endpoint as endpoint_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module", params=ENDS)
def shared_kernel(request: pytest.FixtureRequest) -> Iterator[tuple[Kernel, ScriptedEndpoint]]:
    """One kernel of each pair for all tests of a module that leave no trace in it."""
    with (
        ScriptedEndpoint() as endpoint,
        Kernel(ENDS[request.param], CODEACT_RUN="1", **endpoint.environment) as kernel,
    ):
        kernel.run("%load_ext codeact_jupyter")
        yield kernel, endpoint


@pytest.fixture
def tab(kernel: Kernel) -> Tab:
    """A tab that has said hello."""
    tab = Tab(kernel)
    tab.open()
    return tab


@pytest.fixture
def quiet_place(tmp_path, monkeypatch):
    """A folder, kernels, a history and models of the test's own, and no endpoint."""
    for name in [name for name in os.environ if name.startswith(("CODEACT_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    for name in endpoint_checks._PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("CODEACT_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter data"))
    monkeypatch.setenv("PATH", str(tmp_path / "no commands"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def asked(endpoint, quiet_place, monkeypatch) -> ScriptedEndpoint:
    """The scripted endpoint, set in the environment with the canary as its key."""
    for name, value in {**endpoint.environment, "CODEACT_API_KEY": KEY}.items():
        monkeypatch.setenv(name, value)
    return endpoint


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedEndpoint]:
    """An endpoint that this process itself asks, for sessions with a kernel of their own."""
    with ScriptedEndpoint() as server, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("CODEACT_", "OPENAI_"))]:
            patch.delenv(name)
        for name, value in {**server.environment, "PYTHONDONTWRITEBYTECODE": "1"}.items():
            patch.setenv(name, value)
        yield server


@pytest.fixture(scope="module")
def lasting(model: ScriptedEndpoint) -> Iterator[tuple[Session, Shown]]:
    """One session for the tests of a module that leave its kernel alive, and what it shows."""
    shown = Shown()
    with Session(show=shown) as session:
        yield session, shown


@pytest.fixture
def session(lasting: tuple[Session, Shown]) -> Session:
    """The session of ``lasting``."""
    session, shown = lasting
    shown.progress.clear()
    return session


@pytest.fixture
def printed(lasting: tuple[Session, Shown]) -> Shown:
    """What the session of ``lasting`` shows."""
    return lasting[1]


@pytest.fixture(params=["newest", "7.1", "oldest"])
def ipython(request: pytest.FixtureRequest) -> str:
    """The Python of a pair for each IPython: that of 6.30 is the newest.

    For tests in which ipykernel has no part.
    """
    return PAIRS[request.param]


@pytest.fixture
def start_terminal(
    ipython: str, endpoint: ScriptedEndpoint, tmp_path: Path
) -> Iterator[Callable[..., Terminal]]:
    """Start an IPython of its own for one test."""
    with ExitStack() as stack:

        def start(*options: str) -> Terminal:
            terminal = Terminal(ipython, endpoint, tmp_path, *options)
            stack.callback(terminal.child.close, force=True)
            return terminal

        yield start


@pytest.fixture(scope="module")
def terminals() -> Iterator[dict[str, Terminal]]:
    """The terminal of each ``ipython`` that the tests of a module share."""
    open_terminals: dict[str, Terminal] = {}
    yield open_terminals
    for terminal in open_terminals.values():
        terminal.child.close(force=True)


@pytest.fixture
def terminal(
    terminals: dict[str, Terminal], ipython: str, endpoint: ScriptedEndpoint, tmp_path: Path
) -> Iterator[Terminal]:
    """A terminal without colours, the extension newly loaded: one that earlier tests used."""
    if ipython not in terminals:
        terminals[ipython] = Terminal(
            *(ipython, endpoint, tmp_path, "--simple-prompt", "--colors=NoColor")
        )
    terminal = terminals.pop(ipython)
    terminal.run(f"%env CODEACT_BASE_URL={endpoint.base_url}")
    terminal.run(f"%cd {tmp_path}")
    terminal.run("%reset_selective -f ^(total|ran|x|asyncio|time)$")
    assert terminal.run("%load_ext codeact_jupyter").strip() == ""
    yield terminal
    terminal.child.timeout = 10
    try:
        terminal.run("%unload_ext codeact_jupyter")
        terminal.child.timeout = SECONDS
        terminals[ipython] = terminal
    except pexpect.ExceptionPexpect:  # the test left it in a question: the next one gets another
        terminal.child.close(force=True)
