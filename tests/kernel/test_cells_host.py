"""Turns whose actions are cells: a real kernel, a front end that speaks the protocol."""

import json
import threading

import nbformat
import pytest
from endpoint import fault
from examining import KEY
from tab import Tab, run_proposal, statuses, told

ADD = "I add.\n\n```python\ntotal = 3 + 1\nprint('sum', total)\ntotal\n```"
TWICE = "Twice that.\n\n```python\ntwice = 2 * total\ntwice\n```"
ANSWER = "The sum is 4."


def test_a_turn_is_cells_that_the_user_runs(tab, endpoint):
    endpoint.script(ADD, ANSWER)
    prompt = tab.ask("What is 3 + 1?")
    assert prompt["ran"].status == "ok"
    cell = run_proposal(tab)
    card = tab.until_ended()
    assert (card["ending"], card["step"], card["sentence"]) == ("answered", 2, "")
    assert [c["source"] for c in tab.cells[1:]] == ["I add.", cell["source"], ANSWER]
    assert statuses(tab) == [("markdown", "done"), ("code", "ok"), ("markdown", "done")]
    assert "Step 1: ok.\nsum 4\n4\nNew total: int, 4" in told(endpoint)
    tab.until(lambda: prompt["metadata"]["codeact"]["status"] == "answered")


def test_no_request_of_a_later_turn_is_taken_for_an_earlier_one(tab, endpoint):
    for _ in range(2):
        endpoint.script("Hello.")
        tab.ask("Say hello.")
        tab.until(lambda: tab.of_turn("answer") and tab.cards and tab.cards[-1]["state"] == "ended")
        tab.cards.clear()
    sent = [said["message"].get("id") for said in tab.said if said["from"] == "kernel"]
    numbers = [number for number in sent if number is not None]
    assert len(numbers) == len(set(numbers)) > 5


def test_the_kernel_is_free_while_a_proposal_waits(tab, endpoint):
    endpoint.script(ADD, ANSWER)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    own = tab.add("free = 'yes'\nfree")
    tab.run(own)
    tab.until(lambda: own["ran"])
    assert own["ran"].status == "ok"
    assert tab.cards[-1]["state"] == "waiting"
    run_proposal(tab)
    tab.until_ended()
    assert "Meanwhile the user ran:\nIn [" in told(endpoint)
    assert "free = 'yes'" in told(endpoint)


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


def test_a_deleted_prompt_stops_its_turn(tab, endpoint):
    endpoint.script(ADD)
    prompt = tab.ask("Add.")
    tab.until(tab.proposals)
    tab.say("gone", cell_id=prompt["id"])
    assert tab.until_ended()["ending"] == "stopped"


def test_run_all_remaining_steps(tab, endpoint):
    endpoint.script(ADD, TWICE, "It is 8.")
    tab.ask("Twice 3 + 1?")
    tab.until(tab.proposals)
    tab.say("approve.rest", turn=tab.cards[-1]["turn"])
    assert tab.until_ended()["ending"] == "answered"
    assert [c["metadata"]["codeact"]["status"] for c in tab.of_turn("action")] == ["ok", "ok"]


def test_run_all_remaining_steps_asks_before_packages_are_installed(tab, endpoint):
    endpoint.script(ADD, "```python\n%pip install nothing-of-that-name\n```")
    tab.ask("Add.")
    tab.until(tab.proposals)
    tab.say("approve.rest", turn=tab.cards[-1]["turn"])
    tab.until(lambda: tab.cards[-1]["step"] == 2 and tab.cards[-1]["state"] == "waiting")
    assert [c["source"] for c in tab.proposals()] == ["%pip install nothing-of-that-name"]
    tab.say("stop", turn=tab.cards[-1]["turn"])
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


def test_stop_while_the_model_thinks(tab, endpoint):
    endpoint.script(fault("headers_then_silence"))
    tab.ask("What is 3 + 1?")
    tab.until(lambda: endpoint.requests)
    tab.say("stop", turn=tab.cards[-1]["turn"])
    card = tab.until_ended()
    assert card["ending"] == "stopped"
    assert "Stopped by you" in card["sentence"]
    endpoint.script("Hello.")
    tab.cards.clear()
    tab.ask("Say hello.")
    assert tab.until_ended()["ending"] == "answered"


def test_stop_takes_the_waiting_proposal_away_and_it_never_runs(tab, endpoint):
    endpoint.script(ADD)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    tab.say("stop", turn=tab.cards[-1]["turn"])
    tab.until_ended()
    tab.until(lambda: not tab.proposals())
    assert tab.kernel.run("'total' in globals()").text == "False\n"


