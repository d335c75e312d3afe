"""Where a shell's outputs can be listened to.

A :class:`Tap` sits on everything that one shell puts out and hands it to the
:class:`~codeact_jupyter.hosts.outputs.OutputLog` of the cell that runs. There are two:
ipykernel sends messages, and its public hooks see each of them as the front end will;
terminal IPython writes to the terminal, so there the stream is copied on its way.

Taps never change, delay or swallow an output, and :meth:`Tap.detach` leaves the shell
as :meth:`Tap.attach` found it.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from codeact_jupyter.hosts.outputs import Displays, OutputLog

    CurrentLog = Callable[[str | None], OutputLog | None]
    """The log of the cell that runs; asked with the id of the request that an output
    belongs to (None where the shell has no requests)."""


class Tap(Protocol):
    """One way to listen to a shell."""

    def attach(self) -> None:
        """Start to listen."""

    def detach(self) -> None:
        """Stop, and leave nothing behind."""

    def open(self, *, inside: bool) -> str | None:
        """A cell starts, perhaps inside another one: return its request's id, or None."""

    def settle(self) -> None:
        """The innermost cell ended: all that it wrote is in its log when this returns."""

    def close(self) -> None:
        """The outermost cell ended."""


def tap_for(shell: InteractiveShell, current: CurrentLog, displays: Displays) -> Tap:
    """Return the tap that fits ``shell``."""
    if getattr(shell, "kernel", None) is not None:
        return _KernelTap(shell, current, displays)
    return _TerminalTap(shell, current, displays)


class _Wraps:
    """Methods of live objects, wrapped for a time."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def wrap(self, owner: object, name: str, make: Callable[[Any], Any]) -> None:
        """Replace ``owner.name`` by ``make(original)`` on this one object."""
        original = getattr(owner, name)
        had_own = name in vars(owner)
        ours = make(original)
        setattr(owner, name, ours)

        def undo() -> None:
            if vars(owner).get(name) is not ours:
                return  # somebody wrapped it after us: his wrapper still calls ours
            if had_own:
                setattr(owner, name, original)
            else:
                delattr(owner, name)

        self._undo.append(undo)

    def undo(self) -> None:
        """Put everything back, last wrapped first."""
        while self._undo:
            self._undo.pop()()


class _KernelTap:
    """Listens to ipykernel through its public message hooks.

    The hooks of the streams run on ipykernel's output thread and hooks are kept per
    thread, so they must be registered there (ipykernel/iostream.py, ``OutStream``). Those of
    displays run on the thread that shows one, so what other threads show is seen as they do.
    """

    def __init__(self, shell: InteractiveShell, current: CurrentLog, displays: Displays) -> None:
        self._shell: Any = shell
        self._current = current
        self._displays = displays
        self._streams: list[Any] = [s for s in (sys.stdout, sys.stderr) if hasattr(s, "pub_thread")]
        self._wraps = _Wraps()
        self._thread = 0

    def attach(self) -> None:
        self._thread = threading.get_ident()
        for stream in self._streams:
            _on_its_thread(stream, stream.register_hook, self._on_message)
        self._shell.display_pub.register_hook(self._on_message)
        self._wraps.wrap(self._shell.display_pub, "publish", self._publish)
        self._wraps.wrap(self._shell.displayhook, "write_format_data", self._result)
        self._wraps.wrap(self._shell, "_showtraceback", self._error)

    def detach(self) -> None:
        for stream in self._streams:
            _on_its_thread(stream, stream.unregister_hook, self._on_message)
        self._shell.display_pub.unregister_hook(self._on_message)
        self._wraps.undo()

    def open(self, *, inside: bool) -> str | None:
        if inside:  # what was written before belongs to the cell around, of the same request
            self._flush()
        return self._request_id()

    def settle(self) -> None:
        self._flush()

    def close(self) -> None:
        pass  # the hooks stay

    def _flush(self) -> None:
        for stream in self._streams:
            stream.flush()

    def _request_id(self) -> str | None:
        return request_of(self._shell)

    def _on_message(self, message: dict[str, Any]) -> dict[str, Any]:
        request = (message.get("parent_header") or {}).get("msg_id")
        kind = message["header"]["msg_type"]
        log = self._current(request)
        if log is not None and not (kind == "clear_output" and goes_into_a_widget(request)):
            self._keep(log, kind, message["content"])
        return message

    def _keep(self, log: OutputLog, kind: str, content: Mapping[str, Any]) -> None:
        if kind == "stream":
            log.stream(content["name"], content["text"])
        elif kind == "display_data":
            display_id = content["transient"].get("display_id")
            log.display(content["data"], content["metadata"], display_id)
        elif kind == "update_display_data":
            display_id = content["transient"].get("display_id", "")
            self._displays.update(display_id, content["data"], content["metadata"])
        elif kind == "clear_output":
            log.clear(wait=content["wait"])

    def _publish(self, original: Any) -> Any:
        def publish(data: Any, metadata: Any = None, *args: Any, **options: Any) -> None:
            request = (self._shell.display_pub.parent_header or {}).get("msg_id")
            original(data, metadata, *args, **options)
            if threading.get_ident() == self._thread:
                return  # the hook has seen it
            display_id = (options.get("transient") or {}).get("display_id")
            if options.get("update"):
                self._displays.update(display_id or "", data, metadata or {})
            elif log := self._current(request):
                log.display(data, metadata or {}, display_id)

        return publish

    def _result(self, original: Any) -> Any:
        def write_format_data(data: dict[str, Any], metadata: Any = None) -> None:
            if log := self._current(self._request_id()):
                self._flush()  # text printed before the value stands before it
                log.result(data, metadata or {})
            original(data, metadata)

        return write_format_data

    def _error(self, original: Any) -> Any:
        def show(etype: type[BaseException], value: object, lines: list[str]) -> None:
            if log := self._current(self._request_id()):
                self._flush()
                log.error(etype.__name__, str(value), lines)
            original(etype, value, lines)

        return show


def goes_into_a_widget(request: str | None) -> bool:
    """Whether a front end puts the outputs of this request into an ``ipywidgets.Output``.

    As inside of ``with out:`` and in ``interact``: what is cleared there is the widget. Only
    ipywidgets knows its widgets, and only privately (8.1, ``widget._instances``).
    """
    package: Any = sys.modules.get("ipywidgets")
    if package is None or request is None:
        return False
    widgets = list(vars(package.widgets.widget).get("_instances", {}).values())
    return any(isinstance(each, package.Output) and each.msg_id == request for each in widgets)


def request_of(shell: Any) -> str | None:
    """The id of the request that this thread of a kernel works for; None in a terminal."""
    parent: dict[str, Any] = getattr(shell, "get_parent", dict)() or {}
    found = parent.get("header", {}).get("msg_id")
    return found if isinstance(found, str) else None


def _on_its_thread(stream: Any, call: Callable[[Any], Any], hook: Any) -> None:
    """Run ``call(hook)`` on the stream's output thread and wait until it is done."""
    done = threading.Event()

    def run() -> None:
        call(hook)
        done.set()

    stream.pub_thread.schedule(run)
    done.wait(timeout=5)


