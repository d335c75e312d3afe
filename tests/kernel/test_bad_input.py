"""What goes wrong on the way in: one sentence, nothing sent, nothing lost."""

import pytest
from endpoint import fault

ANSWER = "Done."


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("%%codeact --auto\n   \n", "The prompt is empty"),
        ("%%codeact", "The prompt is empty"),
        ("%%codeact --auto", "The prompt is empty"),
        ("%%codeact --auto hello", "'hello' is no flag of %%codeact."),
        ("%%codeact\n%%codeact\nAdd.", "stands inside a `%%codeact` cell"),
        ("%%codeact\nhello\n  %%codeact --auto\nbye", "stands inside a `%%codeact` cell"),
        ("%%codeact --atuo\nAdd.", "'--atuo' is no flag of %%codeact. Did you mean '--auto'?"),
        ("%%codeact auto\nAdd.", "'auto' is no flag of %%codeact. Did you mean '--auto'?"),
        (
            "%%codeact --max-steps many\nAdd.",
            "it takes a whole number from 1 on, for example 20. Not",
        ),
        (
            "%%codeact --max-steps -3\nAdd.",
            "max_steps = -3 cannot be used: it takes a whole number",
        ),
        ("%%codeact --timeout nan\nAdd.", "timeout = nan cannot be used: it takes a number of sec"),
        ("%%codeact --max-steps 0\nAdd.", "max_steps"),
        ("%%codeact --model\nAdd.", "expected one argument"),
        ("%%codeact --auto --ask\nAdd.", "not allowed with"),
        ("%%codeact --format fense\nAdd.", "nearest one is 'fence'. Nothing was sent."),
        ("%%codeact 'oh\nAdd.", "No closing quotation"),
        ("%%codeact --api-key sk-123\nAdd.", "An API key is never taken from a cell"),
        (
            "%codeact exprot x.ipynb",
            "'exprot' is no sub-command of %codeact. Did you mean 'export'?",
        ),
        ("%codeact --auto Add it up", "A prompt goes into the lines below `%%codeact`."),
        ("%codeact status extra", "%codeact status takes no further word, and 'extra' stands"),
        ("%codeact reset now", "and 'now' stands behind it. Nothing was done"),
        ("%codeact export", "Name the file"),
        ("%codeact export x.txt", "does not end in '.ipynb'"),
        ("%codeact config max_stpes 3", "Did you mean 'max_steps'?"),
        ("%codeact config max_steps many", "max_steps = 'many' cannot be used: it takes a whole n"),
        (
            "%codeact config timeout inf",
            "timeout = inf cannot be used: it takes a number of seconds",
        ),
        ("%codeact config api_key sk-123", "An API key is never taken from a cell"),
        ("%codeact config max_token 500", "Did you mean 'max_tokens'?"),
        ("%%codeact monkey\nAdd.", "'monkey' is no flag of %%codeact."),
        ("%%codeact --apikey=sk-123\nAdd.", "An API key is never taken from a cell"),
    ],
)
def test_one_sentence_and_nothing_is_sent(shared_kernel, cell, sentence):
    kernel, endpoint = shared_kernel
    ran = kernel.run(cell, answers=[])
    assert ran.status == "error"
    (shown,) = ran.outputs
    assert sentence in shown["evalue"]
    assert len(shown["traceback"]) == 1
    assert endpoint.requests == []


def test_a_setting_of_ipython_is_refused_in_the_same_words(shared_kernel):
    kernel, _ = shared_kernel
    ran = kernel.run("%config CodeAct.timeout = float('nan')")
    assert "timeout = nan cannot be used: it takes a number of seconds" in str(ran.outputs)
    assert "timeout = 600.0" in kernel.run("%codeact config timeout").text