def test_an_interrupted_action_stops_the_turn_and_keeps_what_it_put_out(tab, endpoint):
    endpoint.script("```python\nprint('begun')\nimport time\ntime.sleep(60)\n```")
    tab.ask("Wait.", "--auto")
    tab.until(lambda: any("begun" in str(cell["outputs"]) for cell in tab.cells))
    tab.kernel.interrupt()
    assert tab.until_ended()["ending"] == "stopped"
    (cell,) = tab.of_turn("action")
    tab.until(lambda: cell["metadata"]["codeact"]["status"] == "interrupted")


def test_percent_codeact_stop_ends_a_turn_where_it_reaches_the_kernel(tab, endpoint):
    endpoint.script(ADD)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    stop = tab.add("%codeact stop")
    tab.run(stop)
    assert tab.until_ended()["ending"] == "stopped"


def test_a_second_prompt_is_told_that_a_turn_is_running(tab, endpoint):
    endpoint.script(ADD, ANSWER)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    second = tab.ask("And 4 + 1?")
    assert second["ran"].status == "error"
    assert "A turn is running in this kernel already" in second["ran"].error
    run_proposal(tab)
    tab.until_ended()


def test_the_model_reads_the_notebook_above_run_or_not(tab, endpoint):
    tab.add("# Sales of 2024", "markdown")
    ran = tab.add("x = 41\nx")
    tab.run(ran)
    tab.until(lambda: ran["ran"])
    tab.add("y = x + 1  # not run yet")
    endpoint.script("Nothing to do.", "Still nothing.")
    tab.ask("Look around.")
    tab.until_ended()
    text = told(endpoint)
    assert "The notebook above the prompt:\nText: # Sales of 2024\nIn [2]: x = 41" in text
    assert "Out: 41" in text
    assert "In [ ]: y = x + 1  # not run yet" in text
    assert text.count("x = 41") == 1
    tab.cards.clear()
    tab.ask("And now?")
    tab.until_ended()
    assert "Sales of 2024" not in told(endpoint)  # told once


def test_the_model_is_told_what_the_user_changed_between_the_steps(tab, endpoint):
    endpoint.script(ADD, TWICE, "It is 8.")
    tab.ask("Twice 3 + 1?")
    tab.until(tab.proposals)
    tab.changes = [
        {"cell_id": "a", "what": "edited", "role": None, "step": None, "source": "x = 5"},
        {"cell_id": "b", "what": "deleted", "role": "thought", "step": 1, "source": ""},
    ]
    run_proposal(tab)
    tab.until(tab.proposals)
    assert "The user edited a cell above, without running it. It reads now:\nx = 5" in told(
        endpoint
    )
    assert "The user deleted the cell of step 1." in told(endpoint)
    run_proposal(tab)
    tab.until_ended()
    assert "x = 5" not in told(endpoint)


def test_an_answered_prompt_stays_quiet_and_shows_its_card(tab, endpoint):
    endpoint.script(ADD, ANSWER)
    prompt = tab.ask("What is 3 + 1?", "--auto")
    tab.until_ended()
    tab.until(lambda: prompt["metadata"]["codeact"]["status"] == "answered")
    for seen in (True, False):  # also where our extension did not send it
        tab.run(prompt, seen=seen)
        tab.until(lambda: "Answered before, so no model was asked" in str(prompt["outputs"]))
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize("change", ["edited", "again", "a cell is missing"])
def test_a_prompt_is_asked_anew_when_it_has_to_be(tab, endpoint, change):
    endpoint.script(ADD, ANSWER, "It is 4, as before.")
    prompt = tab.ask("What is 3 + 1?", "--auto")
    tab.until_ended()
    tab.until(lambda: prompt["metadata"]["codeact"]["status"] == "answered")
    if change == "edited":
        prompt["source"] += " Please."
    elif change == "again":
        prompt["source"] = prompt["source"].replace("--auto", "--auto --again")
    else:
        tab.cells.remove(tab.of_turn("action")[0])
    tab.cards.clear()
    tab.run(prompt)
    tab.until_ended()
    assert len(endpoint.requests) == 3
    tab.until(lambda: [c["source"] for c in tab.of_turn()] == ["It is 4, as before."])


def test_a_mark_that_another_session_sent_makes_no_front_end(kernel, endpoint):
    endpoint.script("Hello.")
    front = {"client": "somebody", "version": "0", "steps": 0, "settings": {}}
    ran = kernel.run("%%codeact\nHi.", metadata={"codeact": {"front": front}}, answers=[])
    assert "Hello." in ran.text  # in the cell itself


def test_another_version_in_the_browser_is_said_and_the_turn_runs_inside(tab, endpoint):
    endpoint.script("Hello.")
    front = {"client": tab.client, "version": "0.0.1", "steps": 0, "settings": {}}
    ran = tab.kernel.run(
        "%%codeact\nHi.", metadata={"codeact": {"front": front}}, cell_id="p", answers=[]
    )
    assert "and 0.0.1 in JupyterLab" in ran.text
    assert "Hello." in ran.text


