"""``codeact-jupyter run``: one prompt, or a notebook with prompts, in a kernel of our own.

:func:`run_prompt` asks once; :func:`run_notebook` runs a notebook from top to bottom in
one kernel and answers the ``%%codeact`` cells that have no answer yet. Both write the
notebook as it goes and return an :class:`Outcome`, whose kind is the command's exit code.
What a run came to never hides: a fault, a limit and a missing approval are told apart.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from codeact_jupyter.config import CodeAct
from codeact_jupyter.errors import CodeActError, ConfigError, RecordError
from codeact_jupyter.flags import flags_help, parse_flags
from codeact_jupyter.hosts.prompt import check_words, words_of
from codeact_jupyter.progress import Notice, Printed
from codeact_jupyter.record import disk, notebook
from codeact_jupyter.record.autosave import Autosave
from codeact_jupyter.record.document import Document, DocumentCell
from codeact_jupyter.session import CELL_SECONDS, Session
from codeact_jupyter.shared_names import RAISES_TAG, SKIP_TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from codeact_jupyter.cells import CellRun
    from codeact_jupyter.progress import Progress
    from codeact_jupyter.types import Action, EndKind, Turn, Verdict

_ENDS: dict[EndKind, Kind] = {
    "answered": "answered",
    "steps": "limit",
    "tokens": "limit",
    "seconds": "limit",
    "stuck": "limit",
    "stopped": "not approved",
    "handed_over": "not approved",
    "empty": "fault",
    "fault": "fault",
}

_PYTHON = re.compile(r"i?python\d*", re.IGNORECASE)  # as notebooks name the language
Kind = Literal["answered", "limit", "fault", "not approved", "interrupted"]
_FAILED = (
    "The cell In [{number}] failed ({error}), so the run ends here. Mend it, or tag it "
    f"{RAISES_TAG!r} to go on behind it."
)
_TOO_LONG = (
    "The cell In [{number}] had not ended after {seconds:g} s and was interrupted, so the run ends "
    "here. Give it longer with --cell-timeout (0: no limit), or tag it "
    f"{SKIP_TAG!r} to leave it out."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a run came to.

    Attributes:
        kind: ``answered`` when every prompt was, and every cell ran.
        sentence: What happened, for the user; ``""`` when all went well.
        path: The notebook that was written, or None.
    """

    kind: Kind
    sentence: str = ""
    path: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to run.

    Attributes:
        auto: Let every action run without asking; in a notebook a cell may say so itself.
        settings: Settings by name, None where the user gave none.
        kernel: Name of a kernelspec; None for the notebook's own, or this Python's.
        cell_seconds: The most that one cell may take, or None.
        show: Shows the progress.
        approve: Asks the user about an action; None where nobody is there.
    """

    auto: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    kernel: str | None = None
    cell_seconds: float | None = CELL_SECONDS
    show: Callable[[Progress], None] = lambda _: None
    approve: Callable[[Action], Verdict] | None = None

    def session(self, folder: Path, kernel: str | None = None) -> Session:
        """A session that goes by these options."""
        return Session(
            CodeAct().with_flags(self.settings),
            folder=folder,
            kernel=self.kernel or kernel,
            show=self.show,
            approve=self.approve,
            cell_seconds=self.cell_seconds,
        )


def run_prompt(
    prompt: str, options: Options, *, data: Sequence[Path] = (), output: Path | None = None
) -> Outcome:
    """Ask once, in a new kernel.

    Args:
        prompt: The user's words.
        options: How to run.
        data: Files that the model is told of, with how they begin.
        output: The notebook to write; the kernel works in its folder.

    Raises:
        CodeActError: The run could not begin.
    """
    check_words(prompt)
    output = disk.absolute(output) if output else None
    folder = output.parent if output else Path.cwd()
    if output:
        notebook.check_ours(output)
    session = options.session(folder)
    record = session.record
    with _saved(session, output, lambda: notebook.to_notebook(record), options) as saved, session:
        _begin(saved)
        try:
            outcome = _outcome(session.ask(prompt, auto=options.auto, data=data), session)
        except ConfigError:
            raise  # all settings are those of the command here, so it could not begin
        except CodeActError as fault:
            outcome = _broken(fault, session)
    return Outcome(kind=outcome.kind, sentence=outcome.sentence, path=saved.path if saved else None)


def run_notebook(path: Path, options: Options, *, output: Path) -> Outcome:
    """Run a notebook from top to bottom and answer its open prompts.

    It stops at the first cell that fails, and at the first turn without an answer; what
    follows is kept as it was.

    Args:
        path: The notebook; its folder is where the kernel works.
        options: How to run.
        output: The notebook to write; may be ``path`` itself.

    Raises:
        CodeActError: The run could not begin.
    """
    output = disk.absolute(output)
    content = disk.read(path)
    in_place = output == path.absolute()
    if not in_place:
        notebook.check_ours(output)
    quiet = _Quiet(options.show)
    options = _showing(options, quiet)
    session = options.session(path.absolute().parent, _kernel_name(content, options))
    document = Document(content, session.record)
    outcome = Outcome(kind="answered")
    state = document.content if in_place else lambda: notebook.marked(document.content())
    with _saved(session, output, state, options) as saved, session:
        _begin(saved)
        for cell in document:
            outcome = _run(cell, document, session, options, quiet)
            if outcome.kind != "answered":
                break
    return Outcome(kind=outcome.kind, sentence=outcome.sentence, path=saved.path if saved else None)


# --- one cell of a notebook


def _run(
    cell: DocumentCell, document: Document, session: Session, options: Options, quiet: _Quiet
) -> Outcome:
    if not cell.is_code or not cell.source.strip():
        return Outcome(kind="answered")
    if cell.answered or cell.skipped or cell.unapproved:
        return Outcome(kind="answered")
    try:
        if cell.is_prompt:
            return _answer(cell, document, session, options)
        with quiet:
            run = session.run_cell(cell.source, cell_id=cell.id, hidden=cell.hidden)
    except KeyboardInterrupt:
        return Outcome(kind="interrupted", sentence="Stopped by you.")
    except CodeActError as fault:
        return _broken(fault, session)
    if run.status == "ok" or cell.errors_pass:
        return Outcome(kind="answered")
    return Outcome(kind="fault", sentence=_why(run, options))


def _why(run: CellRun, options: Options) -> str:
    """Why a run ends at a cell of the user's own."""
    if run.status == "timed_out":
        return _TOO_LONG.format(number=run.execution_count, seconds=options.cell_seconds)
    error = f"{run.error.name}: {run.error.message}" if run.error else run.status
    return _FAILED.format(number=run.execution_count, error=error)


