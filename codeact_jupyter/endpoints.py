"""Which model a prompt would ask: its endpoint and its profile, found without asking anybody.

The dialogue goes by it for each turn, and so does whoever only wants to know: a dry run, the
sidebar. It starts no server and never asks for a key.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from codeact_jupyter import config
from codeact_jupyter.context.profiles import profile_for
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.models import local
from codeact_jupyter.types import Endpoint

if TYPE_CHECKING:
    from codeact_jupyter.config import CodeAct
    from codeact_jupyter.context.profiles import Profile
    from codeact_jupyter.keys import KeyRing


def endpoint_now(settings: CodeAct, keys: KeyRing) -> Endpoint:
    """The endpoint that counts now.

    Raises:
        ConfigError: None is set up, or the one that is set cannot be used.
    """
    known = replace(keys, ask=None)
    return config.endpoint(settings, os.environ, known) or local_endpoint()


def keyless_endpoint(settings: CodeAct) -> tuple[Endpoint, bool]:
    """The endpoint that counts now without its key, and whether the environment has that.

    Raises:
        ConfigError: None is set up, or the one that is set cannot be used.
    """
    found = config.remote(settings, os.environ)
    if found is None:
        return local_endpoint(), True
    url, paired, source = found
    model = config.model_name(settings, os.environ)
    return Endpoint(base_url=url, model=model, source=source), bool(paired)


def local_endpoint() -> Endpoint:
    """The local model, whose server may not run yet.

    Raises:
        ConfigError: It is not there, so no model is set up.
    """
    if not local.is_there():
        raise ConfigError(config.NO_MODEL)
    name = local.description().name
    return Endpoint(
        base_url="http://127.0.0.1/v1", model=name, source="the local model", local=True
    )


def profile_of(endpoint: Endpoint | None, settings: CodeAct) -> Profile:
    """The profile of a turn, with the user's own action format if he set one.

    Raises:
        ConfigError: There is no such profile.
    """
    model = endpoint.model if endpoint else None
    ours = endpoint is None or endpoint.local or model == local.description().name
    profile = profile_for(settings.profile, model=model, local=ours)
    return replace(profile, format=settings.format) if settings.format else profile
