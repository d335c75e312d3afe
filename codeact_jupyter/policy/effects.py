"""What an action may do, each with the words that tell it to the user.

An :class:`Effect` is one piece of the sentence beside a cell that waits for approval.
Its words say what would happen, never whether that is good or bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from codeact_jupyter.types import GradeKind


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One thing that code may do.

    Attributes:
        kind: Where it stands in the order of gravity.
        words: For the user, where nothing is known of what it acts on.
        named: For the user, with ``{}`` for what it acts on and ``{s}`` for its plural.
        grave: Whether the user should look twice.
    """

    kind: GradeKind
    words: str
    named: str = ""
    grave: bool = True


class Finding(NamedTuple):
    """An effect that was found, with the name of what it acts on or ``""``."""

    effect: Effect
    thing: str = ""


def names_in(text: str) -> frozenset[str]:
    """Return the names in ``text``, which are parted by blanks."""
    return frozenset(text.split())


def table(*rows: tuple[Effect, str]) -> dict[str, Effect]:
    """Return the effect of each name in ``rows``."""
    return {name: effect for effect, names in rows for name in names.split()}


CODEACT = Effect(kind="self", words="reaches into CodeAct itself")
FRONT = Effect(kind="self", words="reaches into the running IPython or Jupyter")
PATCH = Effect(
    kind="self",
    words="replaces a part of Python for all that runs later",
    named="replaces {} for all that runs later",
)
ENDS = Effect(kind="self", words="ends the kernel or another process")
SPIES = Effect(kind="self", words="looks into other code that runs in this kernel")
LATER = Effect(kind="self", words="leaves something to run when the kernel ends or is signalled")
SECRET = Effect(
    kind="self", words="reads keys or passwords", named="touches keys or passwords ({})"
)
ENVIRONMENT = Effect(
    kind="self", words="reads the whole environment, where keys may be", named="reads {}"
)
LOOSENS = Effect(
    kind="self",
    words="changes how programs start",
    named="sets the environment variable{s} {}, which changes how programs start",
)
SETTINGS = Effect(
    kind="self",
    words="touches start-up files or settings",
    named="touches start-up files or settings ({})",
)
SCRIPT = Effect(kind="self", words="puts a script into the page")
FOLDER = Effect(kind="self", words="changes the working folder, so later paths mean others")

INSTALL = Effect(kind="install", words="installs or changes packages")

COMMAND = Effect(kind="shell", words="runs a shell command")
PROCESS = Effect(kind="shell", words="starts other processes")

NETWORK = Effect(kind="network", words="uses the network", named="reaches {} over the network")

DELETES = Effect(kind="delete", words="deletes files")
DELETES_ROWS = Effect(kind="delete", words="deletes from a database")
WIPES = Effect(kind="delete", words="deletes variables without naming them")

UNREADABLE = Effect(kind="unknown", words="cannot be read as Python")
TOO_DEEP = Effect(kind="unknown", words="is nested too deep to be read")
HIDDEN = Effect(kind="unknown", words="holds invisible characters that change how it looks")
DYNAMIC = Effect(
    kind="unknown",
    words="runs code that cannot be seen here",
    named="runs code that cannot be seen here ({})",
)
HANDED = Effect(
    kind="unknown",
    words="hands a module to code that cannot be seen here",
    named="hands the module{s} {} to code that cannot be seen here",
)
PICKLED = Effect(
    kind="unknown",
    words="loads pickled data, which can run any code",
    named="loads pickled data, which can run any code ({})",
)
NATIVE = Effect(kind="unknown", words="calls native code", named="calls native code ({})")
OTHER_CODE = Effect(
    kind="unknown", words="runs code from elsewhere", named="runs code from elsewhere ({})"
)
STRANGE = Effect(
    kind="unknown",
    words="uses a magic of which nothing is known",
    named="uses the magic{s} {}, of which nothing is known",
)

LINKS = Effect(kind="write", words="makes links or changes the rights of files")
FILE = Effect(kind="write", words="writes a file", named="writes the file{s} {}", grave=False)
FILE_ANEW = Effect(
    kind="write",
    words="writes a file, whose old content is lost",
    named="writes the file{s} {}, whose old content is lost",
    grave=False,
)
OUTSIDE = Effect(
    kind="write",
    words="writes outside the working folder",
    named="writes outside the working folder ({})",
)
OUTSIDE_ANEW = Effect(
    kind="write",
    words="writes outside the working folder, where old content is lost",
    named="writes outside the working folder ({}), where old content is lost",
)
MAKES_FOLDER = Effect(kind="write", words="makes folders", grave=False)
COPIES = Effect(kind="write", words="copies, moves or unpacks files", grave=False)
DATABASE = Effect(
    kind="write",
    words="writes to a database",
    named="opens the database{s} {}, which is made where it is missing",
    grave=False,
)

ANEW = {FILE: FILE_ANEW, OUTSIDE: OUTSIDE_ANEW}
"""What an effect becomes where the file is opened so that it starts empty."""

OVERWRITES = Effect(
    kind="rebind",
    words="may overwrite your variables",
    named="overwrites your variable{s} {}",
    grave=False,
)
DISCARDS = Effect(
    kind="rebind",
    words="throws variables away",
    named="throws away your variable{s} {}",
)
CHANGES = Effect(
    kind="rebind",
    words="may change your variables",
    named="changes your variable{s} {}",
    grave=False,
)
REMOVES = Effect(
    kind="rebind",
    words="deletes variables",
    named="deletes your variable{s} {}",
    grave=False,
)
SETS = Effect(
    kind="rebind",
    words="changes environment variables",
    named="changes the environment variable{s} {}",
    grave=False,
)
IMPORT_PATH = Effect(kind="rebind", words="changes where imports are looked for", grave=False)

ASSIGNS = Effect(
    kind="assign", words="makes variables", named="makes the variable{s} {}", grave=False
)
READS = Effect(kind="read", words="no known risks found", grave=False)

_MOST = 3  # names of one piece of the sentence; it must fit beside a cell
_LONGEST = 60


def told(effect: Effect, things: list[str]) -> str:
    """Return the piece of the sentence for ``effect`` on all of ``things``."""
    if not things or not effect.named:
        return effect.words
    shown = [f"`{_short(thing)}`" for thing in things[:_MOST]]
    left = len(things) - len(shown)
    if left:
        shown.append(f"{left} more")
    return effect.named.format(listed(shown, " and "), s="s" if len(things) > 1 else "")


def listed(pieces: list[str], last: str) -> str:
    """Return ``pieces`` as an enumeration, with ``last`` before its end."""
    *first, end = pieces
    return f"{', '.join(first)}{last}{end}" if first else end


def _short(thing: str) -> str:
    """``thing`` on one line, whatever it holds, so that it cannot pass for our own words."""
    line = "".join(each if each.isprintable() else " " for each in thing).replace("`", "'")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
