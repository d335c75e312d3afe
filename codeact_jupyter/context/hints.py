"""Facts that help the model after its code failed.

:func:`hints_for` is called once after an action that ended in an error, on the kernel's
main thread, with the exception, the code and the namespace. It answers with at most three
short facts: which columns the frame really has, which files the folder holds, what to
install. A table keyed by the class of the error says who knows something.

It never raises, never changes anything and never runs code of the user's objects. Of files
it reads the names in a folder, and the beginning of a table that pandas could not read. With
``schema_only`` it says names of variables and columns, no values, no names of files, and no
word of the error that does not stand in the code: it may have been computed from a value.
"""

from __future__ import annotations

import ast
import re
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeact_jupyter.context.frames import as_numbers, mostly_numbers, sample
from codeact_jupyter.context.literals import head, label, quoted
from codeact_jupyter.context.lookups import (
    Case,
    detail,
    listed,
    missing_attribute,
    missing_in_query,
    missing_key,
    missing_name,
    names_in,
    nearest,
    words_in,
)
from codeact_jupyter.context.names import without
from codeact_jupyter.context.objects import clean, known
from codeact_jupyter.context.tables import look_at, reading_call
from codeact_jupyter.redact import redact
from codeact_jupyter.syntax import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from types import TracebackType

NO_FILE = (
    "That file is not where the code looks for it. You are told no names of files: if you do not "
    "know the right one, ask for it in your answer."
)
_MOST = 3
_CHARACTERS = 1_000
_FILES = 20
_SCANNED = 2_000  # names of a folder that are looked at
_SUBFOLDERS = 50
_FIRST_LINES = 3  # of a file that could not be read
_LINE = 120  # characters of each
_PACKAGES = {
    "Bio": "biopython",
    "Crypto": "pycryptodome",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "mpl_toolkits": "matplotlib",
    "osgeo": "gdal",
    "pptx": "python-pptx",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "pyyaml",
}
_LOOP_TEXTS = (
    "asyncio.run() cannot be called from a running event loop",
    "This event loop is already running",
    "Cannot run the event loop while another loop is running",
)
_NOT_A_NUMBER = re.compile(
    r"(?:could not convert string to float: |Unable to parse string |"
    r"invalid literal for int\(\) with base \d+: )(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
)
_TEXT_IN_SUMS = re.compile(
    r"can only concatenate str|unsupported operand type\(s\) for .*'str'|"
    r"Cannot perform reduction .* with string dtype|Could not convert .* to numeric|"
    r"agg function failed \[how->\w+,dtype->(?:object|str)|"
    r"not supported between instances of .*'str'",
    re.DOTALL,
)


def hints_for(
    error: BaseException,
    code: str,
    namespace: dict[str, Any],
    *,
    schema_only: bool = False,
    hidden: Collection[str] = (),
) -> tuple[str, ...]:
    """Return facts that help after an error, at most three, one line each.

    Args:
        error: What the cell raised, with its traceback.
        code: The source of the cell.
        namespace: The user's namespace, after the error.
        schema_only: Say names only, no values.
        hidden: Names of the namespace that are not spoken of.
    """
    try:
        found = known(type(error), _TABLE)
        if found is None:
            return ()
        case = _case(error, code, namespace, schema_only, hidden)
        return tuple(_within_bounds(redact(hint)) for hint in islice(found[0](case), _MOST))
    except Exception:  # noqa: BLE001  (a hint is a courtesy; the error itself is told anyway)
        return ()


def _within_bounds(hint: str) -> str:
    return hint if len(hint) <= _CHARACTERS else f"{head(hint, _CHARACTERS)} …"


def _case(
    error: BaseException,
    code: str,
    namespace: dict[str, Any],
    schema_only: bool,
    hidden: Collection[str],
) -> Case:
    line, inner = _where(detail(error, BaseException, "__traceback__"), namespace)
    variables = {**without(namespace, hidden), **inner}
    args = detail(error, BaseException, "args")
    tree = parsed(code)
    return Case(
        error=error,
        message=next((arg for arg in args if type(arg) is str), ""),
        code=code,
        named={n: variables[n] for n in names_in(tree, line) if n in variables},
        names=tuple(n for n in variables if type(n) is str and not n.startswith("_")),
        schema_only=schema_only,
        words=words_in(tree),
    )


