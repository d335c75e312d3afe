"""The words behind ``%%codeact`` and ``%codeact``, read into values.

A word that is none of ours gets one sentence with the nearest right one, and nothing is
sent: a typing error must not cost tokens or switch something on.
"""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from codeact_jupyter.config import KEY_IN_CELL, names_a_key, nearest, read_setting
from codeact_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

SUBCOMMANDS = {
    "help": "this help; so does `%codeact` alone, or `%%codeact --help`",
    "status": "what is running, and what this session has used",
    "stop": "stop the running turn; so does the interrupt button, or Ctrl-C",
    "model": "list the endpoint's models, or `%codeact model NAME` to choose one",
    "key": "enter the key of the endpoint at a password prompt, or `%codeact key forget`",
    "vars": "the variables as the model sees them",
    "export": "`%codeact export FILE.ipynb`: all that ran, as a notebook of its own; "
    "a relative path is one in the folder where the extension was loaded",
    "reset": "begin a new conversation; the record stays",
    "config": "the settings, or `%codeact config NAME` to see and `… NAME VALUE` to change one",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Flags:
    """The flags of one ``%%codeact`` cell.

    Attributes:
        auto: Let every action of this turn run without asking.
        ask: Ask before every action, whatever else was said.
        new: Begin a new conversation first.
        again: Ask anew although this very prompt was answered before.
        dry_run: Only print what would be sent.
        help: Only show what the flags mean.
        settings: Settings for this turn by name; None where no flag was given.
    """

    auto: bool
    ask: bool
    new: bool
    again: bool
    dry_run: bool
    help: bool
    settings: dict[str, Any]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"%%codeact: {message}. Nothing was sent.")


def _setting(name: str) -> Callable[[str], Any]:
    return partial(read_setting, name)


def _parser() -> _Parser:
    parser = _Parser(prog="%%codeact", add_help=False, allow_abbrev=False)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--auto", action="store_true", help="run every action of this turn")
    mode.add_argument("--ask", action="store_true", help="ask before every action (default)")
    parser.add_argument("--model", help="name of the model")
    parser.add_argument("--format", help="how the model marks its actions: fence, execute")
    parser.add_argument("--profile", help="what the model is told: default, small, codeactagent, …")
    parser.add_argument("--max-steps", type=_setting("max_steps"), help="most replies of the model")
    parser.add_argument(
        "--max-tokens", type=_setting("max_tokens"), help="most tokens in both directions"
    )
    parser.add_argument("--timeout", type=_setting("timeout"), help="most seconds of model time")
    parser.add_argument("--new", action="store_true", help="begin a new conversation")
    parser.add_argument("--again", action="store_true", help="ask anew what was answered before")
    parser.add_argument("--dry-run", action="store_true", help="only print what would be sent")
    parser.add_argument("--help", "-h", action="store_true", help="show this")
    return parser


def parse_flags(line: str) -> Flags:
    """Read the rest of a ``%%codeact`` line.

    Raises:
        ConfigError: For a word that is no flag, a bad value, or a key.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ConfigError(f"%%codeact {line!r}: {error}. Nothing was sent.") from None
    parser = _parser()
    known, unknown = parser.parse_known_args(words)
    if unknown:
        _refuse(unknown[0], parser)
    names = ("model", "profile", "format", "max_steps", "max_tokens", "timeout")
    return Flags(
        auto=known.auto,
        ask=known.ask,
        new=known.new,
        again=known.again,
        dry_run=known.dry_run,
        help=known.help,
        settings={name: getattr(known, name) for name in names},
    )


def _refuse(word: str, parser: argparse.ArgumentParser) -> NoReturn:
    flags = [flag for action in parser._actions for flag in action.option_strings]
    if names_a_key(word, flags):
        raise ConfigError(KEY_IN_CELL)
    raise ConfigError(
        f"{word!r} is no flag of %%codeact. {nearest(word, flags)} The prompt goes into the lines "
        "below. Nothing was sent."
    )


def flags_help() -> str:
    """The flags with their meaning, one a line."""
    actions = _parser()._actions
    width = max(len(action.option_strings[0]) for action in actions)
    return "\n".join(f"  {a.option_strings[0]:<{width}}  {a.help}" for a in actions)


def subcommands_help() -> str:
    """The sub-commands with their meaning, one a line."""
    return "\n".join(f"  {name:<7} {text}" for name, text in SUBCOMMANDS.items())
