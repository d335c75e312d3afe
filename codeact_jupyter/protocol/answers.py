"""What the kernel answers the sidebar: JSON that it asks for by silent requests, over no comm.

:mod:`codeact_jupyter.panel` says who asks and when. ``fault`` is a sentence for the user, with
its cure, or ``""``; what is beside it is then as far as it is known.
"""

from __future__ import annotations

from codeact_jupyter.protocol.shapes import Shape


class About(Shape):
    """Which model a prompt would ask now, by which settings, and whether a turn runs.

    Attributes:
        model: Its name, or ``""``: the only one that the endpoint lists.
        base_url: The endpoint's, without what may be secret in it; ``""`` for the local model.
        source: Where that was set.
        needs_key: Whether a key would be asked for, as far as the URL tells.
        profile: What the model is told; without a model's name it may become another one.
    """

    version: str
    running: bool
    model: str = ""
    base_url: str = ""
    source: str = ""
    local: bool = False
    needs_key: bool = False
    has_key: bool = False
    profile: str = ""
    format: str = ""
    schema_only: bool = False
    max_steps: int = 0
    max_tokens: int = 0
    timeout: float = 0.0
    fault: str = ""


class Models(Shape):
    """The models that the endpoint lists; not yet while it is still ``asking``."""

    asking: bool = False
    models: tuple[str, ...] = ()
    fault: str = ""


class Variable(Shape):
    """A variable of the user's; ``shape`` is how much it holds in words, or ``""``."""

    name: str
    type: str
    shape: str


class Variables(Shape):
    """The newest variables that the model may be told of, the newest first; ``more`` are older."""

    variables: tuple[Variable, ...] = ()
    more: int = 0
    fault: str = ""


class Preview(Shape):
    """The request that a prompt would send, as JSON; not yet while it is still ``asking``."""

    asking: bool = False
    text: str = ""
    fault: str = ""