def test_a_fault_of_the_endpoint_ends_the_turn_with_its_sentence(tab, endpoint):
    endpoint.script(fault("401"))
    tab.ask("What is 3 + 1?")
    card = tab.until_ended()
    assert card["ending"] == "fault"
    assert "refused the key (401)" in card["sentence"]


def test_a_reply_that_breaks_off_leaves_words_and_nothing_to_run(tab, endpoint):
    endpoint.script(fault("length", text="I add.\n\n```python\ntotal = 3 +"))
    tab.ask("What is 3 + 1?")
    assert tab.until_ended()["ending"] == "fault"
    tab.until(lambda: not tab.of_turn("action"))
    (cell,) = tab.of_turn()
    assert cell["cell_type"] == "markdown"
    assert "I add." in cell["source"]
    assert "total = 3 +" in cell["source"]
    assert "[…]" in cell["source"]


def test_an_answer_that_is_sent_back_does_not_stay(tab, endpoint):
    endpoint.script("It is 4711.", ADD, ANSWER)
    tab.ask("What is 3 + 1?", "--auto")
    assert tab.until_ended()["ending"] == "answered"
    assert "4711" not in str(tab.cells)


@pytest.mark.parametrize("flags", ["", "--auto"])
def test_a_refused_action_goes(tab, endpoint, flags):
    endpoint.script(fault("slow", text="Limits.\n\n```python\n%codeact config\n```"), "Then not.")
    tab.ask("Do it, or not.", flags)
    assert tab.until_ended()["ending"] == "answered"
    assert statuses(tab) == [("markdown", "done"), ("markdown", "done")]
    assert "Step 1: refused, nothing ran." in told(endpoint)
    assert any("Nothing ran. An action may not contain" in str(card) for card in tab.cards)


def test_settings_of_the_front_end_count_below_the_kernels_own(tab, endpoint):
    endpoint.script(ADD, TWICE)
    tab.ask("Twice 3 + 1?", "--auto", settings={"max_steps": 1, "narration": False})
    assert tab.until_ended()["ending"] == "steps"
    assert [cell["cell_type"] for cell in tab.of_turn()] == ["code"]
    tab.kernel.run("%config CodeAct.max_steps = 2")
    endpoint.script(TWICE.replace("twice", "thrice"), "It is 8.")
    tab.cards.clear()
    tab.ask("Go on.", "--auto", settings={"max_steps": 1})
    assert tab.until_ended()["ending"] in {"answered", "steps"}
    assert tab.cards[-1]["step"] == 2


def test_a_failed_action_is_marked_so_that_run_all_passes_it(tab, endpoint):
    endpoint.script("```python\n1 / 0\n```", "It fails.")
    tab.ask("Divide.", "--auto")
    tab.until_ended()
    marks = [s["message"] for s in tab.said if s["message"]["kind"] == "cell.mark"]
    assert [(m["passes"], m["metadata"]["status"]) for m in marks] == [(True, "error")]


def test_unloading_in_the_middle_leaves_no_thread_and_no_comm(tab, endpoint):
    endpoint.script(ADD)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    unload = tab.add("%unload_ext codeact_jupyter")
    tab.run(unload)
    tab.until(lambda: unload["ran"])
    assert unload["ran"].status == "ok"
    left = tab.kernel.run(
        "import threading, comm\n"
        "[t.name for t in threading.enumerate() if 'codeact' in t.name], "
        "len(comm.get_comm_manager().comms)"
    )
    assert left.text == "([], 0)\n"


def test_a_finished_turn_leaves_no_thread(tab, endpoint):
    endpoint.script("Hello.")
    tab.ask("Hi.")
    tab.until_ended()
    left = "import threading; [t.name for t in threading.enumerate() if 'codeact' in t.name]"
    assert tab.kernel.run(left).text == "[]\n"


def test_the_key_is_in_no_message(start_kernel, endpoint):
    kernel = start_kernel(CODEACT_API_KEY=KEY)
    tab = Tab(kernel)
    tab.open()
    endpoint.script("```python\nimport os\nos.environ['CODEACT_API_KEY']\n```", "I see.")
    tab.ask("Look.", "--auto")
    tab.until_ended()
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(tab.said)


def test_what_is_no_message_of_ours_breaks_nothing(tab, endpoint):
    tab._send("comm_msg", {}, {"kind": "nonsense", "id": 1})
    tab._send("comm_msg", {}, {"no": "kind"})
    endpoint.script("Hello.")
    tab.ask("Hi.")
    assert tab.until_ended()["ending"] == "answered"


