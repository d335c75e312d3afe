"""A model of a few bytes, and where it can be pulled from: wheels, and a hub on loopback."""

from __future__ import annotations

import hashlib
import re
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from codeact_jupyter.models.local import LocalModel, Part

if TYPE_CHECKING:
    from pathlib import Path

PIECES = [bytes([number]) * 1000 + b"end" for number in range(3)]
WHOLE = b"".join(PIECES)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


MODEL = LocalModel(
    name="tiny",
    title="Tiny",
    file="tiny.gguf",
    bytes=len(WHOLE),
    sha256=sha256(WHOLE),
    licence="Apache-2.0",
    repository="someone/tiny",
    parts=tuple(
        Part(
            package=f"tiny-model-part{n}",
            version="0.2.0",
            file=f"tiny_model_part{n}/data/part{n:02}.bin",
            bytes=len(piece),
            sha256=sha256(piece),
        )
        for n, piece in enumerate(PIECES, start=1)
    ),
)


@dataclass
class Told:
    """A report that remembers."""

    sentences: list[str] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def at(self, done: int, total: int) -> None:
        assert 0 <= done <= total == MODEL.bytes
        self.bytes.append(done)


def write_wheel(folder: Path, part: Part, piece: bytes) -> None:
    name = part.package.replace("-", "_")
    info = f"{name}-{part.version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{part.version}-py3-none-any.whl", "w") as wheel:
        # would fail the test, if it ever ran
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
        wheel.writestr(part.file, piece)
        wheel.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: {part.package}\nVersion: {part.version}\n",
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


class FakeHub(ThreadingHTTPServer):
    """A hub on the loopback that redirects to its store, as the real one does.

    Attributes:
        data: The file's bytes.
        most: How many bytes it sends before it closes a connection.
        status: What it answers instead of the file, if set.
        ranges: Whether it can send a part of the file.
        asked: The ``Range`` of each request for the file.
        headers: The headers of the first request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.data = WHOLE
        self.most = len(WHOLE) + 1000
        self.status: int | None = None
        self.ranges = True
        self.silent = False
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        self.closing = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """The client went away, which some tests are about."""


class Answer(BaseHTTPRequestHandler):
    server: FakeHub

    def do_GET(self) -> None:
        hub = self.server
        if self.path == "/someone/tiny/resolve/main/tiny.gguf":
            hub.headers = hub.headers or dict(self.headers)
            return self._redirect()
        assert self.path == "/store"
        hub.asked.append(self.headers["Range"])
        if hub.silent:
            hub.closing.wait()
        elif hub.status:
            self.send_error(hub.status)
        else:
            self._send(hub)
        return None

    def _redirect(self) -> None:
        self.send_response(302)
        self.send_header("Location", f"{self.server.url}/store")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, hub: FakeHub) -> None:
        start = int(re.fullmatch(r"bytes=(\d+)-", self.headers["Range"])[1])
        start = start if hub.ranges else 0
        self.send_response(206 if hub.ranges else 200)
        self.send_header("Content-Length", str(len(hub.data) - start))
        self.end_headers()
        self.wfile.write(hub.data[start : start + hub.most])

    def log_message(self, *_: object) -> None:
        pass
