"""A tool call where the format asked for text: the model's code in another envelope.

No tools are offered in the formats of today, but models that were trained to call some
("python", "execute_python", OpenAI's code interpreter) do so now and then, whatever they
are told. All of these put the program into the argument ``code``, so a call with it is an
action like a block. But only where the tool's name says Python, or nothing of a language:
``bash`` with ``code`` holds no Python, and IPython would run much of it all the same, since
its automagic takes ``rm -rf x`` for a command. Any other call is no action, and the model
is told so. Code that comes in a block of Markdown is read as such a block.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codeact_jupyter.actions.fence import fence_at, read_fence
from codeact_jupyter.types import Reply

if TYPE_CHECKING:
    from codeact_jupyter.types import ToolCall

_CODE = "code"
_LANGUAGE = "language"
_PYTHON = ("python", "python3", "py", "ipython")
_WORDS = (
    "i?python|py|jupyter|notebook|codeact|code|cells?|interpreter|repl|kernel|snippet|block|tools?"
    "|functions?|run|runner|execute|executor|execution|exec|eval|evaluate|call"
)
_RUNS_PYTHON = re.compile(rf"(?:{_WORDS}|[\d\s_.:/-])+", re.IGNORECASE)
BROKEN = "You called the tool {name!r} with arguments that are not a JSON object. "
NO_CODE = "You called the tool {name!r} without Python in an argument `code`. "
INSTEAD = "There are no tools here: write your Python in a block, or answer in plain words."


def read_call(call: ToolCall, prose: str = "") -> Reply:
    """Read a tool call.

    Args:
        call: The call, put together from its pieces.
        prose: What was said beside it.

    Returns:
        Its code as the action; or a reply that is :attr:`~codeact_jupyter.types.Reply.misread`.
    """
    if call.arguments is None:
        return Reply(thought=prose, misread=BROKEN.format(name=call.name) + INSTEAD)
    code, language = call.arguments.get(_CODE), call.arguments.get(_LANGUAGE, "python")
    is_python = isinstance(language, str) and language.strip().lower() in _PYTHON
    if is_python and isinstance(code, str) and _RUNS_PYTHON.fullmatch(call.name):
        if fence_at(code.lstrip().partition("\n")[0]):
            code = read_fence(code).code
        if code and code.strip():
            return Reply(thought=prose, code=code)
    return Reply(thought=prose, misread=NO_CODE.format(name=call.name) + INSTEAD)
