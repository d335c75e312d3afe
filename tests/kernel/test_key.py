"""A key that the user types: it reaches the endpoint and the keyring, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from kernels import PAIRS, SECONDS, Kernel

from codeact_jupyter import keys, magic
from codeact_jupyter.config import KEY_IN_CELL

if TYPE_CHECKING:
    from pathlib import Path

# What a keyring is, and where a history is kept, a kernel learns when it starts.
pytestmark = pytest.mark.own_kernel
KEY = "canary-key-3f9a1c77"
HERE = "is kept for this kernel only"
# A backend of the real keyring, which keeps what it is told in a file, or fails.
BACKEND = """
import json, os
from pathlib import Path
from keyring.backend import KeyringBackend

FILE = Path(__file__).with_name("kept.json")

class OfTest(KeyringBackend):
    priority = int(os.environ.get("PRIORITY", "1"))

    def _kept(self):
        return json.loads(FILE.read_text()) if FILE.exists() else {}

    def get_password(self, service, username):
        return self._kept().get(f"{service} {username}")

    def set_password(self, service, username, password):
        if "LOCKED" in os.environ:
            raise RuntimeError(f"the keyring is locked, and {password} is not taken")
        FILE.write_text(json.dumps({**self._kept(), f"{service} {username}": password}))

    def delete_password(self, service, username):
        kept = self._kept()
        del kept[f"{service} {username}"]
        FILE.write_text(json.dumps(kept))
