"""Where an endpoint's key comes from besides the environment, and where it is kept.

A user types it at a password prompt, once for each URL; it is kept for this kernel only, or in
the system's keyring if he agrees. Asked by :func:`codeact_jupyter.config.endpoint` for the key
of a URL, and by ``%codeact key``. The package ``keyring`` is optional, and what it runs into
becomes one sentence.

No function holds a key while it calls something that may raise, but for the one that hands it to
the keyring and lets nothing out: a traceback may show what the frames hold (``%xmode Verbose``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from getpass import getpass
from typing import TYPE_CHECKING, Any, Literal

from codeact_jupyter import urls
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.redact import protect

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE = "codeact-jupyter"
ASKED = "API key for {host} (Enter changes nothing): "
AGREED = "Keep it in the system's keyring, for later kernels too? [y/N] "

UNCHANGED = "Nothing was changed."
NO_KEYRING = (
    'To keep it in the system\'s keyring: `pip install "codeact-jupyter[keyring]"` into the '
    "kernel's environment, then `%codeact key` again."
)
NO_STORE = "This system has no keyring that `keyring` could use."
KEPT_HERE = "The key for {host} is kept for this kernel only, and sent to no other URL. {why}"
KEPT = "The key for {host} is kept in the system's keyring, and sent to no other URL."
NOT_KEPT = "The system's keyring did not take it ({fault})."
FORGOTTEN = "The key for {host} is forgotten, here and in the system's keyring."
FORGOTTEN_HERE = (
    "The key for {host} is forgotten here; the system's keyring could not be asked to ({fault})."
)
NONE_KNOWN = "No key for {host} was typed here or is in the system's keyring."
UNUSABLE = (
    "That cannot be a key: it holds a blank, a line break or a character outside ASCII. Copy it "
    "again, without anything around it. Nothing was kept."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRing:
    """The keys of one kernel.

    Attributes:
        ask: Asks the user for the key of a host by a password prompt, or None when
            nobody can answer. An empty answer means that there is no key.
        typed: Keys that were typed before in this kernel, by URL.
        stored: For which URLs the system's keyring had a key when it was last asked.
    """

    ask: Callable[[str], str] | None = None
    typed: dict[str, str] = field(default_factory=dict, repr=False)
    stored: dict[str, bool] = field(default_factory=dict)

    def key_for(self, base_url: str, paired: str | None = None) -> str | None:
        """Return the key of ``base_url``, or None for a server without keys.

        Args:
            base_url: The URL.
            paired: The key that the environment has for it; one that was typed counts first.
        """
        if self.typed.get(base_url) or paired:
            return self.typed.get(base_url) or paired
        if base_url in self.typed:
            return None
        found = self._look_up(base_url)
        if found is None and self.ask is not None and not urls.is_loopback(base_url):
            found = self.typed[base_url] = self.ask(urls.host(base_url))
        return found or None

    def has(self, base_url: str) -> bool:
        """Whether one was typed or stored; the keyring, which may be slow, is asked once."""
        if base_url not in self.typed and base_url not in self.stored:
            self._look_up(base_url)
        return bool(self.typed.get(base_url)) or self.stored.get(base_url, False)

    def needs(self, base_url: str) -> bool:
        """Whether a turn would ask for one, as far as a URL tells."""
        return self.typed.get(base_url) != "" and not urls.is_loopback(base_url)

    def enter(self, base_url: str) -> str:
        """Ask for the key of ``base_url`` and where to keep it; return what came of it.

        Raises:
            ConfigError: What was typed cannot be a key.
        """
        host = urls.host(base_url)
        match self._type(base_url):
            case "nothing":
                return UNCHANGED
            case "unusable":
                raise ConfigError(UNUSABLE)
        why = _missing()
        if not why and input(AGREED).strip().lower() in {"y", "yes"}:
            fault = self._store(base_url)
            if not fault:
                return KEPT.format(host=host)
            why = NOT_KEPT.format(fault=fault)
        return KEPT_HERE.format(host=host, why=why).strip()

    def forget(self, base_url: str) -> str:
        """Forget the key of ``base_url``, here and in the keyring; return what came of it."""
        host, known = urls.host(base_url), self.has(base_url)
        stored = self.stored.pop(base_url, False)
        self.typed.pop(base_url, None)
        fault = _fault_of(lambda ring: ring.delete_password(SERVICE, base_url)) if stored else ""
        if fault:
            return FORGOTTEN_HERE.format(host=host, fault=fault)
        return (FORGOTTEN if known else NONE_KNOWN).format(host=host)

    def _type(self, base_url: str) -> Literal["key", "nothing", "unusable"]:
        typed = getpass(ASKED.format(host=urls.host(base_url))).strip()
        if not typed:
            return "nothing"
        protect(typed, "API key")
        if not all("!" <= character <= "~" for character in typed):
            return "unusable"
        self.typed[base_url] = typed
        return "key"

    def _store(self, base_url: str) -> str:
        """Hand the typed key to the system's keyring; return why it was not taken, or ``""``."""
        typed = self.typed[base_url]
        fault = _fault_of(lambda ring: ring.set_password(SERVICE, base_url, typed))
        self.stored[base_url] = not fault
        return fault

    def _look_up(self, base_url: str) -> str | None:
        found: list[object] = []
        _fault_of(lambda ring: found.append(ring.get_password(SERVICE, base_url)))
        key = found[0] if found and isinstance(found[0], str) else None
        self.stored[base_url] = bool(key)
        return key


def ask_for_key(host: str) -> str:
    """Ask for the key of ``host`` where a turn needs one."""
    return getpass(f"API key for {host} (Enter for none, kept for this kernel only): ").strip()


def _missing() -> str:
    """Why the system's keyring cannot be used, or ``""``."""
    usable: list[bool] = []
    _fault_of(lambda ring: usable.append(ring.get_keyring().priority > 0))
    if usable == [True]:
        return ""
    return NO_STORE if usable else NO_KEYRING


def _fault_of(work: Callable[[Any], object]) -> str:
    """Do ``work`` with the package ``keyring``; return what it raised, by its kind, or ``""``.

    Nothing gets out, an interrupt neither: the frames below may hold a key.
    """
    try:
        import keyring

        work(keyring)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - each backend has its own
        return type(error).__name__
    return ""
