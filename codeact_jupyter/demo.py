"""``codeact-jupyter demo``: the whole product, watched once from outside.

Asks one question about a CSV file in a real Jupyter kernel and shows every step as it
streams, as ``codeact-jupyter run`` does; then it checks the notebook that was written
like a sceptic: did an action run, did the turn end with an answer, is the answer's number
in an output, is the notebook valid, is the answer right?
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from codeact_jupyter.batch import Options, run_prompt
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.record.notebook import check_ours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from codeact_jupyter.progress import Progress

DATA = "penguins.csv"
QUESTION = (
    f"Compute the mean flipper_length_mm of each species in {DATA}, to one decimal. Which species "
    "has the longest, and what is its mean?"
)
SPECIES, MEAN = "Gentoo", 217.2  # mean of 123 penguins: 217.187
_MAX_STEPS = 12


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


def run_demo(file: Path, show: Callable[[Progress], None]) -> Verdict:
    """Ask the question in a real kernel, write ``file`` and check it.

    Args:
        file: The notebook to write; the CSV file is put beside it.
        show: Shows the progress.
    """
    file = file.absolute()
    check_ours(file)
    _put_data(file.parent / DATA)
    options = Options(auto=True, settings={"max_steps": _MAX_STEPS}, show=show)
    outcome = run_prompt(QUESTION, options, output=file)
    return check(file, ended=outcome.sentence)


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