def _where(
    trace: TracebackType | None, namespace: dict[str, Any]
) -> tuple[int | None, dict[str, Any]]:
    """The failing line of the cell, and the local variables of the user's innermost function."""
    line, inner = None, {}
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_globals is namespace:
            if frame.f_code.co_name == "<module>":
                line = trace.tb_lineno
            else:
                inner = dict(frame.f_locals)
        trace = trace.tb_next
    return line, inner


# --- files ---------------------------------------------------------------------------


def _missing_file(case: Case) -> Iterator[str]:
    wanted = detail(case.error, OSError, "filename")
    if type(wanted) is not str and not known(type(wanted), {"pathlib.PurePath": 1}):
        return
    path = Path(wanted)
    if _from_subprocess(detail(case.error, BaseException, "__traceback__")):
        name = quoted(path.name, 60) if case.may_say(str(wanted)) else "what was asked for"
        yield f"No program called {name} is installed where this kernel looks."
        return
    if path.parts[:1] == ("~",):
        yield "`~` is not expanded here: `Path(...).expanduser()` does that."
        path = path.expanduser()
    yield NO_FILE if case.schema_only else _folder_sentence(path)


def _from_subprocess(trace: TracebackType | None) -> bool:
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).name == "subprocess.py":
            return True
        trace = trace.tb_next
    return False


def _folder_sentence(path: Path) -> str:
    """What is where the file was looked for, or in the last folder above that exists."""
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    missing = path.absolute().relative_to(folder).parts[0]
    names = [
        entry.name + ("/" if entry.is_dir() else "")
        for entry in islice(folder.iterdir(), _SCANNED)
        if not entry.name.startswith(".")
    ]
    names.sort(key=lambda name: (Path(name).suffix.lower() != path.suffix.lower(), name))
    where = f"There is no {quoted(missing, 100)} in {quoted(str(folder), 200)}"
    if not names:
        return f"{where}: that folder is empty."
    shown = listed(map(_file_label, names[:_FILES]), max(len(names) - _FILES, 0))
    return f"{where}, which holds: {shown}.{_near_file(path, folder, missing, names)}"


def _file_label(name: str) -> str:
    return name if re.fullmatch(r"[\w.+\-]{1,80}/?", name) else quoted(name, 80)


def _near_file(path: Path, folder: Path, missing: str, names: list[str]) -> str:
    below = [
        folder / name / path.name
        for name in [n for n in names if n.endswith("/")][:_SUBFOLDERS]
        if (folder / name / path.name).is_file()
    ]
    if below:
        there, here = below[0], Path.cwd()
        shown = there.relative_to(here) if there.is_relative_to(here) else there
        return f" There is {quoted(str(shown), 300)}."
    near = nearest(missing, [name.rstrip("/") for name in names])
    return f" Nearest to {quoted(missing, 100)}: {quoted(near, 100)}." if near else ""


def _unread_table(case: Case) -> Iterator[str]:
    """The file that ``pandas.read_csv`` failed on, and the call that reads it."""
    wanted = _read_path(detail(case.error, BaseException, "__traceback__"))
    table = look_at(Path(wanted)) if wanted and Path(wanted).is_file() else None
    if table is None:
        return
    if not case.schema_only:
        shown = "\n".join(head(line, _LINE) for line in table.lines[:_FIRST_LINES])
        yield f"The file begins:\n{shown}"
    if table.options and case.may_say(wanted):
        yield f"Read it with `{reading_call(wanted, table)}`."


def _read_path(trace: TracebackType | None) -> str:
    while trace is not None:
        path = trace.tb_frame.f_locals.get("filepath_or_buffer")
        if type(path) is str or known(type(path), {"pathlib.PurePath": 1}):
            return str(path)
        trace = trace.tb_next
    return ""


# --- packages, input, loops ----------------------------------------------------------


