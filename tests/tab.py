"""A front end with our extension, without a browser: it speaks the protocol to a real kernel.

``Tab`` keeps a small notebook, does what the kernel asks (:mod:`codeact_jupyter.protocol`)
and runs cells as JupyterLab does, with their metadata in the request. What it heard and
said stands in ``tab.said``, in the shape of the golden messages. Nothing happens but in
``tab.until(...)``, which listens until a condition holds.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from kernels import SECONDS, Kernel, Ran, _collect

from codeact_jupyter import __version__, protocol
from codeact_jupyter.fingerprints import cell_fingerprint, fingerprint
from codeact_jupyter.hosts.front import HIDE_TAG

if TYPE_CHECKING:
    from collections.abc import Callable

SILENT = ("turn.card", "turn.runs", "cell.text", "done", "welcome")


class Tab:
    """One browser tab that shows one notebook."""

    def __init__(self, kernel: Kernel, *, path: str = "notebook.ipynb", subshell: str = "") -> None:
        self.kernel = kernel
        self.subshell = subshell  # by which it is heard while a cell runs
        self.client = kernel.client.session.session
        self.path = path
        self.comm = uuid.uuid4().hex
        self.cells: list[dict[str, Any]] = []
        self.said: list[dict[str, Any]] = []
        self.cards: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.runs_requests = True  # as a tab does whose user lets it
        self.replies = True
        self._runs: dict[str, dict[str, Any]] = {}
        self._numbers = iter(range(1, 10_000))
        self._all = vars(kernel).setdefault("tabs", {})  # they share one connection in tests
        self._all[self.comm] = self

    # --- the notebook

    def cell(self, cell_id: str) -> dict[str, Any]:
        """The cell of that id."""
        return next(cell for cell in self.cells if cell["id"] == cell_id)

    def add(
        self, source: str, cell_type: str = "code", at: int | None = None, *, hidden: bool = False
    ) -> dict[str, Any]:
        """A cell of the user's own."""
        tags = {"tags": [HIDE_TAG]} if hidden else {}
        cell = _cell(uuid.uuid4().hex[:12], cell_type, source, tags)
        self.cells.insert(len(self.cells) if at is None else at, cell)
        return cell

    def of_turn(self, role: str = "") -> list[dict[str, Any]]:
        """The cells that turns have made, in order."""
        return [
            cell
            for cell in self.cells
            if (about := cell["metadata"].get("codeact"))
            and about["role"] != "prompt"
            and role in {"", about["role"]}
        ]

    def proposals(self) -> list[dict[str, Any]]:
        """The actions that wait for the user."""
        return [
            cell
            for cell in self.of_turn("action")
            if cell["metadata"]["codeact"]["status"] == "proposed" and cell["ran"] is None
        ]

    # --- what the user does

    def open(self) -> None:
        """Say hello."""
        self._send("comm_open", {"target_name": "codeact"}, self._hello)

    @property
    def _hello(self) -> dict[str, Any]:
        about = {"client": self.client, "path": self.path}
        return {"kind": "hello", "version": __version__, **about}

    def reconnect(self) -> None:
        """Hear the kernel again on the same comm, after :meth:`vanish`, and say so."""
        self.hear()
        self._say(self._hello)

    def hear(self) -> None:
        """Hear the kernel again, which does not know yet that something was lost."""
        self._all[self.comm] = self

    def vanish(self) -> None:
        """Be closed or reloaded: what the kernel says is heard no more."""
        del self._all[self.comm]

    def ask(self, prompt: str, flags: str = "", *, settings: Any = None) -> dict[str, Any]:
        """Run a new prompt cell, and return it when the magic has returned."""
        cell = self.add(f"%%codeact {flags}\n{prompt}")
        self.run(cell, settings=settings)
        self.until(lambda: cell["ran"] is not None)
        return cell

    def run(
        self,
        cell: dict[str, Any],
        *,
        settings: Any = None,
        seen: bool = True,
        keeps: int = 0,
        again: bool = False,
    ) -> None:
        """Run a cell as Shift-Enter does; returns at once. A prompt may go on from a step."""
        metadata = dict(cell["metadata"])
        if cell["source"].startswith("%%codeact") and seen:
            about = metadata.get("codeact", {})
            mark = {
                "client": self.client,
                "version": __version__,
                "cells": len([c for c in self.of_turn() if _turn(c) == about.get("turn")]),
                "keeps": keeps,
                "again": again,
                "settings": settings or {},
            }
            metadata["codeact"] = {**about, "front": mark}
        cell.update(outputs=[], ran=None)
        request = self.kernel.send(
            cell["source"],
            metadata=metadata,
            cell_id=cell["id"],
            stop_on_error=cell not in self.of_turn(),
        )
        self._runs[request] = {"cell": cell, "displays": {}, "clear": [False]}

    def say(self, kind: str, **words: Any) -> None:
        """Say something of its own accord."""
        self._say({"kind": kind, "id": next(self._numbers), **words})

    def until(self, condition: Callable[[], object], seconds: float = SECONDS) -> None:
        """Listen until ``condition`` holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain; heard: {self.said[-6:]}"
            self._hear_iopub()
            self._hear_replies()

    def until_ended(self) -> dict[str, Any]:
        """Listen until the turn is over, and return its last card."""
        self.until(lambda: self.cards and self.cards[-1]["state"] == "ended")
        return self.cards[-1]

    # --- what the kernel says

    def _hear_iopub(self) -> None:
        try:
            message = self.kernel.client.get_iopub_msg(timeout=0.05)
        except Exception as nothing:
            # An interrupt may cut a message of the kernel in two: Jupyter Server drops that, too.
            if type(nothing).__name__ != "Empty" and "Invalid Signature" not in str(nothing):
                raise
            return
        content = message["content"]
        if message["msg_type"] == "comm_msg" and content["comm_id"] in self._all:
            self._all[content["comm_id"]]._heard(content["data"])
        elif message["msg_type"] == "update_display_data":
            for run in self._runs.values():  # a display has an id, whoever updates it
                _collect(run["cell"]["outputs"], message, run["displays"], run["clear"])
        elif run := self._runs.get(message["parent_header"].get("msg_id", "")):
            if message["msg_type"] == "execute_input":
                run["cell"]["execution_count"] = content["execution_count"]
            _collect(run["cell"]["outputs"], message, run["displays"], run["clear"])

    def _hear_replies(self) -> None:
        while self.kernel.client.shell_channel.msg_ready():
            reply = self.kernel.client.get_shell_msg(timeout=SECONDS)
            if run := self._runs.get(reply["parent_header"].get("msg_id", "")):
                content = reply["content"]
                run["cell"]["ran"] = Ran(content["status"], error=content.get("evalue", ""))

    def _heard(self, message: dict[str, Any]) -> None:
        protocol.to_tab.validate_python(message)
        self.said.append({"from": "kernel", "message": message})
        if "card" in message:
            self.cards.append(message["card"])
        reply = getattr(self, "_" + message["kind"].replace(".", "_"))(message)
        if message["kind"] not in SILENT and self.replies:
            self._say({"kind": "reply", "to": message["id"], **(reply or {})})

    def _say(self, message: dict[str, Any]) -> None:
        protocol.to_kernel.validate_python(message)
        self.said.append({"from": "tab", "message": message})
        self._send("comm_msg", {}, message)

    def _send(self, kind: str, content: dict[str, Any], data: dict[str, Any]) -> None:
        session = self.kernel.client.session
        whole = {"comm_id": self.comm, "data": data, **content}
        message = session.msg(kind, whole)
        if self.subshell:
            message["header"]["subshell_id"] = self.subshell
        self.kernel.client.shell_channel.send(message)

    # --- what it does for the kernel

    def _welcome(self, message: Any) -> None: ...
    def _done(self, message: Any) -> None: ...
    def _turn_card(self, message: Any) -> None: ...
    def _turn_runs(self, message: Any) -> None: ...
    def _ping(self, message: Any) -> None: ...

    def _turn_started(self, message: Any) -> Any:
        old = [cell for cell in self.of_turn() if _turn(cell) == message["replaces"]]
        keeps = [cell for cell in old if cell["metadata"]["codeact"]["step"] <= message["keeps"]]
        for cell in keeps:
            cell["metadata"]["codeact"]["turn"] = message["card"]["turn"]
        self.cells = [cell for cell in self.cells if cell not in old or cell in keeps]
        self.cell(message["prompt_id"])["metadata"]["codeact"] = message["metadata"]

    def _turn_ended(self, message: Any) -> Any:
        for cell in self.proposals():
            self.cells.remove(cell)
        kept = message["metadata"]
        left = [cell for cell in self.of_turn() if _turn(cell) == kept["turn"]]
        self.cell(message["prompt_id"])["metadata"]["codeact"] = {**kept, "cells": len(left)}

    def _cell_place(self, message: Any) -> Any:
        if self._has(message["cell_id"]):
            return None
        turn = message["metadata"]["turn"]
        before = [
            at
            for at, cell in enumerate(self.cells)
            if cell["id"] == message["prompt_id"] or _turn(cell) == turn
        ]
        if not before:
            return {"error": "gone"}
        about = {"codeact": message["metadata"]}
        cell = _cell(message["cell_id"], message["cell_type"], message["source"], about)
        self.cells.insert(before[-1] + 1, cell)
        return None

    def _has(self, cell_id: str) -> bool:
        return any(cell["id"] == cell_id for cell in self.cells)

    def _cell_text(self, message: Any) -> None:
        if not self._has(message["cell_id"]):
            return
        cell = self.cell(message["cell_id"])
        units = cell["source"].encode("utf-16-le")[: 2 * message["at"]]
        cell["source"] = units.decode("utf-16-le") + message["text"]

    def _cell_finish(self, message: Any) -> Any:
        if not self._has(message["cell_id"]):
            return {"error": "gone"}
        cell = self.cell(message["cell_id"])
        cell["source"] = message["source"]
        cell["metadata"]["codeact"] = message["metadata"]
        return {"fingerprint": fingerprint(cell["source"])}

    def _cell_run(self, message: Any) -> Any:
        if finish := message["finish"]:
            self._cell_finish(finish)
        if not self._has(message["cell_id"]):
            return {"error": "gone"}
        cell = self.cell(message["cell_id"])
        if message["fingerprint"] not in {None, fingerprint(cell["source"])}:
            return {"error": "edited"}
        if self.runs_requests:
            self.run(cell)
        return None

    def _cell_mark(self, message: Any) -> Any:
        if not self._has(message["cell_id"]):
            return {"error": "gone"}
        self.cell(message["cell_id"])["metadata"]["codeact"] = message["metadata"]
        return None

    def _cell_outputs(self, message: Any) -> Any:
        if not self._has(message["cell_id"]):
            return
        cell = self.cell(message["cell_id"])
        if cell["execution_count"] is None and not cell["outputs"]:
            cell["execution_count"] = message["execution_count"]
            cell["outputs"] = message["outputs"]

    def _cell_remove(self, message: Any) -> Any:
        found = [cell for cell in self.cells if cell["id"] == message["cell_id"]]
        if found and fingerprint(found[0]["source"]) != message["fingerprint"]:
            found[0]["metadata"]["codeact"] = message["metadata"]
            return {"error": "edited"}
        self.cells = [cell for cell in self.cells if cell not in found]
        return None

    def _notebook_read(self, message: Any) -> Any:
        before = message["prompt_id"]
        at = self.cells.index(self.cell(before)) if before else len(self.cells)
        return {
            "cells": [_told(cell) for cell in self.cells[:at] if not _is_hidden(cell)],
            "hidden": [cell_fingerprint(c["source"]) for c in self.cells if _is_hidden(c)],
        }

    def _notebook_news(self, message: Any) -> Any:
        changes, self.changes = self.changes, []
        return {"changes": changes}


def statuses(tab: Tab) -> list[tuple[str, str]]:
    """The kind and status of each cell that turns have made."""
    return [(cell["cell_type"], cell["metadata"]["codeact"]["status"]) for cell in tab.of_turn()]


def run_proposal(tab: Tab) -> dict[str, Any]:
    """Run the proposal when it has come, and return its cell when that has run."""
    tab.until(tab.proposals)
    (cell,) = tab.proposals()
    tab.run(cell)
    tab.until(lambda: cell["ran"])
    return cell


def _cell(cell_id: str, cell_type: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": cell_id,
        "cell_type": cell_type,
        "source": source,
        "metadata": metadata,
        "outputs": [],
        "execution_count": None,
        "ran": None,
    }


def _is_hidden(cell: dict[str, Any]) -> bool:
    return HIDE_TAG in cell["metadata"].get("tags", [])


def _turn(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("codeact", {}).get("turn", ""))


def _told(cell: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_id": cell["id"],
        "cell_type": cell["cell_type"],
        "source": cell["source"],
        "execution_count": cell["execution_count"],
        "outputs": cell["outputs"],
        "turn": _turn(cell),
    }
