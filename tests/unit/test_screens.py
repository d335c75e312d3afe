"""What the screens put around a model's words must not give them back what was taken away."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from markdown_it import MarkdownIt
from markdowns import PICTURE, TAG, harm

from codeact_jupyter.hosts.screens import NotebookScreen
from codeact_jupyter.progress import Delta, Notice, Replied, StepStarted
from codeact_jupyter.record.notebook import quoted
from codeact_jupyter.types import Reply, Step


@pytest.fixture
def shell():
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize(
    "progress",
    [
        Replied(step=Step(number=1, reply=Reply(thought="```\na", code=f"'''\n```\n{PICTURE}'''"))),
        Replied(step=Step(number=1, reply=Reply(answer=PICTURE))),
        Notice(sentence=f"```\n{TAG}\n```"),
        Delta(text=f"- a\n\n  ```\n{PICTURE}"),
    ],
)
def test_what_a_notebook_shows_of_a_step_loads_nothing(progress):
    screen = NotebookScreen()
    with capture_output() as shown:
        screen.show(StepStarted(number=1, model=f"a\n{TAG}"))
        screen.show(progress)
    assert len(shown.outputs) == 2
    for output in shown.outputs:
        assert harm(MarkdownIt("commonmark").render(output.data["text/markdown"])) == []


def test_a_block_of_code_in_a_prompt_ends_where_the_export_ends_it():
    prompt = f"```\na\x1c```\n{TAG}\n```\n{PICTURE}"
    assert harm(MarkdownIt("commonmark").render(quoted(prompt))) == []
