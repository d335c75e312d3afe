"""Which actions need the user's word although he wrote ``--auto``."""

import asyncio

import pytest

from codeact_jupyter.errors import NotAnswered
from codeact_jupyter.policy.grades import grade
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
    "import pip\npip.main(['install', 'x'])",
    "import pip as p\np.main(['install', 'x'])",
    "from pip import main\nmain(['install', 'x'])",
    "from pip._internal import main as run_it\nrun_it(['install', 'x'])",
    "import pip._internal\npip._internal.main(['install', 'x'])",
    "__import__('pip').main(['install', 'x'])",
    "import runpy, sys\nsys.argv = ['pip', 'install', 'x']\nrunpy.run_module('pip')",
    "import os\nos.popen('pip install x').read()",
    "from os import system as go\ngo('pip install x')",
    "import os\ngetattr(os, 'system')('pip install x')",
    "import os\nos.execvp('pip', ['pip', 'install', 'x'])",
    "import subprocess as sp\nsp.Popen('pip install x', shell=True).wait()",
    "import subprocess\nsubprocess.getstatusoutput('pip install x')",
    "import subprocess\nsubprocess.run('pip install x'.split())",
    "import subprocess\nrun = subprocess.run\nrun(['pip', 'install', 'x'])",
    "import asyncio\nawait asyncio.create_subprocess_shell('pip install x')",
    "!pipx install x",
    "!uv pip install x",
    "%%bash\nset -e\nconda install -y x",
    "%%sh\ncd /tmp\nsudo apt-get install -y x",
    "%%time\nimport os\nos.system('pip install x')",
    "%time __import__('os').system('pip install x')",
    "get_ipython().run_line_magic('pip', 'install x')",
    "get_ipython().system('pip install x')",
    "exec(\"import os; os.system('pip install x')\")",
    "command = 'pip install x'\nimport os\nos.system(command)",
    "command = 'pip install x'\n!{command}",
    "command = 'pip install x'\n!$command",
    "import subprocess\nargs = ['-m', 'pip']\nargs.append('install')\nsubprocess.check_call(args)",
    "import os\npackage = 'x'\nos.system(f'pip install {package}')",
    "import os\nfor command in ['ls', 'pip install x']: os.system(command)",
    "import os\ndef sh(command):\n    os.system(command)\nsh('pip install x')",
    "import os\ntool, verb = 'pip', 'install'\nos.system(' '.join([tool, verb, 'x']))",
]
NO_INSTALLATION = [
    "import pip\nprint(pip.__version__)",
    "!pip list",
    "print('pip install pandas')",
    "words = ['pip', 'install']",
    "!ls",
    "pip = 3\nprint(pip)",
    "df.update(other)",
    "pip = df.pipe(add)\npip.update(other)",
    "import subprocess\nsubprocess.run(['pip', 'list'])",
    "command = 'pip install x'\nprint(command)",
    "%%writefile setup.sh\nset -e\npip install x",
    "a = b = 'pip'\nb = a\nimport os\nos.system(b)",
    "help = 'pip install x'\ndef main():\n    print(help)\nmain()",
    "def broken(:",
    "",
]


@pytest.mark.parametrize("code", INSTALL)
def test_an_installer_is_seen(code):
    assert installs(code)


@pytest.mark.parametrize("code", NO_INSTALLATION)
def test_other_code_is_not_taken_for_one(code):
    assert not installs(code)


DEEP = "x" + ".a" * 900
TOO_DEEP = f"import os\nos.system('pip install x')\n{DEEP}"


def test_what_is_too_deep_to_be_read_whole_installs_all_the_same():
    assert {"install", "unknown"} <= set(grade(TOO_DEEP, ()).kinds)


def test_magics_in_magics_without_end_are_not_read_to_it():
    assert installs("%time " * 2000 + "pip install seaborn")
    assert not installs("%time %timeit pip = 1")


def test_characters_that_are_not_seen_hide_no_installer():
    code = "import os\nos.execvp('pip', 'pip\u200binstall\u200bx'.split('\u200b'))"
    assert "install" in grade(code, ()).kinds


def decided(code, ask):
    action = Action(cell_id="c", turn="t", step=1, code=code, grade=grade(code, ()))
    return asyncio.run(Auto().decide(action, ask))


def test_auto_asks_before_it_installs_and_only_then():
    asked = []

    async def ask(action):
        asked.append(action.code)
        return Verdict(kind="rejected", reason="use what is there")

    assert decided("x = 1", ask) == Verdict(kind="run", code="x = 1")
    assert decided("%pip install x", ask).reason == "use what is there"
    assert asked == ["%pip install x"]
    assert decided(TOO_DEEP, ask).reason == "use what is there"


def test_where_nobody_is_asked_nothing_is_installed_and_the_model_is_told():
    async def ask(action):
        raise NotAnswered("nobody")

    verdict = decided("%pip install x", ask)
    assert (verdict.kind, verdict.reason) == ("rejected", NO_INSTALL)