"""


@pytest.fixture
def with_keyring(start_kernel, tmp_path: Path):
    """Start a kernel with a keyring."""
    (tmp_path / "backend_of_test.py").write_text(BACKEND)

    def start(**env: str) -> Kernel:
        backend = "backend_of_test.OfTest"
        return start_kernel(
            CODEACT_API_KEY="",
            PYTHONPATH=str(tmp_path),
            PYTHON_KEYRING_BACKEND=backend,
            IPYTHONDIR=str(tmp_path / "ipython"),  # for its history
            **env,
        )

    return start


def kept(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "kept.json"
    return json.loads(file.read_text()) if file.exists() else {}


def key_sent(kernel: Kernel, endpoint: Any) -> str:
    """Ask the model; return the key that it was sent."""
    endpoint.script("Hello.")
    assert kernel.run("%%codeact --auto\nSay hello.").status == "ok"
    return endpoint.requests[-1].headers["authorization"].removeprefix("Bearer ")


def artefacts(kernel: Kernel, folder: Path) -> str:
    """All that a kernel tells or keeps of what happened in it."""
    code = (
        "import sys\n"
        "from codeact_jupyter.magic import _loaded\n"
        "sessions = [m.session for m, _ in _loaded.values()]\n"
        "from codeact_jupyter import panel\n"
        "shell = get_ipython()\n"
        "frames = []; tb = getattr(sys, 'last_traceback', None)\n"
        "while tb: frames.append(repr(tb.tb_frame.f_locals)); tb = tb.tb_next\n"
        "print([vars(s) for s in sessions], [s.record for s in sessions])\n"
        "print(dict(globals()), frames)\n"
        "print(list(shell.history_manager.input_hist_raw), dict(_oh), panel.about())\n"
        "print(panel.variables(), open(shell.history_manager.hist_file, 'rb').read())"
    )
    told = kernel.run(code)
    assert told.status == "ok", told.text
    file = folder / "export.ipynb"
    kernel.run(f"%codeact export {file}")
    others = (
        "%codeact",
        "%codeact config",
        "%codeact vars",
        "%whos",
        "%%codeact --dry-run\nHello.",
    )
    return told.text + file.read_text() + "".join(kernel.run(each).text for each in others)


def test_a_key_for_this_kernel(start_kernel, endpoint, pair, tmp_path):
    """On the oldest pair without the package ``keyring``, on the newest without its consent."""
    none = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    kernel = start_kernel(pair, CODEACT_RUN="1", IPYTHONDIR=str(tmp_path / "ipython"), **none)
    ran = kernel.run("%codeact key", [KEY])
    assert HERE in ran.text
    assert (keys.NO_STORE if pair == PAIRS["newest"] else keys.NO_KEYRING) in ran.text
    assert key_sent(kernel, endpoint) == KEY  # though the environment has one
    kernel.run("%codeact reset")
    assert key_sent(kernel, endpoint) == KEY
    assert KEY not in ran.text + artefacts(kernel, tmp_path)
    forgotten = kernel.run("%codeact key forget").text
    assert forgotten.endswith(f"{magic.OF_ENVIRONMENT}\n")
    assert key_sent(kernel, endpoint) == endpoint.environment["CODEACT_API_KEY"]


def test_a_key_in_the_systems_keyring(with_keyring, endpoint, tmp_path):
    kernel = with_keyring(CODEACT_RUN="1")
    assert HERE in kernel.run("%codeact key", [KEY, ""]).text
    assert kept(tmp_path) == {}
    ran = kernel.run("%codeact key", [KEY, "y"])
    assert "is kept in the system's keyring" in ran.text
    assert kept(tmp_path) == {f"codeact-jupyter {endpoint.base_url}": KEY}
    assert key_sent(kernel, endpoint) == KEY
    assert KEY not in ran.text + artefacts(kernel, tmp_path)
    later = with_keyring(CODEACT_RUN="1")
    assert key_sent(later, endpoint) == KEY
    assert "is forgotten, here and in the system's keyring" in later.run("%codeact key forget").text
    assert kept(tmp_path) == {}
    assert key_sent(later, endpoint) == "no-key"
    assert "No key for" in later.run("%codeact key forget").text


def test_a_keyring_that_fails_tells_no_key(with_keyring, endpoint, tmp_path):
    kernel = with_keyring(CODEACT_RUN="1", LOCKED="1")
    kernel.run("%xmode Verbose")
    ran = kernel.run("%codeact key", [KEY, "yes"])
    assert "The system's keyring did not take it (RuntimeError)." in ran.text
    assert key_sent(kernel, endpoint) == KEY
    assert KEY not in ran.text + artefacts(kernel, tmp_path)


def test_a_system_without_a_keyring_asks_no_second_question(with_keyring):
    kernel = with_keyring(PRIORITY="0")
    assert keys.NO_STORE in kernel.run("%codeact key", [KEY]).text


def test_an_interrupt_of_the_second_question_tells_no_key(with_keyring, endpoint, tmp_path):
    kernel = with_keyring(CODEACT_RUN="1")
    kernel.run("%xmode Verbose")
    request = kernel.send("%codeact key", stdin=True)
    first = kernel.client.get_stdin_msg(timeout=SECONDS)
    assert first["content"]["password"] is True
    kernel.client.input(KEY)
    second = kernel.client.get_stdin_msg(timeout=SECONDS)
    assert second["content"] == {"prompt": keys.AGREED, "password": False}
    kernel.interrupt()
    ran = kernel.wait(request)
    assert ran.status == "error"
    assert KEY not in ran.text + ran.error + artefacts(kernel, tmp_path)
    assert key_sent(kernel, endpoint) == KEY


def test_the_sidebar_asks_in_a_request_that_leaves_no_trace(start_kernel, endpoint):
    """As labextension/src/sidebar/prompting.ts does."""
    kernel = start_kernel(CODEACT_RUN="1")
    content = {
        "code": "%codeact key",
        "silent": True,
        "store_history": False,
        "user_expressions": {},
        "allow_stdin": True,
        "stop_on_error": True,
    }
    message = kernel.client.session.msg("execute_request", content)
    kernel.client.shell_channel.send(message)
    ran = kernel.wait(message["header"]["msg_id"], [KEY])
    assert HERE in ran.text
    assert KEY not in ran.text
    assert key_sent(kernel, endpoint) == KEY
    assert "codeact key" not in kernel.run("%history").text


def test_nothing_typed_changes_nothing_and_what_is_no_key_is_not_kept(start_kernel, endpoint):
    kernel = start_kernel(CODEACT_RUN="1")
    assert kernel.run("%codeact key", [""]).text == f"{keys.UNCHANGED}\n"
    refused = kernel.run("%codeact key", ["canary key with blanks"])
    assert refused.text == f"ConfigError: {keys.UNUSABLE}"
    assert key_sent(kernel, endpoint) == endpoint.environment["CODEACT_API_KEY"]


def test_a_key_in_the_cell_is_refused(start_kernel, tmp_path):
    kernel = start_kernel(IPYTHONDIR=str(tmp_path / "ipython"))
    ran = kernel.run(f"%codeact key {KEY}")
    assert ran.text == f"ConfigError: {KEY_IN_CELL}"
    file = tmp_path / "export.ipynb"
    kernel.run(f"%codeact export {file}")
    assert KEY not in file.read_text()


def test_where_no_key_can_be_asked_for_or_used(start_kernel):
    kernel = start_kernel()
    assert kernel.run("%codeact key").text == f"ConfigError: {magic.NOBODY}"
    with Kernel() as alone:
        alone.run("%load_ext codeact_jupyter")
        assert alone.run("%codeact key", []).text == f"ConfigError: {magic.NO_URL}"
