"""``%%codeact`` and ``%codeact``: read the words, hand them to the session, show the end.

Loading registers both and opens a :class:`~codeact_jupyter.session.PlacedSession`; unloading
closes it and leaves no hook and no thread behind. Nothing is decided here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeact_jupyter import config
from codeact_jupyter._version import __version__
from codeact_jupyter.config import KEY_IN_CELL, CodeAct, check_setting, nearest
from codeact_jupyter.console import say, warn
from codeact_jupyter.errors import ConfigError, TurnFailed, TurnStopped
from codeact_jupyter.hosts.front import front_of
from codeact_jupyter.hosts.prompt import answered_before, prompt_of, words_of
from codeact_jupyter.places import ShellPlace
from codeact_jupyter.record.disk import at_home
from codeact_jupyter.redact import protect
from codeact_jupyter.session import PlacedSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeact_jupyter.flags import Flags
    from codeact_jupyter.hosts.front import Front
    from codeact_jupyter.protocol import Card
    from codeact_jupyter.types import Ending

RUN_VARIABLE = "CODEACT_RUN"
QUIET = (
    "%%codeact: not asked, since this notebook runs by itself and nobody can answer; the cells "
    f"below go on. To let it act, write `%%codeact --auto` and set {RUN_VARIABLE}=1."
)
STOPPED = "The turn is being stopped."
NO_TURN = "No turn is running here. While one runs, the interrupt button or Ctrl-C stops it."
READING = "(The notebook above is being read.)"
OTHER_VERSION = (
    "codeact_jupyter is {ours} in this kernel and {theirs} in JupyterLab, so the turn runs inside "
    "its cell. For cells of their own install one version in both, and reload the page."
)
NO_URL = (
    "No URL is set that a key could belong to: first "
    "`%config CodeAct.base_url = 'https://api.openai.com/v1'`, or that of another server. The "
    "local model needs no key."
)
NOBODY = "Nobody can answer a password prompt here. Nothing was changed."
OF_ENVIRONMENT = "The environment has one for this URL, which counts now."
_HELP = dict.fromkeys(("", "-h", "--help"), "help")
_TAKES_WORDS = {"model", "key", "export", "config"}
_loaded: dict[int, tuple[CodeActMagics, Any]] = {}


def load(shell: Any) -> None:
    """Register the magics and open a session."""
    if id(shell) in _loaded:
        return
    magics = CodeActMagics(shell)
    _loaded[id(shell)] = magics, shell
    magics.session.open()
    shell.configurables.append(magics.session.settings)
    shell.register_magic_function(magics.cell, "cell", "codeact")
    shell.register_magic_function(magics.line, "line", "codeact")
    shell.input_transformers_cleanup.append(_BODY)


def unload(shell: Any) -> None:
    """Take the magics away and close the session."""
    magics, _ = _loaded.pop(id(shell), (None, None))
    if magics is None:
        return
    magics.session.close()
    shell.configurables.remove(magics.session.settings)
    if _BODY in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(_BODY)
    for kind in ("cell", "line"):
        shell.magics_manager.magics[kind].pop("codeact", None)


def loaded_in(shell: Any) -> CodeActMagics | None:
    """The magics of this shell, or None where they are not loaded."""
    magics, _ = _loaded.get(id(shell), (None, None))
    return magics


class CodeActMagics:
    """The two magics of one shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._folder = _working_directory()  # an action may go to another one
        self.session = PlacedSession(ShellPlace(shell), CodeAct(parent=shell))

    def cell(self, line: str, cell: str) -> None:
        """Ask a language model that answers with Python, which runs in this kernel."""
        from codeact_jupyter.flags import parse_flags

        flags = parse_flags(line)
        if flags.help:
            self._help()
            return
        prompt = words_of(cell)
        front = front_of(self._shell)
        settings = self.settings_for(front).with_flags(flags.settings)
        if flags.dry_run:
            self._preview(front, prompt, settings, new=flags.new)
        elif not flags.again and (answered := answered_before(front, prompt)):
            show_card(answered)
        elif front.nobody_there and not _may_run(flags):
            warn(QUIET)
        else:
            if flags.new:
                self.session.renew()
            self._ask(front, prompt, settings, auto=flags.auto)

    def _preview(self, front: Front, prompt: str, settings: CodeAct, *, new: bool) -> None:
        """Show what would be sent; a tab first has to tell what stands above the prompt."""
        if front.mark is None:
            say(self.session.dialogue.preview(prompt, settings, new=new))
            return
        shown = show_text(READING)
        self.session.preview(
            prompt_of(front, prompt),
            settings,
            lambda text: shown.update({"text/plain": text}, raw=True),
            new=new,
        )

    def _ask(self, front: Front, prompt: str, settings: CodeAct, *, auto: bool) -> None:
        """Start the turn beside the cells where our extension shows it, else run it here."""
        if front.mark is None:
            _show_end(self.session.ask(prompt, settings, auto=auto).ending)
        elif front.mark.version != __version__:
            warn(OTHER_VERSION.format(ours=__version__, theirs=front.mark.version))
            _show_end(self.session.ask(prompt, settings, auto=auto).ending)
        else:
            self.session.begin(prompt_of(front, prompt), settings, show_card, auto=auto)

    def settings_for(self, front: Front) -> CodeAct:
        """The settings of a request: what its front end set counts below ``%config``."""
        if front.mark is None:
            return self._settings
        return self._settings.with_defaults(front.mark.settings)

    def line(self, line: str) -> None:
        """Status and help of ``%%codeact``, and its sub-commands."""
        name, _, rest = line.strip().partition(" ")
        name, rest = _HELP.get(name, name), rest.strip()
        commands: dict[str, Callable[[str], None]] = {
            "help": lambda _: self._help(),
            "status": lambda _: say(self.session.status()),
            "stop": lambda _: say(STOPPED if self.session.stop() else NO_TURN),
            "model": self._model,
            "key": self._key,
            "vars": self._vars,
            "export": self._export,
            "reset": self._reset,
            "config": self._config,
        }
        if name not in commands:
            meant = nearest(name, commands)
            raise ConfigError(
                f"{name!r} is no sub-command of %codeact. {meant} A prompt goes into the lines "
                "below `%%codeact`."
            )
        if rest and name not in _TAKES_WORDS:
            raise ConfigError(
                f"%codeact {name} takes no further word, and {rest!r} stands behind it. Nothing "
                f"was done; write `%codeact {name}` alone."
            )
        with self.session.unrecorded():
            commands[name](rest)

    @property
    def _settings(self) -> CodeAct:
        return self.session.settings

    def _help(self) -> None:
        from codeact_jupyter.flags import flags_help, subcommands_help

        say(self.session.status())
        say("\nA %%codeact cell asks the model. Its flags:")
        say(flags_help())
        say("\nSub-commands of %codeact:")
        say(subcommands_help())

    def _model(self, name: str) -> None:
        if name := name.strip("\"'"):
            self._settings.model = name
        else:
            for listed in self.session.dialogue.models(self._settings):
                say(listed)
        say(f"model = {self._settings.model or os.environ.get('CODEACT_MODEL') or '(not set)'}")

    def _key(self, words: str) -> None:
        if words not in {"", "forget"}:
            protect(words, "API key")
            raise ConfigError(KEY_IN_CELL)
        front = front_of(self._shell)
        url, paired = _where_a_key_belongs(self.settings_for(front))
        if words:
            said = self.session.keys.forget(url)
            say(f"{said} {OF_ENVIRONMENT}" if paired else said)
        elif front.can_ask:
            say(self.session.keys.enter(url))
        else:
            raise ConfigError(NOBODY)

    def _vars(self, _: str) -> None:
        say(self.session.dialogue.variables(self._settings) or "(no variables)")

    def _export(self, file: str) -> None:
        if not file:
            raise ConfigError("Name the file: `%codeact export FILE.ipynb`. Nothing was written.")
        path = self.session.export(self._folder / at_home(Path(file.strip("\"'"))))
        say(f"Written: {path}")

    def _reset(self, _: str) -> None:
        self.session.renew()
        say("A new conversation begins with the next prompt. Variables and record stay.")

    def _config(self, words: str) -> None:
        name, _, value = words.replace("=", " ", 1).partition(" ")
        if words:
            check_setting(name)
        sets = bool(value.strip()) or "=" in words
        if sets:
            config.set_from_text(self._settings, name, value.strip().strip("\"'"))
        for shown, trait in sorted(self._settings.traits(config=True).items()):
            if sets or shown == name or not words:
                say(f"{shown} = {getattr(self._settings, shown)!r}  # {trait.help}")


