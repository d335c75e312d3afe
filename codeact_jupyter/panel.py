"""What the sidebar asks of the kernel that its notebook has.

The extension asks by silent execute requests, whose ``user_expressions`` call the functions here
in the user's namespace (``labextension/src/sidebar/asking.ts``): each returns JSON in a shape of
:mod:`codeact_jupyter.protocol.answers`. They run between cells on the thread that runs cells,
also while a turn goes on beside them.

They bind no name, run no cell, record nothing and raise nothing: a fault is a field. What may
take long, the endpoint's list and the tab's word on its cells, goes on beside the kernel; the one
who asks again in the same words gets it once it is there. No answer holds a key.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from codeact_jupyter import magic, protocol, urls
from codeact_jupyter._version import __version__
from codeact_jupyter.endpoints import endpoint_now, keyless_endpoint, profile_of
from codeact_jupyter.errors import CodeActError, ConfigError
from codeact_jupyter.hosts.front import front_of
from codeact_jupyter.hosts.prompt import Prompt, words_of
from codeact_jupyter.redact import redact_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeact_jupyter.config import CodeAct
    from codeact_jupyter.hosts.front import Mark
    from codeact_jupyter.session import PlacedSession
    from codeact_jupyter.types import Endpoint

    Answer = protocol.About | protocol.Models | protocol.Variables | protocol.Preview

A = TypeVar("A")

MOST_VARIABLES = 200
PATIENCE = 30.0  # seconds; the list of models comes sooner, or a fault does
NOT_LOADED = "CodeAct is not loaded in this kernel. Run `%load_ext codeact_jupyter` first."
BUSY = "What will be sent is known once the turn that is running has ended."
NO_TAB = (
    "This page cannot be asked what stands in its notebook. Run the prompt with "
    "`%%codeact --dry-run`."
)
BROKEN = "CodeAct could not answer ({error}); the kernel's log says more."
_log = logging.getLogger("codeact_jupyter")


def about() -> str:
    """Which model a prompt would ask, and how; quick, but for a system's keyring that is locked."""

    def said(asker: _Asker) -> protocol.About:
        return _about(asker.session, asker.settings)

    return _answer(
        said, lambda fault: protocol.About(version=__version__, running=False, fault=fault)
    )


def models() -> str:
    """The models that the endpoint lists; quick, and to be asked again while it is asking."""

    def said(asker: _Asker) -> protocol.Models:
        keys, settings = asker.session.keys, asker.settings
        endpoint, _ = keyless_endpoint(settings)
        if endpoint.local:
            return protocol.Models(models=(endpoint.model or "",))

        def start(tell: Callable[[protocol.Models], None]) -> None:
            asked = endpoint_now(settings, keys)
            work = threading.Thread(target=lambda: tell(_listed(asked)), daemon=True)
            work.start()

        key = (endpoint.base_url, keys.typed.get(endpoint.base_url))
        return _models.get(key, start) or protocol.Models(asking=True)

    return _answer(said, lambda fault: protocol.Models(fault=fault))


def variables() -> str:
    """Name, type and size of the user's variables, without any value; quick."""

    def said(asker: _Asker) -> protocol.Variables:
        newest, more = asker.session.outlines(MOST_VARIABLES)
        found = (protocol.Variable(name=n, type=t, shape=s) for n, t, s in newest)
        return protocol.Variables(variables=tuple(found), more=more)

    return _answer(said, lambda fault: protocol.Variables(fault=fault))


def preview(words: str, before: str, *, new: bool = False) -> str:
    """The request that a prompt would send; to be asked again while the tab is asked.

    Args:
        words: The prompt, as the lines below ``%%codeact``.
        before: The id of the cell above which it would stand; ``""`` at the notebook's end.
        new: Whether it would begin a new conversation.
    """

    def said(asker: _Asker) -> protocol.Preview:
        if asker.session.busy:
            raise ConfigError(BUSY)
        if asker.mark is None or asker.mark.version != __version__:
            raise ConfigError(NO_TAB)
        prompt = _prompt(words_of(words), before, asker.mark)
        settings = asker.settings

        def start(tell: Callable[[protocol.Preview], None]) -> None:
            def show(text: str) -> None:
                tell(protocol.Preview(text=text))

            asker.session.preview(prompt, settings, show, new=new)

        return _previews.get((words, before, new), start) or protocol.Preview(asking=True)

    return _answer(said, lambda fault: protocol.Preview(fault=fault))


