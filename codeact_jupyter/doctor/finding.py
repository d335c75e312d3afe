"""What a check found out, and how a check is run.

A check is a function that yields findings, so that each is shown as soon as it is known.
:func:`examined` runs one: a check that breaks is a finding itself and keeps no other one
from running, and no finding leaves it with a secret in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from codeact_jupyter.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Level = Literal["ok", "note", "warning", "fault"]
"""All is well; worth knowing; works, but badly; does not work."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        name: What was looked at, in one or two words.
        level: How it is.
        sentence: What was found.
        cure: What to do about it, in one sentence; ``""`` where nothing is to be done.
    """

    name: str
    level: Level
    sentence: str
    cure: str = ""


def examined(name: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Run ``check`` and yield what it finds, without secrets."""
    try:
        for finding in check():
            yield replace(finding, sentence=redact(finding.sentence), cure=redact(finding.cure))
    except Exception as error:  # noqa: BLE001  # whatever breaks one check, the others go on
        yield Finding(
            name=name,
            level="fault",
            sentence=f"The check of the {name} broke off: {type(error).__name__}.",
            cure="Report this line together with the versions above; the other checks went on.",
        )


def told(name: str, error: Exception) -> Finding:
    """A fault in the words of one of our errors, whose last sentence says what to do."""
    said, stop, cure = str(error).rpartition(". ")
    if not stop:
        return Finding(name=name, level="fault", sentence=cure)
    return Finding(name=name, level="fault", sentence=f"{said}.", cure=cure)