@pytest.mark.parametrize("magic", ["%codeact config base_url ", "%config CodeAct.base_url = "])
def test_a_password_in_a_url_is_shown_nowhere(shared_kernel, magic):
    kernel, _ = shared_kernel
    refused = kernel.run(f"{magic}'https://me:hidden-word@models.example/v1'")
    seen = f"{refused.outputs}{kernel.run('%config CodeAct').text}"
    seen += kernel.run("%codeact config").text
    assert "holds a user name or a password" in str(refused.outputs)
    assert "hidden-word" not in seen
    assert "base_url = None" in seen
    preview = kernel.run("%%codeact --dry-run\nAdd.").text
    assert "hidden-word" not in preview


@pytest.mark.parametrize(
    "cell",
    [
        "%codeact",
        "%codeact help",
        "%codeact --help",
        "%%codeact --help",
        "%%codeact -h\nAdd.",
        "%%codeact --help --auto\n",
    ],
)
def test_help(shared_kernel, cell):
    kernel, endpoint = shared_kernel
    shown = kernel.run(cell).text
    assert "--max-steps" in shown
    assert "export FILE.ipynb" in shown
    assert endpoint.requests == []


def test_config_shows_one_setting_or_all(shared_kernel):
    kernel, _ = shared_kernel
    (line,) = kernel.run("%codeact config max_steps").text.splitlines()
    assert line.startswith("max_steps = 20  # Most replies")
    assert "\nmodel = " in kernel.run("%codeact config").text


def test_words_about_a_prompt_are_no_prompt(kernel, endpoint):
    endpoint.script("It asks a model.")
    assert kernel.run("%%codeact --auto\nWhat does\n`%%codeact` do?").status == "ok"


def test_a_magic_of_one_line_is_not_whole_while_it_is_typed(kernel):
    code = "get_ipython().input_transformer_manager.check_complete('%%codeact\\n')[0]"
    assert kernel.run(code).text == "'incomplete'\n"


def test_a_key_is_refused_by_config_too(shared_kernel):
    kernel, _ = shared_kernel
    ran = kernel.run("%config CodeAct.api_key = 'sk-canary-1234'")
    assert "An API key is never taken from a cell" in ran.text
    assert "sk-canary-1234" not in ran.text


def test_what_config_refused_is_kept_nowhere_and_the_next_load_works(kernel):
    kernel.run("%config CodeAct.timeout = 30")
    for refused in ("timeout = 'long'", "max_steps = 0", "max_step = 3", "api_key = 'sk-canary'"):
        assert "ERROR" in kernel.run(f"%config CodeAct.{refused}").text
    assert "sk-canary" not in kernel.run("get_ipython().config").text
    assert kernel.run("%reload_ext codeact_jupyter").text == ""
    assert "timeout = 30.0" in kernel.run("%codeact config timeout").text
    assert "max_steps = 20" in kernel.run("%codeact config max_steps").text


def test_a_model_may_stand_in_quotes(shared_kernel):
    kernel, _ = shared_kernel
    try:
        assert kernel.run('%codeact model "two words"').text == "model = two words\n"
    finally:
        kernel.run("%config CodeAct.model = None")


def test_policy_is_no_setting(shared_kernel):
    kernel, _ = shared_kernel
    assert "is no setting of CodeAct" in kernel.run("%config CodeAct.policy = 'auto'").text
    assert "is no setting of CodeAct" in kernel.run("%codeact config policy auto").text


def test_time_above_a_prompt(kernel, endpoint):
    endpoint.script("```python\nprint('acted')\n```", ANSWER)
    ran = kernel.run("%%time\n%%codeact --auto\nGo.")
    assert ran.status == "ok", ran.text
    assert "acted" in ran.text
    assert "Wall time" in ran.text


@pytest.mark.parametrize(
    "code",
    [
        "%codeact reset",
        "x = 1\n%codeact stop",
        "%%codeact --auto\nDo more.",
        "%%time\n%%codeact --auto\nDo more.",
        "%time %codeact reset",
        "%config CodeAct.max_steps = 99",
        "get_ipython().run_line_magic('codeact', 'reset')",
        "%reload_ext codeact_jupyter",
        "%unload_ext codeact_jupyter",
    ],
)
def test_an_action_may_not_steer_us(shared_kernel, code):
    kernel, endpoint = shared_kernel
    endpoint.requests.clear()
    endpoint.script(f"```python\n{code}\n```", ANSWER)
    ran = kernel.run("%%codeact --auto\nGo.")
    assert ran.status == "ok", ran.text
    told = endpoint.requests[-1].json["messages"][-1]["content"]
    assert told.startswith("Step 1: refused, nothing ran. An action may not contain")
    assert "Nothing ran. An action may not contain" in ran.text


