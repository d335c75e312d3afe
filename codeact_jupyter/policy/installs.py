"""Whether an action installs packages: that needs the user's word, also under ``--auto``.

A package changes the environment of every notebook that uses it, and stays when this one
is gone. :func:`installs` finds the usual ways to call an installer: magics, commands of the
shell, subprocesses and pip's own functions. A name counts for what the same code gives it:
an import, a value assigned, a function that runs commands. What comes from another cell, or
is put together while the code runs, is not seen.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from codeact_jupyter.policy.words import magics
from codeact_jupyter.syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_INSTALLERS = {"pip", "pip3", "pipx", "easy_install", "conda", "mamba", "micromamba", "uv", "pixi"}
_INSTALLERS |= {"poetry", "pdm", "hatch", "rye"}
_SYSTEM = {"apt", "apt-get", "aptitude", "brew", "dnf", "yum", "apk", "pacman", "zypper", "snap"}
_SYSTEM |= {"npm", "yarn", "pnpm", "gem", "cargo", "choco", "winget"}
_ANY = re.compile(rf"\b(?:{'|'.join(sorted(_INSTALLERS | _SYSTEM, reverse=True))})\b")
_VERBS = {"install", "add", "update", "upgrade", "uninstall", "remove", "create", "sync", "inject"}
_VERBS |= {"-S", "-Sy", "-Syu", "-U", "-R"}  # pacman's
_COMMANDS = {"system", "getoutput", "run", "call", "check_call", "check_output", "Popen", "main"}
_COMMANDS |= {"popen", "getstatusoutput", "spawn", "startfile", "run_module", "posix_spawn"}
_COMMANDS |= {"create_subprocess_shell", "create_subprocess_exec", "posix_spawnp"}
_COMMANDS |= {f"{verb}{how}" for verb in ("exec", "spawn") for how in ("v", "ve", "vp", "vpe")}
_COMMANDS |= {f"{verb}{how}" for verb in ("exec", "spawn") for how in ("l", "le", "lp", "lpe")}
_PYTHON = {"exec", "eval", "run_cell", "run_line_magic"}  # a text that is code itself
_SHELLS = {"bash", "sh", "script", "system", "sx", "cmd", "powershell"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_GROWS = {"append", "extend", "insert"}

_Meanings = dict[str, list[ast.AST]]
"""What each name may stand for, by what the code makes of it."""


def installs(code: str) -> bool:
    """Whether ``code`` calls an installer; what names one and is too deep to be read does."""
    if not _ANY.search(code):
        return False  # as nearly all: what follows costs more than the rest of the policy
    try:
        return any(map(_is_install, _commands(code)))
    except RecursionError:
        return True


def _is_install(words: set[str]) -> bool:
    names = {word.rpartition("/")[2].removesuffix(".exe") for word in words}
    installer = bool(names & (_INSTALLERS | _SYSTEM))
    return installer and bool(names & _VERBS or "run_module" in names or "easy_install" in names)


def _commands(code: str) -> Iterator[set[str]]:
    """The words of each command that ``code`` runs."""
    for name, line in magics(code):
        yield {name, *_words(line)}
    tree = parsed(code)
    if tree is None:
        return
    means = _meanings(tree)
    behind = cache(lambda name: _words_behind(name, means))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _commands_of(node, means, behind)


def _commands_of(
    node: ast.Call, means: _Meanings, behind: Callable[[str], set[str]]
) -> Iterator[set[str]]:
    callees = _callees(node.func, means)
    if callees & _COMMANDS:
        yield callees | _all_words(node, behind)
    if "run_cell_magic" in callees:
        name, _, body = (*_texts(node), "", "", "")[:3]
        yield from [set(_words(body))] if name in _SHELLS else _commands(body)
    if callees & _PYTHON:
        for text in _texts(node):
            yield from _commands(text)


# --- what names stand for


def _meanings(tree: ast.AST) -> _Meanings:
    means: _Meanings = defaultdict(list)
    for node in ast.walk(tree):
        for name, meaning in _named(node):
            means[name].append(meaning)
    return means


def _named(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((name, value) for target in targets for name in _names(target))
        case ast.AnnAssign(target=target, value=ast.AST() as value):
            yield from ((name, value) for name in _names(target))
        case ast.AugAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
            yield from ((name, value) for name in _names(target))
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            yield from ((name, value) for name in _names(target))
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if attr in _GROWS:
            yield from ((name, argument) for argument in node.args)
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            module = getattr(node, "module", None)
            for alias in aliases:
                whole = f"{module}.{alias.name}" if module else alias.name
                yield alias.asname or alias.name.partition(".")[0], ast.Constant(value=whole)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name, node


def _names(target: ast.AST) -> Iterator[str]:
    return (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _callees(function: ast.AST, means: _Meanings) -> set[str]:
    """The names of all that may be called here."""
    match function:
        case ast.Attribute(attr=attr):
            return {attr, *_dotted(function, means)}
        case ast.Name(id=name):
            its = means.get(name, [])
            own = set() if any(isinstance(each, _FUNCTIONS) for each in its) else {name}
            return own.union(*(_tails(meaning, means) for meaning in its))
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
            return {name}
    return set()


def _dotted(function: ast.AST, means: _Meanings) -> Iterator[str]:
    """The words of ``pip._internal.main``, for which a module may have been renamed."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id
            for meaning in means.get(node.id, ()):
                if isinstance(meaning, ast.Constant):
                    yield from str(meaning.value).split(".")


def _tails(meaning: ast.AST, means: _Meanings) -> set[str]:
    """What a name that stands for ``meaning`` calls."""
    match meaning:
        case ast.Attribute():
            return set(_dotted(meaning, means))
        case ast.Constant(value=str(dotted)):
            return set(dotted.split("."))
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            calls = [node.func for node in ast.walk(meaning) if isinstance(node, ast.Call)]
            called = {call.attr for call in calls if isinstance(call, ast.Attribute)}
            return called & _COMMANDS
    return set()


# --- words


def _all_words(node: ast.AST, behind: Callable[[str], set[str]]) -> set[str]:
    """The words of all texts in ``node``, and of what its names stand for."""
    words, names = _own(node)
    return words.union(*map(behind, names))


def _words_behind(name: str, means: _Meanings) -> set[str]:
    """The words of all that a name stands for, also by way of other names."""
    words: set[str] = set()
    seen, left = {name}, [name]
    while left:
        for meaning in means.get(left.pop(), ()):
            if not isinstance(meaning, _FUNCTIONS):
                found, names = _own(meaning)
                words |= found
                left += names - seen
                seen |= names
    return words


def _own(node: ast.AST) -> tuple[set[str], set[str]]:
    """The words of the texts in ``node``, and the names there."""
    words: set[str] = set()
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            words.update(found := _words(each.value))
            names.update(found if "{" in each.value or "$" in each.value else ())  # IPython's
        elif isinstance(each, ast.Name):
            names.add(each.id)
    return words, names


def _texts(node: ast.Call) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _words(line: str) -> list[str]:
    return re.findall(r"[\w./-]+", line)
