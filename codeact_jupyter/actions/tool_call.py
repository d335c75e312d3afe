"""A tool call where the format asked for text: the model's code in another envelope.

No tools are offered in the formats of today, but models that were trained to call some
("python", "execute_python", OpenAI's code interpreter) do so now and then, whatever they
are told. All of these put the program into the argument ``code``, so a call with it is an
action like a block, and whatever the tool is called, what runs is Python, seen and decided
upon as any action. A call without it is no action, and the model is told so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.types import Reply

if TYPE_CHECKING:
    from codeact_jupyter.types import ToolCall

_CODE = "code"
_LANGUAGE = "language"
_PYTHON = ("python", "python3", "py", "ipython")
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
    if not (isinstance(code, str) and code.strip() and is_python):
        return Reply(thought=prose, misread=NO_CODE.format(name=call.name) + INSTEAD)
    return Reply(thought=prose, code=code)
