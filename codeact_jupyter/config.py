"""The settings, declared once, and the rule by which an endpoint gets its key.

Every setting has one place to be read from, in this order: the flag of the cell,
``%config CodeAct.…``, the environment, the default. :class:`CodeAct` is the object that
``%config`` shows and changes; :func:`endpoint` says which server a turn asks.

A key is no setting. It comes from the environment, the system's keyring or a password
prompt, and it is sent to no URL but the one it came with. Approval is no setting either:
nothing that can be stored may switch it off.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from traitlets import Bool, Float, Integer, TraitError, Unicode
from traitlets.config import Config, Configurable

from codeact_jupyter import urls
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.redact import is_secret_name, protect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeact_jupyter.keys import KeyRing
    from codeact_jupyter.types import Endpoint, Limits

_SETTING = "%config CodeAct.base_url"  # where a URL was set, in our sentences
_IN_LAB = "JupyterLab's settings (CodeAct, Endpoint)"
OPENAI_URL = "https://api.openai.com/v1"  # where the openai package itself goes by default

KEY_IN_CELL = (
    "An API key is never taken from a cell: what you type there stays in the notebook and in "
    "IPython's history. Delete it here, set CODEACT_API_KEY (or OPENAI_API_KEY) in the "
    "environment before Jupyter starts, and replace the key if this notebook was shared."
)
NO_MODEL = (
    "No model is set up. Three ways to get one: set OPENAI_API_KEY (OpenAI); or set "
    "CODEACT_BASE_URL to any OpenAI-compatible server such as "
    "http://127.0.0.1:11434/v1 (Ollama, vLLM, llama.cpp), with CODEACT_API_KEY if it wants one; "
    'or run `pip install "codeact-jupyter[local]"` and `codeact-jupyter model pull` for a local '
    "model that needs no key."
)


class Values(TypedDict, total=False):
    """What :class:`CodeAct` takes by name, for type checkers; the traits say what it means."""

    model: str | None
    base_url: str | None
    profile: str | None
    format: str | None
    max_steps: int
    max_tokens: int
    timeout: float
    temperature: float | None
    schema_only: bool
    parent: Any  # a shell, of which ``%config`` is
    config: Config


class CodeAct(Configurable):
    """The settings of ``%%codeact``, shown and changed by ``%config CodeAct``."""

    url_source = _SETTING  # where `base_url` was set; no setting itself

    model = Unicode(
        None,
        allow_none=True,
        help="Name of the model. Without one the only model that the endpoint lists is used.",
    ).tag(config=True, takes="a name as the endpoint lists it")
    base_url = Unicode(
        None,
        allow_none=True,
        help="URL of an OpenAI-compatible server, usually ending in /v1. Its key is looked "
        "up in the environment under the same URL, then in the keyring, then asked for.",
    ).tag(config=True, takes="a URL, for example 'http://127.0.0.1:8000/v1'")
    profile = Unicode(
        None,
        allow_none=True,
        help="What the model is told and how: 'default', 'small', 'codeactagent' or "
        "'codeactagent-4k'. Without one it is chosen by the model.",
    ).tag(config=True, takes="a name, for example 'small'")
    format = Unicode(
        None,
        allow_none=True,
        help="How the model marks its actions: 'fence' or 'execute'. Without one as its profile "
        "says.",
    ).tag(config=True, takes="a name, for example 'fence'")
    max_steps = Integer(20, min=1, help="Most replies of the model in one turn.").tag(
        config=True, takes="a whole number from 1 on, for example 20"
    )
    max_tokens = Integer(100_000, min=1, help="Most tokens of one turn, in both directions.").tag(
        config=True, takes="a whole number from 1 on, for example 100000"
    )
    timeout = Float(
        600.0,
        min=1,
        help="Most seconds of model time in one turn; waiting for you does not count.",
    ).tag(config=True, takes="a number of seconds from 1 on, for example 600")
    temperature = Float(
        None,
        allow_none=True,
        min=0,
        max=2,
        help="Sampling temperature; None leaves it to the profile (for most: to the endpoint).",
    ).tag(config=True, takes="a number from 0 to 2, for example 0.2, or None")
    schema_only = Bool(
        False,
        help="Send names, types and shapes, but no values, no outputs and no error texts.",
    ).tag(config=True, takes="True or False")

    def __init__(self, **values: Unpack[Values]) -> None:
        for name, value in values.items():
            if name not in {"parent", "config"}:
                check_setting(name, value)
        self._chosen: set[str] = set()
        try:
            super().__init__(**values)
        except ConfigError as error:
            raise ConfigError(f"{error} Nothing was sent.") from None

    def __setattr__(self, name: str, value: object) -> None:
        """Set it; what is set to its default is set all the same.

        Raises:
            ConfigError: A value that the setting does not take; NaN passes every bound. Nor may a
                URL hold a secret, for whatever shows the settings would show it.
        """
        if name == "base_url" and isinstance(value, str):
            _check_shown(value, _SETTING)
        try:
            if isinstance(value, float) and not math.isfinite(value):
                raise TraitError
            super().__setattr__(name, value)
        except TraitError:
            takes = self.trait_metadata(name, "takes")
            raise ConfigError(f"{name} = {value!r} cannot be used: it takes {takes}.") from None
        if name in self.class_trait_names(config=True):
            self._chosen.add(name)

    def update_config(self, config: Config) -> None:
        """Take new values, but never a key and never a word that is no setting.

        Raises:
            ConfigError: For a key, for an unknown name with the nearest right one, or for a
                value that the setting does not take.
        """
        try:
            for name, value in config.get(type(self).__name__, {}).items():
                check_setting(name, value)
            super().update_config(config)
        except ConfigError:
            # ``%config`` hands this very object to the shell next, which keeps it: a key would
            # stay there, and every later load would begin with the value and fail
            config.pop(type(self).__name__, None)
            raise

    def limits(self) -> Limits:
        """The limits of one turn."""
        from codeact_jupyter.types import Limits

        return Limits(steps=self.max_steps, tokens=self.max_tokens, seconds=self.timeout)

    def with_flags(self, flags: Mapping[str, Any]) -> CodeAct:
        """Return a copy for one turn in which the given flags win.

        Args:
            flags: Values by setting name; None means that the flag was not given.

        Raises:
            ConfigError: A value that the setting does not take.
        """
        names = self.trait_names(config=True)
        values = {name: getattr(self, name) for name in names}
        values |= {name: value for name, value in flags.items() if value is not None}
        copy = type(self)(**values)
        copy.url_source = self.url_source
        return copy

    def with_defaults(self, values: Mapping[str, Any]) -> CodeAct:
        """Return a copy in which what nobody has set is as ``values`` say.

        Args:
            values: From a front end; what is no setting, or empty, is passed over.

        Raises:
            ConfigError: A value that the setting does not take.
        """
        untouched = set(self.trait_names(config=True)) - self._chosen
        taken = {name: values[name] for name in untouched & set(values)}
        if isinstance(url := taken.get("base_url"), str):
            _check_shown(url, _IN_LAB)
        copy = self.with_flags(taken)
        if url is not None:
            copy.url_source = _IN_LAB
        return copy


CodeAct.__doc__ = "\n\n".join(
    [
        str(CodeAct.__doc__),
        "Each is an argument and an attribute:",
        *(f"{name}: {trait.help}" for name, trait in CodeAct.class_traits(config=True).items()),
    ]
)  # for help()


def set_from_text(settings: CodeAct, name: str, text: str) -> None:
    """Set one setting from a word that the user typed.

    Raises:
        ConfigError: A value that the setting does not take.
    """
    before = getattr(settings, name)
    try:
        setattr(settings, name, _value(name, text))
    except ConfigError as error:
        raise ConfigError(f"{error} It stays {before!r}.") from None


def read_setting(name: str, text: str) -> Any:
    """Return the value of one setting, as a flag gives it.

    Raises:
        ConfigError: A value that the setting does not take.
    """
    return getattr(CodeAct(**{name: _value(name, text)}), name)


def _value(name: str, text: str) -> Any:
    """What a word stands for, or the word itself, which its setting then refuses."""
    try:
        return CodeAct.class_traits()[name].from_string(text)
    except (TraitError, ValueError):
        return text


def check_setting(name: str, value: object = None) -> None:
    """Refuse a key, which is masked from then on, and a word that is no setting.

    Raises:
        ConfigError: With what to do instead.
    """
    names = CodeAct.class_trait_names(config=True)
    if names_a_key(name, names):
        protect(value if isinstance(value, str) else None, "API key")
        raise ConfigError(KEY_IN_CELL)
    if name not in names:
        raise ConfigError(f"{name!r} is no setting of CodeAct. {nearest(name, names)}")


def names_a_key(word: str, known: Iterable[str]) -> bool:
    """Whether a word is meant for a key, and is no slip for one that we know (`max_token`)."""
    import difflib

    known = list(known)
    slip = word in known or difflib.get_close_matches(word, known, n=1, cutoff=0.8)
    return is_secret_name(word) and not slip


def nearest(word: str, words: Iterable[str]) -> str:
    """One sentence with the word that was probably meant, or with all of them."""
    import difflib

    known = sorted(words)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if close:
        return f"Did you mean {close[0]!r}?"
    return "There are: " + ", ".join(known) + "."


def endpoint(settings: CodeAct, environ: Mapping[str, str], keys: KeyRing) -> Endpoint | None:
    """Decide which server is asked, and with which key.

    Args:
        settings: The settings of this turn.
        environ: The environment.
        keys: Where a key may come from besides the environment.

    Returns:
        The endpoint, or None when nothing is set, which is the local model's case. Its
        ``model`` is None when the server is to be asked for its list.

    Raises:
        ConfigError: A key stands there without its URL, or the URL cannot be used.
    """
    from codeact_jupyter.types import Endpoint

    found = remote(settings, environ)
    if found is None:
        return None
    url, paired, source = found
    key = keys.key_for(url, paired)
    protect(key, "API key")
    return Endpoint(base_url=url, api_key=key, model=model_name(settings, environ), source=source)


def model_name(settings: CodeAct, environ: Mapping[str, str]) -> str | None:
    """The model that is set, or None where the endpoint is to be asked for its list."""
    return settings.model or environ.get("CODEACT_MODEL") or None


def remote(settings: CodeAct, environ: Mapping[str, str]) -> tuple[str, str | None, str] | None:
    """URL, the key that the environment has for it, and source of the first endpoint that is set.

    Raises:
        ConfigError: A key stands there without its URL, or the URL cannot be used.
    """
    pairs = _pairs(environ)
    if url := (settings.base_url or "").strip():
        source = settings.url_source
        _check_url(url, source)
        paired = (key for paired_url, key, _ in pairs if key and _same(url, paired_url))
        return url, next(paired, None), source
    if _set(environ, "CODEACT_API_KEY") and not _set(environ, "CODEACT_BASE_URL"):
        raise ConfigError(
            "CODEACT_API_KEY is set but CODEACT_BASE_URL is not, and a key is only sent to the "
            "URL it came with. Set CODEACT_BASE_URL too, or use OPENAI_API_KEY for OpenAI."
        )
    if not pairs:
        return None
    url, own_key, source = pairs[0]
    _check_url(url, source)
    return url, own_key, source


def _pairs(environ: Mapping[str, str]) -> list[tuple[str, str | None, str]]:
    """The URLs that the environment names, each with the key that belongs to it."""
    pairs = []
    if url := _set(environ, "CODEACT_BASE_URL"):
        pairs.append((url, _set(environ, "CODEACT_API_KEY"), "CODEACT_BASE_URL"))
    openai_key = _set(environ, "OPENAI_API_KEY")
    if url := _set(environ, "OPENAI_BASE_URL"):
        pairs.append((url, openai_key, "OPENAI_BASE_URL"))
    elif openai_key:
        pairs.append((OPENAI_URL, openai_key, "OPENAI_API_KEY"))
    return pairs


def _set(environ: Mapping[str, str], name: str) -> str | None:
    """The value of a variable; one of blanks alone is none."""
    return environ.get(name, "").strip() or None


def _check_url(url: str, source: str) -> None:
    """Refuse a bad URL before a key is asked for, or anything is said of its host."""
    if problem := urls.problem(url, source):
        raise ConfigError(problem)


def _check_shown(url: str, source: str) -> None:
    """Refuse a URL with a part that may hold a secret, and mask a password in it from now on."""
    if urls.shown(url) != url and (problem := urls.problem(url, source)):
        protect(urls.password(url), "password")
        raise ConfigError(problem)


def _same(one: str, other: str) -> bool:
    return one.rstrip("/").lower() == other.rstrip("/").lower()
