"""The command `codeact-jupyter doctor` in a place of a test's own, and what it may never show."""

from __future__ import annotations

import json

from click.testing import CliRunner

from codeact_jupyter.cli import main
from codeact_jupyter.doctor import endpoint as endpoint_checks

KEY = "sk-canary-0123456789abcdef"
COUNTED = " ".join(f"{number}," for number in range(1, 21))


def doctor(*arguments: str):
    result = CliRunner().invoke(main, ["doctor", *arguments])
    assert KEY not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def findings(*arguments: str) -> list[dict[str, str]]:
    result = doctor("--json", *arguments)
    found = json.loads(result.stdout)
    assert all(set(one) == {"name", "level", "sentence", "cure"} for one in found)
    assert result.exit_code == any(one["level"] == "fault" for one in found)
    assert all(one["cure"] for one in found if one["level"] in ("warning", "fault")), found
    return found


def only(found: list[dict[str, str]], level: str) -> dict[str, str]:
    """The one finding of ``level``."""
    (one,) = [one for one in found if one["level"] == level]
    return one


def of_endpoint(**options) -> list:
    found = list(endpoint_checks.endpoint(**{"ask": True, **options}))
    assert KEY not in str(found)
    return found