def test_a_hidden_nested_prompt_is_refused_when_it_runs(kernel, endpoint):
    endpoint.script(
        "```python\nn = 'code' + 'act'\nget_ipython().run_cell_magic(n, '--auto', 'Go.')\n```",
        ANSWER,
    )
    ran = kernel.run("%%codeact --auto\nGo.")
    assert ran.status == "ok"
    assert "an action cannot start another one" in ran.text
    assert len(endpoint.requests) == 2


def test_exit_does_not_end_the_kernel(kernel, endpoint):
    kernel.run("precious = 1")
    endpoint.script("```python\nexit()\n```", "```python\nquit\n```", ANSWER)
    ran = kernel.run("%%codeact --auto\nGo.")
    assert ran.status == "ok"
    assert "exit() would end the kernel" in endpoint.requests[1].json["messages"][-1]["content"]
    assert kernel.run("precious").text == "1\n"


def test_reset_of_the_namespace_leaves_the_session_alive(kernel, endpoint):
    kernel.run("gone = 1")
    endpoint.script("```python\n%reset -f\n```", "```python\nback = 2\nprint(back)\n```", ANSWER)
    assert kernel.run("%%codeact --auto\nGo.").status == "ok"
    assert "Deleted gone" in endpoint.requests[1].json["messages"][-1]["content"]
    assert kernel.run("back").text == "2\n"
    assert "1 turn, 3 steps" in kernel.run("%codeact status").text


def test_input_where_nobody_can_answer(kernel, endpoint):
    endpoint.script("```python\nname = input('Who? ')\n```", ANSWER)
    assert kernel.run("%%codeact --auto\nGo.").status == "ok"
    assert "StdinNotImplementedError" in endpoint.requests[1].json["messages"][-1]["content"]


def test_input_where_somebody_can(kernel, endpoint):
    endpoint.script("```python\nname = input('Who? ')\nprint('hi', name)\n```", ANSWER)
    ran = kernel.run("%%codeact --auto\nGo.", answers=["Ada"])
    assert "hi Ada" in ran.text


def test_no_model_at_all(start_kernel, tmp_path):
    kernel = start_kernel(
        CODEACT_BASE_URL="", CODEACT_API_KEY="", CODEACT_MODEL="", CODEACT_MODELS_DIR=str(tmp_path)
    )
    ran = kernel.run("%%codeact\nGo.", answers=[])
    assert "Three ways to get one" in ran.error
    assert len(ran.outputs[-1]["traceback"]) == 1


def test_several_models_are_asked_for_and_one_is_taken(start_kernel, endpoint):
    kernel = start_kernel(CODEACT_MODEL="", CODEACT_RUN="1")
    endpoint.models = ["one", "two"]
    ran = kernel.run("%%codeact --auto\nGo.")
    assert "one" in ran.error
    assert "two" in ran.error
    assert "--model" in ran.error
    assert kernel.run("%codeact model").text.startswith("one\ntwo\n")
    endpoint.models = ["only"]
    endpoint.script("Hello.")
    assert kernel.run("%%codeact --auto\nGo.").status == "ok"
    assert endpoint.requests[0].json["model"] == "only"


def test_a_fault_of_the_endpoint_fails_the_cell_and_the_next_turn_works(kernel, endpoint):
    endpoint.script(fault("401"), "Hello.")
    ran = kernel.run("%%codeact --auto\nGo.")
    assert ran.status == "error"
    assert "401" in ran.error
    assert kernel.run("%%codeact --auto\nGo.").status == "ok"
