"""Actions that wait in their cells: run, edited, rejected, approved beforehand, taken away."""

import threading

import pytest
from endpoint import fault
from tab import run_proposal, statuses
from telling import ADD, ANSWER, TWICE, told
from waiting import until

WRITING = """import gc
from codeact_jupyter.hosts.cells import CellsHost
[host._writing for host in gc.get_objects() if isinstance(host, CellsHost)]"""


def test_what_the_user_edits_is_what_runs_and_what_the_model_reads(tab, endpoint):
    endpoint.script(ADD, ANSWER)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    tab.proposals()[0]["source"] = "total = 2 + 2\ntotal"
    cell = run_proposal(tab)
    tab.until_ended()
    assert "The user edited the block. What ran:" in told(endpoint)
    assert "total = 2 + 2" in told(endpoint)
    assert cell["metadata"]["codeact"]["edited"] is True


def test_a_rejected_proposal_goes_and_its_reason_reaches_the_model(tab, endpoint):
    endpoint.script(ADD, ADD.replace("3 + 1", "2 + 2"), ANSWER)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    first = tab.proposals()[0]["id"]
    tab.say("reject", cell_id=first, reason="use 2 + 2")
    tab.until(lambda: tab.proposals() and tab.proposals()[0]["id"] != first)
    assert told(endpoint) == "Step 1: rejected, nothing ran. use 2 + 2"
    assert first not in [cell["id"] for cell in tab.cells]
    run_proposal(tab)
    assert tab.until_ended()["ending"] == "answered"


@pytest.mark.parametrize("reason", ["The user deleted the cell.", "The user has a better idea."])
def test_a_reason_is_the_users_words_whatever_they_are(tab, endpoint, reason):
    endpoint.script(ADD, "Then not.")
    tab.ask("Add, or not.")
    tab.until(tab.proposals)
    tab.say("reject", cell_id=tab.proposals()[0]["id"], reason=reason)
    assert tab.until_ended()["notice"] == ""
    assert told(endpoint) == f"Step 1: rejected, nothing ran. {reason}"


DEEDS = {"emptied": "emptied the cell.", "made_raw": "turned the cell into a raw cell."}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_the_user_did_to_a_proposal_is_told_to_the_model_and_to_him(tab, endpoint, deed):
    endpoint.script(ADD, "Then not.")
    tab.ask("Add, or not.")
    tab.until(tab.proposals)
    tab.say("reject", cell_id=tab.proposals()[0]["id"], deed=deed)
    notice = tab.until_ended()["notice"]
    assert notice == f"Step 1 was rejected, and did not run: you {DEEDS[deed]}"
    assert told(endpoint) == f"Step 1: rejected, nothing ran. The user {DEEDS[deed]}"


def test_a_deleted_proposal_is_a_rejected_one(tab, endpoint):
    endpoint.script(ADD, "Then not.")
    tab.ask("Add, or not.")
    tab.until(tab.proposals)
    (cell,) = tab.proposals()
    tab.cells.remove(cell)
    tab.say("gone", cell_id=cell["id"])
    assert tab.until_ended()["ending"] == "answered"
    assert told(endpoint) == "Step 1: rejected, nothing ran. The user deleted the cell."


@pytest.mark.own_kernel
def test_an_action_that_is_gone_when_it_is_whole_is_rejected_at_once(tab, endpoint):
    """Nothing else wakes the turn, which would sleep until it asks whether the tab is there."""
    tab.kernel.run("import codeact_jupyter.hosts.keeper as k; k.SILENCE_SECONDS = 1_000_000")
    endpoint.script(ADD, "Then not.")
    asked = []

    def finish(message):
        tab.replies = message["metadata"]["role"] != "action"
        asked.append(message["id"])

    tab._cell_finish = finish
    tab.ask("Add, or not.")
    tab.until(lambda: tab.cards and tab.cards[-1]["state"] == "waiting")
    until(lambda: tab.kernel.run(WRITING).text == "[None]\n")
    tab.cells.remove(tab.of_turn("action")[0])
    tab.replies, tab._cell_finish = True, lambda message: None
    tab._say({"kind": "reply", "to": asked[-1], "error": "gone"})
    assert tab.until_ended()["ending"] == "answered"
    assert "Step 1: rejected, nothing ran. The user deleted the cell." in told(endpoint)


def test_an_action_that_is_deleted_while_it_is_written_is_rejected(tab, endpoint):
    release = threading.Event()
    text, then = ADD[:-4], ADD[-4:]
    endpoint.script(fault("held", release=release, text=text, then=then), "Then not.")
    tab.ask("Add, or not.")
    tab.until(lambda: tab.of_turn("action"))
    (cell,) = tab.of_turn("action")
    tab.cells.remove(cell)
    tab.say("gone", cell_id=cell["id"])
    release.set()
    assert tab.until_ended()["ending"] == "answered"
    assert told(endpoint) == "Step 1: rejected, nothing ran. The user deleted the cell."


def test_run_all_remaining_steps(tab, endpoint):
    endpoint.script(ADD, TWICE, "It is 8.")
    tab.ask("Twice 3 + 1?")
    tab.until(tab.proposals)
    assert (tab.cards[-1]["policy"], tab.cards[-1]["notice"]) == ("ask", "")
    tab.say("approve.rest", turn=tab.cards[-1]["turn"])
    tab.until(lambda: "nothing checks its effects" in tab.cards[-1]["notice"])
    assert tab.cards[-1]["policy"] == "auto"
    assert tab.until_ended()["ending"] == "answered"
    assert [c["metadata"]["codeact"]["status"] for c in tab.of_turn("action")] == ["ok", "ok"]


