"""The shapes of the messages: the same in Python, in TypeScript and in recorded talk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from recording import GOLDEN, golden

from codeact_jupyter import protocol
from codeact_jupyter.hosts.front import Mark, front_of

LABEXTENSION = Path(__file__).parents[2] / "labextension"
NAMES = sorted(file.stem for file in GOLDEN.glob("*.json"))
KINDS = {
    shape["properties"]["kind"]["const"]
    for shape in protocol.schema()["$defs"].values()
    if "kind" in shape["properties"]
}


def test_the_typescript_types_are_those_that_python_generates():
    generated = subprocess.run(
        ["node", "scripts/generate.mjs", "--print"],
        cwd=LABEXTENSION,
        env={**os.environ, "PYTHON": sys.executable},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert generated.returncode == 0, generated.stderr
    committed = (LABEXTENSION / "src/protocol/messages.ts").read_text(encoding="utf-8")
    assert generated.stdout == committed, "run `jlpm generate` in labextension/"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_message_was_recorded(kind):
    lines = [line for name in NAMES for line in golden(name) if "message" in line]
    assert kind in {line["message"]["kind"] for line in lines}, (
        f"no golden conversation holds {kind!r}: add one to tests/record_golden.py that does"
    )


@pytest.mark.parametrize("name", NAMES)
def test_golden_messages_are_what_both_sides_take(name):
    messages = [line for line in golden(name) if "message" in line]
    assert messages[0]["message"]["kind"] == "hello"
    for line in messages:
        adapter = protocol.to_tab if line["from"] == "kernel" else protocol.to_kernel
        message = adapter.validate_json(json.dumps(line["message"]))
        assert json.loads(message.model_dump_json()) == line["message"]


def test_the_mark_of_a_prompt_is_what_the_kernel_reads():
    """It is in the request of a cell, so it has no shape of the protocol."""
    fronts = [line["front"] for name in NAMES for line in golden(name) if "front" in line]
    assert {"narration": False, "max_steps": 1} in [front["settings"] for front in fronts]
    for sent in fronts:
        header = {"session": sent["client"]}
        request = {"header": header, "metadata": {"codeact": {"front": sent}}, "content": {}}
        shell = SimpleNamespace(kernel=object(), get_parent=lambda request=request: request)
        assert front_of(shell).mark == Mark(
            client=sent["client"],
            version=sent["version"],
            cells=sent["cells"],
            keeps=sent["keeps"],
            again=sent["again"],
            settings=sent["settings"],
        )
