"""Cells that called ``exit()``, made such that they cannot end another kernel.

While a turn runs, and in a kernel of our own, ``exit()`` is refused
(:mod:`codeact_jupyter.hosts.nesting`). In a kernel without this package it would work, and
take the rest of the notebook with it. So the statement that called it becomes a comment,
with all below it, which did not run either; what stands above it stays code. Where an action
caught the refusal itself, the call becomes the error that it met, and all else stays.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from codeact_jupyter.ansi import without_sequences
from codeact_jupyter.shared_names import EXIT_REFUSED, METADATA_KEY, RAISES_TAG
from codeact_jupyter.syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeact_jupyter.cells import Output

RAISING = "raise RuntimeError('exit() was refused here')"
WHY = "# `exit()` was refused here, since it would have ended the kernel: from here on nothing ran."
_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")  # of a traceback; outermost first


def without_exit(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a code cell as it is, or where it was refused to exit, one that does not try."""
    refused = [output for output in cell["outputs"] if _is_refusal(output)]
    if not refused and METADATA_KEY in cell["metadata"]:
        return {**cell, "source": _refusing(cell["source"])}
    if not refused:
        return cell
    tags = [tag for tag in cell["metadata"].get("tags", ()) if tag != RAISES_TAG]
    metadata = {key: value for key, value in cell["metadata"].items() if key != "tags"}
    return {
        **cell,
        "source": _commented(cell["source"], _line_of(refused[0])),
        "outputs": [output for output in cell["outputs"] if output not in refused],
        "metadata": {**metadata, "tags": tags} if tags else metadata,
    }


def _is_refusal(output: Output) -> bool:
    """Whether it tells of a refused ``exit()``, perhaps as the cause of another error."""
    return output["output_type"] == "error" and any(
        EXIT_REFUSED in text for text in (output["ename"], *output["traceback"])
    )


def _line_of(error: Output) -> int:
    """The line of the cell that led to an error; the first one if that is not told."""
    found = _LINE.search(without_sequences("\n".join(error["traceback"])))
    return int(found[1]) if found else 1


def _refusing(source: str) -> str:
    """``source`` with each ``exit()`` inside a ``try`` as an error, which it then meets."""
    lines = source.splitlines(keepends=True)
    for call in sorted(_caught_exits(source), key=lambda each: -each.col_offset):
        if call.lineno == call.end_lineno:
            line = lines[call.lineno - 1].encode()
            before, after = line[: call.col_offset], line[call.end_col_offset :]
            lines[call.lineno - 1] = (before + RAISING.encode() + after).decode()
    return "".join(lines)


def _caught_exits(source: str) -> list[ast.Expr]:
    tree = parsed(source) if "exit" in source or "quit" in source else None
    tries = [each for each in ast.walk(tree) if isinstance(each, ast.Try)] if tree else []
    found = [node for each in tries for part in each.body for node in ast.walk(part)]
    exits = {node for node in found if isinstance(node, ast.Expr) and _is_exit(node.value)}
    return list(exits)


def _is_exit(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else value
    return isinstance(called, ast.Name) and called.id in {"exit", "quit"}


def _commented(source: str, line: int) -> str:
    """``source`` with the statement at ``line``, and all that follows it, as a comment."""
    lines = source.splitlines()
    first, column = _beginning(source, line)
    head, cut = lines[: first - 1], lines[first - 1 :]
    if column and cut:
        before = cut[0].encode()[:column].decode(errors="replace")
        head, cut[0] = [*head, before.rstrip("; \t")], cut[0][len(before) :]
    return "\n".join([*head, WHY, *_comments(cut)])


def _beginning(source: str, line: int) -> tuple[int, int]:
    """Where the statement at ``line`` begins: its line, and its column behind another one."""
    tree = parsed(source)
    if tree is None or source.lstrip().startswith("%%"):
        return 1, 0
    there = [each for each in tree.body if each.lineno <= line <= (each.end_lineno or line)]
    exiting = next((each for each in there if _names_exit(each)), None) or next(iter(there), None)
    return (exiting.lineno, exiting.col_offset) if exiting else (1, 0)


def _names_exit(statement: ast.stmt) -> bool:
    """Of several on one line it is the one that names it."""
    names = (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
    return not {"exit", "quit"}.isdisjoint(names)


def _comments(lines: Iterable[str]) -> list[str]:
    return [f"# {line}".rstrip() for line in lines]
