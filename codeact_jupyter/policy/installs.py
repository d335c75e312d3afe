"""Whether an action installs packages: that needs the user's word, also under ``--auto``.

A package changes the environment of every notebook that uses it, and stays when this one
is gone. :func:`installs` finds the usual ways to call an installer, as magics, commands of
the shell and subprocesses.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codeact_jupyter.policy.words import called, magics, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

_INSTALLERS = {"pip", "pip3", "conda", "mamba", "micromamba", "uv", "pixi", "poetry"}
_SYSTEM = {"apt", "apt-get", "brew", "dnf", "yum", "apk", "npm"}
_ANY = re.compile(rf"\b(?:{'|'.join(sorted(_INSTALLERS | _SYSTEM))})\b")
_VERBS = {"install", "add", "update", "upgrade", "uninstall", "remove", "create", "sync"}
_COMMANDS = {"system", "getoutput", "run", "call", "check_call", "check_output", "Popen", "main"}


def installs(code: str) -> bool:
    """Whether ``code`` calls an installer."""
    if not _ANY.search(code):
        return False  # as nearly all: what follows costs more than the rest of the policy
    return any(_is_install(words) for words in _commands(code))


def _is_install(words: list[str]) -> bool:
    names = {word.rpartition("/")[2] for word in words}
    return bool(names & (_INSTALLERS | _SYSTEM) and names & _VERBS)


def _commands(code: str) -> Iterator[list[str]]:
    """The words of each command that ``code`` runs."""
    for name, line in magics(code):
        yield [name, *_words(line)]
    tree = parsed(code)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and (called(node) or _name(node)) in _COMMANDS:
            yield [word for text in _texts(node) for word in _words(text)]


def _name(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _texts(node: ast.Call) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _words(line: str) -> list[str]:
    return re.findall(r"[\w./-]+", line)