def _about(session: PlacedSession, settings: CodeAct) -> protocol.About:
    known: dict[str, Any] = {
        "version": __version__,
        "running": session.busy,
        "schema_only": settings.schema_only,
        "max_steps": settings.max_steps,
        "max_tokens": settings.max_tokens,
        "timeout": settings.timeout,
    }
    try:
        endpoint, paired = keyless_endpoint(settings)
        profile = profile_of(endpoint, settings)
    except ConfigError as fault:
        return protocol.About(**known, model=settings.model or "", fault=str(fault))
    url, keys = endpoint.base_url, session.keys
    return protocol.About(
        **known,
        model=endpoint.model or "",
        base_url="" if endpoint.local else urls.shown(url),
        source=endpoint.source,
        local=endpoint.local,
        needs_key=not endpoint.local and keys.needs(url),
        has_key=paired or keys.has(url),
        profile=profile.name,
        format=profile.format,
    )


def _prompt(words: str, before: str, mark: Mark) -> Prompt:
    return Prompt(
        cell_id=before, words=words, client=mark.client, replaces="", keeps=0, narration=True
    )


def _listed(endpoint: Endpoint) -> protocol.Models:
    from codeact_jupyter.models.client import ChatModel

    async def ask() -> list[str]:
        model = ChatModel(endpoint)
        try:
            return await model.list_models()
        finally:
            await model.aclose()

    try:
        return protocol.Models(models=tuple(asyncio.run(ask())))
    except Exception as error:  # noqa: BLE001 - in a thread nobody hears of it otherwise
        return protocol.Models(fault=_sentence(error))


class _Asked(Generic[A]):
    """The last question of a kind that takes a while, and its answer, handed out once."""

    def __init__(self) -> None:
        self._question: object = None
        self._found: list[A] = []
        self._begun = 0.0

    def get(self, question: object, start: Callable[[Callable[[A], None]], None]) -> A | None:
        """The answer to ``question``, or None while it is not there; ``start`` asks it.

        Raises:
            ConfigError: None came.
        """
        if question != self._question:
            found: list[A] = []
            start(found.append)
            self._question, self._found, self._begun = question, found, time.monotonic()
        if not self._found and time.monotonic() - self._begun < PATIENCE:
            return None
        self._question = None
        if not self._found:
            raise ConfigError(NO_TAB)
        return self._found[0]


_models: _Asked[protocol.Models] = _Asked()
_previews: _Asked[protocol.Preview] = _Asked()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asker:
    """Who asks: the session of his kernel, his settings, and the mark of his tab."""

    session: PlacedSession
    settings: CodeAct
    mark: Mark | None


def _answer(said: Callable[[_Asker], Answer], broken: Callable[[str], Answer]) -> str:
    """What ``said`` says, as JSON, or ``broken`` with a fault."""
    try:
        answer = said(_asker())
    except Exception as error:  # noqa: BLE001 - a fault is told as one
        answer = broken(_sentence(error))
    return json.dumps(redact_values(answer.model_dump(mode="json")))


def _sentence(error: Exception) -> str:
    if isinstance(error, CodeActError):
        return str(error)
    _log.error("a question of the sidebar could not be answered", exc_info=error)
    return BROKEN.format(error=type(error).__name__)


def _asker() -> _Asker:
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    magics = magic.loaded_in(shell)
    if magics is None:
        raise ConfigError(NOT_LOADED)
    front = front_of(shell)
    return _Asker(session=magics.session, settings=magics.settings_for(front), mark=front.mark)
