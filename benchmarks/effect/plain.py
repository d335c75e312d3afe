"""The paper's loop, as its chat demonstration has it, and nothing else.

A short system prompt asks for code between ``<execute>`` tags; the code between the first
and the last tag of a reply runs; the user's next message is what it printed; a reply
without tags is the answer (Wang et al. 2024, ``scripts/chat/demo.py`` of its repository).

Three things differ from there, all in its favour. A closing tag that the server took away,
because it is a stop string, is put back: otherwise nothing would ever run. A long output is
cut as the paper's chat interface cuts it: one traceback of pandas would fill half of the
context. And a question may take as many replies, and as many seconds, as the product's may.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any

import openai
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from benchmarks.effect.kernel import fresh_kernel
from benchmarks.effect.outcome import MOST_STEPS, Fault, Outcome
from codeact_jupyter.models.local import start_local_server

if TYPE_CHECKING:
    from benchmarks.effect.kernel import Kernel
    from benchmarks.effect.questions import Question
    from codeact_jupyter.types import Endpoint

SYSTEM = (
    "A curious user talks with an artificial intelligence assistant, whose answers are helpful, "
    "detailed and polite. The assistant can work in an interactive Python (Jupyter Notebook) "
    "environment: it runs code by enclosing it in an <execute> tag, for example "
    '<execute> print("Hello World!") </execute>. It does only a few things in each block, '
    "imports and defines what it uses before using it, and may install packages with !pip "
    "install inside a block. As soon as the results answer the user, it stops running code and "
    "gives the answer. It runs code rather than showing it. It is concise, but says what it "
    "thinks."
)
STOPS = ["<|im_end|>", "</execute>"]
CUT = "\n... [Output Truncated] ...\n"
NO_OUTPUT = "[Code executed successfully with no output]"
TIMED_OUT = "[Execution timed out (60 seconds).]"
_CODE = re.compile(r"<execute>(.*)</execute>", re.DOTALL)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CELL_SECONDS = 60
_TURN_SECONDS = 600  # the product's own limit
_MOST_CHARACTERS = 4000
_REPLY_TOKENS = 512


def attempt(question: Question) -> Outcome:
    """Put ``question`` to the loop in a fresh kernel, with a server of its own.

    Raises:
        Fault: The server or the kernel failed.
    """
    with fresh_kernel(question) as (kernel, _):
        began = time.monotonic()
        server = asyncio.run(start_local_server())
        try:
            chat = Chat(server.endpoint, kernel, question.question)
            ending = chat.until_it_ends()
        finally:
            server.close()
        return Outcome(
            answer=chat.last if ending == "answered" else "",
            ending=ending,
            steps=chat.steps,
            tokens=chat.tokens,
            seconds=time.monotonic() - began,
            notebook=new_notebook(cells=chat.cells),
        )


def code_of(reply: str) -> str | None:
    """The code between the first opening and the last closing tag, or None."""
    found = _CODE.search(reply)
    return found[1].strip() if found else None


def closed(reply: str) -> str:
    """``reply`` with the closing tag that was taken away as a stop string."""
    return f"{reply}</execute>" if reply.count("<execute>") > reply.count("</execute>") else reply


def observation(text: str, *, late: bool) -> str:
    """What the model is told of a cell's output."""
    text = "\n".join(filter(None, (_COLOUR.sub("", text).strip(), TIMED_OUT if late else "")))
    if len(text) > _MOST_CHARACTERS:
        half = _MOST_CHARACTERS // 2
        text = f"{text[:half]}{CUT}{text[-half:]}"
    return f"Execution Output:\n{text or NO_OUTPUT}"


class Chat:
    """The loop.

    Args:
        endpoint: Where the model is.
        kernel: Where its code runs.
        question: The user's words.

    Attributes:
        cells: What was said and what ran, as cells of a notebook.
        last: The last reply.
        steps: How many replies there were.
        tokens: What they took, in both directions.
    """

    def __init__(self, endpoint: Endpoint, kernel: Kernel, question: str) -> None:
        self._client = openai.OpenAI(
            base_url=endpoint.base_url, api_key=endpoint.api_key, max_retries=0, timeout=600
        )
        self._model = endpoint.model or ""
        self._kernel = kernel
        self._messages: list[Any] = [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": question},
        ]
        self.cells: list[Any] = [new_markdown_cell(question)]
        self.last = ""
        self.steps = self.tokens = 0

    def until_it_ends(self) -> str:
        """Ask, run and tell until there is an answer or a limit; return which."""
        ends = time.monotonic() + _TURN_SECONDS
        while self.steps < MOST_STEPS:
            if time.monotonic() > ends:
                return "seconds"
            try:
                self.last = self._ask()
            except openai.BadRequestError as error:
                if "context" not in str(error):
                    raise Fault(f"The model's server refused a request: {error}") from error
                return "context"
            except openai.OpenAIError as error:
                raise Fault(f"The model's server failed: {error!r}") from error
            self._messages.append({"role": "assistant", "content": self.last})
            self.cells.append(new_markdown_cell(self.last))
            code = code_of(self.last)
            if code is None:
                return "answered"
            self._act(code)
        return "steps"

    def _ask(self) -> str:
        done = self._client.chat.completions.create(
            model=self._model,
            messages=self._messages,
            temperature=0,
            max_tokens=_REPLY_TOKENS,
            stop=STOPS,
        )
        assert done.usage is not None
        self.steps += 1
        self.tokens += done.usage.total_tokens
        text = done.choices[0].message.content or ""
        return closed(text) if done.choices[0].finish_reason == "stop" else text

    def _act(self, code: str) -> None:
        ran = self._kernel.run_for(code, _CELL_SECONDS)
        self.cells.append(new_code_cell(code, outputs=ran.outputs))
        told = observation(ran.text, late=self._kernel.late)
        self._messages.append({"role": "user", "content": told})