class _TerminalTap:
    """Listens to an IPython that writes to a terminal.

    The terminal shows values, displays and tracebacks as text on the same stream that
    the user's ``print`` uses; while IPython writes those, the copy pauses, so that each
    stands in the log once and in its own shape.
    """

    def __init__(self, shell: InteractiveShell, current: CurrentLog, displays: Displays) -> None:
        self._shell: Any = shell
        self._current = current
        self._displays = displays
        self._wraps = _Wraps()
        self._copies: list[tuple[str, Any, Any]] = []
        self._paused = 0

    def attach(self) -> None:
        hook, publisher = self._shell.displayhook, self._shell.display_pub
        self._wraps.wrap(hook, "start_displayhook", self._pausing)
        self._wraps.wrap(hook, "finish_displayhook", self._resuming)
        self._wraps.wrap(hook, "write_format_data", self._result)
        self._wraps.wrap(publisher, "publish", self._publish)
        self._wraps.wrap(publisher, "clear_output", self._clear_output)
        self._wraps.wrap(self._shell, "_showtraceback", self._error)

    def detach(self) -> None:
        self.close()
        self._wraps.undo()

    def open(self, *, inside: bool) -> str | None:
        if not inside:
            self.close()  # an interrupt may have met the start of a cell
            for name in ("stdout", "stderr"):
                original = getattr(sys, name)
                copy = _Copy(original, name, self._write)
                setattr(sys, name, copy)
                self._copies.append((name, original, copy))
        return None

    def settle(self) -> None:
        self._paused = 0  # an error between start and finish of a value left it raised

    def close(self) -> None:
        for name, original, copy in self._copies:
            if getattr(sys, name) is copy:
                setattr(sys, name, original)
        self._copies.clear()

    def _write(self, name: str, text: str) -> None:
        if not self._paused and (log := self._current(None)):
            log.stream(name, text)

    @contextlib.contextmanager
    def _pause(self) -> Iterator[OutputLog | None]:
        self._paused += 1
        try:
            yield self._current(None)
        finally:
            self._paused = max(0, self._paused - 1)

    def _pausing(self, original: Any) -> Any:
        def start_displayhook() -> None:
            self._paused += 1
            original()

        return start_displayhook

    def _resuming(self, original: Any) -> Any:
        def finish_displayhook() -> None:
            original()
            self._paused = max(0, self._paused - 1)

        return finish_displayhook

    def _result(self, original: Any) -> Any:
        def write_format_data(data: dict[str, Any], metadata: Any = None) -> None:
            if log := self._current(None):
                log.result(data, metadata or {})
            original(data, metadata)

        return write_format_data

    def _publish(self, original: Any) -> Any:
        def publish(data: Any, metadata: Any = None, *args: Any, **options: Any) -> None:
            with self._pause() as log:
                display_id = (options.get("transient") or {}).get("display_id")
                if options.get("update"):
                    self._displays.update(display_id or "", data, metadata or {})
                elif log is not None:
                    log.display(data, metadata or {}, display_id)
                original(data, metadata, *args, **options)

        return publish

    def _clear_output(self, original: Any) -> Any:
        def clear_output(wait: bool = False) -> None:
            with self._pause() as log:
                if log is not None:
                    log.clear(wait=wait)
                original(wait)

        return clear_output

    def _error(self, original: Any) -> Any:
        def show(etype: type[BaseException], value: object, lines: list[str]) -> None:
            with self._pause() as log:
                if log is not None:
                    log.error(etype.__name__, str(value), lines)
                original(etype, value, lines)

        return show


class _Copy:
    """A text stream that writes through and hands on a copy of the text."""

    def __init__(self, stream: TextIO, name: str, copy: Callable[[str, str], None]) -> None:
        self._stream = stream
        self._name = name
        self._copy = copy

    def write(self, text: str) -> int:
        """Write ``text`` to the real stream, then hand on the copy."""
        written = self._stream.write(text)
        self._copy(self._name, text)
        return written

    def writelines(self, lines: Iterator[str]) -> None:
        """Write each of ``lines``."""
        for line in lines:
            self.write(line)

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._stream, attribute)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream)
