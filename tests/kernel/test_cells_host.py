"""Turns whose actions are cells: a real kernel, a front end that speaks the protocol."""

import pytest
from endpoint import fault
from tab import Tab, run_proposal, statuses
from telling import ADD, ANSWER, TWICE, told


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


def test_the_card_tells_tokens_and_money(tab, endpoint):
    usage = {"prompt_tokens": 50, "completion_tokens": 2, "cost": 0.25}
    usage["prompt_tokens_details"] = {"cached_tokens": 40}
    endpoint.script(fault("no_usage", text="```python\n1 + 1\n```", usage=usage))
    endpoint.script(fault("no_usage", text="Two.", usage=usage))
    tab.ask("Add.", "--auto")
    card = tab.until_ended()
    told = [card[name] for name in ("tokens_in", "tokens_out", "tokens_cached", "tokens", "cost")]
    assert told == [100, 4, 80, 104, 0.5]


def test_a_deleted_prompt_stops_its_turn(tab, endpoint):
    endpoint.script(ADD)
    prompt = tab.ask("Add.")
    tab.until(tab.proposals)
    tab.say("gone", cell_id=prompt["id"])
    assert tab.until_ended()["ending"] == "stopped"


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


def test_a_prompt_that_is_run_again_while_its_turn_runs_is_quiet(tab, endpoint):
    endpoint.script(ADD, ANSWER)
    prompt = tab.ask("What is 3 + 1?")
    tab.until(tab.proposals)
    tab.run(prompt)  # as from a page that has not heard of the turn
    tab.until(lambda: prompt["ran"])
    assert prompt["ran"].status == "ok"
    assert prompt["outputs"] == []
    prompt["source"] += " Please."
    tab.run(prompt)
    # its outputs and its reply come by two roads, and until its reply it would abort what is sent
    refused = "A turn is running in this kernel already"
    tab.until(lambda: prompt["ran"] and refused in str(prompt["outputs"]))
    run_proposal(tab)
    assert tab.until_ended()["ending"] == "answered"
    assert len(endpoint.requests) == 2


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


def test_a_user_may_want_an_answered_prompt_asked_again(tab, endpoint):
    endpoint.script("Hello.")
    prompt = tab.ask("Say hello.")
    tab.until_ended()
    tab.until(lambda: prompt["metadata"]["codeact"]["status"] == "answered")
    endpoint.script("Hello again.")
    tab.cards.clear()
    tab.run(prompt, again=True)
    tab.until_ended()
    assert [cell["source"] for cell in tab.of_turn()] == ["Hello again."]


def test_a_turn_goes_on_from_a_step_of_the_one_before(tab, endpoint):
    endpoint.script(ADD, TWICE, "It is 8.", "```python\ny = 3\n```", "It is 3.")
    prompt = tab.ask("Twice 3 + 1?", "--auto")
    tab.until_ended()
    first, *_ = tab.of_turn("action")
    tab.cards.clear()
    tab.run(prompt, keeps=1)
    assert tab.until_ended()["ending"] == "answered"
    tab.until(lambda: prompt["metadata"]["codeact"]["status"] == "answered")
    assert [cell["metadata"]["codeact"]["step"] for cell in tab.of_turn("action")] == [1, 2]
    assert tab.of_turn("action")[0] is first
    asked = endpoint.requests[3].json["messages"]
    assert "those up to step 1 have run" in asked[-1]["content"]
    assert asked[-1]["content"].count("Twice 3 + 1?") == 1
    tab.run(prompt)  # answered, by all of its cells
    tab.until(lambda: "Answered before" in str(prompt["outputs"]))
    assert len(endpoint.requests) == 5


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


def test_what_is_no_message_of_ours_breaks_nothing(tab, endpoint):
    tab._send("comm_msg", {}, {"kind": "nonsense", "id": 1})
    tab._send("comm_msg", {}, {"no": "kind"})
    endpoint.script("Hello.")
    tab.ask("Hi.")
    assert tab.until_ended()["ending"] == "answered"


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
    assert "The endpoint's URL 'http://[broken', set in CODEACT_BASE_URL" in broken["ran"].error
    kernel.run(f"%env CODEACT_BASE_URL={endpoint.base_url}")
    reloaded = Tab(kernel)
    reloaded.open()
    reloaded.until(lambda: reloaded.said)
    assert reloaded.said[0]["message"]["turns"] == []
    endpoint.script("Hello.")
    reloaded.ask("Hi.")
    assert reloaded.until_ended()["ending"] == "answered"


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
