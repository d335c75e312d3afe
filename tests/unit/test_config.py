"""Which server is asked, and which key it gets."""

import itertools
import json
import re
from pathlib import Path

import pytest
from traitlets.config import Config

from codeact_jupyter.config import (
    OPENAI_URL,
    CodeAct,
    endpoint,
    read_setting,
    set_from_text,
)
from codeact_jupyter.errors import ConfigError
from codeact_jupyter.keys import KeyRing
from codeact_jupyter.types import Limits

URL = "https://models.example/v1"
OTHER = "https://other.example/v1"
LOCAL = "http://127.0.0.1:8000/v1"
SCHEMA = Path(__file__).parents[2] / "labextension/schema/plugin.json"


def asked(environ, **settings):
    found = endpoint(CodeAct(**settings), environ, KeyRing())
    return found and (found.base_url, found.api_key, found.source)


@pytest.mark.parametrize(
    ("environ", "settings", "expected"),
    [
        ({}, {}, None),
        ({"CODEACT_MODEL": "m"}, {}, None),
        (
            {"CODEACT_BASE_URL": URL, "CODEACT_API_KEY": "key-codeact"},
            {},
            (URL, "key-codeact", "CODEACT_BASE_URL"),
        ),
        ({"CODEACT_BASE_URL": LOCAL}, {}, (LOCAL, None, "CODEACT_BASE_URL")),
        ({"OPENAI_API_KEY": "key-openai"}, {}, (OPENAI_URL, "key-openai", "OPENAI_API_KEY")),
        (
            {"OPENAI_API_KEY": "key-openai", "OPENAI_BASE_URL": URL},
            {},
            (URL, "key-openai", "OPENAI_BASE_URL"),
        ),
        # OPENAI_API_KEY goes to no URL that came from elsewhere
        (
            {"OPENAI_API_KEY": "key-openai", "CODEACT_BASE_URL": URL},
            {},
            (URL, None, "CODEACT_BASE_URL"),
        ),
        (
            {"OPENAI_API_KEY": "key-openai"},
            {"base_url": URL},
            (URL, None, "%config CodeAct.base_url"),
        ),
        (
            {"CODEACT_BASE_URL": URL, "CODEACT_API_KEY": "key-codeact"},
            {"base_url": OTHER},
            (OTHER, None, "%config CodeAct.base_url"),
        ),
        # the same URL in a setting keeps the key that belongs to it
        (
            {"CODEACT_BASE_URL": URL, "CODEACT_API_KEY": "key-codeact"},
            {"base_url": URL + "/"},
            (URL + "/", "key-codeact", "%config CodeAct.base_url"),
        ),
        (
            {"OPENAI_API_KEY": "key-openai"},
            {"base_url": OPENAI_URL},
            (OPENAI_URL, "key-openai", "%config CodeAct.base_url"),
        ),
        (
            {
                "CODEACT_BASE_URL": URL,
                "CODEACT_API_KEY": "key-codeact",
                "OPENAI_BASE_URL": OTHER,
                "OPENAI_API_KEY": "key-openai",
            },
            {},
            (URL, "key-codeact", "CODEACT_BASE_URL"),
        ),
    ],
)
def test_the_pair_of_url_and_key(environ, settings, expected):
    assert asked(environ, **settings) == expected


def test_a_key_without_its_url_is_refused():
    with pytest.raises(ConfigError, match="CODEACT_BASE_URL is not"):
        asked({"CODEACT_API_KEY": "key-codeact", "OPENAI_API_KEY": "key-openai"})


def test_no_combination_sends_a_key_to_a_foreign_url():
    """Every key goes to its own URL or nowhere, whatever else is set."""
    homes = {"key-codeact": URL, "key-openai": OTHER}
    names = ("CODEACT_BASE_URL", "CODEACT_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_KEY")
    values = (URL, "key-codeact", OTHER, "key-openai")
    for chosen in itertools.product([False, True], repeat=4):
        environ = {n: v for n, v, on in zip(names, values, chosen, strict=True) if on}
        for base_url in (None, URL, OTHER, LOCAL, OPENAI_URL):
            try:
                found = asked(environ, base_url=base_url)
            except ConfigError:
                continue
            if found and found[1]:
                home = homes[found[1]]
                if found[1] == "key-openai" and "OPENAI_BASE_URL" not in environ:
                    home = OPENAI_URL
                assert found[0] == home


