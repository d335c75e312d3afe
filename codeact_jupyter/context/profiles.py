"""Profiles: all that differs by the kind of model, as values.

A profile holds the words that a conversation begins with, how the model marks its actions,
how it is told what came of them, and what its server has to know. The dialogue chooses one
(:func:`profile_for`) and hands it to the parts; none of them asks which one it is. A new
kind of model is a value in this module. It never reads replies and never asks a model.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from importlib.resources import files

from codeact_jupyter.context.example import SALES, Example
from codeact_jupyter.context.history import BUDGET_CHARACTERS
from codeact_jupyter.context.observation import DEFAULT_WORDING, Wording
from codeact_jupyter.context.variables import DIGEST_CHARACTERS
from codeact_jupyter.errors import ConfigError


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What a kind of model needs.

    Attributes:
        name: What ``CodeAct.profile`` calls it.
        format: The action format in which its replies are read.
        system: The words that every conversation starts with.
        example: The worked example behind them, or None for a model trained on the format.
        wording: How actions and observations are written.
        cells_characters: Most characters of the user's own cells in one prompt.
        variables_characters: Most characters of the variables' digest.
        stop: Strings at which the server ends a reply; it takes them out of the text.
        window: Tokens of conversation and reply together, or None where that is not known.
        temperature: For sampling, where the user sets none; None leaves it to the endpoint.
    """

    name: str
    format: str
    system: str
    example: Example | None = None
    wording: Wording = DEFAULT_WORDING
    cells_characters: int = BUDGET_CHARACTERS
    variables_characters: int = DIGEST_CHARACTERS
    stop: tuple[str, ...] = ()
    window: int | None = None
    temperature: float | None = None


def _words(file: str) -> str:
    return files(__package__).joinpath(file).read_text(encoding="utf-8").strip()


DEFAULT = Profile(name="default", format="fence", system=_words("system.md"), example=SALES)

# For models of one or two billion parameters, such as the local one. All its words are those
# of the default; what shall differ is said here.
SMALL = replace(
    DEFAULT,
    name="small",
    wording=replace(
        DEFAULT_WORDING,
        again="The question: {prompt}",
        no_output="(no output: print what you need to see)",
    ),
    temperature=0.0,
)

# The paper's own models, trained on these tags and these words around an output.
CODEACTAGENT = Profile(
    name="codeactagent",
    format="execute",
    system=_words("codeactagent.md"),
    wording=Wording(
        ran="Execution Output:",
        nothing_ran="Execution Output:\n[Not executed: {status}.] {reason}",
        no_output="[Code executed successfully with no output]",
        picture="[An image is already displayed to the user.]",
        tag="execute",
    ),
    stop=("<|im_end|>", "</execute>"),
    window=32_768,  # Mistral's
    temperature=0.0,
)
CODEACTAGENT_4K = replace(  # on Llama 2
    CODEACTAGENT,
    name="codeactagent-4k",
    wording=replace(CODEACTAGENT.wording, output_characters=1_200),
    cells_characters=1_500,
    variables_characters=1_000,
    window=4_096,
)
PROFILES = {profile.name: profile for profile in (DEFAULT, SMALL, CODEACTAGENT, CODEACTAGENT_4K)}


def profile_for(name: str | None, *, model: str | None, local: bool) -> Profile:
    """Return the profile of this name, or without one that of the model.

    Args:
        name: What the user set, or None.
        model: The model's name, or None where it is not known.
        local: Whether it is the local model.

    Raises:
        ConfigError: There is no such profile.
    """
    if name is None:
        return SMALL if local else _by_model(model or "")
    if name not in PROFILES:
        nearest = difflib.get_close_matches(name, PROFILES, n=1, cutoff=0)[0]
        raise ConfigError(
            f"There is no profile {name!r}; the nearest one is {nearest!r}. Nothing was sent."
        )
    return PROFILES[name]


def _by_model(model: str) -> Profile:
    letters = re.sub(r"[\W_]", "", model).lower()
    if "codeactagent" not in letters:
        return DEFAULT
    return CODEACTAGENT_4K if "llama" in letters else CODEACTAGENT
