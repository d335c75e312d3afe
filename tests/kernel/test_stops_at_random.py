"""Stop and interrupt at whatever moment, again and again: nothing is lost, hung or run twice."""

import os
import random
import signal
import threading

import pytest
from endpoint import fault
from telling import ANSWER

STOPS = 50
INTERRUPTS = 60
OUTCOMES = (
    # what came of the action, and of the user's cell
    ([], "ok"),
    (["interrupted"], "ok"),
    (["ok"], "ok"),
    (["ok"], "error"),
    (["ok"], "lost"),  # the interrupt met ipykernel's own code, which then sends no reply
)
LONGEST = 0.4  # seconds that a turn takes here, and the user's cell behind its action


class Rounds:
    """Turns in one kernel, each with one action and a cell of the user's queued behind that."""

    def __init__(self, tab, endpoint, path):
        self.tab = tab
        self.endpoint = endpoint
        self.path = path
        self.number = 0

    def begin(self, answer=ANSWER):
        self.number += 1
        self.tab.cells.clear()
        self.tab.cards.clear()
        self.endpoint.forget()
        words = f"Mark {self.number}."
        action = f"I mark.\n\n```python\n{self.marking('action')}\n```"

        def reply(request):
            return action if words in request["messages"][-1]["content"] else answer

        self.endpoint.script(reply, reply, reply)  # one of a turn that was stopped may come late
        prompt = self.tab.ask(words, "--auto")
        assert prompt["ran"].status == "ok"

    def marking(self, who):
        """Code that leaves a mark, then goes on for a moment in which it can be interrupted."""
        return (
            f"import time\nwith open({str(self.path)!r}, 'a') as marks:\n"
            f"    print({who!r}, {self.number}, file=marks)\n"
            "for _ in range(10):\n    time.sleep(0.005)"
        )

    def queue_own(self):
        """The user runs a cell of his."""
        own = self.tab.add(self.marking("own"))
        self.tab.run(own)
        return own

    @property
    def ended(self):
        return bool(self.tab.cards) and self.tab.cards[-1]["state"] == "ended"

    @property
    def begun(self):
        return any(cell["execution_count"] for cell in self.tab.of_turn("action"))

    def ran(self, who):
        """How often that left its mark in this round."""
        marks = self.path.read_text().splitlines() if self.path.exists() else []
        return marks.count(f"{who} {self.number}")

    def until_over(self):
        """The turn is over, the kernel answers, and the next turn may begin."""
        self.tab.until(lambda: self.ended)
        status = self.tab.add("%codeact status")
        while not (status["ran"] and status["ran"].status == "ok"):  # an interrupted cell aborts it
            self.tab.run(status)
            self.tab.until(lambda: status["ran"])
        self.tab.until(lambda: ": idle" in str(status["outputs"]))
        assert self.endpoint.unscripted == 0


@pytest.fixture
def rounds(tab, endpoint, tmp_path):
    return Rounds(tab, endpoint, tmp_path / "marks")


def test_a_stop_behind_the_end_of_an_action_leaves_the_users_cell_alone(rounds):
    for _ in range(STOPS):
        rounds.begin(fault("held", release=threading.Event(), text="The"))
        rounds.tab.until(lambda: rounds.begun)
        own = rounds.queue_own()
        (action,) = rounds.tab.of_turn("action")
        rounds.tab.until(lambda action=action: action["ran"])
        rounds.tab.say("stop", turn=rounds.tab.cards[-1]["turn"])
        rounds.until_over()
        assert rounds.tab.cards[-1]["ending"] == "stopped"
        assert action["metadata"]["codeact"]["status"] == "ok"
        assert own["ran"].status == "ok"
        assert (rounds.ran("action"), rounds.ran("own")) == (1, 1)


def test_an_interrupt_at_any_moment(rounds):
    """As the interrupt button does: the signal, and the word of the tab that the turn is to end."""
    chance = random.Random(7)
    kernel = int(rounds.tab.kernel.run("__import__('os').getpid()").text)
    for _ in range(INTERRUPTS):
        sent = threading.Event()
        rounds.begin()
        pressing = threading.Timer(
            chance.uniform(0, LONGEST),
            lambda sent=sent: (os.kill(kernel, signal.SIGINT), sent.set()),
        )
        pressing.start()
        rounds.tab.until(lambda sent=sent: rounds.begun or rounds.ended or sent.is_set())
        own = rounds.queue_own()
        rounds.tab.until(sent.is_set)
        if not rounds.ended:
            rounds.tab.say("stop", turn="")
        rounds.until_over()
        pressing.join()
        check(rounds, own)


def check(rounds, own):
    """One interrupt hits one cell at most, and what had begun is known to have."""
    statuses = [cell["metadata"]["codeact"]["status"] for cell in rounds.tab.of_turn("action")]
    replied = own["ran"].status if own["ran"] else "lost"
    assert (statuses, replied) in OUTCOMES
    assert rounds.ran("action") <= len(statuses)
    assert rounds.ran("action") >= statuses.count("ok")
    assert rounds.ran("own") <= 1
    assert rounds.ran("own") == 1 or replied != "ok"
    if statuses != ["ok"]:
        assert rounds.tab.cards[-1]["ending"] == "stopped"
