"""What a page and its kernel say to each other, recorded as golden messages.

A :class:`Recording` reads the frames of the page's websockets, both ways, and keeps what is
ours: the messages of the comm ``codeact``, and the cells that the page has run. Each becomes
a line of a conversation::

    {"from": "kernel" | "tab", "message": ...}     of the protocol
    {"from": "tab", "runs": id, "front": ...}      an execute request, and our mark in it
    {"from": "kernel", "ran": id, "status": ...}   its reply
    {"from": "user", "opens": cells}               what no frame tells, but all depends on:
    {"from": "user", "edits": id, "source": ...}   what stands in the notebook

What differs each time, such as ids, is put under names that stay (:func:`stable`).
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1

from codeact_jupyter import __version__

if TYPE_CHECKING:
    from book import Book
    from playwright.sync_api import Page, WebSocket

Line = dict[str, Any]

GOLDEN = Path(__file__).parent / "contract" / "golden"
THIS_VERSION, OTHER_VERSION = "this version", "another version"
SECONDS = 60
_ID = re.compile(r"[0-9a-f]{8}|[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAMES = {
    "client": "client",
    "session": "session",
    "turn": "turn",
    "turns": "turn",
    "request": "request",
}
_REPLACED = {"seconds": 0.5, "tokens": 100, "tokens_in": 90, "tokens_out": 10, "tokens_cached": 3}
# where they are not 0


class Recording:
    """The lines of one page; to be made before it goes anywhere."""

    def __init__(self, page: Page) -> None:
        self.lines: list[Line] = []
        self._page = page
        self._comm = ""  # of the page as it is: what is sent to its former self nobody hears
        self._requests: dict[str, str] = {}
        page.on("websocket", self._opened)

    def opened(self, book: Book) -> None:
        """The user has opened this notebook, and done nothing yet."""
        kept = ("id", "cell_type", "source")
        cells = [
            {name: cell[name] for name in kept}
            | ({"metadata": cell["metadata"]} if "codeact" in cell["metadata"] else {})
            for cell in book.model()
        ]
        self.lines.insert(0, {"from": "user", "opens": cells})

    def edits(self, book: Book, at: int, source: str) -> None:
        """The user writes something else into a cell."""
        cell_id = book.model()[at]["id"]
        self.lines.append({"from": "user", "edits": cell_id, "source": source})
        book.write_into(at, source)

    def said(self, kind: str) -> list[Line]:
        """The messages of this kind, until now."""
        self._page.evaluate("0")  # what has come is heard while the page is asked
        lines = [line["message"] for line in self.lines if "message" in line]
        return [message for message in lines if message["kind"] == kind]

    def until_said(self, kind: str, times: int = 1) -> None:
        """Wait until so many messages of this kind were heard."""
        self._until(lambda: len(self.said(kind)) >= times)

    def settled(self) -> list[Line]:
        """All lines, once nothing that was asked is without a reply."""
        self._until(lambda: not self._open())
        return self.lines

    def _open(self) -> list[Any]:
        """What was asked and not answered, until now."""
        self._page.evaluate("0")
        lines = [line["message"] for line in self.lines if "message" in line]
        told = {(it["kind"] == "done", it["to"]) for it in lines if "to" in it}
        sent = [line["runs"] for line in self.lines if "runs" in line]
        for line in self.lines:
            if line.get("ran") in sent:
                sent.remove(line["ran"])
        asked = {(it["kind"] in _TABS, it["id"]) for it in lines if "id" in it}
        return [*(asked - told), *sent]

    def _until(self, condition: Any) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, (self._open(), self.lines[-6:])

    # --- frames

    def _opened(self, socket: WebSocket) -> None:
        if "/api/kernels/" in socket.url:
            socket.on("framesent", lambda frame: self._hear("tab", frame))
            socket.on("framereceived", lambda frame: self._hear("kernel", frame))

    def _hear(self, sender: str, frame: str | bytes) -> None:
        assert isinstance(frame, bytes), "JupyterLab speaks v1.kernel.websocket.jupyter.org"
        _, parts = deserialize_msg_from_ws_v1(frame)
        header, parent, metadata, content = (json.loads(part) for part in parts[:4])
        kind = header["msg_type"]
        if kind == "comm_open" and content["target_name"] == "codeact":
            self._comm = content["comm_id"]
        if content.get("comm_id") == self._comm and kind in {"comm_open", "comm_msg"}:
            self.lines.append({"from": sender, "message": content["data"]})
        elif kind == "execute_request" and "cellId" in metadata:
            self._requests[header["msg_id"]] = metadata["cellId"]
            front = metadata.get("codeact", {}).get("front")
            line = {"from": sender, "runs": metadata["cellId"]}
            self.lines.append({**line, "front": front} if front else line)
        elif kind == "execute_reply" and parent.get("msg_id") in self._requests:
            ran = self._requests[parent["msg_id"]]
            self.lines.append({"from": sender, "ran": ran, "status": content["status"]})


_TABS = {"stop", "reject", "approve.rest", "gone"}


def stable(lines: list[Line]) -> list[Line]:
    """The same lines, with names that stay for all that differs each time."""
    names: dict[str, str] = {}

    def named(key: str, value: str) -> str:
        what = _NAMES.get(key, "cell")
        if value not in names:
            count = sum(name.startswith(f"{what}-") for name in names.values())
            names[value] = f"{what}-{count + 1}"
        return names[value]

    def put(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: put(name, each) for name, each in value.items()}
        if isinstance(value, list):
            return [put(key, each) for each in value]
        if key == "path":
            return "notebook.ipynb"
        if key == "version" and isinstance(value, str):
            return THIS_VERSION if value == __version__ else OTHER_VERSION
        if key in _REPLACED and value:
            return _REPLACED[key]
        is_id = isinstance(value, str) and _ID.fullmatch(value)
        return named(key, value) if is_id else value

    return [put("", line) for line in lines]


def text(lines: list[Line]) -> str:
    """The lines as a golden file holds them."""
    return json.dumps(lines, indent=1, ensure_ascii=False) + "\n"


def golden(name: str) -> list[Line]:
    """The lines of that file, with the version that is here."""
    written = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
    lines: list[Line] = json.loads(written.replace(f'"{THIS_VERSION}"', f'"{__version__}"'))
    return lines


def course(lines: list[Line]) -> dict[str, list[Line]]:
    """What of a conversation is the same each time, however fast model and machine are.

    A reply streams in pieces of any size, and cards come in between; what tells nobody of
    the other's order is put in an order of its own.
    """
    found: dict[str, list[Line]] = {"kernel": [], "tab": [], "replies": [], "user": []}
    places = set()
    for line in json.loads(json.dumps(lines)):
        message = line.get("message", {})
        kind = message.get("kind")
        if kind == "cell.place":
            places.add(message["id"])
            message["source"] = ""
        if kind in {"cell.text", "turn.card"} or "ran" in line:
            continue
        if kind == "reply" and message["to"] in places:
            message["fingerprint"] = None
        found["replies" if kind == "reply" else line["from"]].append(line)
    found["replies"].sort(key=lambda line: line["message"]["to"])
    return found
