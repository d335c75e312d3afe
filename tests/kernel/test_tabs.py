"""Tabs that come late, go, come back or are not alone: no turn and no cell of it is lost."""

import threading

import pytest
from endpoint import fault
from tab import Tab, run_proposal, statuses
from telling import ADD, ANSWER, TWICE, told
from waiting import until

from codeact_jupyter import __version__

KNOWN = """import gc
from codeact_jupyter.hosts.link import Link
[len(link._tabs) for link in gc.get_objects() if isinstance(link, Link)]"""
WAITING = """import gc
from codeact_jupyter.hosts.card import CardState
any(card.card().state == "waiting" for card in gc.get_objects() if isinstance(card, CardState))"""


def test_a_tab_that_says_hello_after_the_prompt_gets_the_turn(kernel, endpoint):
    endpoint.script(ADD, ANSWER)
    tab = Tab(kernel)
    tab.ask("What is 3 + 1?")  # as in Run All, where the cell comes before the comm
    tab.open()
    run_proposal(tab)
    assert tab.until_ended()["ending"] == "answered"


@pytest.mark.own_kernel
def test_no_tab_at_all_is_said_in_the_card(kernel, endpoint):
    kernel.run("import codeact_jupyter.hosts.cells as c; c.HELLO_SECONDS = 0.2")
    tab = Tab(kernel)
    tab.ask("What is 3 + 1?")
    until(lambda: ": idle" in kernel.run("%codeact status").text)
    tab.open()
    assert "browser tab did not answer" in tab.until_ended()["sentence"]


@pytest.mark.own_kernel
def test_a_reloaded_tab_is_told_again_and_the_turn_goes_on(kernel, endpoint):
    kernel.run("import codeact_jupyter.hosts.keeper as k; k.ANSWER_SECONDS = 0.2")
    endpoint.script(ADD, ANSWER)
    old = Tab(kernel)
    old.open()
    prompt = old.ask("What is 3 + 1?")
    old.until(old.proposals)
    old.vanish()
    new = Tab(kernel)
    new.client = "reloaded"
    new.cells = [prompt]  # what was saved last: the proposal is lost
    new.open()
    run_proposal(new)
    assert new.until_ended()["ending"] == "answered"
    assert [c["source"] for c in new.of_turn()] == ["I add.", new.of_turn()[1]["source"], ANSWER]
    assert kernel.run("twice").status == "error"


@pytest.mark.own_kernel
def test_the_page_that_came_last_goes_on_with_a_turn(kernel, endpoint):
    kernel.run("import codeact_jupyter.hosts.keeper as k; k.ANSWER_SECONDS = 0.2")
    endpoint.script(ADD, ANSWER)
    before, old, new = Tab(kernel), Tab(kernel), Tab(kernel)
    before.client, new.client = "before", "reloaded"
    before.open()
    old.open()
    prompt = old.ask("What is 3 + 1?")
    old.until(old.proposals)
    old.vanish()
    new.cells = [prompt]
    new.open()
    run_proposal(new)
    assert new.until_ended()["ending"] == "answered"
    assert "cell.place" not in {said["message"]["kind"] for said in before.said}


def test_a_tab_that_was_cut_off_hears_what_it_missed(kernel, endpoint):
    release = threading.Event()
    endpoint.script(fault("held", release=release, then=ADD), ANSWER)
    tab = Tab(kernel)
    tab.open()
    tab.ask("What is 3 + 1?")
    tab.until(lambda: len(endpoint.requests) == 1)
    tab.vanish()
    release.set()
    until(lambda: kernel.run(WAITING).text == "True\n")
    assert tab.proposals() == []
    tab.reconnect()
    run_proposal(tab)
    assert tab.until_ended()["ending"] == "answered"
    assert statuses(tab) == [("markdown", "done"), ("code", "ok"), ("markdown", "done")]


def test_a_cell_that_was_lost_on_its_way_is_not_taken_for_deleted(kernel, endpoint):
    release = threading.Event()
    endpoint.script(fault("held", release=release, then=ADD), ANSWER)
    tab = Tab(kernel)
    tab.open()
    prompt = tab.ask("What is 3 + 1?")
    tab.until(lambda: len(endpoint.requests) == 1)
    tab.vanish()
    release.set()
    until(lambda: kernel.run(WAITING).text == "True\n")
    tab.hear()
    tab.say("approve.rest", turn=prompt["metadata"]["codeact"]["turn"])
    tab.until(lambda: any(said["message"]["kind"] == "cell.run" for said in tab.said))
    assert tab.of_turn() == []
    tab.reconnect()
    assert tab.until_ended()["ending"] == "answered"
    assert statuses(tab) == [("markdown", "done"), ("code", "ok"), ("markdown", "done")]