def _missing_package(case: Case) -> Iterator[str]:
    name = detail(case.error, ImportError, "name")
    if type(name) is not str or not name or not case.may_say(name):
        return
    top = name.partition(".")[0]
    package = _PACKAGES.get(top, top.replace("_", "-"))
    if name != top and sys.modules.get(top) is not None:
        yield f"The package {quoted(top, 60)} is there, but it has no module {quoted(name, 100)}."
        return
    yield (
        f"The package {quoted(top, 60)} is not installed in this kernel's environment. "
        f"`%pip install {clean(package)}` installs it, which needs the user's OK."
    )


def _nobody_answers(case: Case) -> Iterator[str]:
    if "input" in case.code or "getpass" in case.code or "Stdin" in type(case.error).__name__:
        yield (
            "Nobody can answer input() here: take the value from the conversation or "
            "from a variable."
        )


def _running_loop(case: Case) -> Iterator[str]:
    if any(text in case.message for text in _LOOP_TEXTS):
        yield "An event loop already runs here: use `await` at the top level of the cell."


# --- text where numbers are wanted ---------------------------------------------------


def _no_number(case: Case) -> Iterator[str]:
    found = _NOT_A_NUMBER.search(case.message[:2_000])
    if not found and not _TEXT_IN_SUMS.search(case.message[:2_000]):
        return
    frames = list(_frames_with_text(case))
    told = [sentence for frame in frames for sentence in _numbers_as_text(*frame, case)]
    if told:
        yield from told
    elif found:
        yield _conversion(found["text"], case.schema_only)
    else:
        yield from (_text_columns(name, texts) for name, _, texts in frames)


def _numbers_as_text(name: str, frame: Any, texts: list[Any], case: Case) -> Iterator[str]:
    """The columns in the code that hold numbers as text, each with what converts it."""
    for column in texts:
        if type(column) is not str or repr(column)[1:-1] not in case.code:
            continue
        values = sample(frame[column])
        if mostly_numbers(values):
            what = f"`{name}[{column!r}]`"
            such = "" if case.schema_only else f" such as {quoted(values[0], 30)}"
            call = as_numbers(f"{name}[{column!r}]", () if case.schema_only else values)
            yield f"{what} holds text{such}. Its numbers: `{call}`. Use that in its place."


def _conversion(source: str, schema_only: bool) -> str:
    text = str(ast.literal_eval(source))
    what = "A text" if schema_only else f"The text {quoted(text, 60)}"
    if schema_only or any(character.isdigit() for character in text):
        return (
            f"{what} is no plain number: `{as_numbers('s')}` takes the other characters away; "
            "what is no number then becomes NaN."
        )
    return f"{what} is no number: `pd.to_numeric(s, errors='coerce')` makes it NaN."


def _frames_with_text(case: Case) -> Iterator[tuple[str, Any, list[Any]]]:
    for name, value in case.named.items():
        if known(type(value), {"pandas.DataFrame": 1}):
            dtypes = value.iloc[:0, :1_000].dtypes.items()
            texts = [column for column, dtype in dtypes if str(dtype) in {"object", "str"}]
            if texts:
                yield name, value, texts


def _text_columns(name: str, texts: list[Any]) -> str:
    return (
        f"`{name}` holds text in: {listed(map(label, texts))}. `{name}.select_dtypes('number')` "
        "are the numbers; `pd.to_numeric(s, errors='coerce')` turns text into numbers."
    )


_TABLE: dict[str, Callable[[Case], Iterator[str]]] = {
    "builtins.KeyError": missing_key,
    "builtins.AttributeError": missing_attribute,
    "builtins.NameError": missing_name,
    "pandas.UndefinedVariableError": missing_in_query,
    "builtins.FileNotFoundError": _missing_file,
    "builtins.UnicodeDecodeError": _unread_table,
    "pandas.ParserError": _unread_table,
    "builtins.ModuleNotFoundError": _missing_package,
    "builtins.RuntimeError": _running_loop,
    "IPython.StdinNotImplementedError": _nobody_answers,
    "builtins.EOFError": _nobody_answers,
    "builtins.ValueError": _no_number,
    "builtins.TypeError": _no_number,
}