def _answer(cell: DocumentCell, document: Document, session: Session, options: Options) -> Outcome:
    flags = parse_flags(cell.flags)
    if flags.help:
        options.show(Printed(text=f"{flags_help()}\n"))
        return Outcome(kind="answered")
    chosen = {**session.kernel_settings(), **_given(options.settings), **_given(flags.settings)}
    settings = CodeAct().with_flags(chosen)
    if flags.dry_run:
        request = session.dialogue.preview(_words(cell), settings, new=flags.new)
        options.show(Printed(text=f"{request}\n"))
        return Outcome(kind="answered")
    if flags.new:
        session.renew()
    document.set_aside(cell)
    auto = flags.auto or (options.auto and not flags.ask)
    turn = session.ask(_words(cell), settings, auto=auto)
    cell.ended(session.record.session, turn.id, turn.ending.kind)
    return _outcome(turn, session)


def _words(cell: DocumentCell) -> str:
    if not cell.prompt:
        raise RecordError(f"The `%%codeact` cell {cell.id!r} has no prompt: write it below.")
    return words_of(cell.prompt)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _outcome(turn: Turn, session: Session) -> Outcome:
    kind = _ENDS[turn.ending.kind]
    if kind == "answered":
        return Outcome(kind=kind)
    if session.interrupted:
        kind = "interrupted"
    return Outcome(kind=kind, sentence=turn.ending.sentence)


def _broken(fault: CodeActError, session: Session) -> Outcome:
    """What a run came to that one of our errors ended, which Ctrl-C may have led to."""
    kind: Kind = "interrupted" if session.interrupted else "fault"
    return Outcome(kind=kind, sentence=str(fault))


# --- around a run


@contextlib.contextmanager
def _saved(
    session: Session,
    path: Path | None,
    content: Callable[[], Mapping[str, Any]],
    options: Options,
) -> Iterator[Autosave | None]:
    """Write ``path`` as the record grows."""
    if path is None:
        yield None
        return
    saved = Autosave(path, content, lambda text: options.show(Notice(sentence=text)))
    session.record.on_change = saved.changed
    try:
        yield saved
    finally:
        saved.close()


def _begin(saved: Autosave | None) -> None:
    """Let an earlier notebook be replaced, now that there is a kernel to run in."""
    if saved is not None:
        saved.begin()


class _Quiet:
    """Shows a run without what the user's own cells print."""

    def __init__(self, show: Callable[[Progress], None]) -> None:
        self._show = show
        self._on = False

    def __enter__(self) -> None:
        self._on = True

    def __exit__(self, *_: object) -> None:
        self._on = False

    def __call__(self, progress: Progress) -> None:
        if not (self._on and isinstance(progress, Printed)):
            self._show(progress)


def _showing(options: Options, show: Callable[[Progress], None]) -> Options:
    from dataclasses import replace

    return replace(options, show=show)


def _kernel_name(content: Mapping[str, Any], options: Options) -> str | None:
    """The kernel that the notebook asks for, or None for this Python's."""
    spec = content["metadata"].get("kernelspec", {})
    language = spec.get("language") or content["metadata"].get("language_info", {}).get("name")
    if language and not _PYTHON.fullmatch(str(language)):
        raise RecordError(
            f"This is a notebook in {language!r}, and actions are Python, so nothing was run. Name "
            "a notebook with a kernel for Python."
        )
    name = spec.get("name")
    if options.kernel or name in {None, "", "python3"}:
        return None
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    untyped: Any = KernelSpecManager
    with contextlib.suppress(NoSuchKernel):
        untyped().get_kernel_spec(name)
        return str(name)
    missing = f"The notebook's kernel {name!r} is not installed here; this Python's is used."
    options.show(Notice(sentence=missing))
    return None
