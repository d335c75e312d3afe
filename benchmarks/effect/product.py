"""``%%codeact``, as somebody uses it who has the local model and nothing else.

A fresh kernel loads the extension and runs one cell; no endpoint is set, so the product
starts its own server. The answer and the cost are read from the notebook that it exports.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import nbformat

from benchmarks.effect.kernel import fresh_kernel
from benchmarks.effect.outcome import MOST_STEPS, Fault, Outcome
from codeact_jupyter.loop import ENDINGS
from codeact_jupyter.models.sentences import FULL

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.effect.kernel import Kernel
    from benchmarks.effect.questions import Question

_PLAIN = {"codeact": {"plain": True}}  # a front end without Markdown: looks, nothing else
_NO_FAULT = ("answered", "steps", "tokens", "seconds", "stuck", "empty")
_OF_THE_MODEL = (ENDINGS["fault"], FULL.partition("{")[0])  # too long a reply or conversation


def attempt(question: Question) -> Outcome:
    """Put ``question`` to the product in a fresh kernel.

    Raises:
        Fault: The server or the kernel failed, or the product did.
    """
    with fresh_kernel(question) as (kernel, beside):
        return ask(question.question, kernel, beside / "session.ipynb")


def ask(question: str, kernel: Kernel, file: Path) -> Outcome:
    """Load the extension, ask, and export the session to ``file``; else as :func:`attempt`."""
    if error := kernel.run_for("%load_ext codeact_jupyter", metadata=_PLAIN).error:
        raise Fault(f"The extension does not load: {error}")
    began = time.monotonic()
    cell = f"%%codeact --auto --max-steps {MOST_STEPS}\n{question}"
    error = kernel.run_for(cell, metadata=_PLAIN).error
    seconds = time.monotonic() - began
    if told := kernel.run_for(f"%codeact export {str(file)!r}", metadata=_PLAIN).error:
        raise Fault(f"The session cannot be exported: {told}")
    return outcome_of(file, error=error, seconds=seconds)


def outcome_of(file: Path, *, error: str, seconds: float) -> Outcome:
    """Read an exported session of one turn.

    Args:
        file: The notebook.
        error: What the cell failed with, or ``""``.
        seconds: How long the cell took.

    Raises:
        Fault: The turn failed for a reason that is not the model's.
    """
    untyped: Any = nbformat
    notebook = untyped.read(file, as_version=4)
    sessions = list(notebook["metadata"]["codeact"]["sessions"].values())
    if len(sessions) != 1 or len(sessions[0]["endings"]) != 1:
        raise Fault(f"The product did not run exactly one turn: {error}")
    (ending,) = sessions[0]["endings"]
    if ending not in _NO_FAULT and not any(words in error for words in _OF_THE_MODEL):
        raise Fault(f"The product's turn ended as {ending!r}: {error}")
    answers = [
        cell["source"]
        for cell in notebook["cells"]
        if cell["metadata"].get("codeact", {}).get("role") == "answer"
    ]
    return Outcome(
        answer="".join(answers[-1:]) if ending == "answered" else "",
        ending=ending,
        steps=sessions[0]["steps"],
        tokens=sessions[0]["tokens"],
        seconds=seconds,
        notebook=notebook,
    )
