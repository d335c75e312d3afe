"""What a machine lacks is named before anything is made, with the line that installs it."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def made(target, **variables):
    """What `make` says of a target that it cannot make, and nothing else."""
    asked = [f"{name}={value}" for name, value in variables.items()]
    # not the flags of the `make` that may have started the tests
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("MAKE")}
    ended = subprocess.run(
        ["make", "--silent", target, *asked],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode != 0
    return ended.stdout


@pytest.fixture
def python(tmp_path):
    """Makes a Python that fails where its code holds some word."""

    def python(word):
        path = tmp_path / "python3"
        path.write_text(
            f'#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2\ncase "$2" in *{word}*) exit 1;; esac\n'
        )
        path.chmod(0o755)
        return path

    return python


def test_no_python():
    assert made("check-system", PYTHON="python-of-nobody") == (
        "Python is missing. Install it: sudo apt install python3 python3-venv\n"
    )


def test_an_old_python(python):
    old = python("version_info")
    assert made("check-system", PYTHON=old) == (
        f"Python 3.11 or newer is needed, {old} is Python 3.9.2. "
        "Name another one: make PYTHON=python3.12 ...\n"
    )


def test_a_python_without_venv(python):
    assert made("check-system", PYTHON=python("ensurepip")) == (
        "Python's venv is missing. Install it: sudo apt install python3-venv\n"
    )


def test_no_node():
    said = made("check-node", NODE="node-of-nobody")
    assert "Node.js 20.19 or newer, and no node is here. Install it: sudo apt install" in said
