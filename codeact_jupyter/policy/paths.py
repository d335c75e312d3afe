"""What the text of a path or an address tells, where it stands in the code.

Nothing is looked up on the disk: a link may lead elsewhere, and a path may be made while
the code runs.
"""

from __future__ import annotations

import re
import sys

from codeact_jupyter.policy.effects import ANEW, FILE, OUTSIDE, SECRET, SETTINGS, Effect

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[^/?#]*@)?([^/?#]*)", re.IGNORECASE)
_LOCAL = {"file", "sqlite", "memory", "duckdb", "local"}
_OUTSIDE = re.compile(r"^(?:~|/|\\|[A-Za-z]:[\\/]|\.\.(?:[\\/]|$))|[\\/]\.\.[\\/]")
_SECRET = re.compile(
    r"(?:^|[\\/])(?:"
    r"\.ssh[\\/](?!authorized_keys|config$)|\.aws\b|\.gnupg\b|\.netrc$|_netrc$|\.pgpass$|\.pypirc$"
    r"|\.git-credentials$|\.docker[\\/]config|\.kube\b|\.env$|\.azure\b|id_(?:rsa|ed25519|ecdsa)"
    r"|shadow$|\.huggingface[\\/]|cookies\.sqlite|Login Data$|\.config[\\/](?:gcloud|gh)\b)"
    r"|/proc/(?:self|\d+)/(?:environ|mem|cmdline)|jupyter[\\/]runtime\b|\bkernel-[\w*-]*\.json"
)
_SETTINGS = re.compile(
    r"(?:^|[\\/])(?:"
    r"\.ipython|\.jupyter|\.bashrc|\.bash_profile|\.profile|\.zshrc|\.zprofile|\.git|\.ssh"
    r"|\.config[\\/]autostart|\.codeact\w*|LaunchAgents)(?:[\\/]|$)"
    r"|(?:^|[\\/])(?:jupyter\w*_config\.(?:py|json)|ipython\w*_config\.py|kernel\.json"
    r"|sitecustomize\.py|usercustomize\.py|crontab|conftest\.py)$|\.pth$|site-packages"
    r"|codeact\w*\.(?:json|toml|ini|py)$",
)


def address(text: str) -> str:
    """Return the host that ``text`` is an address of, or ``""`` where it is none."""
    found = _ADDRESS.match(text.strip())
    if found is None or found[1].lower() in _LOCAL:
        return ""
    return f"{found[1]}://{found[2]}"


def kept(text: str) -> Effect | None:
    """Return what it means that code holds ``text``, if that is a path to keys or settings."""
    if not 3 < len(text) < 500 or any(each.isspace() for each in text):
        return None  # prose, or data
    if _SECRET.search(text):
        return SECRET
    return SETTINGS if _SETTINGS.search(text) else None


def written(text: str, *, anew: bool = False) -> Effect:
    """Return the effect of writing to the path ``text``, which may be ``""`` for unknown.

    Args:
        text: The path, or as much of its beginning as is known.
        anew: Whether the file is emptied first.
    """
    if _shadows(text):
        return SETTINGS
    effect = OUTSIDE if _OUTSIDE.search(text) else FILE
    return ANEW[effect] if anew else effect


def _shadows(text: str) -> bool:
    """Whether ``text`` is a file that a later ``import`` takes for a module of Python's own."""
    stem, dot, ending = text.rpartition("/")[2].rpartition(".")
    return bool(dot) and ending == "py" and stem in sys.stdlib_module_names
