"""What threads put out after their cell has ended: shown in the notebook, read by the model."""

import pytest
from endpoint import ScriptedEndpoint
from kernels import PAIRS, Kernel
from tab import Tab, run_proposal
from telling import ADD, ANSWER, told

NOT_OURS = "No turn that is running"


def late(go, *lines):
    """Code that goes on in a thread once the file ``go`` is there."""
    body = "".join(f"    {line}\n" for line in lines)
    return (
        "import pathlib, threading, time\n"
        "from IPython.display import display, update_display\n"
        f"def wait(go=pathlib.Path({str(go)!r})):\n"
        f"    while not go.exists(): time.sleep(0.01)\n{body}"
        "threading.Thread(target=wait).start()\n"
    )


def shown(cell):
    return str(cell["outputs"])


def heard_all(tab):
    """Nothing that the tab has said is on its way any more."""
    before = len(tab.said)
    tab.say("stop", turn="none")
    tab.until(lambda: any(NOT_OURS in str(said) for said in tab.said[before:]))


def act(code):
    return f"I act.\n\n```python\n{code}\n```"


@pytest.fixture(params=PAIRS)
def endpoint_and_tab(request):
    with ScriptedEndpoint() as endpoint, Kernel(PAIRS[request.param], **endpoint.environment) as k:
        k.run("%load_ext codeact_jupyter")
        tab = Tab(k)
        tab.open()
        yield endpoint, tab


def test_what_comes_while_a_proposal_waits_is_told_with_the_next_step(endpoint_and_tab, tmp_path):
    endpoint, tab = endpoint_and_tab
    go = tmp_path / "go"
    printed = ("print('late word', flush=True)", "display('late display')")
    endpoint.script(act(late(go, *printed)), ADD, ANSWER)
    tab.ask("Go.")
    first = run_proposal(tab)
    tab.until(tab.proposals)
    heard_all(tab)
    go.touch()
    tab.until(lambda: "late word" in shown(first) and "late display" in shown(first))
    run_proposal(tab)
    tab.until_ended()
    said = "The cell of step 1 has put out since:\nlate word\n'late display'"
    assert said in told(endpoint, 2)


def test_an_update_of_what_the_users_cell_shows_is_told(endpoint_and_tab, tmp_path):
    endpoint, tab = endpoint_and_tab
    go = tmp_path / "go"
    endpoint.script(ADD, ADD.replace("total", "again"), ANSWER)
    tab.ask("Go.")
    tab.until(tab.proposals)
    updates = late(go, "update_display('now', display_id='d')")
    own = tab.add(f"{updates}display('before', display_id='d');")
    tab.run(own)
    tab.until(lambda: own["ran"])
    run_proposal(tab)
    tab.until(tab.proposals)
    heard_all(tab)
    go.touch()
    tab.until(lambda: "now" in shown(own))
    run_proposal(tab)
    tab.until_ended()
    assert "'before'" in told(endpoint, 1)
    assert "A cell of the user has put out since it ended:" in told(endpoint, 2)
    assert told(endpoint, 2).rstrip().endswith("'now'")


def test_what_comes_after_the_turn_stands_below_the_last_cell(endpoint_and_tab, tmp_path):
    endpoint, tab = endpoint_and_tab
    go = tmp_path / "go"
    endpoint.script(act(late(go, "display('late display')")), ANSWER)
    tab.ask("Go.")
    cell = run_proposal(tab)
    tab.until_ended()
    heard_all(tab)
    go.touch()
    tab.until(lambda: "late display" in shown(cell))


def test_what_is_heard_beside_a_cell_changes_nothing_in_where_it_puts_out(endpoint, tmp_path):
    """ipykernel 7 hears a tab on a thread of its own where that asks for it."""
    with Kernel(PAIRS["newest"], **endpoint.environment) as kernel:
        kernel.run("%load_ext codeact_jupyter")
        session, control = kernel.client.session, kernel.client.control_channel
        control.send(session.msg("create_subshell_request"))
        subshell = kernel.client.get_control_msg(timeout=60)["content"]["subshell_id"]
        tab = Tab(kernel, subshell=subshell)
        tab.open()
        tab.until(lambda: tab.said)
        go = tmp_path / "go"
        cell = tab.add(
            f"import pathlib, time\ngo = pathlib.Path({str(go)!r})\n"
            "from IPython.display import display\n"
            "number = 0\nwhile not go.exists():\n    number += 1\n    print(number, flush=True)\n"
            "    time.sleep(0.001)\ndisplay('shown')\nnumber"
        )
        tab.run(cell)
        tab.until(lambda: cell["outputs"])
        for _ in range(50):
            tab.say("gone", cell_id="none")
        tab.until(lambda: sum(NOT_OURS in str(said) for said in tab.said) == 50)
        assert cell["ran"] is None
        go.touch()
        tab.until(lambda: cell["ran"])
        tab.until(lambda: cell["outputs"][-1]["output_type"] == "execute_result")
        stream, display, result = cell["outputs"]
        last = int(result["data"]["text/plain"])
        assert stream["text"].split() == [str(number) for number in range(1, last + 1)]
        assert display["data"]["text/plain"] == "'shown'"
