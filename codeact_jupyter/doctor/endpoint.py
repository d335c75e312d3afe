"""Which endpoint the settings give, whether it answers, and how fast.

The settings are those of the terminal: a Jupyter server that was started elsewhere may
have others. What goes to the endpoint is two words, and on this very machine one sentence
more, since two words are too few to time; nothing of the user's. Each request has a
deadline and is made once.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

from codeact_jupyter import config
from codeact_jupyter.config import CodeAct
from codeact_jupyter.doctor.finding import Finding, told
from codeact_jupyter.doctor.local_model import local_model
from codeact_jupyter.doctor.speed import Machine, Measure, answered, context, speed
from codeact_jupyter.errors import BadReply, CodeActError, ConfigError, LocalModelError
from codeact_jupyter.keys import KeyRing
from codeact_jupyter.models import local
from codeact_jupyter.models.address import checked
from codeact_jupyter.models.client import ChatModel
from codeact_jupyter.models.text import estimate
from codeact_jupyter.progress import Delta, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codeact_jupyter.doctor.speed import Place
    from codeact_jupyter.models.address import Address
    from codeact_jupyter.types import Endpoint, Message

SAY_OK = "Say ok."
COUNT = "Count from 1 to 20."
_SECONDS = 60.0  # for one answer; a server may have to load its model first
_MOST_TOKENS = 4000  # a model that thinks before it says ok
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_NAME = "endpoint"


def endpoint(*, ask: bool) -> Iterator[Finding]:
    """Look at the endpoint of the settings, and ask it.

    Args:
        ask: Whether it may be asked.
    """
    try:
        place = config.endpoint(CodeAct(), os.environ, KeyRing())
        address = checked(place) if place else None
    except ConfigError as error:
        yield told(_NAME, error)
        return
    if place is None or address is None:
        yield from _own(ask=ask)
        return
    yield _set(place, address)
    yield from proxies(os.environ, address)
    if not ask:
        yield _not_asked()
        return
    if not address.loopback:
        yield _leaving(address)
    with asyncio.Runner() as runner:
        yield from _asked(runner, place, "loopback" if address.loopback else "remote")


def _own(*, ask: bool) -> Iterator[Finding]:
    """Look at the local model, and start and ask it when all is well with it."""
    well = True
    for finding in local_model():
        well = well and finding.level != "fault"
        yield finding
    if well and not ask:
        yield _not_asked()
    elif well:
        with asyncio.Runner() as runner:
            yield from _started(runner)


def _started(runner: asyncio.Runner) -> Iterator[Finding]:
    try:
        server = runner.run(local.start_local_server())
    except LocalModelError as error:
        yield told("local model", error)
        return
    try:
        yield from _asked(runner, server.endpoint, "own")
    finally:
        server.close()


def _set(place: Endpoint, address: Address) -> Finding:
    key = "with a key" if address.has_key else "without a key"
    model = f"model {place.model!r}" if place.model else "no model named"
    return Finding(
        name=_NAME,
        level="ok",
        sentence=f"Endpoint: {address.host}, set by {address.source} in this terminal, {key}, "
        f"{model}.",
    )


def proxies(environ: Mapping[str, str], address: Address) -> Iterator[Finding]:
    """Whether a proxy stands between us and the endpoint."""
    names = [name for name in _PROXIES if environ.get(name) or environ.get(name.lower())]
    if not names:
        return
    way = (
        f"requests to {address.host}, this machine, go past it"
        if address.loopback
        else f"requests to {address.host} go through it unless NO_PROXY names that host"
    )
    sentence = f"A proxy is set by {' and '.join(names)}: {way}."
    yield Finding(name="proxy", level="note", sentence=sentence)


def _not_asked() -> Finding:
    return Finding(name=_NAME, level="note", sentence="No model was asked, as `--no-model` says.")


def _leaving(address: Address) -> Finding:
    key = "its key and " if address.has_key else ""
    return Finding(
        name=_NAME,
        level="note",
        sentence=f"{address.host} is asked now. Sent there: {key}the words {SAY_OK!r}; nothing of "
        "yours.",
    )


def _asked(runner: asyncio.Runner, place: Endpoint, where: Place) -> Iterator[Finding]:
    """Ask for the models, then for an answer; the first fault is the last finding."""
    model = ChatModel(
        place,
        temperature=0.0 if place.local else None,
        first_token_seconds=_SECONDS,
        idle_seconds=_SECONDS,
        tries=1,
    )
    try:
        yield _listed(runner.run(model.list_models()), model.name)
        name = runner.run(model.choose())
        yield Finding(name="model", level="ok", sentence=f"Model: {name!r}.")
        yield context(runner.run(model.context()))
        measure = runner.run(measured(model, SAY_OK))
        yield answered(measure)
        if where != "remote" and measure.finish and measure.rate is None:
            measure = runner.run(measured(model, COUNT))
        yield speed(measure, where, Machine.here())
    except CodeActError as error:
        yield told(_NAME, error)
    finally:
        runner.run(model.aclose())


def _listed(names: list[str], wanted: str) -> Finding:
    """Whether the list of models holds the one that is named; a list is no duty."""
    if wanted and names and wanted not in names:
        return Finding(
            name="model",
            level="warning",
            sentence=f"The endpoint's list does not hold the model {wanted!r}.",
            cure="Choose one of its models in a notebook: `%codeact model` lists them.",
        )
    count = f"lists {len(names)} models" if len(names) != 1 else "lists 1 model"
    return Finding(name=_NAME, level="ok", sentence=f"The endpoint can be reached and {count}.")


async def measured(model: ChatModel, prompt: str, seconds: float = _SECONDS) -> Measure:
    """Ask for one answer and time it.

    Raises:
        CodeActError: None came. One that was only too long for ``seconds`` is measured.
    """
    begun = time.monotonic()
    came: list[str] = []
    first: list[float] = []

    def show(progress: Delta | Notice) -> None:
        if isinstance(progress, Delta):
            first.append(time.monotonic() - begun)
            came.append(progress.text + progress.reasoning)

    messages: list[Message] = [{"role": "user", "content": prompt}]
    try:
        done = await model.complete(messages, seconds=seconds, tokens=_MOST_TOKENS, show=show)
    except BadReply:
        spent = time.monotonic() - begun
        if not first or spent < seconds:
            raise
        return Measure(first=first[0], seconds=spent, tokens=estimate("".join(came)), finish="")
    return Measure(
        first=first[0] if first else done.seconds,
        seconds=done.seconds,
        tokens=done.usage.output,
        finish=done.finish,
    )