def _working_directory() -> Path:
    """It may be gone, which only an export of a relative path has to mind."""
    try:
        return Path.cwd()
    except OSError:
        return Path()


class _Body:
    """Gives a ``%%codeact`` of one line an empty body, as an input transformer of IPython.

    Without any IPython itself refuses it, in words that speak of another magic.
    """

    has_side_effects = True  # or IPython asked it too whether a cell is whole while it is typed

    def __call__(self, lines: list[str]) -> list[str]:
        """Return the cell's lines."""
        alone = len(lines) == 1 and lines[0].split(None, 1)[:1] == ["%%codeact"]
        return [*lines, "\n"] if alone else lines


_BODY = _Body()


def _where_a_key_belongs(settings: CodeAct) -> tuple[str, bool]:
    """The URL that counts now, and whether the environment has a key for it."""
    found = config.remote(settings, os.environ)
    if found is None:
        raise ConfigError(NO_URL)
    url, paired, _ = found
    return url, bool(paired)


def _may_run(flags: Flags) -> bool:
    """Whether a cell may act where nobody can answer: both must say so."""
    return flags.auto and os.environ.get(RUN_VARIABLE) == "1"


def show_text(text: str) -> Any:
    """Show text that can be updated later."""
    from IPython import display

    show: Any = display.display
    return show({"text/plain": text}, raw=True, display_id=True)


def show_card(card: Card) -> None:
    """Show how a turn stands; the display is named after it, so that it can be updated."""
    from IPython import display

    from codeact_jupyter.hosts.card import bundle

    show: Any = display.display  # IPython leaves it untyped
    show(bundle(card), raw=True, display_id=f"codeact-{card.turn}")


def _show_end(ending: Ending) -> None:
    match ending.kind:
        case "answered":
            pass  # the answer stands there
        case "handed_over":
            say(ending.sentence)
        case "stopped":
            raise TurnStopped(ending.sentence)
        case _:
            raise TurnFailed(ending.sentence)
