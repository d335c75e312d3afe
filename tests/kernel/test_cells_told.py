"""What the model reads of the notebook around its cells, and what is kept of that."""

import json

import nbformat
from examining import KEY
from tab import Tab, run_proposal
from telling import ADD, ANSWER, TWICE, told


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


def test_a_notebook_that_cannot_be_read_is_not_taken_for_an_empty_one(tab, endpoint):
    tab._notebook_read = lambda _: {"error": "failed", "text": "No such cell."}
    tab.ask("Look around.")
    card = tab.until_ended()
    assert card["ending"] == "fault"
    assert "could not read the notebook: No such cell. Nothing was sent." in card["sentence"]
    assert endpoint.requests == []


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


def test_the_key_is_in_no_message(start_kernel, endpoint):
    kernel = start_kernel(CODEACT_API_KEY=KEY)
    tab = Tab(kernel)
    tab.open()
    endpoint.script("```python\nimport os\nos.environ['CODEACT_API_KEY']\n```", "I see.")
    tab.ask("Look.", "--auto")
    tab.until_ended()
    assert endpoint.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(tab.said)


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
