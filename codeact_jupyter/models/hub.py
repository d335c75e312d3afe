"""A file of the Hugging Face hub, appended to what is already there of it.

Runs as a process of its own (``python -m codeact_jupyter.models.hub``), because a hub
that does not answer can hold a thread in name resolution or in a connect for minutes,
and a process can be ended. The URL (``HF_ENDPOINT`` counts), and the proxies are
`huggingface_hub`'s; its own downloader begins anew after every interruption since
version 2, so the request with ``Range`` is made here. Nothing is sent but what the file
takes: no token, no telemetry, no Xet.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from codeact_jupyter.models.child import end_with_parent

PRIVATE = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1"}
"""Environment variables for the process that runs this."""

_SILENCE = 30.0  # seconds without a byte after which a connection counts as lost
_PART_OF_FILE = 206
_WHOLE_FILE = 200
_NOTHING_BEYOND = 416


def fetch(repository: str, name: str, target: Path) -> None:
    """Append to ``target`` what is missing of the file ``name`` in ``repository``.

    Raises:
        OSError: The hub answered that it has no such bytes, or the disk refuses.
        Exception: Whatever `huggingface_hub`'s HTTP client raises; it has no common root
            over the versions.
    """
    from huggingface_hub import get_session, hf_hub_url

    have = target.stat().st_size if target.exists() else 0
    headers = {"Accept-Encoding": "identity", "Range": f"bytes={have}-"}
    url = hf_hub_url(repository, name)
    with (
        get_session().stream(
            "GET", url, headers=headers, follow_redirects=True, timeout=_SILENCE
        ) as answer,
        target.open("ab", buffering=0) as out,
    ):
        if answer.status_code == _NOTHING_BEYOND:
            return
        if answer.status_code not in {_PART_OF_FILE, _WHOLE_FILE}:
            raise OSError(f"{url} answered {answer.status_code} {answer.reason_phrase}")
        if answer.status_code == _WHOLE_FILE:
            out.truncate(0)
        for piece in answer.iter_raw():
            out.write(piece)


def _main() -> None:
    end_with_parent()
    repository, name, target = sys.argv[1:]
    try:
        fetch(repository, name, Path(target))
    except ImportError as fault:
        raise SystemExit(f"huggingface_hub is not installed: {fault}") from None
    except Exception as fault:
        raise SystemExit(f"{type(fault).__name__}: {fault}") from fault
    sys.stderr.flush()
    os._exit(0)  # the HTTP client's clean-up must not wait for a silent server


if __name__ == "__main__":
    _main()
