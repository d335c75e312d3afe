"""The command ``codeact-jupyter``."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from codeact_jupyter.errors import CodeActError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeact_jupyter.batch import Outcome
    from codeact_jupyter.doctor import Finding
    from codeact_jupyter.types import Action, Verdict


class _WrongSetting(click.ClickException):
    exit_code = click.UsageError.exit_code  # as for what click itself refuses


class _Group(click.Group):
    """A group whose commands end with one sentence at one of our errors, or at Ctrl-C."""

    def main(self, *args: Any, **options: Any) -> Any:
        try:
            return super().main(*args, **options)
        except OSError as fault:  # also of --help and --version, which invoke nothing
            if fault.errno == errno.EPIPE:
                raise  # whoever reads what we print has heard enough: click's to end
            click.ClickException(_refused(fault)).show()
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CodeActError as fault:
            kind = _WrongSetting if isinstance(fault, ConfigError) else click.ClickException
            raise kind(str(fault)) from fault
        except KeyboardInterrupt:
            click.echo("Stopped by you.", err=True)
            sys.exit(130)


def _refused(fault: OSError) -> str:
    """What to say where the system refuses what nobody foresaw, such as a print to a full disk."""
    place = repr(fault.filename) if fault.filename else "no file, so perhaps where this prints"
    return (
        f"The system refused what this command needs: {fault.strerror or fault} ({place}). What "
        "was done until then stays. Mend that, then run it again."
    )


@click.group(cls=_Group)
@click.version_option(package_name="codeact-jupyter", prog_name="codeact-jupyter")
def main() -> None:
    """A language model that acts in your live Jupyter kernel."""


# --- the local model ----------------------------------------------------------------

_LOOK_SECONDS = 0.5  # CPython misses a Ctrl-C that comes just before a wait, until that is over


@main.group()
def model() -> None:
    """The local model: fetch it, serve it, remove it."""


@model.command("pull")
def model_pull() -> None:
    """Fetch the local model's file; an interrupted pull goes on where it stopped."""
    from codeact_jupyter.models.progress_line import ProgressLine
    from codeact_jupyter.models.pull import pull

    progress = ProgressLine()
    try:
        pull(progress)
    except KeyboardInterrupt:
        progress.say("Stopped. What arrived is kept: `codeact-jupyter model pull` goes on from it.")
        sys.exit(130)
    finally:
        progress.close()


@model.command("serve")
@click.option("--port", default=8123, show_default=True, help="0 takes a free one.")
@click.option("--context", default=8192, show_default=True, help="Tokens of a conversation.")
def model_serve(port: int, context: int) -> None:
    """Serve the local model on this machine until Ctrl-C."""
    from codeact_jupyter.models.local import description
    from codeact_jupyter.models.serve import serve

    try:
        with serve(port=port, context=context) as address:
            click.echo(f"{description().title} answers at {address}/v1")
            click.echo(f"Use it in a notebook: %env CODEACT_BASE_URL={address}/v1")
            click.echo("Ctrl-C ends it.")
            _until_interrupted()
            click.echo("Ended.")
            sys.stdout.flush()
            os._exit(0)  # xllamacpp 2026.10 joins its threads for ever at times
    except KeyboardInterrupt:
        click.echo("Ended.")


def _until_interrupted() -> None:
    never = threading.Event()
    try:
        while not never.wait(_LOOK_SECONDS):
            pass
    except KeyboardInterrupt:
        pass


@model.command("path")
def model_path() -> None:
    """Print where the local model's file lies."""
    from codeact_jupyter.models import local

    click.echo(local.require())


@model.command("rm")
@click.option("--yes", is_flag=True, help="Do not ask.")
def model_rm(yes: bool) -> None:
    """Remove the local model's file and what an unfinished pull left."""
    from codeact_jupyter.models import local

    if not yes:
        click.confirm(f"Remove {str(local.path())!r}?", abort=True)
    click.echo(f"{local.size(local.remove())} freed.")


# --- runs -----------------------------------------------------------------------------

