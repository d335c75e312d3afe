"""What a call may do, where that hangs on its arguments.

``open`` reads or writes by its mode, ``to_csv`` writes where it is given a path,
``read_csv`` goes over the network where that is an address. A method is known by its name
alone: of what class its object is cannot be seen.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codeact_jupyter.policy import effects
from codeact_jupyter.policy.effects import Finding, names_in
from codeact_jupyter.policy.paths import address, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeact_jupyter.policy.aliases import Aliases

    Rule = Callable[[ast.Call, Aliases], Iterator[Finding]]

_PATHS = names_in("""
    path path_or_buf path_or_buffer buf fname filename file excel_writer fp filepath_or_buffer
    io url uri src href target
    """)
_WRITERS = names_in("""
    to_csv to_excel to_parquet to_pickle to_json to_feather to_hdf to_stata to_html to_latex
    to_markdown to_xml to_orc to_netcdf to_zarr to_file to_string write_csv write_parquet
    write_json write_excel write_ipc sink_csv sink_parquet write_html write_image write_json
    savefig imsave save_model write_text write_bytes touch tofile
    """)
_ANEW = {"write_text", "write_bytes"}
_SAVERS = {
    **dict.fromkeys(("numpy.save", "numpy.savez", "numpy.savez_compressed", "numpy.savetxt"), 0),
    **dict.fromkeys(("pandas.ExcelWriter", "pandas.HDFStore", "csv.DictWriter"), 0),
    **dict.fromkeys(("joblib.dump", "torch.save", "imageio.imwrite", "dill.dump_session"), 1),
    "cv2.imwrite": 0,
    "dill.dump_session": 0,
}
"""Functions that write, with the place of the path among their arguments."""

_OPENERS = names_in("""
    open io.open builtins.open codecs.open gzip.open bz2.open lzma.open tarfile.open os.fdopen
    zipfile.ZipFile tarfile.TarFile h5py.File netCDF4.Dataset
    """)
_MODES = re.compile(r"^[rwaxU][bt+:|gzx2]*\+?[bt]?$")
_REACHES = re.compile(r"^(?:read|load|open|im?read|scan|from|to|imread|urlopen|connect|download)")
_REACHING = {"loadtxt", "genfromtxt", "read", "create_engine", "sql", "execute", "Video", "Audio"}
_SHOWN = {
    "HTML",
    "Markdown",
    "display",
    "SVG",
    "IFrame",
    "Image",
    "display_html",
    "publish_display_data",
}
_SCRIPT = re.compile(
    r"<\s*script|\bon[a-z]+\s*=|javascript:|<\s*(?:object|embed)|srcdoc\s*=|data-commandlinker",
    re.IGNORECASE,
)
_LOADS = re.compile(r"(?:src|data|srcset)\s*=\s*[\"']?\s*(https?://[^\s\"'>]+)", re.IGNORECASE)
_DELETING = re.compile(r"\s*(?:DELETE\s+FROM|DROP\s|TRUNCATE\s)", re.IGNORECASE)
_CHANGING = re.compile(
    r"\s*(?:INSERT\s|UPDATE\s|CREATE\s|ALTER\s|REPLACE\s|COPY\s|ATTACH\s|VACUUM|GRANT\s)",
    re.IGNORECASE,
)
_STATEMENTS = {"execute", "executemany", "executescript", "read_sql", "read_sql_query", "sql"}


def found_in_call(call: ast.Call, aliases: Aliases) -> Iterator[Finding]:
    """Yield what the arguments of ``call`` tell about it."""
    functions, name = aliases.dotted(call.func), last_name(call)
    if functions & _OPENERS or name == "open":
        yield from _opens(call, aliases)
    if functions & {"getattr", "setattr", "delattr", "operator.attrgetter"}:
        yield from _by_name(call, aliases, functions)
    if name in _WRITERS or functions & _SAVERS.keys():
        yield from _saves(call, aliases, functions, name)
    yield from _reaches(call, aliases, functions, name)
    yield from _loads(call, functions)
    if name in _SHOWN or name in {"Javascript", "display_javascript"}:
        yield from _shows(call, aliases, name)
    if name in _STATEMENTS or name in {"to_sql", "connect"}:
        yield from _database(call, aliases, functions, name)


def last_name(call: ast.Call) -> str:
    """Return the name that is called, without what it belongs to."""
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def argument(call: ast.Call, place: int, *words: str) -> ast.expr | None:
    """Return the argument at ``place`` or by one of the names ``words``, or None."""
    if place < len(call.args):
        return call.args[place]
    return next((each.value for each in call.keywords if each.arg in words), None)


def _first(texts: set[str]) -> str:
    return min(texts, default="")


def _opens(call: ast.Call, aliases: Aliases) -> Iterator[Finding]:
    """``open(path, "w")``, and ``path.open("w")`` of something that has a path."""
    method = isinstance(call.func, ast.Attribute) and not aliases.dotted(call.func) & _OPENERS
    mode = argument(call, 0 if method else 1, "mode")
    if mode is None:
        return
    modes = aliases.texts(mode)
    if method and not any(_MODES.match(each) for each in modes):
        return  # no mode but what something else is opened by
    path = call.func.value if isinstance(call.func, ast.Attribute) and method else None
    texts = aliases.texts(path or argument(call, 0, "file", "filename", "name"))
    if not modes:
        yield Finding(effects.FILE, _first(texts))
    for each in modes:
        if set(each) & set("wax+"):
            for text in texts or {""}:
                yield Finding(written(text, anew="w" in each), text)


def _by_name(call: ast.Call, aliases: Aliases, functions: set[str]) -> Iterator[Finding]:
    """``getattr`` and its like by a name that is made while the code runs."""
    name = argument(call, 0 if "operator.attrgetter" in functions else 1)
    own = call.args and isinstance(call.args[0], ast.Name) and call.args[0].id == "self"
    if name is not None and not aliases.known(name) and not own:
        yield Finding(effects.DYNAMIC, min(functions).rpartition(".")[2])


def _saves(call: ast.Call, aliases: Aliases, functions: set[str], name: str) -> Iterator[Finding]:
    place = next((_SAVERS[each] for each in functions if each in _SAVERS), 0)
    path = argument(call, place, *_PATHS)
    if name in {"write_text", "write_bytes", "touch"} and isinstance(call.func, ast.Attribute):
        path = call.func.value
    if path is None or (isinstance(path, ast.Constant) and path.value is None):
        return  # to_csv() returns a text
    if aliases.dotted(path) & {"io.StringIO", "io.BytesIO"}:
        return
    for text in aliases.texts(path) or {""}:
        if not address(text):
            yield Finding(written(text, anew=name in _ANEW), text)


def _reaches(call: ast.Call, aliases: Aliases, functions: set[str], name: str) -> Iterator[Finding]:
    """An address where a function looks for data, or a browser for a picture."""
    ours = any(each.startswith(("pandas.", "numpy.", "polars.")) for each in functions)
    if ours or _REACHES.match(name) or name in _REACHING or name in {"Image", "IFrame"}:
        given = [*call.args, *(each.value for each in call.keywords if each.arg in _PATHS)]
        for each in given:
            for text in aliases.texts(each):
                if host := address(text) or (_inside(text) if name in _STATEMENTS else ""):
                    yield Finding(effects.NETWORK, host)
    for word in call.keywords:
        if word.arg == "download" and _is(word.value, value=True):
            yield Finding(effects.NETWORK)
        if word.arg == "trust_remote_code" and not _is(word.value, value=False):
            yield Finding(effects.OTHER_CODE)
    if name == "from_pretrained":
        yield Finding(effects.NETWORK)


def _inside(text: str) -> str:
    """The address that a statement of SQL reads from or writes to."""
    quoted = re.search(r"'([a-z0-9]+://[^']*)'", text)
    return address(quoted[1]) if quoted else ""


def _is(node: ast.AST, *, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _loads(call: ast.Call, functions: set[str]) -> Iterator[Finding]:
    """Loaders that run what they load unless they are told not to."""
    given = {each.arg: each.value for each in call.keywords}
    if "numpy.load" in functions and not _is(
        given.get("allow_pickle", ast.Constant(value=False)), value=False
    ):
        yield Finding(effects.PICKLED, "numpy.load")
    if "torch.load" in functions and not _is(
        given.get("weights_only", ast.Constant(value=None)), value=True
    ):
        yield Finding(effects.PICKLED, "torch.load")
    if functions & {"yaml.load", "yaml.load_all"}:
        loader = argument(call, 1, "Loader")
        if loader is None or "Safe" not in ast.unparse(loader):
            yield Finding(effects.PICKLED, "yaml.load")


def _shows(call: ast.Call, aliases: Aliases, name: str) -> Iterator[Finding]:
    if name in {"Javascript", "display_javascript"}:
        yield Finding(effects.SCRIPT)
    for each in (*call.args, *(word.value for word in call.keywords)):
        yield from found_in_markup(_all_texts(each, aliases))


def _all_texts(node: ast.AST, aliases: Aliases) -> str:
    """All texts in ``node``: an f-string's pieces, a sum's, and those of a name."""
    inside = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return "\n".join([*aliases.texts(node), *(each for each in inside if isinstance(each, str))])


def found_in_markup(text: str) -> Iterator[Finding]:
    """Yield what HTML does in the page where it is shown."""
    if _SCRIPT.search(text) and "<" in text:
        yield Finding(effects.SCRIPT)
    for found in _LOADS.finditer(text):
        yield Finding(effects.NETWORK, address(found[1]))


def _database(
    call: ast.Call, aliases: Aliases, functions: set[str], name: str
) -> Iterator[Finding]:
    statement = argument(call, 0, "sql", "statement", "database")
    texts = aliases.texts(statement)
    if name == "to_sql":
        yield Finding(effects.DATABASE)
    elif functions & {"sqlite3.connect", "duckdb.connect"}:
        for text in texts - {":memory:", ""}:
            yield Finding(effects.DATABASE, text)
        return
    for text in texts:
        if _DELETING.match(text):
            yield Finding(effects.DELETES_ROWS)
        elif _CHANGING.match(text):
            yield Finding(effects.DATABASE)