def test_a_dry_run_shows_the_notebook_above_too_and_sends_nothing(tab, endpoint):
    tab.add("# Sales of 2024", "markdown")
    dry = tab.ask("What is 3 + 1?", "--dry-run")
    tab.until(lambda: "messages" in str(dry["outputs"]))
    (output,) = dry["outputs"]
    shown = json.loads(output["data"]["text/plain"])
    assert endpoint.requests == []
    endpoint.script("Hello.")
    dry["source"] = dry["source"].replace(" --dry-run", "")
    tab.run(dry)
    tab.until_ended()
    assert shown["messages"] == endpoint.requests[0].json["messages"]
    assert "Sales of 2024" in shown["messages"][-1]["content"]


def test_unloading_after_a_turn_and_loading_again(tab, endpoint):
    endpoint.script("Hello.", "Again.")
    tab.ask("Hi.")
    tab.until_ended()
    for line in ("%unload_ext codeact_jupyter", "%load_ext codeact_jupyter"):
        cell = tab.add(line)
        tab.run(cell)
        tab.until(lambda cell=cell: cell["ran"])
        assert (cell["ran"].status, cell["ran"].error) == ("ok", "")
    assert tab.kernel.run("import comm; len(comm.get_comm_manager().comms)").text == "1\n"
    again = Tab(tab.kernel)
    again.open()
    again.ask("Hi.")
    assert again.until_ended()["ending"] == "answered"


def test_a_prompt_that_cannot_begin_leaves_nothing_behind(start_kernel, endpoint):
    kernel = start_kernel(CODEACT_BASE_URL="http://[broken")
    tab = Tab(kernel)
    tab.open()
    broken = tab.ask("Hi.")
    assert broken["ran"].status == "error"
    assert "The base URL cannot be read" in broken["ran"].error
    kernel.run(f"%env CODEACT_BASE_URL={endpoint.base_url}")
    reloaded = Tab(kernel)
    reloaded.open()
    reloaded.until(lambda: reloaded.said)
    assert reloaded.said[0]["message"]["turns"] == []
    endpoint.script("Hello.")
    reloaded.ask("Hi.")
    assert reloaded.until_ended()["ending"] == "answered"


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


def test_a_new_conversation_is_not_begun_under_a_running_turn(tab, endpoint):
    endpoint.script(ADD, ANSWER, "It was 4.")
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    for source in ("%%codeact --new\nHi.", "%codeact reset"):
        cell = tab.add(source)
        tab.run(cell)
        tab.until(lambda cell=cell: cell["ran"])
        assert "A turn is running in this kernel already" in cell["ran"].error
    run_proposal(tab)
    tab.until_ended()
    tab.cards.clear()
    tab.ask("What was it?")
    tab.until_ended()
    assert "What is 3 + 1?" in str(endpoint.requests[-1].json["messages"])


def test_the_users_last_cell_is_told_before_anything_else_runs(tab, endpoint):
    endpoint.script(ADD, "Then not.")
    tab.ask("Add, or not.")
    tab.until(tab.proposals)
    own = tab.add("own = 1")
    tab.run(own)
    tab.until(lambda: own["ran"])
    tab.say("reject", cell_id=tab.proposals()[0]["id"], reason="I did it")
    tab.until_ended()
    assert "Meanwhile the user ran:\nIn [" in told(endpoint)
    assert told(endpoint).count("own = 1") == 1


def test_what_was_told_is_not_told_again_and_what_changed_is(tab, endpoint):
    endpoint.script(ADD, ANSWER, "I see.", "I see.")
    tab.ask("What is 3 + 1?")
    own = tab.add("own = 1")
    tab.run(own)
    tab.until(tab.proposals)
    action = run_proposal(tab)
    tab.until_ended()
    tab.cards.clear()
    tab.ask("And now?")
    tab.until_ended()
    assert str(endpoint.requests[-1].json["messages"]).count("own = 1") == 1
    assert "total = 3 + 1" not in told(endpoint)
    action["source"] = "total = 1000"
    tab.run(action)
    tab.until(lambda: action["ran"])
    tab.cards.clear()
    tab.ask("And now?")
    tab.until_ended()
    assert "total = 1000" in told(endpoint)


def test_the_export_of_turns_in_cells_is_in_the_order_in_which_it_happened(tab, endpoint, tmp_path):
    endpoint.script(ADD, ANSWER)
    tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    own = tab.add("own = 1")
    tab.run(own)
    tab.until(lambda: own["ran"])
    run_proposal(tab)
    tab.until_ended()
    exported = tab.kernel.run(f"%codeact export {tmp_path / 'out.ipynb'}")
    assert exported.status == "ok"
    cells = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells
    assert [cell.source for cell in cells] == [
        "> What is 3 + 1?",
        "I add.",
        "own = 1",
        ADD.split("```python\n")[1].removesuffix("\n```"),
        ANSWER,
    ]
    assert [cell.metadata.get("codeact", {}).get("role") for cell in cells] == [
        *("prompt", "thought", None, "action", "answer")
    ]
