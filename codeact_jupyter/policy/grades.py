"""What an action would do, read from its text before the user decides about it.

:func:`grade` reads the syntax tree of what IPython will really run. It finds what code
says openly; it is no guard, and finding nothing is no promise. It cannot see

* a method whose object is of an unknown class (``cleanup()``, ``model.run()``), and what a
  function does that an earlier cell or another module defined;
* code that is reached through data: names, paths, addresses and statements of SQL that
  are put together while it runs, or stand in files;
* effects that are split over several actions, each harmless by itself, or that begin
  later: threads, timers, ``__del__``;
* what a library does by itself: download, cache, keep statistics;
* what a browser loads when an output is drawn, but for addresses that stand in the code;
* how much memory, disk or time is used.

Wherever code is opaque on purpose (``eval``, a computed name, pickled data, text that is
no Python) the grade is ``unknown``, which is grave: silence must not come from hiding.
Everyday analysis must stay without a grave word, or nobody reads the words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from codeact_jupyter.policy import effects
from codeact_jupyter.policy.effects import Effect, Finding, listed, told
from codeact_jupyter.policy.installs import installs
from codeact_jupyter.policy.sights import Sights
from codeact_jupyter.policy.spells import found_in_magic, known
from codeact_jupyter.policy.stores import found_in_names
from codeact_jupyter.policy.words import automagic
from codeact_jupyter.syntax import parsed
from codeact_jupyter.types import Grade, GradeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_ORDER: tuple[GradeKind, ...] = get_args(GradeKind)
_DEPTH = 4  # magics in magics: %%time over %time
_REPLACING = {effects.OVERWRITES, effects.REMOVES, effects.DISCARDS}
_HIDDEN = re.compile(
    "[\u200b\u2060\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\x00-\x08\x0e-\x1f\x7f]"
    "|(?<!^)\ufeff"
)
"""Characters that are not seen, or turn the order of what is: never part of Python."""


def grade(code: str, names: Collection[str]) -> Grade:
    """Return what ``code`` would do; never raises, and never runs anything.

    Args:
        code: The source of a cell, with IPython's magics or without.
        names: The user's variables, to tell what is overwritten.
    """
    findings: list[Finding] = []
    try:
        for finding in _findings(code, frozenset(names), _DEPTH):
            findings.append(finding)  # noqa: PERF402 - what was found before a fault counts
    except RecursionError:
        findings.append(Finding(effects.TOO_DEEP))
    return _graded(findings)


def _findings(code: str, names: frozenset[str], depth: int) -> Iterator[Finding]:
    if not depth:
        yield Finding(effects.TOO_DEEP)
        return
    visible = _HIDDEN.sub("", code)
    if visible != code:
        yield Finding(effects.HIDDEN)
    if depth == _DEPTH and any(map(installs, {code, visible})):
        yield Finding(effects.INSTALL)
    magical = [*_automagic(visible, names)]
    yield from magical
    tree = parsed(visible)
    if tree is None:
        yield from () if magical else (Finding(effects.UNREADABLE),)
        return
    sights = Sights(tree)
    yield from sights.findings()
    yield from found_in_names(tree, names)
    for inner in sights.inner:
        yield from _findings(inner, names, depth - 1)


def _automagic(code: str, names: frozenset[str]) -> Iterator[Finding]:
    for name, line in automagic(code):
        if known(name) and name not in names:
            yield from found_in_magic(name, line, "")


def _graded(findings: list[Finding]) -> Grade:
    """One piece of the sentence for each kind, gravest first."""
    things = _by_effect(findings or [Finding(effects.READS)])
    pieces: dict[GradeKind, list[str]] = {}
    for effect, named in things.items():
        pieces.setdefault(effect.kind, []).append(told(effect, named))
    kinds = tuple(sorted(pieces, key=_ORDER.index))
    return Grade(
        kinds=kinds,
        reasons=tuple(_one(pieces[kind]) for kind in kinds),
        grave=any(effect.grave for effect in things),
    )


def _by_effect(findings: list[Finding]) -> dict[Effect, list[str]]:
    """What each effect acts on, once; what is replaced need not be told to be changed."""
    gone = {thing for effect, thing in findings if effect in _REPLACING}
    lost = {thing for effect, thing in findings if effect == effects.DISCARDS}
    told_by = {effects.CHANGES: gone, effects.OVERWRITES: lost}  # in graver words
    things: dict[Effect, list[str]] = {}
    for effect, thing in dict.fromkeys(findings):
        if thing not in told_by.get(effect, ()):
            things.setdefault(effect, []).extend([thing] if thing else [])
    return things


def _one(pieces: list[str]) -> str:
    return listed(pieces, ", and " if any("," in each for each in pieces) else " and ")