def test_a_key_is_asked_for_once_for_each_url_and_never_for_this_machine():
    questions = []

    def ask(host):
        questions.append(host)
        return "typed-key-1234"

    keys = KeyRing(ask=ask)
    for _ in range(2):
        assert endpoint(CodeAct(base_url=URL), {}, keys).api_key == "typed-key-1234"
    assert endpoint(CodeAct(base_url=LOCAL), {}, keys).api_key is None
    assert questions == ["models.example"]


def test_the_key_is_in_no_repr():
    found = endpoint(CodeAct(), {"CODEACT_BASE_URL": URL, "CODEACT_API_KEY": "k-canary"}, KeyRing())
    assert "k-canary" not in repr(found)
    assert "k-canary" not in repr(KeyRing(typed={URL: "k-canary"}))


@pytest.mark.parametrize(
    ("setting", "environ", "expected"),
    [
        (None, {}, None),
        (None, {"CODEACT_MODEL": "of-environment"}, "of-environment"),
        ("of-config", {"CODEACT_MODEL": "of-environment"}, "of-config"),
    ],
)
def test_the_model_of_the_setting_wins(setting, environ, expected):
    environ = {"CODEACT_BASE_URL": LOCAL, **environ}
    assert endpoint(CodeAct(model=setting), environ, KeyRing()).model == expected


def test_flags_win_over_settings_and_leave_them_as_they_were():
    settings = CodeAct(max_steps=7, model="a")
    once = settings.with_flags({"max_steps": 3, "timeout": None, "model": "b"})
    assert (once.max_steps, once.model, once.timeout) == (3, "b", 600.0)
    assert (settings.max_steps, settings.model) == (7, "a")


@pytest.mark.parametrize("in_lab", ["maxSteps", "maxTokens", "timeout"])
def test_a_limit_is_the_same_in_the_settings_of_jupyterlab(in_lab):
    shown = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"][in_lab]
    trait = CodeAct.class_traits()[re.sub("([A-Z])", r"_\1", in_lab).lower()]
    assert (shown["minimum"], shown["description"]) == (trait.min, trait.help)


def test_the_defaults():
    assert CodeAct().limits() == Limits(steps=20, tokens=100_000, seconds=600.0)


@pytest.mark.parametrize("flags", [{"max_steps": 0}, {"timeout": 0.1}, {"max_tokens": -1}])
def test_a_value_out_of_range_is_refused(flags):
    with pytest.raises(ConfigError, match="Nothing was sent"):
        CodeAct().with_flags(flags)


def test_a_look_without_anybody_to_ask_does_not_stand_for_an_answer():
    typed = {}
    assert endpoint(CodeAct(base_url=URL), {}, KeyRing(typed=typed)).api_key is None
    keys = KeyRing(ask=lambda host: "typed-key-1234", typed=typed)
    assert endpoint(CodeAct(base_url=URL), {}, keys).api_key == "typed-key-1234"


BAD = ["http://host:abc/v1", "http://[::1/v1", "ftp://host/v1", "host/v1", "http://me:pw@host/v1"]


@pytest.mark.parametrize("url", BAD)
def test_a_bad_url_is_refused_before_a_key_is_asked_for(url):
    asked_for = []
    keys = KeyRing(ask=lambda host: asked_for.append(host) or "typed-key-1234")
    for settings, environ, source in (
        ({"base_url": url}, {}, "%config CodeAct.base_url"),
        ({}, {"CODEACT_BASE_URL": url}, "CODEACT_BASE_URL"),
        ({}, {"OPENAI_BASE_URL": url}, "OPENAI_BASE_URL"),
    ):
        with pytest.raises(ConfigError, match=f"set in {source}") as caught:
            endpoint(CodeAct(**settings), environ, keys)
        assert "pw" not in str(caught.value)
    assert asked_for == []


@pytest.mark.parametrize("url", BAD)
def test_a_bad_url_of_jupyterlabs_settings_is_said_to_be_set_there(url):
    with pytest.raises(ConfigError, match=r"set in JupyterLab's settings \(CodeAct, Endpoint\)"):
        endpoint(CodeAct().with_defaults({"base_url": url}).with_flags({}), {}, KeyRing())
    set_here = CodeAct(base_url="ftp://host").with_defaults({"base_url": url})
    with pytest.raises(ConfigError, match="'ftp://host', set in %config"):
        endpoint(set_here, {}, KeyRing())


