"""Text of a model made safe to be shown as Markdown.

A front end that renders Markdown fetches the pictures in it and honours some HTML, so a
reply could make the user's browser call a server of its choice, with his data in the
address, by being looked at. :func:`safe` keeps the words and takes that power away; it
is used wherever a thought or an answer becomes Markdown, on the page and in the export.
"""

from __future__ import annotations

import re

# Blocks and spans of code as CommonMark reads them (0.31, sections 4.5 and 6.1). What this
# takes for code by mistake would escape, so it errs on the side of prose.
_CODE = re.compile(
    r"(?P<block>^ {0,3}(?:(?P<ticks>`{3,})(?=[^`\n]*$)|(?P<tildes>~{3,}))"
    r"(?:.*?^ {0,3}(?:(?P=ticks)`*|(?P=tildes)~*)[ \t]*$|.*\Z))"
    r"|(?P<span>(?<![`\\])(?P<run>`+)(?!`)[^\n]+?(?<!`)(?P=run)(?!`))",
    re.MULTILINE | re.DOTALL,
)
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PICTURE = re.compile(r"!(?=\[)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def safe(text: str) -> str:
    """Return ``text`` without remote pictures and raw HTML; code in it stays as it is."""
    safe_parts, end = [], 0
    for code in _CODE.finditer(text):
        prose = text[end : code.start()]
        if code["span"] and "`" in _paragraph(prose):
            continue  # that mark may have opened a span which this one's first mark closes
        safe_parts += [_safe_prose(prose), code.group()]
        end = code.end()
    return "".join([*safe_parts, _safe_prose(text[end:])])


def _paragraph(prose: str) -> str:
    """What follows the last empty line, which no span of code reaches across."""
    return _EMPTY_LINE.split(prose)[-1]


def _safe_prose(prose: str) -> str:
    return _TAG.sub("&lt;", _PICTURE.sub("", prose))


def visible(code: str) -> str:
    """Return ``code`` with characters that hide or reorder others written as escapes."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", code)


def fenced(code: str, language: str = "python") -> str:
    """Return ``code`` as a fenced block with marks that do not occur in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{code}\n{marks}"
