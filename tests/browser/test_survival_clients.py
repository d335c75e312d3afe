"""The table: another client of the same kernel, without our extension, works beside the turn.

Each test is one event, each of its subtests one phase (:mod:`survival`).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from jupyter_client import BlockingKernelClient

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY = "A turn is running in this kernel already. Wait for its end, or stop it"
KERNEL = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id"


@contextmanager
def client_of(book) -> Iterator[BlockingKernelClient]:
    """A client that is attached to the notebook's kernel, as a console is."""
    file = book.lab.runtime / f"kernel-{book.page.evaluate(KERNEL)}.json"
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()


def put_out(client, code):
    """Run a cell; all that it puts out, as text."""
    texts = []

    def hear(message):
        content = message["content"]
        shown = content.get("data", {}).get("text/plain", "")
        texts.append(content.get("text") or content.get("evalue") or shown)

    asked = {"allow_stdin": True, "stdin_hook": pytest.fail}  # it could ask, and need not
    client.execute_interactive(code, output_hook=hear, timeout=60, **asked)
    return "".join(texts)


def test_it_runs_a_cell_and_a_prompt(in_each_phase):
    def event(scene):
        with client_of(scene.book) as client:
            assert put_out(client, f"6 * 7, {scene.phase!r}") == f"(42, {scene.phase!r})"
            assert BUSY in put_out(client, "%%codeact --auto\nAnd here?")
        scene.finishes()

    in_each_phase(event, ("thought", "proposed", "observing"))
