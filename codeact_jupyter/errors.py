"""What can go wrong, as one tree.

A cell whose code fails is *not* in here: that is an ordinary
:class:`~codeact_jupyter.types.Observation` with ``status="error"``, and the model
reads it. These are the faults that keep a turn from going on::

    CodeActError
    ├── ConfigError              a setting, a flag or a key that cannot be used
    ├── ModelError               the endpoint or what it answered
    │   ├── Unreachable          no usable answer came (network, refusal, overload)
    │   ├── BadReply             an answer came that must not be acted upon
    │   └── ContextFull          the conversation is longer than the model takes
    ├── TurnFailed               a turn came to its end without an answer
    │   └── TurnStopped          because the user stopped it
    ├── ExecutionError           the kernel, not the code that it ran
    │   ├── KernelDied           its process ended
    │   ├── KernelSilent         it does not answer, or does not stop
    │   └── FrontendGone         no browser tab shows the notebook any more
    ├── ActionWithdrawn          the user took an action back before it ran
    ├── NotAnswered              an action needs an approval and nobody is there
    ├── RecordError              the notebook could not be written
    └── LocalModelError          the local model is missing, damaged or does not start

Every message is one or two sentences for the user: what happened, with the value by
``!r``; what it means; what to do next. No message holds an API key: whoever raises one
of these passes foreign text through :func:`codeact_jupyter.redact.redact` first.
"""

from __future__ import annotations


class CodeActError(Exception):
    """The root: ``except CodeActError`` catches all that this package raises."""

    def _render_traceback_(self) -> list[str]:
        """Show one sentence in a cell instead of our frames (IPython's own hook)."""
        return [f"{type(self).__name__}: {self}"]


class ConfigError(CodeActError):
    """A setting, a flag, a URL or a key that cannot be used as it is."""


class ModelError(CodeActError):
    """The endpoint, or what it answered.

    Args:
        message: The sentence for the user.
        partial: Reply text that had arrived before the fault; kept and shown, never run.

    Attributes:
        sent: Tokens of a request whose reply broke off, as far as they are known.
        received: Those of what had come of it.
        estimated: Whether both are our estimate.
        seconds: Wall time until it broke off.
    """

    sent = 0
    received = 0
    estimated = False
    seconds = 0.0

    def __init__(self, message: str, *, partial: str = "") -> None:
        super().__init__(message)
        self.partial = partial


class Unreachable(ModelError):
    """No usable answer came: network, refused key, overload, quota, wrong URL."""


class BadReply(ModelError):
    """An answer came that must not be acted upon: cut, empty, malformed or too long."""


class ContextFull(ModelError):
    """The conversation is longer than the model's context window."""


class TurnFailed(CodeActError):
    """A turn came to its end without an answer; raised so that its cell fails too."""


class TurnStopped(TurnFailed):
    """The user stopped the turn."""


class ExecutionError(CodeActError):
    """The kernel failed, not the code that it ran."""


class KernelDied(ExecutionError):
    """The kernel's process ended; its variables are gone."""


class KernelSilent(ExecutionError):
    """The kernel does not answer, or goes on after an interrupt."""


class FrontendGone(ExecutionError):
    """No browser tab shows the notebook, so its cells cannot be run."""


class ActionWithdrawn(CodeActError):
    """The user took an action back before it ran; the turn goes on.

    Its message is for the model: the user's reason, or what he did.
    """


class NotAnswered(CodeActError):
    """An action needs an approval and nobody is there to give it."""


class RecordError(CodeActError):
    """The notebook could not be written; the file that was there is untouched."""


class LocalModelError(CodeActError):
    """The local model is missing, damaged or does not start."""