EXIT_CODES = {"answered": 0, "fault": 1, "limit": 3, "not approved": 4, "interrupted": 130}
NOTEBOOK = click.Path(dir_okay=False, path_type=Path)


class _Output(click.Path):
    """A notebook to write; a name that can be none is a wrong option, before anything is done."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return its path."""
        from codeact_jupyter.record.disk import at_home

        path = Path(str(super().convert(value, param, ctx)))
        folder = at_home(path).parent
        if path.suffix != ".ipynb":
            self.fail(f"{str(path)!r} does not end in '.ipynb'. Nothing was done.", param, ctx)
        if not folder.is_dir():
            words = (
                f"There is no folder {str(folder)!r}: make it, or name another. Nothing was done."
            )
            self.fail(words, param, ctx)
        return path


OUTPUT = _Output()


def _setting(_: Any, option: click.Parameter, text: str | None) -> Any:
    """The value of an option that is a setting, refused in the setting's words."""
    from codeact_jupyter.config import read_setting

    try:
        return None if text is None else read_setting(str(option.name), text)
    except ConfigError as fault:
        raise click.BadParameter(str(fault)) from None


@main.command(
    epilog="Exit codes: 0 answered, 1 fault, 2 wrong options or settings, 3 a limit was reached, "
    "4 not approved, 130 stopped by Ctrl-C."
)
@click.argument("what", metavar="PROMPT|NOTEBOOK.ipynb")
@click.option("-o", "--output", type=OUTPUT, help="The notebook to write.")
@click.option("--auto", is_flag=True, help="Run every action; nothing checks what it does.")
@click.option(
    "--data",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that the prompt is about; may be given several times.",
)
@click.option("--kernel", metavar="NAME", help="A kernelspec; else the notebook's, or this Python.")
@click.option("--model", metavar="NAME", help="The model; else the only one that is listed.")
@click.option("--profile", metavar="NAME", help="default, small, codeactagent, codeactagent-4k.")
@click.option("--format", metavar="NAME", help="How actions are marked: fence or execute.")
@click.option(
    "--max-steps", metavar="NUMBER", callback=_setting, help="Most replies of the model in a turn."
)
@click.option(
    "--max-tokens",
    metavar="NUMBER",
    callback=_setting,
    help="Most tokens of a turn, in both directions.",
)
@click.option(
    "--timeout", metavar="NUMBER", callback=_setting, help="Most seconds of model time in a turn."
)
@click.option(
    "--cell-timeout",
    metavar="NUMBER",
    type=click.FloatRange(0),
    default=600,
    show_default=True,
    help="Most seconds of one cell; 0: no limit.",
)
def run(
    what: str,
    *,
    output: Path | None,
    auto: bool,
    data: tuple[Path, ...],
    kernel: str | None,
    cell_timeout: float,
    **settings: Any,
) -> None:
    """Ask a model that acts in a kernel of its own, or answer a notebook's open prompts.

    Each action is asked for in the terminal, but with --auto, here or in the prompt's cell.
    """
    from codeact_jupyter.batch import Options, run_notebook, run_prompt
    from codeact_jupyter.hosts.screens import TerminalScreen

    asks = sys.stdin.isatty()
    notebook = what.endswith(".ipynb")
    if not (auto or asks or notebook):
        raise click.UsageError(
            "Nobody is here to approve actions: this is no terminal. Add --auto to let all run."
        )
    options = Options(
        auto=auto,
        settings=settings,
        kernel=kernel,
        cell_seconds=cell_timeout or None,
        show=TerminalScreen().show,
        approve=_approve if asks else None,
    )
    if not notebook:
        _end(run_prompt(what, options, data=data, output=output))
    if data:
        raise click.UsageError("--data goes with a prompt; a notebook opens its files itself.")
    if output is None:
        raise click.UsageError(f"Name the notebook to write: -o FILE.ipynb, or -o {what}")
    _end(run_notebook(Path(what), options, output=output))


