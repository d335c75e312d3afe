"""A conversation with a model about one kernel: the parts of a turn, put together.

This is where the parts meet. Asked by the session, a dialogue finds the model, tells it
what happened in the kernel since it was last told, and lets the loop run the turn on the
host that fits the front end. It owns the conversation and the local model's server.

It is loaded at the first prompt, not with the extension, which must stay cheap. It never
decides whether an action may run.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from codeact_jupyter import config
from codeact_jupyter.context.conversation import Conversation
from codeact_jupyter.context.profiles import DEFAULT
from codeact_jupyter.endpoints import endpoint_now, profile_of
from codeact_jupyter.errors import ConfigError, TurnStopped
from codeact_jupyter.keys import KeyRing, ask_for_key
from codeact_jupyter.loop import run_turn
from codeact_jupyter.models import local
from codeact_jupyter.models.announcement import Announcements
from codeact_jupyter.models.client import ChatModel
from codeact_jupyter.models.window import check_limit
from codeact_jupyter.news import News
from codeact_jupyter.parts import Parts
from codeact_jupyter.policy.modes import AskFirst, Auto
from codeact_jupyter.progress import Notice
from codeact_jupyter.record.journal import Journal
from codeact_jupyter.record.log import new_id
from codeact_jupyter.senses import TextSenses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.config import CodeAct
    from codeact_jupyter.context.profiles import Profile
    from codeact_jupyter.notebooks import Above
    from codeact_jupyter.parts import BesideHost, Eyes, LookingHost, Place, Policy
    from codeact_jupyter.record.log import Record
    from codeact_jupyter.types import Endpoint, Turn

ONLY_ONE = "(the only one that the endpoint lists)"
NAME_UNKNOWN = (
    "(the only one that the endpoint lists; its name may choose another profile than 'default', "
    "which is shown here: name it with --model to see that)"
)
BUSY = (
    "A turn is running in this kernel already. Wait for its end, or stop it; an action cannot "
    "start another one."
)
RENEWED = "A new conversation begins, since the one before holds values and outputs."
OTHER_PROFILE = (
    "A new conversation begins, since the one before has the profile {before!r} and this prompt "
    "has {now!r}."
)


class Dialogue:
    """The conversation of one session.

    Args:
        place: The kernel that it is about.
        record: What happened there.
        earlier: The cells that ran before the record began.
        keys: Those of this kernel.
    """

    def __init__(
        self,
        place: Place[Any],
        record: Record,
        earlier: Sequence[CellRun] = (),
        *,
        keys: KeyRing,
    ) -> None:
        self._place = place
        self._record = record
        self._earlier = earlier
        self._keys = keys
        self._server: local.LocalServer | None = None
        self._announcements = Announcements()
        self.busy = False
        self.renew()

    def renew(self) -> None:
        """Begin anew: the model forgets.

        Raises:
            ConfigError: A turn is running.
        """
        if self.busy:
            raise ConfigError(BUSY)
        self._begin(DEFAULT)

    def _begin(self, profile: Profile) -> None:
        self._conversation = Conversation(profile)
        self._news = News(self._record, self._earlier)
        self._holds_values = False

    def close(self) -> None:
        """End the local model's server."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def ask(self, prompt: str, settings: CodeAct, *, auto: bool = False, files: str = "") -> Turn:
        """Run one turn and return it when it is over.

        Args:
            prompt: The user's words.
            settings: The settings of this turn.
            auto: Let every action of this turn run without asking.
            files: What the model is told of the files that the prompt is about.

        Raises:
            CodeActError: The turn could not begin.
        """
        start = self._start(prompt, settings, auto=auto, files=files)
        host = self._place.host(start.eyes)
        endpoint = self._endpoint(settings, can_ask=host.can_ask)
        self.busy = True
        try:
            return host.serve(lambda: self._turn(start, endpoint, host))
        except KeyboardInterrupt:
            raise TurnStopped("Stopped by you before the model was asked.") from None
        finally:
            self.busy = False

    def begin(
        self,
        prompt: str,
        settings: CodeAct,
        host_for: Callable[[Any, str], BesideHost],
        *,
        auto: bool = False,
        after: int = 0,
    ) -> None:
        """Start a turn that goes on beside the cells of the notebook.

        Args:
            prompt: The user's words.
            settings: The settings of this turn.
            host_for: Makes the host, of the eyes and the turn's id.
            auto: Let every action of this turn run without asking.
            after: The step from which it goes on, where the ones up to that have run.

        Raises:
            CodeActError: The turn could not begin.
        """
        start = self._start(prompt, settings, auto=auto, after=after)
        endpoint = self._endpoint(settings, can_ask=True)
        host = host_for(start.eyes, start.id)

        def over() -> None:
            self.busy = False

        self.busy = True
        host.begin(lambda: self._turn(start, endpoint, host), over)

    def _start(
        self, prompt: str, settings: CodeAct, *, auto: bool, files: str = "", after: int = 0
    ) -> _Start:
        if self.busy:
            raise ConfigError(BUSY)
        TextSenses(profile_of(None, settings), schema_only=settings.schema_only)  # is all known?
        eyes = self._eyes_for(settings)
        return _Start(
            id=new_id(),
            prompt=prompt,
            files=files,
            settings=settings,
            auto=auto,
            eyes=eyes,
            after=after,
        )

    def preview(
        self, prompt: str, settings: CodeAct, *, new: bool = False, above: Above | None = None
    ) -> str:
        """Return exactly the request that ``prompt`` would send, as JSON.

        Nothing changes by that: what the model was not told of stays news. Where no
        model is named, nobody is asked for the name: it stands there in words, which say
        that it may choose another profile. ``above`` is what a front end told of the notebook.

        Raises:
            CodeActError: No model is set up, or a turn with these settings would not begin.
            KeyboardInterrupt: It was interrupted.
        """
        endpoint = endpoint_now(settings, self._keys)
        profile = profile_of(endpoint, settings)
        TextSenses(profile, schema_only=settings.schema_only)  # is all known?
        if new or self._renewal(profile, settings):
            fresh = Dialogue(self._place, self._record, self._earlier, keys=self._keys)
            return fresh.preview(prompt, settings, above=above)
        empty = not self._conversation.told
        conversation = Conversation(profile) if empty else self._conversation.copy()
        eyes = self._eyes_for(settings)
        host = self._place.host(eyes)
        hidden = settings.schema_only
        situation = host.serve(
            lambda: self._news.situation(host, eyes, profile, schema_only=hidden, above=above)
        )
        conversation.ask(
            prompt,
            above=situation.above,
            cells=situation.cells,
            variables=situation.variables,
        )
        check_limit(conversation.messages, settings.max_tokens)
        request = self._model(endpoint, settings, profile).request(conversation.messages)
        request["model"] = request["model"] or (ONLY_ONE if settings.profile else NAME_UNKNOWN)
        return json.dumps(request, indent=1, ensure_ascii=False)

    def cells_characters(self, settings: CodeAct) -> int:
        """How much of the notebook above a prompt of these settings would be told.

        Raises:
            CodeActError: No model is set up.
        """
        return profile_of(endpoint_now(settings, self._keys), settings).cells_characters

    def models(self, settings: CodeAct) -> list[str]:
        """Return the names that the endpoint lists.

        Raises:
            CodeActError: It could not be asked.
            KeyboardInterrupt: It was interrupted.
        """
        endpoint = self._endpoint(settings, can_ask=False)
        if endpoint is None:
            return [local.description().name] if local.is_there() else []
        host = self._place.host(self._eyes_for(settings))
        return host.serve(lambda: self._list(self._model(endpoint, settings, DEFAULT)))

    def variables(self, settings: CodeAct) -> str:
        """Return the digest of the variables as the model would see it.

        Raises:
            CodeActError: The kernel failed.
            KeyboardInterrupt: It was interrupted.
        """
        host = self._place.host(self._place.eyes(schema_only=settings.schema_only))
        return host.serve(lambda: host.look(DEFAULT.variables_characters, news=False)).text

    # --- one turn

    async def _turn(self, start: _Start, endpoint: Endpoint | None, host: LookingHost) -> Turn:
        endpoint = await self._named(endpoint or await self._local(host), start.settings)
        profile = profile_of(endpoint, start.settings)
        notice = self._renewal(profile, start.settings)
        if notice or not self._conversation.told:
            self._begin(profile)
        model = self._model(endpoint, start.settings, profile)  # refuses a bad key, unannounced
        schema_only = start.settings.schema_only
        leaving = self._announcements.of(endpoint.base_url, schema_only=schema_only)
        policy = Auto() if start.auto else AskFirst()
        for sentence in (notice, leaving, policy.notice):
            if sentence:
                host.show(Notice(sentence=sentence))
        try:
            return await self._run(start, profile, model, host, policy)
        finally:
            await model.aclose()

    async def _run(
        self, start: _Start, profile: Profile, model: ChatModel, host: LookingHost, policy: Policy
    ) -> Turn:
        settings = start.settings
        situation = await self._news.situation(
            host, start.eyes, profile, schema_only=settings.schema_only
        )
        conversation = self._conversation.copy()
        conversation.ask(
            start.prompt,
            above=situation.above,
            cells=situation.cells,
            variables=situation.variables,
            files=start.files,
            after=start.after,
        )
        check_limit(conversation.messages, settings.max_tokens)
        self._conversation = conversation
        self._record.asked(start.id, start.prompt)
        self._news.told(situation, start.eyes)
        self._holds_values |= not settings.schema_only
        senses = TextSenses(
            profile,
            schema_only=settings.schema_only,
            names=situation.names,
            prompt=start.prompt,
            has_files=bool(start.files),
        )
        parts = Parts(
            model=model,
            host=host,
            policy=policy,
            conversation=conversation,
            journal=Journal(self._record, start.id, model.name),
            senses=senses,
            limits=settings.limits(),
        )
        turn = await run_turn(start.id, start.prompt, parts, after=start.after)
        self._news.ended(turn)
        return turn

    async def _named(self, endpoint: Endpoint, settings: CodeAct) -> Endpoint:
        """The endpoint with its model's name, by which a profile is chosen."""
        if endpoint.model:
            return endpoint
        model = self._model(endpoint, settings, DEFAULT)
        try:
            return replace(endpoint, model=await model.choose())
        finally:
            await model.aclose()

    def _renewal(self, profile: Profile, settings: CodeAct) -> str:
        """Why this conversation cannot go on, or ``""``."""
        if self._holds_values and settings.schema_only:
            return RENEWED
        before = self._conversation.profile.name
        if self._conversation.told and before != profile.name:
            return OTHER_PROFILE.format(before=before, now=profile.name)
        return ""

    async def _local(self, host: LookingHost) -> Endpoint:
        if self._server is None or not self._server.running:
            if not local.is_there():
                raise ConfigError(config.NO_MODEL)
            host.show(Notice(sentence="Starting the local model on this machine."))
            self._server = await local.start_local_server()
        return self._server.endpoint

    async def _list(self, model: ChatModel) -> list[str]:
        try:
            return await model.list_models()
        finally:
            await model.aclose()

    def _eyes_for(self, settings: CodeAct) -> Eyes:
        """The eyes of this conversation; new ones where the setting that they use changed."""
        known = self._news.eyes
        if known is not None and known.schema_only == settings.schema_only:
            return known
        new: Eyes = self._place.eyes(schema_only=settings.schema_only)
        return new

    def _model(self, endpoint: Endpoint, settings: CodeAct, profile: Profile) -> ChatModel:
        chosen: float | None = settings.temperature
        return ChatModel(
            endpoint,
            temperature=profile.temperature if chosen is None else chosen,
            stop=profile.stop,
            window=profile.window,
        )

    def _endpoint(self, settings: CodeAct, *, can_ask: bool) -> Endpoint | None:
        keys = replace(self._keys, ask=ask_for_key if can_ask else None)
        return config.endpoint(settings, os.environ, keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Start:
    """A turn that is about to begin."""

    id: str
    prompt: str
    files: str
    settings: CodeAct
    auto: bool
    eyes: Eyes
    after: int
