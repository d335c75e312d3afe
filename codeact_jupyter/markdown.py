"""Text of a model made safe to be shown as Markdown.

A front end that renders Markdown fetches the pictures in it and honours some HTML, so a
reply could make the user's browser call a server of its choice, with his data in the
address, by being looked at. :func:`safe` keeps the words and takes that power away; it
is used wherever a thought or an answer becomes Markdown, on the page and in the export.

Renderers do not agree where code begins and ends: in JupyterLab a fence in a list, a
formula or a definition moves it. So nothing here hangs on it where a wrong guess would
load something. What makes a picture, a diagram or an attribute is taken apart wherever
it stands; a tag is left alone in no text but blocks of code which begin where no
renderer can doubt it, and, if it has no attributes, in spans of code. In such blocks
alone are macros left that make a formula load or link to something.
"""

from __future__ import annotations

import re
from html import unescape

_LINE_BREAK = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")  # for one renderer or another
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

_PICTURE = re.compile(r"(\\)?(?<!!)!++(?=\[)")
_DIAGRAM = re.compile(r"(?<![^\w\n])([^\w\n]++)mermaid", re.IGNORECASE)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_TAG_THAT_DOES_SOMETHING = re.compile(
    r"<(?=[A-Za-z/!?])(?!/?(?!script|style)[a-z][^=<>$\\@&]*>)", re.IGNORECASE
)
_SPAN = re.compile(r"(?<![`\\])(?P<run>`+)(?!`)[^\n]+?(?<!`)(?P=run)(?!`)")

_MARKS = re.compile(r"```|~~~")
_OPENING = re.compile(r"(`{3,}|~{3,})[ \t]*[A-Za-z0-9_+.#-]*[ \t]*")
_DEFINITION = "]:"  # its title may go on for lines, and over marks
# JupyterLab's renderer takes formulas out of the text before it looks for Markdown, also out
# of code where they do not begin with a dollar, and puts them into the page as they are.
_FORMULA = re.compile(r"\$|\\\\[()\[\]]|\\(?:begin|end)\{", re.IGNORECASE)
_FORMULA_IN_CODE = re.compile(r"\\\\[()\[\]]|\\(?:begin|end)\{", re.IGNORECASE)
# MathJax fetches a picture that a style names as the mouse's pointer, and what is required;
# and it links to addresses that it takes for harmless.
_MACRO = re.compile(
    r"\\(?=require|href|style|class|cssId|mmlToken|bbox|fcolorbox|setOptions)", re.IGNORECASE
)
_CHARACTER = re.compile(r"&(?=(#?\w+;))")


def safe(text: str) -> str:
    """Return ``text`` without remote pictures and raw HTML, else as it is.

    In prose a picture becomes a link and a tag the words it consists of. In code, and
    from where it is not certain what is code, a space is put into them; so it is in
    macros of a formula that do more than set it, wherever they stand but in code.
    """
    lines = _DIAGRAM.sub(_as_text, _LINE_BREAK.sub("\n", text)).split("\n")
    done: list[str] = []
    at = 0
    while at < len(lines):
        opening = next((n for n in range(at, len(lines)) if _may_open(lines[n])), len(lines))
        prose = "\n".join(lines[at:opening])
        end = _end_of_block(prose, lines, opening)
        if end is None:
            rest = _spaced(_TAG, "\n".join(lines[opening:]))
            done.append(_without_quotes("\n".join([*_safe_prose(prose, at < opening), rest])))
            break
        done += map(_without_quotes, _safe_prose(prose, at < opening))
        if opening < len(lines):
            done.append(_PICTURE.sub(r"\1! ", "\n".join(lines[opening:end])))
        at = end
    return "\n".join(done)


def _as_text(diagram: re.Match[str]) -> str:
    """Name the language of a block otherwise: a diagram may name pictures to be loaded."""
    return f"{diagram[1]}text" if _MARKS.search(diagram[1]) else diagram[0]


def _may_open(line: str) -> bool:
    return bool(_MARKS.search(line)) or _DEFINITION in line


def _end_of_block(prose: str, lines: list[str], opening: int) -> int | None:
    """The line after the block of code that begins at ``opening``; ``None`` if in doubt."""
    if opening == len(lines):
        return opening
    first = _OPENING.fullmatch(lines[opening])
    if first is None or _FORMULA.search(_paragraph(prose)):
        return None
    for number, line in enumerate(lines[opening + 1 :], opening + 1):
        if line == first[1]:
            return number + 1
        if _MARKS.search(line) or _FORMULA_IN_CODE.search(line):
            return None
    return len(lines)


def _paragraph(prose: str) -> str:
    """What follows the last empty line, which neither code nor a formula reaches across."""
    return _EMPTY_LINE.split(prose)[-1]


def _safe_prose(prose: str, there: bool) -> list[str]:
    if not there:
        return []
    safe_parts, end = [], 0
    for span in _SPAN.finditer(prose):
        before = prose[end : span.start()]
        if "`" in _paragraph(before):
            continue  # that mark may have opened a span which this one's first mark closes
        safe_parts += [_as_words(before), _spaced(_TAG_THAT_DOES_SOMETHING, span.group())]
        end = span.end()
    return ["".join([*safe_parts, _as_words(prose[end:])])]


def _as_words(prose: str) -> str:
    links = _PICTURE.sub(lambda found: "\\! " if found[1] else "", prose)
    return _without_macros(_TAG.sub("&lt;", links))


def _spaced(tag: re.Pattern[str], text: str) -> str:
    return _without_macros(tag.sub("< ", _PICTURE.sub(r"\1! ", text)))


def _without_macros(text: str) -> str:
    """Put a space behind their backslash, however that and their letters are written."""

    def as_it_is(found: re.Match[str]) -> str:
        meant = unescape(f"&{found[1]}")
        return "& " if meant == "\\" or (meant.isascii() and meant.isalpha()) else "&"

    return _MACRO.sub(r"\\ ", _CHARACTER.sub(as_it_is, text))


def _without_quotes(prose: str) -> str:
    """Write the quotes in a formula otherwise: in an address it would end the attribute."""
    parts = re.split(r"(\n[ \t]*\n)", prose)
    for number, paragraph in enumerate(parts):
        marks = [found.start() for found in _FORMULA.finditer(paragraph)]
        if len(marks) > 1:
            first, last = marks[0], marks[-1]
            formulas = paragraph[first:last].replace('"', "&quot;")
            parts[number] = paragraph[:first] + formulas + paragraph[last:]
    return "".join(parts)


def visible(code: str) -> str:
    """Return ``code`` with characters that hide or reorder others written as escapes."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", code)


def fenced(code: str, language: str = "python") -> str:
    """Return ``code`` as a fenced block with marks that do not occur in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{code}\n{marks}"