DEEP = "x" + ".a" * 900
INSTALLING = "This action may install packages, so it waits for you all the same."
INSTALLS = ["%pip install nothing-of-that-name", f"if False:\n    !pip install nothing\n{DEEP}"]


@pytest.mark.parametrize("code", INSTALLS, ids=["plain", "too deep to be read"])
def test_run_all_remaining_steps_asks_before_packages_are_installed(tab, endpoint, code):
    endpoint.script(ADD, f"```python\n{code}\n```", ANSWER)
    tab.ask("Add.")
    tab.until(tab.proposals)
    tab.say("approve.rest", turn=tab.cards[-1]["turn"])
    tab.until(lambda: tab.cards[-1]["step"] == 2 and tab.cards[-1]["state"] != "thinking")
    tab.until(lambda: tab.cards[-1]["state"] in {"waiting", "ended"})
    assert [c["source"] for c in tab.proposals()] == [code]
    assert tab.cards[-1]["notice"].endswith(f"nothing checks its effects.\n{INSTALLING}")
    tab.say("stop", turn=tab.cards[-1]["turn"])
    tab.until_ended()


def test_auto_says_of_what_may_install_packages_why_it_waits(tab, endpoint):
    endpoint.script(f"```python\n{INSTALLS[0]}\n```", ADD, ANSWER)
    tab.ask("Add.", "--auto")
    tab.until(lambda: tab.cards and tab.cards[-1]["state"] in {"waiting", "ended"})
    assert tab.cards[-1]["notice"].endswith(f"nothing checks its effects.\n{INSTALLING}")
    tab.say("reject", cell_id=tab.proposals()[0]["id"])
    assert INSTALLING not in tab.until_ended()["notice"]


def test_an_approval_counts_for_its_own_turn_only(tab, endpoint):
    endpoint.script("Hello.", ADD, ANSWER)
    tab.ask("Hi.")
    earlier = tab.until_ended()["turn"]
    tab.cards.clear()
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    tab.say("approve.rest", turn=earlier)
    tab.until(lambda: tab.said[-1]["message"]["kind"] == "done")
    assert tab.said[-1]["message"]["ok"] is False
    assert tab.kernel.run("'total' in globals()").text == "False\n"
    run_proposal(tab)
    tab.until_ended()


def test_auto_runs_by_itself_and_says_that_nothing_checks(tab, endpoint):
    endpoint.script(ADD, ANSWER)
    tab.ask("What is 3 + 1?", "--auto")
    card = tab.until_ended()
    assert card["ending"] == "answered"
    assert card["policy"] == "auto"
    assert "nothing checks its effects" in card["notice"]


def test_auto_has_an_action_run_before_its_prose_is_shown_whole(tab, endpoint):
    """A page takes longest to render prose, and would keep the action waiting."""
    endpoint.script(ADD, ANSWER)
    tab.ask("What is 3 + 1?", "--auto")
    tab.until_ended()
    cells = [cell["id"] for cell in tab.of_turn()]
    kinds = ("cell.place", "cell.finish", "cell.run")
    told_of = [
        (message["kind"], cells.index(message["cell_id"]))
        for message in (said["message"] for said in tab.said if said["from"] == "kernel")
        if message["kind"] in kinds
    ]
    placed = [("cell.place", 0), ("cell.place", 1)]
    assert told_of[:4] == [*placed, ("cell.run", 1), ("cell.finish", 0)]
    assert statuses(tab) == [("markdown", "done"), ("code", "ok"), ("markdown", "done")]


def test_auto_runs_nothing_that_the_user_is_editing(tab, endpoint):
    endpoint.script(ADD, ANSWER)
    finish_it = tab._cell_finish

    def edited_then(message):
        answer = finish_it(message)
        if message["metadata"]["role"] == "action":
            tab.cell(message["cell_id"])["source"] = "total = 2 + 2"
        return answer

    tab._cell_finish = edited_then
    tab.ask("What is 3 + 1?", "--auto")
    tab.until(lambda: tab.cards and "You edited this cell" in tab.cards[-1]["notice"])
    assert tab.cards[-1]["state"] == "waiting"
    cell = tab.of_turn("action")[0]
    assert cell["ran"] is None
    tab.run(cell)
    assert tab.until_ended()["ending"] == "answered"
    assert "total = 2 + 2" in told(endpoint)


@pytest.mark.parametrize("flags", ["", "--auto"])
def test_a_refused_action_goes(tab, endpoint, flags):
    endpoint.script(fault("slow", text="Limits.\n\n```python\n%codeact config\n```"), "Then not.")
    tab.ask("Do it, or not.", flags)
    assert tab.until_ended()["ending"] == "answered"
    assert statuses(tab) == [("markdown", "done"), ("markdown", "done")]
    assert "Step 1: refused, nothing ran." in told(endpoint)
    assert any("Nothing ran. An action may not contain" in str(card) for card in tab.cards)


def test_stop_takes_the_waiting_proposal_away_and_it_never_runs(tab, endpoint):
    endpoint.script(ADD)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    tab.say("stop", turn=tab.cards[-1]["turn"])
    tab.until_ended()
    tab.until(lambda: not tab.proposals())
    assert tab.kernel.run("'total' in globals()").text == "False\n"


def test_a_failed_action_is_marked_so_that_run_all_passes_it(tab, endpoint):
    endpoint.script("```python\n1 / 0\n```", "It fails.")
    tab.ask("Divide.", "--auto")
    tab.until_ended()
    marks = [s["message"] for s in tab.said if s["message"]["kind"] == "cell.mark"]
    assert [(m["passes"], m["metadata"]["status"]) for m in marks] == [(True, "error")]
