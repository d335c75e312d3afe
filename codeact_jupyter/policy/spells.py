"""Tables: what IPython's magics may do, by name.

The names are those of ``%lsmagic`` in IPython 8.37 and 9.18 with ipykernel, and of
extensions that are common in notebooks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codeact_jupyter.policy import effects
from codeact_jupyter.policy.calls import found_in_markup
from codeact_jupyter.policy.effects import Finding, names_in, table
from codeact_jupyter.policy.paths import kept, written
from codeact_jupyter.redact import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

HARMLESS = names_in("""
    matplotlib pinfo pinfo2 pdoc pdef psource pfile psearch who who_ls whos precision pprint
    xmode colors doctest_mode logstate killbgscripts lsmagic magic quickref page pwd dhist tb
    history hist notebook autoreload aimport autoawait automagic autocall autosave color clear
    cls gui pdb debug connect_info qtconsole pycat markdown latex time timeit capture prun lprun
    memit mprun mem load_style watermark code_wrap subshell
    """)
WRAPPERS = frozenset({"time", "timeit", "prun", "lprun", "memit", "mprun", "capture"})
"""Magics that run the code in their line or cell."""

_EXTENSIONS = names_in("""
    autoreload line_profiler memory_profiler tensorboard sql autotime cudf.pandas watermark
    rpy2.ipython snakeviz cython heat_capacity nb_black jupyter_black dotenv
    """)
_READING = names_in("list show freeze check --version info search help index debug")
_INSTALLING = names_in("install uninstall add remove update upgrade sync create")
_BY_NAME = table(
    (effects.COMMAND, "sx system sc ! !! bash sh script perl ruby python python2 python3 pypy"),
    (effects.COMMAND, "ls ll la lx lk lf cat less more man edit ed"),
    (effects.COPIES, "mv cp"),
    (effects.DELETES, "rm rmdir"),
    (effects.MAKES_FOLDER, "mkdir"),
    (effects.WIPES, "reset reset_selective xdel"),
    (effects.FOLDER, "cd pushd popd bookmark"),
    (effects.OTHER_CODE, "run rerun recall rep macro loadpy load alias alias_magic store"),
    (effects.OTHER_CODE, "unload_ext"),
    (effects.SCRIPT, "js javascript"),
    (effects.FRONT, "logstart logon logoff logstop rehashx"),
    (effects.NETWORK, "pastebin ai chat"),
    (effects.CODEACT, "codeact"),
    (effects.OVERWRITES, "pylab"),
)
_FILES = {"writefile", "file", "save"}
_ENVIRONMENT = {"env", "set_env"}
_EXTENDING = {"load_ext", "reload_ext"}
_PACKAGES = {"pip", "conda", "mamba", "micromamba", "uv"}
_MARKUP = {"html", "HTML", "svg", "SVG"}
_LOOSENING = re.compile(
    r"^(?:CODEACT|JUPYTER|IPYTHON|PYTHON|LD_|DYLD_|GIT_|PIP_|OPENAI_BASE)|^(?:PATH|SHELL|PAGER|BROWSER"
    r"|HOME|EDITOR|(?:HTTPS?|ALL)_PROXY)$"
)


def known(name: str) -> bool:
    """Whether ``name`` is a magic that we know."""
    special = _FILES | _ENVIRONMENT | _EXTENDING | _PACKAGES | _MARKUP | {"config"}
    return name in HARMLESS or name in _BY_NAME or name in special


def found_in_magic(name: str, line: str, body: str) -> Iterator[Finding]:
    """Yield what the magic ``name`` does by itself; code in it is read elsewhere."""
    words = line.split()
    if name in _BY_NAME:
        yield Finding(_BY_NAME[name])
    elif name in _FILES:
        path = next((word for word in words if not word.startswith("-")), "")
        yield Finding(written(path, anew="-a" not in words), path)
    elif name in _ENVIRONMENT:
        yield from _environment(line)
    elif name in _EXTENDING:
        yield from (Finding(effects.OTHER_CODE, each) for each in words if each not in _EXTENSIONS)
    elif name in _PACKAGES:
        yield from _package(words[:1])
    elif name in _MARKUP:
        yield from found_in_markup(body)
    elif name == "config":
        if not line.startswith("InlineBackend"):
            yield Finding(effects.FRONT)
    elif name not in HARMLESS:
        yield Finding(effects.STRANGE, name)
    yield from (Finding(effect, word) for word in words if (effect := kept(word)))


def _package(verb: list[str]) -> Iterator[Finding]:
    if _READING.isdisjoint(verb):
        yield Finding(effects.COMMAND if _INSTALLING.isdisjoint(verb) else effects.INSTALL)


def _environment(line: str) -> Iterator[Finding]:
    name, _, value = line.replace("=", " ").strip().partition(" ")
    if value:
        yield environment_set(name)
    elif not name:
        yield Finding(effects.ENVIRONMENT)
    else:
        yield from environment_read(name)


def environment_set(name: str) -> Finding:
    """Return what setting the environment variable ``name`` is."""
    return Finding(effects.LOOSENS if _LOOSENING.search(name) else effects.SETS, name)


def environment_read(name: str) -> Iterator[Finding]:
    """Yield what reading the environment variable ``name`` is, if that is anything."""
    if is_secret_name(name):
        yield Finding(effects.SECRET, name)
