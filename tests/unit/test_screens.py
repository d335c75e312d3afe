"""What the screens put around a model's words must not give them back what was taken away."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from markdown_it import MarkdownIt
from markdowns import PICTURE, TAG, harm

from codeact_jupyter.hosts.screens import NotebookScreen, StillScreen, TerminalScreen
from codeact_jupyter.progress import Delta, Ended, Notice, Observed, Replied, StepStarted
from codeact_jupyter.record.notebook import quoted
from codeact_jupyter.types import Ending, Observation, Reply, Step, Turn, Usage


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


def test_a_terminal_says_what_a_rule_of_ours_kept_from_running(capsys):
    refused = Observation(status="refused", reason="An action may not do that.")
    screen = TerminalScreen()
    screen.show(Observed(step=Step(number=1, reply=Reply(code="x"), observation=refused)))
    assert capsys.readouterr().out == "(Nothing ran. An action may not do that.)\n"
    screen.show(Observed(step=Step(number=1, reply=Reply(code="x"), observation=None)))
    assert capsys.readouterr().out == ""


def test_a_block_of_code_in_a_prompt_ends_where_the_export_ends_it():
    prompt = f"```\na\x1c```\n{TAG}\n```\n{PICTURE}"
    assert harm(MarkdownIt("commonmark").render(quoted(prompt))) == []


@pytest.mark.usefixtures("shell")
def test_where_no_display_is_updated_nothing_that_the_model_said_is_lost():
    ending = Ending(kind="stopped", sentence="")
    about = {"id": "t", "prompt": "", "model": "a", "usage": Usage(), "seconds": 1.0}
    turn = Turn(steps=(), ending=ending, **about)
    screen = StillScreen()
    with capture_output() as shown:
        screen.show(StepStarted(number=1, model="a"))
        screen.show(Delta(text="I a"))
        screen.show(Replied(step=Step(number=1, reply=Reply(thought="I add.", code="1 + 1"))))
        screen.show(StepStarted(number=2, model="a"))
        screen.show(Delta(text="It is ha"))
        screen.show(Ended(turn=turn))
    texts = [output.data["text/plain"] for output in shown.outputs]
    assert texts[1].startswith("I add.\n\n```python\n1 + 1")
    assert texts[3] == "It is ha"
    assert len(texts) == 5