def test_what_a_tab_asks_twice_is_done_once_and_answered_twice(kernel, endpoint):
    endpoint.script(ADD, ADD, ANSWER)
    tab = Tab(kernel)
    tab.open()
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    first = tab.proposals()[0]["id"]
    tab.say("reject", cell_id=first, reason="no")
    tab.until(lambda: tab.proposals() and tab.proposals()[0]["id"] != first)
    asked = next(said["message"] for said in tab.said if said["message"]["kind"] == "reject")

    def answers():
        return [
            said["message"]["ok"]
            for said in tab.said
            if said["message"]["kind"] == "done" and said["message"]["to"] == asked["id"]
        ]

    tab._say(asked)
    tab.until(lambda: len(answers()) == 2)
    assert answers() == [True, True]
    run_proposal(tab)
    assert tab.until_ended()["ending"] == "answered"


@pytest.mark.own_kernel
def test_a_reloaded_tab_gets_the_steps_that_no_file_has(kernel, endpoint, tmp_path):
    kernel.run("import codeact_jupyter.hosts.keeper as k; k.ANSWER_SECONDS = 0.2\nruns = []")
    release = tmp_path / "release"
    waits = (
        f"import pathlib, time\nwhile not pathlib.Path({str(release)!r}).exists():\n"
        "    time.sleep(0.01)\nruns.append(2); 'second'"
    )
    first = "runs.append(1); print('first')"
    endpoint.script(f"I begin.\n\n```python\n{first}\n```", f"```python\n{waits}\n```", ANSWER)
    old = Tab(kernel)
    old.open()
    prompt = old.ask("Do both.", "--auto")
    old.until(lambda: old.cards[-1]["state"] == "running" and old.cards[-1]["step"] == 2)
    old.vanish()
    new = Tab(kernel)
    new.client, new.cells = "reloaded", [prompt]  # nothing was saved since
    new.open()
    release.touch()
    assert new.until_ended()["ending"] == "answered"
    assert [cell["source"] for cell in new.of_turn()] == ["I begin.", first, waits, ANSWER]
    new.until(lambda: all(cell["outputs"] for cell in new.of_turn("action")))
    shown = [str(cell["outputs"]) for cell in new.of_turn("action")]
    assert ["first" in shown[0], "second" in shown[1]] == [True, True]
    assert [cell["execution_count"] for cell in new.of_turn("action")] == [4, 5]
    assert statuses(new)[1:3] == [("code", "ok"), ("code", "ok")]
    assert kernel.run("runs").text == "[1, 2]\n"


@pytest.mark.own_kernel
def test_a_reloaded_tab_gets_what_a_step_put_out_when_it_was_run_again(kernel, endpoint):
    kernel.run("import codeact_jupyter.hosts.keeper as k; k.ANSWER_SECONDS = 0.2")
    endpoint.script("```python\nprint('first')\n```", ADD, ANSWER)
    old = Tab(kernel)
    old.open()
    prompt = old.ask("Do both.")
    again = run_proposal(old)
    old.until(old.proposals)
    again["source"] = "print('again')"
    old.run(again)
    old.until(lambda: again["ran"])
    old.vanish()
    new = Tab(kernel)
    new.client, new.cells = "reloaded", [prompt]
    new.open()
    run_proposal(new)
    assert new.until_ended()["ending"] == "answered"
    step = new.of_turn("action")[0]
    assert step["source"] == "print('again')"
    assert "again" in str(step["outputs"])
    assert "first" not in str(step["outputs"])


@pytest.mark.own_kernel
@pytest.mark.parametrize("saved", [True, False], ids=["saved", "not saved"])
def test_a_reloaded_tab_gets_no_cell_that_the_user_deleted(kernel, endpoint, saved):
    kernel.run("import codeact_jupyter.hosts.keeper as k; k.ANSWER_SECONDS = 0.2")
    endpoint.script("I begin.\n\n```python\nprint('first')\n```", ADD, ANSWER)
    old = Tab(kernel)
    old.open()
    prompt = old.ask("Do both.")
    run_proposal(old)
    old.until(old.proposals)
    thought, ran, *rest = old.of_turn()
    for cell in (thought, ran):
        old.cells.remove(cell)
        old.say("gone", cell_id=cell["id"])
    old.until(lambda: [said["message"]["kind"] for said in old.said[-2:]] == ["done", "done"])
    old.vanish()
    new = Tab(kernel)
    new.client, new.cells = "reloaded", [prompt, *([] if saved else [thought, ran]), *rest]
    new.open()
    run_proposal(new)
    assert new.until_ended()["ending"] == "answered"
    kept = rest if saved else [thought, ran, *rest]
    assert [cell["id"] for cell in new.of_turn()][:-1] == [cell["id"] for cell in kept]


@pytest.mark.own_kernel
def test_a_second_tab_does_not_take_a_turn_from_one_that_answers(kernel, endpoint):
    kernel.run("import codeact_jupyter.hosts.keeper as k; k.ANSWER_SECONDS = 0.5")
    endpoint.script(ADD, ANSWER)
    first = Tab(kernel)
    first.open()
    first.ask("What is 3 + 1?")
    first.until(first.proposals)
    second = Tab(kernel)
    second.client, second.cells = "second", list(first.cells[:1])
    second.open()
    first.until(lambda: any(said["message"]["kind"] == "ping" for said in first.said))
    run_proposal(first)
    assert first.until_ended()["ending"] == "answered"
    second.until(lambda: second.cards)  # it was welcomed, and told what ran, and the end
    assert [said["message"]["kind"] for said in second.said] == [
        "welcome",
        "turn.runs",
        "turn.card",
    ]
    assert (second.cards[0]["state"], second.cards[0]["ending"]) == ("ended", "answered")


