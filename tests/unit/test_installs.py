"""Which actions need the user's word although he wrote ``--auto``."""

import asyncio

import pytest

from codeact_jupyter.errors import NotAnswered
from codeact_jupyter.policy.installs import installs
from codeact_jupyter.policy.modes import NO_INSTALL, Auto
from codeact_jupyter.types import Action, Verdict

INSTALL = [
    "%pip install pandas",
    "!pip install -q pandas",
    "!python -m pip install pandas",
    "!{sys.executable} -m pip install pandas",
    "x = !conda install -y numpy",
    "%%bash\npip install x",
    "%conda install numpy",
    "pip install pandas",
    "!sudo apt-get install -y r-base",
    "!uv add polars",
    "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'x'])",
    "import os\nos.system('/usr/bin/pip3 install x')",
    "from subprocess import check_call\ncheck_call('pip install x', shell=True)",
    "import pip._internal.cli.main as m\nm.main(['pip', 'install', 'x'])",
    "if True:\n    %pip uninstall -y pandas",
]
NO_INSTALLATION = [
    "import pip\nprint(pip.__version__)",
    "!pip list",
    "print('pip install pandas')",
    "words = ['pip', 'install']",
    "!ls",
    "pip = 3\nprint(pip)",
    "df.update(other)",
    "def broken(:",
    "",
]


@pytest.mark.parametrize("code", INSTALL)
def test_an_installer_is_seen(code):
    assert installs(code)


@pytest.mark.parametrize("code", NO_INSTALLATION)
def test_other_code_is_not_taken_for_one(code):
    assert not installs(code)


def decided(code, ask):
    action = Action(cell_id="c", turn="t", step=1, code=code)
    return asyncio.run(Auto().decide(action, ask))


def test_auto_asks_before_it_installs_and_only_then():
    asked = []

    async def ask(action):
        asked.append(action.code)
        return Verdict(kind="rejected", reason="use what is there")

    assert decided("x = 1", ask) == Verdict(kind="run", code="x = 1")
    assert decided("%pip install x", ask).reason == "use what is there"
    assert asked == ["%pip install x"]


def test_where_nobody_is_asked_nothing_is_installed_and_the_model_is_told():
    async def ask(action):
        raise NotAnswered("nobody")

    verdict = decided("%pip install x", ask)
    assert (verdict.kind, verdict.reason) == ("rejected", NO_INSTALL)
