"""What the sidebar asks of the kernel: silent requests, answered in JSON, without a trace."""

from __future__ import annotations

import ast
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from endpoint import fault
from kernels import PAIRS, SECONDS, Kernel
from tab import Tab, run_proposal

from codeact_jupyter import __version__, panel
from codeact_jupyter.protocol import About

if TYPE_CHECKING:
    from endpoint import ScriptedEndpoint

PANEL = (  # as labextension/src/sidebar/asking.ts asks
    "'codeact_jupyter.magic' in __import__('sys').modules and "
    "__import__('codeact_jupyter.panel', fromlist=['panel'])"
)
STATE = (
    "__import__('json').dumps([sorted(globals()), len(In), get_ipython().execution_count, "
    "str(getattr(__import__('sys'), 'last_value', None)), str(_), "
    "[len(m.session.record.entries) for m, _ in "
    "__import__('codeact_jupyter.magic').magic._loaded.values()]])"
)


def ask(kernel: Kernel, call: str, *, settings: dict[str, Any] | None = None) -> Any:
    """Ask once, as the extension does; nothing may be put out."""
    return said(kernel, f"{PANEL}.{call}", settings=settings)


def said(kernel: Kernel, expression: str, *, settings: dict[str, Any] | None = None) -> Any:
    session = kernel.client.session
    mark = {"client": session.session, "version": __version__, "cells": 0, "keeps": 0}
    content = {
        "code": "",
        "silent": True,
        "store_history": False,
        "user_expressions": {"said": expression},
        "allow_stdin": False,
        "stop_on_error": False,
    }
    metadata = {"codeact": {"front": {**mark, "settings": settings or {}}}}
    message = session.msg("execute_request", content, metadata=metadata)
    kernel.client.shell_channel.send(message)
    while True:
        reply = kernel.client.get_shell_msg(timeout=SECONDS)
        if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            break
    answer = reply["content"]["user_expressions"]["said"]
    assert answer["status"] == "ok", answer
    text = ast.literal_eval(answer["data"]["text/plain"])
    return json.loads(text) if text else text


def whole(kernel: Kernel, call: str, tab: Tab | None = None, **options: Any) -> Any:
    """Ask until the answer is there."""
    found = ask(kernel, call, **options)
    while found["asking"]:
        if tab is not None:
            tab._hear_iopub()
        found = ask(kernel, call, **options)
    return found


def test_what_counts_now_and_no_trace_of_the_question(kernel, endpoint):
    kernel.run("x = 1\nx")
    before = said(kernel, STATE)
    found = ask(kernel, "about()")
    assert found == About(
        version=__version__,
        running=False,
        model="scripted",
        base_url=endpoint.base_url,
        source="CODEACT_BASE_URL",
        has_key=True,
        profile="default",
        format="fence",
        max_steps=20,
        max_tokens=100_000,
        timeout=600.0,
    ).model_dump(mode="json")
    assert whole(kernel, "models()")["models"] == ["scripted"]
    assert ask(kernel, "variables()")["variables"] == [{"name": "x", "type": "int", "shape": ""}]
    assert said(kernel, STATE) == before
    assert kernel.run("x").text == "1\n"
    assert not endpoint.requests


def test_the_settings_of_the_tab_and_of_config(kernel):
    set_there = {"max_steps": 7, "model": "other", "base_url": "https://models.example/v1"}
    found = ask(kernel, "about()", settings=set_there)
    assert (found["max_steps"], found["model"]) == (7, "other")
    assert found["base_url"] == "https://models.example/v1"
    assert (found["needs_key"], found["has_key"]) == (True, False)
    kernel.run("%config CodeAct.max_steps = 9\n%config CodeAct.profile = 'small'")
    found = ask(kernel, "about()", settings={"max_steps": 7})
    assert (found["max_steps"], found["profile"]) == (9, "small")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("profile = 'smol'", "the nearest one is 'small'"),
        ("base_url = 'ftp://host/v1'", "'ftp://host/v1', set in %config CodeAct.base_url"),
    ],
)
def test_a_setting_that_cannot_be_used_is_a_fault(start_kernel, setting, sentence):
    kernel = start_kernel()
    kernel.run(f"%config CodeAct.{setting}")
    found = ask(kernel, "about()")
    assert sentence in found["fault"]
    assert found["max_steps"] == 20


def test_no_model_is_a_fault_with_its_cure(tmp_path):
    with Kernel(CODEACT_MODELS_DIR=str(tmp_path)) as kernel:
        kernel.run("%load_ext codeact_jupyter")
        for call in ("about()", "models()"):
            assert "No model is set up. Three ways" in ask(kernel, call)["fault"]


def test_where_the_package_is_not_loaded_nothing_is_said():
    with Kernel(PAIRS["newest"]) as kernel:
        kernel.run("1 / 0")
        kept = "repr(__import__('sys').last_value)"
        assert ask(kernel, "about()") is False
        assert kernel.run(kept).text == "\"ZeroDivisionError('division by zero')\"\n"
        kernel.run("%load_ext codeact_jupyter\n%unload_ext codeact_jupyter")
        assert "%load_ext codeact_jupyter" in ask(kernel, "about()")["fault"]