def _end(outcome: Outcome) -> NoReturn:
    """Say what a run came to, and exit with its code."""
    if outcome.sentence:
        click.echo(outcome.sentence, err=True)
    if outcome.path is not None:
        click.echo(f"The notebook is in {outcome.path}")
    sys.exit(EXIT_CODES[outcome.kind])


def _approve(action: Action) -> Verdict:
    from codeact_jupyter.hosts.front import TERMINAL
    from codeact_jupyter.hosts.questions import approval

    return approval(None, TERMINAL, action)


@main.command()
@click.argument("source", metavar="NOTEBOOK.ipynb", type=NOTEBOOK)
@click.option("-o", "--output", required=True, type=OUTPUT, help="The notebook to write.")
def export(source: Path, output: Path) -> None:
    """Write a notebook without our magics: it needs neither this package nor a model."""
    from codeact_jupyter.record import disk, notebook
    from codeact_jupyter.record.document import exported

    output = disk.absolute(output)
    notebook.check_ours(output)
    disk.write(exported(disk.read(source)), output)
    click.echo(f"The notebook is in {output}")


# --- the demo -----------------------------------------------------------------------


@main.command()
@click.option(
    "-o",
    "--output",
    default="demo.ipynb",
    show_default=True,
    type=OUTPUT,
    help="The notebook to write.",
)
@click.option("--next", "line", hidden=True, help="What opens it, where the caller knows better.")
def demo(output: Path, line: str | None) -> None:
    """Watch a model answer a question about a CSV file in a real kernel."""
    from codeact_jupyter.demo import QUESTION, run_demo
    from codeact_jupyter.hosts.screens import TerminalScreen
    from codeact_jupyter.lab import next_step

    click.echo(f"{QUESTION}\n")
    verdict = run_demo(output, TerminalScreen().show)
    for fault in verdict.faults:
        click.echo(f"FAULT: {fault}", err=True)
    if verdict.faults:
        sys.exit(1)
    click.echo(f"\nThe answer is {'right' if verdict.right else 'WRONG'}.")
    click.echo(f"The session is in {output}. Go on in JupyterLab: {line or next_step(output)}")


# --- JupyterLab -----------------------------------------------------------------------


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("notebook", required=False, type=NOTEBOOK)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def lab(*, notebook: Path | None, options: tuple[str, ...]) -> None:
    """Open JupyterLab with the model ready; options behind the notebook are JupyterLab's."""
    from codeact_jupyter.lab import open_lab

    if notebook is not None and str(notebook).startswith("-"):
        notebook, options = None, (str(notebook), *options)
    sys.exit(open_lab(notebook, options, click.echo))


# --- the doctor ---------------------------------------------------------------------


@main.command()
@click.option("--kernel", metavar="NAME", help="Look at this kernelspec only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list at the end.")
@click.option("--no-model", is_flag=True, help="Send nothing to a model.")
def doctor(*, kernel: str | None, as_json: bool, no_model: bool) -> None:
    """Find out why actions fail or answers are slow, and what helps."""
    from codeact_jupyter.doctor import diagnose

    found: list[Finding] = []
    stopped = False
    try:
        with closing(diagnose(kernel=kernel, ask=not no_model)) as findings:
            _collect(findings, found, show=not as_json)
    except KeyboardInterrupt:
        stopped = True
        click.echo(
            "Stopped. What was found so far is shown; the other checks did not run.", err=True
        )
    levels = Counter(finding.level for finding in found)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], indent=1))
    elif not stopped:
        click.echo(f"\nFaults: {levels['fault']}, warnings: {levels['warning']}.")
    sys.exit(130 if stopped else int(levels["fault"] > 0))


def _collect(findings: Iterable[Finding], found: list[Finding], *, show: bool) -> None:
    """Keep each finding and show it as soon as it is there."""
    for finding in findings:
        found.append(finding)
        if show:
            click.echo(f"{finding.level:<8} {finding.sentence}")
            if finding.cure:
                click.echo(f"{'':<8} {finding.cure}")
