"""One turn: the model writes Python, the kernel runs it, the model reads what came out.

This page is the product. It is the loop of "Executable Code Actions Elicit Better LLM
Agents" (Wang et al. 2024, figure 2), with a user in it::

            prompt
              │
      ┌──► think ─────── a reply without code is the answer, it ends the turn
      │       │
      │    decide ────── refused by a rule, rejected by the user ──┐
      │       │                                                    │
      │      act ─────── a real cell, in the user's live kernel    │
      │       │                                                    │
      └─── observe ◄──── its output, error and changes, or reasons ┘

The loop knows none of its parts (:mod:`codeact_jupyter.parts`): it hands values from one
to the other. It never raises for what a model, an endpoint or an action does: every turn
comes to an :class:`~codeact_jupyter.types.Ending` with a sentence, and what was done stays.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codeact_jupyter.console import count
from codeact_jupyter.errors import (
    ActionWithdrawn,
    CodeActError,
    ContextFull,
    ModelError,
    NotAnswered,
)
from codeact_jupyter.progress import Delta, Ended, Notice, Observed, Replied, SentBack, StepStarted
from codeact_jupyter.redact import redact
from codeact_jupyter.types import Action, Ending, Observation, Step, Turn, Usage

if TYPE_CHECKING:
    from codeact_jupyter.parts import Doubt, Parts
    from codeact_jupyter.types import Completion, EndKind, Reply, Verdict

MOST_REPEATS = 3
MOST_DOUBTS = 3
SAME_AGAIN = (
    "You ran this very block before, with the same result, and it will not change. If the outputs "
    "answer the question, answer now in plain words without a block; else try another way."
)
FAILS_AGAIN = (
    "This block fails in the same way each time, so do not write it again. The lines above say "
    "what is there: use them in another block."
)
ENDINGS: dict[EndKind, str] = {
    "answered": "Answered.",
    "steps": "Stopped at the limit of {steps} without an answer. What was done "
    "stays; run the prompt again to go on, or allow more with `--max-steps`.",
    "tokens": "Stopped at the limit of {limits.tokens:,} tokens without an answer. What was done "
    "stays; run the prompt again to go on, or allow more with `--max-tokens`.",
    "seconds": "Stopped at the limit of {limits.seconds:g} s of model time without an answer. "
    "What was done stays; run the prompt again to go on, or allow more with `--timeout`.",
    "stopped": "Stopped by you. What was done stays; run the prompt again to go on.",
    "stuck": "Stopped: the model ran the same block with the same result "
    f"{MOST_REPEATS} times. What was done stays; tell it what to try instead.",
    "handed_over": "The action is in the next cell, for you to edit and run. What it puts out is "
    "what the model reads when you run the prompt again.",
    "empty": "The model's reply holds neither an answer nor a block of Python. What was done "
    "stays; word the prompt in another way, or set another model.",
    "fault": "The model's reply was cut at its length limit, so it was not acted upon. Ask for "
    "smaller steps, or raise the reply limit or the context size of the server.",
}
_SHORTENED = (
    "The conversation is longer than the model takes: what is old in it was shortened by "
    "{saved:,} characters, and the model is asked once more."
)


async def run_turn(turn_id: str, prompt: str, parts: Parts, *, after: int = 0) -> Turn:
    """Run one turn, of which the prompt already stands in the conversation.

    Args:
        turn_id: Unique in the session.
        prompt: The user's words.
        parts: What the turn is made of.
        after: How many steps ran before, where it goes on from one of an earlier turn.

    Returns:
        The turn with all its steps; its ending says how it came to its end.
    """
    turn = _RunningTurn(turn_id, prompt, parts, after)
    try:
        ending = await turn.until_it_ends()
    except asyncio.CancelledError:
        ending = turn.ending("stopped")
    except NotAnswered as error:
        ending = Ending(kind="stopped", sentence=str(error))
    except CodeActError as error:
        turn.keep_partial(error)
        ending = Ending(kind="fault", sentence=str(error))
    return turn.close(ending)


@dataclass
class _RunningTurn:
    id: str
    prompt: str
    parts: Parts
    after: int
    steps: list[Step] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)
    doubts: list[Doubt] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0

    async def until_it_ends(self) -> Ending:
        """Think, act and observe until there is a reason to end."""
        while True:
            if limit := self._limit_reached():
                return self.ending(limit)
            reply = await self._think()
            if reply is None:
                return self.ending("fault")
            if doubt := self._doubt(reply):
                self._send_back(doubt)
                continue
            if not reply.code and not reply.answer:
                return self.ending("empty")
            self.parts.conversation.reply(reply)
            self.parts.journal.replied(self.steps[-1])
            if reply.code is None:
                return self.ending("answered")
            observation = await self._act(reply.code)
            meanwhile = await self.parts.host.meanwhile()
            if end := self._observe(replace(observation, meanwhile=meanwhile)):
                return self.ending(end)

    async def _think(self) -> Reply | None:
        """Ask the model for a reply; None when it must not be acted upon."""
        number, cell_id = self._next, uuid.uuid4().hex[:12]
        done = await self._complete(number, cell_id)
        self.usage += done.usage
        self.seconds += done.seconds
        if done.finish == "length":
            self.parts.journal.broken_off(number, done.text)
            return None
        reply = self.parts.senses.read(done)
        step = self._step(number, cell_id, reply, done)
        self.steps.append(step)
        self.parts.host.show(Replied(step=step))
        return reply

    async def _complete(self, number: int, cell_id: str) -> Completion:
        """Ask the model; where the context is full, shorten it as far as it goes and say so."""
        while True:
            try:
                return await self._ask_model(number, cell_id)
            except ContextFull:
                saved = self.parts.conversation.compact()
                if not saved:
                    raise
                self.parts.host.show(Notice(sentence=_SHORTENED.format(saved=saved)))

    async def _ask_model(self, number: int, cell_id: str) -> Completion:
        host, draft = self.parts.host, self.parts.senses.draft()

        def show(progress: Delta | Notice) -> None:
            if isinstance(progress, Delta):
                draft.feed(progress.text)
            host.show(progress)

        name = self.parts.model.name
        host.show(StepStarted(number=number, model=name, cell_id=cell_id, draft=draft))
        return await self.parts.model.complete(
            self.parts.conversation.messages,
            seconds=self.parts.limits.seconds - self.seconds,
            tokens=self.parts.limits.tokens - self.usage.total,
            show=show,
        )

    async def _act(self, code: str) -> Observation:
        """Have the action decided, and run it if it may."""
        action = self.steps[-1].action
        assert action is not None
        if reason := self.parts.senses.refuse(code):
            return Observation(status="refused", reason=reason)
        verdict = await self.parts.policy.decide(action, self.parts.host.ask)
        if verdict.kind != "run":
            return _not_run(verdict)
        approved = code if verdict.code is None else verdict.code
        edited = approved != code and not verdict.begun
        if edited and (reason := self.parts.senses.refuse(approved)):
            return Observation(status="refused", reason=reason)
        try:
            run, (changes, hints) = await self.parts.host.run(action, approved)
        except ActionWithdrawn as withdrawn:
            return Observation(status="rejected", reason=str(withdrawn))
        edited = run.source != redact(code)
        return Observation(status=run.status, run=run, changes=changes, hints=hints, edited=edited)

    def _observe(self, observation: Observation) -> EndKind | None:
        """Tell the model what came of its action; say so when that ends the turn."""
        step = self.steps[-1] = replace(self.steps[-1], observation=observation)
        self.parts.host.show(Observed(step=step))
        times = self._count_result(step)
        text = self.parts.senses.describe(step.number, observation)
        if times == MOST_REPEATS - 1:
            text += f"\n{FAILS_AGAIN if _failed(observation) else SAME_AGAIN}"
        self.parts.conversation.observe(text)
        if observation.status == "handed_over":
            return "handed_over"
        if observation.status in {"stopped", "interrupted"} or self.parts.host.stopping:
            return "stopped"
        return "stuck" if times >= MOST_REPEATS else None

    def _count_result(self, step: Step) -> int:
        """How often this very action has had this very result in this turn."""
        assert step.action is not None
        assert step.observation is not None
        result = repr((step.action.code, step.observation.status, _result(step.observation)))
        self.results[result] += 1
        return self.results[result]

    def _doubt(self, reply: Reply) -> Doubt | None:
        """Why a reply is no answer that stands; the model is told no reason twice."""
        if reply.code is not None or len(self.doubts) == MOST_DOUBTS:
            return None
        observed = [step.observation for step in self.steps if step.observation]
        told = self.parts.conversation.told
        doubt = self.parts.senses.doubt(self.prompt, reply, told, observed)
        return None if doubt in self.doubts else doubt

    def _send_back(self, doubt: Doubt) -> None:
        self.doubts.append(doubt)
        self.parts.conversation.doubt(doubt.told)
        self.parts.journal.doubted(self.steps[-1])
        self.parts.host.show(SentBack(step=self.steps[-1], sentence=doubt.sentence))

    def _limit_reached(self) -> EndKind | None:
        limits = self.parts.limits
        if len(self.steps) >= limits.steps:
            return "steps"
        if self.usage.total >= limits.tokens:
            return "tokens"
        return "seconds" if self.seconds >= limits.seconds else None

    @property
    def _next(self) -> int:
        """The number of the step that comes next."""
        return self.after + len(self.steps) + 1

    def _step(self, number: int, cell_id: str, reply: Reply, done: Completion) -> Step:
        action = None
        if reply.code is not None:
            grade = self.parts.senses.grade(reply.code)
            action = Action(
                cell_id=cell_id, turn=self.id, step=number, code=reply.code, grade=grade
            )
        return Step(
            number=number, reply=reply, action=action, usage=done.usage, seconds=done.seconds
        )

    def ending(self, kind: EndKind) -> Ending:
        """The ending of this kind, with its sentence."""
        limits = self.parts.limits
        sentence = ENDINGS[kind].format(limits=limits, steps=count(limits.steps, "step"))
        return Ending(kind=kind, sentence=sentence)

    def keep_partial(self, error: CodeActError) -> None:
        """Count and write down what had come of a reply when it broke off."""
        if not isinstance(error, ModelError):
            return
        self.usage += Usage(input=error.sent, output=error.received, estimated=error.estimated)
        self.seconds += error.seconds
        if error.partial:
            self.parts.journal.broken_off(self._next, error.partial)

    def close(self, ending: Ending) -> Turn:
        """Write the ending down and show it."""
        turn = Turn(
            id=self.id,
            prompt=self.prompt,
            model=self.parts.model.name,
            steps=tuple(self.steps),
            ending=ending,
            usage=self.usage,
            seconds=self.seconds,
        )
        self.parts.conversation.close(ending.kind)
        self.parts.journal.ended(turn)
        self.parts.host.show(Ended(turn=turn))
        return turn


def _failed(observation: Observation) -> bool:
    return observation.run is not None and observation.run.error is not None


def _result(observation: Observation) -> list[object]:
    """What a cell put out, without what differs each time: its number, also in a traceback."""
    run = observation.run
    return [
        (output["ename"], output["evalue"])
        if output["output_type"] == "error"
        else {**output, "execution_count": None}
        for output in (run.outputs if run else ())
    ]


def _not_run(verdict: Verdict) -> Observation:
    status = "stopped" if verdict.kind == "stop" else verdict.kind
    assert status != "run"
    return Observation(status=status, reason=verdict.reason)
