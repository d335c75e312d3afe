"""How a reply of the model is read: what it says, and the one action that may run.

An action format is one function from text to :class:`~codeact_jupyter.types.Reply`, listed
by its name in ``_formats``. The loop calls :func:`parse_reply` with a whole reply, or feeds
a :class:`ReplyStream` while it arrives. Nothing in here runs, imports or changes anything;
whether the action may run is decided elsewhere.
"""

from codeact_jupyter.actions._formats import ReplyStream, parse_reply

__all__ = ["ReplyStream", "parse_reply"]