def test_a_bad_url_that_is_not_asked_disturbs_nobody():
    environ = {"CODEACT_BASE_URL": URL, "OPENAI_BASE_URL": "ftp://host"}
    assert asked(environ) == (URL, None, "CODEACT_BASE_URL")


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_is_not_set(blank):
    key = {"OPENAI_API_KEY": "key-openai"}
    found = (OPENAI_URL, "key-openai", "OPENAI_API_KEY")
    assert asked({"CODEACT_BASE_URL": blank, "CODEACT_API_KEY": blank}) is None
    assert asked({"OPENAI_BASE_URL": blank, "OPENAI_API_KEY": blank}) is None
    assert asked({"CODEACT_BASE_URL": blank, "OPENAI_BASE_URL": blank} | key) == found
    assert asked(key, base_url=blank) == found
    assert asked({}, base_url=blank) is None


def test_blanks_around_a_url_do_not_count():
    assert asked({"CODEACT_BASE_URL": f" {URL}\n"}) == (URL, None, "CODEACT_BASE_URL")
    assert asked({}, base_url=f" {URL}") == (URL, None, "%config CodeAct.base_url")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("name", ["timeout", "temperature"])
def test_what_is_no_finite_number_is_refused_wherever_it_is_set(name, value):
    settings, words = CodeAct(), f"^{name} = {value} cannot be used: it takes a number"
    with pytest.raises(ConfigError, match=f"{words}.* Nothing was sent"):
        settings.with_flags({name: float(value)})
    with pytest.raises(ConfigError, match=f"{words}.* It stays"):
        set_from_text(settings, name, value)
    with pytest.raises(ConfigError, match=words):
        settings.update_config(Config({"CodeAct": {name: float(value)}}))
    with pytest.raises(ConfigError, match=words):
        read_setting(name, value)
    assert getattr(settings, name) == getattr(CodeAct(), name)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("max_steps", "five", "max_steps = 'five' cannot be used: it takes a whole number from 1"),
        (
            "max_steps",
            "-3",
            "max_steps = -3 cannot be used: it takes a whole number from 1 on, for",
        ),
        ("max_tokens", "1.5", "max_tokens = '1.5' cannot be used: it takes a whole number from 1"),
        ("schema_only", "maybe", "schema_only = 'maybe' cannot be used: it takes True or False."),
    ],
)
def test_a_bad_value_is_refused_in_plain_words(name, text, sentence):
    for refuse in (read_setting, lambda *word: set_from_text(CodeAct(), *word)):
        with pytest.raises(ConfigError) as caught:
            refuse(name, text)
        assert str(caught.value).startswith(sentence)


def test_every_setting_says_what_it_takes():
    for name, trait in CodeAct.class_traits(config=True).items():
        assert trait.metadata.get("takes"), name


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hidden-word@models.example/v1",
        "https://hidden-word@models.example/v1",
        "me:hidden-word@host/v1",
        "http://me:hidden/word@host/v1",
        "https://models.example/v1?key=hidden-word",
    ],
)
def test_a_url_with_a_secret_in_it_is_never_a_setting(url):
    """IPython's own ``%config CodeAct`` would show it."""
    settings = CodeAct(base_url="http://host/v1")
    with_config = Config({"CodeAct": {"base_url": url}})
    for refuse in (
        lambda: CodeAct(base_url=url),
        lambda: CodeAct(config=with_config),
        lambda: set_from_text(settings, "base_url", url),
        lambda: settings.update_config(Config({"CodeAct": {"base_url": url}})),
        lambda: CodeAct().with_defaults({"base_url": url}),
    ):
        with pytest.raises(ConfigError) as caught:
            refuse()
        assert "hidden" not in str(caught.value)
        assert settings.base_url == "http://host/v1"


def test_a_sign_in_a_path_is_no_secret():
    assert CodeAct(base_url="https://host/v1/@me").base_url == "https://host/v1/@me"


def test_what_a_front_end_sets_counts_only_where_the_user_set_nothing():
    settings = CodeAct()
    assert settings.with_defaults({"max_steps": 3}).max_steps == 3
    default = settings.max_steps
    settings.max_steps = default
    assert settings.with_defaults({"max_steps": 3, "timeout": 7.0}).max_steps == default
    assert settings.with_defaults({"timeout": 7.0}).timeout == 7.0
    configured = CodeAct(config=Config({"CodeAct": {"max_steps": default}}))
    assert configured.with_defaults({"max_steps": 3}).max_steps == default
