"""``codeact-jupyter demo``: the whole product, watched once from outside.

Starts a real Jupyter kernel, loads the extension there, asks one question about a CSV
file and shows every step as it streams; then it writes the session as a notebook and
checks that file like a sceptic: did an action run, did the turn end with an answer, is
the answer's number in an output, is the notebook valid, is the answer right?

It uses only what any front end could: execute requests and their output messages.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self

from codeact_jupyter.errors import ConfigError
from codeact_jupyter.record.notebook import check_ours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DATA = "penguins.csv"
QUESTION = (
    f"Compute the mean flipper_length_mm of each species in {DATA}, to one decimal. Which species "
    "has the longest, and what is its mean?"
)
SPECIES, MEAN = "Gentoo", 217.2  # mean of 123 penguins: 217.187
_MAX_STEPS = 12
_START_SECONDS = 60
_QUIET_SECONDS = 900  # of silence, which a slow machine needs to read a long prompt
_PLAIN = {"codeact": {"plain": True}}
_SETUP = "%load_ext codeact_jupyter"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What the demo came to.

    Attributes:
        faults: What did not work, one sentence each; empty when all did.
        right: Whether the answer is the known one; a model may be wrong without a fault.
        answer: The model's words.
    """

    faults: tuple[str, ...]
    right: bool
    answer: str


def run_demo(file: Path, show: Callable[[str], None]) -> Verdict:
    """Ask the question in a real kernel, write ``file`` and check it.

    Args:
        file: The notebook to write; the CSV file is put beside it.
        show: Shows what streams in.
    """
    file = file.absolute()
    check_ours(file)
    _put_data(file.parent / DATA)
    with _Kernel(file.parent, show) as kernel:
        kernel.run(_SETUP)
        show(f"\n{QUESTION}\n\n")
        ended = kernel.run(f"%%codeact --auto --max-steps {_MAX_STEPS}\n{QUESTION}")
        kernel.run(f"%codeact export {str(file)!r}")
    return check(file, ended=ended)


def _put_data(target: Path) -> None:
    """Copy the CSV file to ``target``, where nothing else may lie."""
    data = (files("codeact_jupyter") / "data" / DATA).read_bytes()
    if target.exists() and target.read_bytes() != data:
        raise ConfigError(
            f"{str(target)!r} is there already and is another file. Run the demo in another folder."
        )
    target.write_bytes(data)


def check(file: Path, *, ended: str) -> Verdict:
    """Check an exported session.

    Args:
        file: The notebook.
        ended: Why the turn failed, or ``""`` when it ended with an answer.
    """
    import nbformat

    untyped: Any = nbformat
    try:
        notebook = untyped.read(file, as_version=4)
        nbformat.validate(notebook)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        return Verdict(faults=(f"The notebook is not valid: {error}",), right=False, answer="")
    cells = notebook["cells"]
    answer = "\n".join(cell["source"] for cell in _of_role(cells, "answer"))
    shown = "\n".join(_texts(_of_role(cells, "action")))
    return Verdict(
        faults=tuple(_faults(ended, answer, shown, acted=any(_of_role(cells, "action")))),
        right=SPECIES in answer and any(abs(number - MEAN) < 0.1 for number in _numbers(answer)),
        answer=answer,
    )


def _faults(ended: str, answer: str, shown: str, *, acted: bool) -> Iterator[str]:
    if not acted:
        yield "No action ran."
    if ended or not answer:
        yield f"The turn did not end with an answer. {ended}".rstrip()
        return
    stated = [number for number in _numbers(answer) if number >= 100]
    known = _numbers(shown)
    if not any(abs(number - seen) < 0.1 for number in stated for seen in known):
        yield "The answer's number stands in no output."


def _of_role(cells: list[Any], role: str) -> list[Any]:
    return [cell for cell in cells if cell["metadata"].get("codeact", {}).get("role") == role]


def _texts(cells: list[Any]) -> Iterator[str]:
    for cell in cells:
        for output in cell["outputs"]:
            yield str(output.get("text", ""))
            yield str(output.get("data", {}).get("text/plain", ""))


def _numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


class _Kernel:
    """A kernel of this very Python, whose text is shown as it comes."""

    def __init__(self, folder: Path, show: Callable[[str], None]) -> None:
        from jupyter_client.manager import KernelManager

        self._manager: Any = KernelManager(kernel_name="python3")
        launch = (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")
        spec: Any = self._manager.kernel_spec
        spec.argv = [*launch, "--log-level=40"]
        self._folder = folder
        self._show = show

    def __enter__(self) -> Self:
        self._manager.start_kernel(cwd=str(self._folder))
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=_START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel()
        self._manager.cleanup_resources()

    def run(self, code: str) -> str:
        """Run a cell, showing what it puts out; return its error, or ``""``."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        request = self._client.session.msg("execute_request", content, metadata=_PLAIN)
        self._client.shell_channel.send(request)
        error = ""
        while True:
            message = self._client.get_iopub_msg(timeout=_QUIET_SECONDS)
            if message["parent_header"].get("msg_id") != request["header"]["msg_id"]:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return error
            if kind == "error":
                error = content["evalue"]
            self._show(_shown(kind, content))


def _shown(kind: str, content: dict[str, Any]) -> str:
    match kind:
        case "stream":
            return str(content["text"])
        case "execute_result" | "display_data":
            return f"{content['data'].get('text/plain', '')}\n"
        case "error":
            return "\n".join([*content["traceback"], ""])
    return ""
