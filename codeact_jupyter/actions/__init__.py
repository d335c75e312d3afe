"""How a reply of the model is read: what it says, and the one action that may run.

An action format is one function from text to :class:`~codeact_jupyter.types.Reply`, listed
by its name in ``_formats``. The loop calls :func:`parse_reply` with a whole reply, or feeds
a :class:`ReplyStream` while it arrives; :func:`read_call` reads a tool call that came in
place of text. Nothing in here runs, imports or changes anything; whether the action may run
is decided elsewhere.
"""

from codeact_jupyter.actions._formats import ReplyStream, parse_reply
from codeact_jupyter.actions.tool_call import read_call

__all__ = ["ReplyStream", "parse_reply", "read_call"]