def test_a_list_of_models_that_cannot_be_had(start_kernel, endpoint):
    kernel = start_kernel()
    endpoint.models = fault("401")
    found = whole(kernel, "models()")
    assert "refused" in found["fault"]
    assert found["models"] == []
    endpoint.models = ["a", "b"]
    assert whole(kernel, "models()")["models"] == ["a", "b"]


def test_a_slow_list_does_not_hold_the_kernel(start_kernel, endpoint):
    kernel, release = start_kernel(), threading.Event()
    endpoint.models = fault("held", release=release)
    assert ask(kernel, "models()")["asking"]
    assert kernel.run("1 + 1").text == "2\n"
    assert ask(kernel, "models()")["asking"]
    assert len(endpoint.listings) <= 1
    release.set()
    whole(kernel, "models()")


def test_the_variables_that_a_model_may_be_told_of(kernel):
    kernel.run(
        "import numpy as np, pandas as pd\n"
        "words = ['a'] * 3; table = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})\n"
        "grid = np.zeros((3, 4)); api_key = 'sk-value-0123456789'; _own = 1\n"
        "def double(x, by=2): return x * by\n"
        "class Thing: pass\n"
        "thing = Thing(); thing.a = 1; text = 'value'; pairs = {'value': 1}"
    )
    kernel.run("hidden = 'value'", metadata={"tags": ["codeact-hide"]})
    found = ask(kernel, "variables()")
    shapes = {each["name"]: (each["type"], each["shape"]) for each in found["variables"]}
    assert shapes == {
        "words": ("list", "3 items of str"),
        "table": ("DataFrame", "2 rows \N{MULTIPLICATION SIGN} 2 columns"),
        "grid": ("ndarray", "(3, 4) float64"),
        "api_key": ("str", "19 characters"),
        "double": ("function", "double(x, by=\N{HORIZONTAL ELLIPSIS})"),
        "Thing": ("class", "Thing"),
        "thing": ("Thing", ""),
        "text": ("str", "5 characters"),
        "pairs": ("dict", "1 key"),
    }
    assert "value" not in json.dumps(found)
    kernel.run("for n in range(500): globals()[f'v{n}'] = n")
    found = ask(kernel, "variables()")
    assert len(found["variables"]) == panel.MOST_VARIABLES
    assert found["variables"][1]["name"] == "v498"
    assert found["more"] == 510 - panel.MOST_VARIABLES


def test_the_exact_text_of_a_prompt(tab: Tab, endpoint: ScriptedEndpoint):
    kernel = tab.kernel
    for source in ("x = 41", "y = 42"):
        cell = tab.add(source)
        tab.run(cell)
        tab.until(lambda cell=cell: cell["ran"])
    below = tab.cells[1]["id"]
    found = whole(kernel, f"preview('Add \"one\".', '{below}')", tab)
    sent = json.loads(found["text"])["messages"][-1]["content"]
    assert 'Add "one".' in sent
    assert "x = 41" in sent
    at_end = whole(kernel, "preview('Add.', '')", tab)
    endpoint.script("Done.")
    tab.ask("Add.")
    tab.until_ended()
    body = endpoint.requests[0].json
    assert json.loads(at_end["text"]) == body
    goes_on, anew = (
        json.loads(whole(kernel, f"preview('And now?', ''{new})", tab)["text"])["messages"]
        for new in ("", ", new=True")
    )
    assert len(goes_on) == len(anew) + 2  # the turn before


def test_a_preview_that_cannot_be_had_says_why(tab: Tab, endpoint: ScriptedEndpoint):
    kernel = tab.kernel
    assert "The prompt is empty" in ask(kernel, "preview(' ', '')")["fault"]
    endpoint.script("```python\n1 + 1\n```", "Two.")
    tab.ask("Add.")
    tab.until(tab.proposals)
    assert ask(kernel, "about()")["running"] is True
    assert ask(kernel, "preview('Add.', '')")["fault"] == panel.BUSY
    assert ask(kernel, "variables()")["fault"] == ""
    run_proposal(tab)
    assert tab.until_ended()["sentence"] == ""
    assert ask(kernel, "about()")["running"] is False


@pytest.mark.own_kernel
def test_a_tab_that_does_not_answer_is_a_fault(start_kernel):
    kernel = start_kernel()
    kernel.run("from codeact_jupyter import panel; panel.PATIENCE = 0")
    assert ask(kernel, "preview('Add.', '')")["fault"] == panel.NO_TAB


def test_no_answer_holds_the_key(start_kernel, endpoint):
    key = "canary-key-3f9a1c77"
    kernel = start_kernel(CODEACT_API_KEY=key, CODEACT_MODEL=key)
    endpoint.models = [key, "other"]
    answers = [ask(kernel, "about()"), whole(kernel, "models()"), ask(kernel, "variables()")]
    assert key not in json.dumps(answers)
    assert endpoint.listings[0].headers["authorization"] == f"Bearer {key}"
