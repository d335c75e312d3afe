"""Actions that never run."""

import pytest

from codeact_jupyter.policy.refusals import refusal


@pytest.mark.parametrize(
    "code",
    [
        "%codeact stop",
        "  %codeact stop",
        "%%codeact --auto\nGo.",
        "x = %codeact vars",
        "%%time\n%%codeact\nGo.",
        "%%capture\n%codeact reset",
        "%time %codeact reset",
        "%config CodeAct.model = 'x'",
        "if True:\n    %config CodeAct.model = 'x'",
        "%load_ext codeact_jupyter",
        "get_ipython().run_cell_magic('codeact', '--auto', 'Go.')",
        "config CodeAct.schema_only=False",
        "codeact reset",
        "unload_ext codeact_jupyter",
        "get_ipython().magic('codeact reset')",
        "get_ipython().run_cell('%codeact reset')",
        "%time " * 2000 + "%codeact reset",
        "pattern = '\\d'\n%codeact reset",  # warns when it is read, and warnings may be errors
    ],
)
def test_refused(code):
    assert refusal(code)


@pytest.mark.parametrize(
    "code",
    [
        "print('%codeact stop')",
        "# %%codeact",
        "%config InlineBackend.figure_format = 'svg'",
        "%load_ext autoreload",
        "codeact = 1; 5 %codeact",
        "x = = 1",
        "!echo %codeact",
        "s = '''\n%codeact stop\n'''",
    ],
)
def test_let_pass(code):
    assert refusal(code) is None
