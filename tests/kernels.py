"""Real kernels for tests: started by their own Python, asked over their own channels.

``with Kernel(python) as kernel: kernel.run("1 + 1")`` gives what a front end would have:
the reply, and the outputs as nbclient builds them, in nbformat's shapes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from jupyter_client.manager import KernelManager
from nbformat.v4 import output_from_msg

ROOT = Path(__file__).parent.parent
NEWEST = sys.executable
BARE = str(ROOT / ".venv-bare/bin/python")  # no codeact_jupyter at all
OLDER = {path.stem: path for path in sorted((ROOT / "tests/pairs").glob("*.txt"))}
# The pairs of ipykernel and IPython. Tests with kernels run on the two ends, and on all of
# them where a user would miss something first: test_matrix, test_capture, test_runners.
PAIRS = {"newest": NEWEST} | {name: str(ROOT / f".venv-{name}/bin/python") for name in OLDER}
ENDS = {name: PAIRS[name] for name in ("newest", "oldest")}
SECONDS = 60
# As they are before any test changes them: a kernel may outlive the test that starts it.
_VARIABLES = {k: v for k, v in os.environ.items() if not k.startswith(("CODEACT_", "OPENAI_"))}


def argv(python: str) -> list[str]:
    """What starts a kernel of that Python."""
    return [*(python, "-m", "ipykernel_launcher", "-f", "{connection_file}"), "--log-level=40"]


def write_kernelspecs(folder: Path, *, language: str = "python", **pythons: str) -> str:
    """Put a kernelspec of each Python into a folder for JUPYTER_PATH, which is returned."""
    for name, python in pythons.items():
        (place := folder / "kernels" / name).mkdir(parents=True)
        spec = {"argv": argv(python), "display_name": name, "language": language, "env": {}}
        if python == BARE:
            spec["env"] = {"PYTHONPATH": ""}  # by which it could see this package
        (place / "kernel.json").write_text(json.dumps(spec))
    return str(folder)


@dataclass
class Ran:
    """What one request came to."""

    status: str
    outputs: list[dict[str, Any]] = field(default_factory=list)
    payload: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    execution_count: int | None = None

    @property
    def text(self) -> str:
        """All that a person would read, in order."""
        return "".join(_text_of(output) for output in self.outputs)


class Kernel:
    """A kernel in a process of its own."""

    def __init__(self, python: str = NEWEST, *, cwd: Path | None = None, **env: str) -> None:
        self._manager = KernelManager(kernel_name="python3")
        self._manager.kernel_spec.argv = argv(python)
        self._env = {**_VARIABLES, "PYTHONDONTWRITEBYTECODE": "1", **env}
        self._cwd = str(cwd) if cwd else None
        self.patience = SECONDS  # of silence

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self._start(undo)
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def _start(self, undo: ExitStack) -> None:
        """Start it; what was begun is undone too where it does not come up."""
        manager = self._manager
        # Not over TCP: a port is looked for before the kernel binds it, and with many kernels
        # and pages at once another may be faster.
        manager.transport = "ipc"
        manager.ip = f"{undo.enter_context(tempfile.TemporaryDirectory(prefix='k-'))}/kernel"
        undo.callback(manager.cleanup_resources)
        manager.start_kernel(env=self._env, cwd=self._cwd)
        undo.callback(manager.shutdown_kernel, now=True)
        self.client = manager.client()
        undo.callback(self.client.stop_channels)
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return bool(self._manager.is_alive())

    def interrupt(self) -> None:
        """Send SIGINT, as the interrupt button does."""
        self._manager.interrupt_kernel()

    def send(
        self,
        code: str,
        *,
        metadata: dict[str, Any] | None = None,
        stdin: bool = False,
        cell_id: str | None = None,
        stop_on_error: bool = True,
        silent: bool = False,
    ) -> str:
        """Send an execute request and return its id."""
        content = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": stdin,
            "stop_on_error": stop_on_error,
        }
        if cell_id is not None:
            metadata = {**(metadata or {}), "cellId": cell_id}
        message = self.client.session.msg("execute_request", content, metadata=metadata or {})
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(self, code: str, answers: list[str] | None = None, **request: Any) -> Ran:
        """Run a cell to its end, answering its questions with ``answers``."""
        return self.wait(self.send(code, stdin=answers is not None, **request), answers or [])

    def wait(self, request: str, answers: list[str] | None = None) -> Ran:
        """Wait for the end of a request: its reply *and* idle."""
        ran, answers = Ran("running"), list(answers or [])
        displays: dict[str, list[dict[str, Any]]] = {}
        clear_next = [False]
        while True:
            message = self._next(answers)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            _collect(ran.outputs, message, displays, clear_next)
        reply = self._reply(request)["content"]
        ran.status, ran.payload = reply["status"], reply.get("payload", [])
        ran.error = reply.get("evalue", "")
        ran.execution_count = reply.get("execution_count")
        return ran

    def stream_until(self, request: str, words: str) -> str:
        """Read the outputs of a request until ``words`` have been shown."""
        seen = ""
        while words not in seen:
            message = self.client.get_iopub_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") == request:
                content = message["content"]
                seen += content.get("text", "") + content.get("data", {}).get("text/plain", "")
        return seen

    def _next(self, answers: list[str]) -> dict[str, Any]:
        """The next message of the output channel; questions are answered meanwhile."""
        waited = 0.0
        while waited < self.patience:
            if answers and self.client.stdin_channel.msg_ready():
                self.client.get_stdin_msg(timeout=1)
                self.client.input(answers.pop(0))
            try:
                return self.client.get_iopub_msg(timeout=0.2)
            except Exception as nothing:  # queue.Empty, by which jupyter_client says time out
                if type(nothing).__name__ != "Empty":
                    raise
                waited += 0.2
        raise TimeoutError(f"the kernel said nothing for {self.patience} s")

    def _reply(self, request: str) -> dict[str, Any]:
        while True:
            reply = self.client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"].get("msg_id") == request:
                return reply


def _collect(
    outputs: list[dict[str, Any]],
    message: dict[str, Any],
    displays: dict[str, list[dict[str, Any]]],
    clear_next: list[bool],
) -> None:
    kind, content = message["msg_type"], message["content"]
    if kind == "clear_output":
        clear_next[0] = content["wait"]
        if not content["wait"]:
            outputs.clear()
        return
    if kind == "update_display_data":
        for output in displays.get(content["transient"]["display_id"], []):
            output.update(data=content["data"], metadata=content["metadata"])
        return
    if kind not in {"stream", "display_data", "execute_result", "error"}:
        return
    if clear_next[0]:
        outputs.clear()
        clear_next[0] = False
    output = output_from_msg(message)
    last = outputs[-1] if outputs else {}
    if kind == "stream" and last.get("name") == output["name"]:
        last["text"] += output["text"]
        return
    outputs.append(output)
    if display_id := content.get("transient", {}).get("display_id"):
        displays.setdefault(display_id, []).append(output)


def _text_of(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return str(output["text"])
    if output["output_type"] == "error":
        return "\n".join(output["traceback"])
    return str(output["data"].get("text/plain", "")) + "\n"