def test_a_tab_that_saves_the_end_while_another_one_comes_has_ended_the_turn(kernel, endpoint):
    endpoint.script(ANSWER)
    slow, new = Tab(kernel), Tab(kernel)
    new.client = "another"

    def keep(tab):
        tab._turn_ended = lambda _: setattr(tab, "replies", False)
        return lambda: [s["message"] for s in tab.said if s["message"]["kind"] == "turn.ended"]

    ended, ended_there = keep(slow), keep(new)
    slow.open()
    new.cells = [slow.ask("What is 3 + 1?", "--auto")]
    slow.until(ended)
    new.open()
    new.until(ended_there)
    slow._say({"kind": "reply", "to": ended()[0]["id"]})
    new.said.clear()
    new.reconnect()
    new.until(lambda: [s for s in new.said if s["message"]["kind"] == "welcome"])
    assert [s["message"] for s in new.said if s["from"] == "kernel"] == [
        {"kind": "welcome", "version": __version__, "turns": []}
    ]


@pytest.mark.own_kernel
def test_a_turn_that_ends_at_once_is_shown_before_it_says_so(kernel, endpoint):
    """Else its card came below that of its end, and stayed."""
    kernel.run(
        "import time, codeact_jupyter.magic as magic\n"
        "from codeact_jupyter.dialogue import ConfigError, Dialogue\n"
        "async def ends(*_):\n    raise ConfigError('At once.')\n"
        "Dialogue._turn, show = ends, magic.show_card\n"
        "magic.show_card = lambda card: (time.sleep(0.3), show(card))"
    )
    tab = Tab(kernel)
    tab.open()
    shown = []
    tab._turn_ended = lambda _: shown.extend(output["data"] for output in tab.cells[0]["outputs"])
    tab.ask("What is 3 + 1?")
    assert tab.until_ended()["sentence"] == "At once."
    assert [data["application/vnd.codeact.turn+json"]["state"] for data in shown] == ["thinking"]


@pytest.mark.parametrize("path", ["notebook.ipynb", "another.ipynb"])
def test_any_tab_of_the_notebook_may_stop_its_turn_and_no_other(kernel, endpoint, path):
    endpoint.script(ADD, ANSWER)
    first = Tab(kernel)
    first.open()
    first.ask("What is 3 + 1?")
    first.until(first.proposals)
    second = Tab(kernel, path=path)
    second.client = "second"
    second.open()
    second.say("stop", turn=first.cards[-1]["turn"])
    second.until(lambda: [said for said in second.said if said["message"]["kind"] == "done"])
    (done,) = [said["message"] for said in second.said if said["message"]["kind"] == "done"]
    if path == first.path:
        assert done["ok"]
        assert first.until_ended()["ending"] == "stopped"
        second.until(lambda: second.cards and second.cards[-1]["ending"] == "stopped")
    else:
        assert not done["ok"]
        run_proposal(first)
        assert first.until_ended()["ending"] == "answered"


def test_any_tab_of_the_notebook_may_reject_and_approve(kernel, endpoint):
    endpoint.script(ADD, TWICE.replace("total", "3"), "Done.")
    first = Tab(kernel)
    first.open()
    first.ask("What is 3 + 1?")
    first.until(first.proposals)
    second = Tab(kernel)
    second.client = "second"
    second.open()
    (proposal,) = first.proposals()
    second.say("reject", cell_id=proposal["id"], reason="Not so.")
    first.until(lambda: first.proposals() not in ([], [proposal]))
    assert "Not so." in told(endpoint)
    second.say("approve.rest", turn=first.cards[-1]["turn"])
    first.until_ended()
    (action,) = [cell for cell in first.of_turn("action") if cell["ran"]]
    assert action["ran"].status == "ok"


@pytest.mark.own_kernel
def test_a_tab_that_was_silent_for_a_while_hears_all_that_it_missed(tab, endpoint):
    tab.kernel.run(
        "import codeact_jupyter.hosts.keeper as k; k.ANSWER_SECONDS = 0.1; k.SILENCE_SECONDS = 0.2"
    )
    endpoint.script(ADD, ANSWER)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    tab.replies = False
    tab.until(lambda: len([s for s in tab.said if s["message"]["kind"] == "ping"]) > 0)
    until(lambda: tab.kernel.run(KNOWN).text == "[0]\n")  # it is counted on no more
    tab.replies = True
    run_proposal(tab)
    tab.say("stop", turn="another one")  # any word of it will do
    assert tab.until_ended()["ending"] == "answered"
    tab.until(lambda: [c["source"] for c in tab.of_turn("answer")] == [ANSWER])
