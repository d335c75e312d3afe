"""The shapes of the messages: the same in Python, in TypeScript and in recorded talk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from write_golden import GOLDEN, conversations, text

from codeact_jupyter import protocol

LABEXTENSION = Path(__file__).parents[2] / "labextension"
FILES = sorted(GOLDEN.glob("*.json"))


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


def test_every_kind_of_message_is_in_a_golden_conversation():
    said = {line["message"]["kind"] for lines in conversations().values() for line in lines}
    defined = {
        shape["properties"]["kind"]["const"]
        for shape in protocol.schema()["$defs"].values()
        if "kind" in shape["properties"]
    }
    assert said == defined


@pytest.mark.parametrize("name", sorted(conversations()))
def test_the_golden_conversations_are_those_of_the_script(name):
    written = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
    assert written == text(conversations()[name]), "run `python tests/contract/write_golden.py`"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_golden_messages_are_what_both_sides_take(file):
    lines = json.loads(file.read_text(encoding="utf-8"))
    assert lines[0]["message"]["kind"] == "hello"
    for line in lines:
        adapter = protocol.to_tab if line["from"] == "kernel" else protocol.to_kernel
        message = adapter.validate_python(line["message"], strict=False)
        assert message.model_dump(mode="json") == line["message"]
