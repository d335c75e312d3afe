"""How fast a model answers, and what to say of that: figures in, findings out.

Pure functions; :mod:`codeact_jupyter.doctor.endpoint` measures.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from codeact_jupyter.doctor.finding import Finding

SLOW = 5.0  # tokens a second: about as fast as one reads
LATE = 20.0  # seconds to the first token of a request of two words
_ENOUGH_TOKENS = 8
_ENOUGH_SECONDS = 5.0  # a pause of that length is no chance
_SMALL_CONTEXT = 4096  # tokens; our own words and the variables take 1,000 to 2,000
_SPIN = "GOMP_SPINCOUNT"

Place = Literal["own", "loopback", "remote"]
"""The model that this package serves; another server on this machine; another machine."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """One answer, timed.

    Attributes:
        first: Seconds from the request to its first piece.
        seconds: Seconds from the request to its end.
        tokens: Tokens that came.
        finish: The finish reason; ``""`` when the measuring was ended by us.
    """

    first: float
    seconds: float
    tokens: int
    finish: str

    @property
    def rate(self) -> float | None:
        """Tokens a second after the first one, or None when too few came to tell."""
        spent = self.seconds - self.first
        if spent <= 0 or (self.tokens < _ENOUGH_TOKENS and spent < _ENOUGH_SECONDS):
            return None
        return max(self.tokens - 1, 0) / spent


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """What slows down a model that computes on this machine.

    Attributes:
        cores: Processors that may be used.
        load: Processes that wanted one in the last minute, on average.
        spin: The environment's ``GOMP_SPINCOUNT``, or ``""``.
    """

    cores: int
    load: float
    spin: str

    @classmethod
    def here(cls) -> Machine:
        """This machine, now."""
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        return cls(cores=cores(), load=load, spin=os.environ.get(_SPIN, ""))


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def answered(measure: Measure) -> Finding:
    """Whether the model answered as it should."""
    if measure.finish == "stop":
        return Finding(
            name="answer",
            level="ok",
            sentence=f"The model answers: first token after {measure.first:.1f} s, whole after "
            f"{measure.seconds:.1f} s, finish reason 'stop'.",
        )
    if not measure.finish:
        return Finding(
            name="answer",
            level="warning",
            sentence=f"The model began to answer after {measure.first:.1f} s and was not at its "
            f"end after {measure.seconds:.0f} s.",
            cure="Look at its speed below, or choose a model that thinks less.",
        )
    return Finding(
        name="answer",
        level="warning",
        sentence=f"The model's short answer ended with the finish reason {measure.finish!r}.",
        cure="Raise the reply limit or the context size of the server.",
    )


def speed(measure: Measure, place: Place, machine: Machine) -> Finding:
    """Whether the model is fast enough to work with."""
    rate = measure.rate
    if measure.first > LATE:
        said = f"slow: its first token came after {measure.first:.0f} s"
    elif rate is not None and rate < SLOW:
        said = f"slow: {rate:.1f} tokens/s"
    elif rate is None:
        sentence = f"The answer of {measure.tokens} tokens is too short to tell tokens/s."
        return Finding(name="speed", level="note", sentence=sentence)
    else:
        return Finding(name="speed", level="ok", sentence=f"The model writes {rate:.0f} tokens/s.")
    return Finding(
        name="speed",
        level="warning",
        sentence=f"The model is {said}.",
        cure=_cure(place, machine),
    )


def _cure(place: Place, machine: Machine) -> str:
    if place == "remote":
        return "Choose another model, or try again later: the endpoint may be overloaded."
    busy = f"load {machine.load:.1f} on {machine.cores} cores"
    ways = [f"End other processes that compute here ({busy})"]
    if place == "own" and machine.spin:
        ways.append(f"unset {_SPIN}, which is {machine.spin!r}")
    if place == "loopback":
        ways.append(f"start the server with {_SPIN}=1000 if it is llama.cpp")
        ways.append("give it a smaller context")
    return f"{', '.join(ways)}, or choose a smaller model or another endpoint."


def context(tokens: int | None) -> Finding:
    """Whether the context is large enough for a turn.

    Args:
        tokens: What the server tells, or None.
    """
    if tokens is None:
        sentence = "The server does not tell its context size."
        return Finding(name="context", level="note", sentence=sentence)
    if tokens >= _SMALL_CONTEXT:
        return Finding(name="context", level="ok", sentence=f"The context is {tokens:,} tokens.")
    return Finding(
        name="context",
        level="warning",
        sentence=f"The context is only {tokens:,} tokens, which a few steps fill.",
        cure="Give the server a longer one (Ollama: num_ctx, llama.cpp: --ctx-size).",
    )
