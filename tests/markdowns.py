"""Markdown that means harm, and what may stand in the HTML it becomes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import strategies as st

PICTURE = "![p](http://evil.example/?q=1)"
TAG = "<img src='http://evil.example'>"

# Each loads or runs something in one renderer or another, however much it looks like code.
ESCAPES = {
    "fence in a list item": f"- a\n\n  ```\n{PICTURE}",
    "fence in a quotation": f"> ```\n{PICTURE}",
    "indented code after a list": f"- a\n\n    {PICTURE}",
    "picture after a block of HTML": f"<div>\n```\n\n{PICTURE}",
    "span over a line break in a list": f"- `a\n- {PICTURE}`",
    "shorter fence in a nested item": f"- a\n  - ````\n    ```\n{PICTURE}",
    "span that began on an earlier line": f"`\n`{PICTURE}`",
    "two marks of exclamation": f"!!{PICTURE[1:]}",
    "fence that only one renderer closes": f"```\n```~~\n{TAG}",
    "end of a block in a formula": f"```\n\\begin{{a}}\n```\n\\end{{a}}\n\n```\n{TAG}\n```",
    "beginning of a block in a formula": f"\\\\(\n```\n\\\\)\n{TAG}",
    "title of a definition": f'[a]: /u "\n```\n"\n{TAG}\n```',
    "tag in a formula in an address": '[x](http://a/$" style="background:url(http://evil)" $)',
    "the same in a bare address": 'http://a/$" onmouseover="alert()" $',
    "the same in a title": '[x](/u "$" style="background:url(http://evil)" $")',
    "the same with a backslash that a picture gave": '[x](/a\\\\![" style="x" \\\\])',
    "diagram": '```mermaid\nflowchart\nA@{ img: "http://evil" }\n```',
    "style in a formula": "$\\style{cursor:url(//evil.example)}{x}$",
    "what a formula requires": "\\\\(\\REQUIRE{x}\\\\)",
    "macro under another name": "$\\def\\a{\\fcolorbox}$",
    "macro whose backslash is written otherwise": "&#36;&bsol;style{x}{y}&#36;",
    "macro with a letter that is written otherwise": "&#36;\\s&#x74;yle{x}{y}&#36;",
    "macro in a span of code that is none": "`$`\\style{x}$",
    "line break that only some know": f"```\na\u2028```\n{TAG}\n```\n{PICTURE}",
}

_STARTS = ["", "", "", "  ", "    ", "\t", "> ", "- ", "1. ", "  - ", "> - ", "   "]
_MARKS = ["```", "```", "```", "~~~", "````", "```python", "``` ", "```~~", "```mermaid", "`", "``"]
_WORDS = [
    *(PICTURE, TAG, "<b>", "![a][b]", "!", "![", "[x](", "http://e/", "](", ")", "[b]: /u", "]:"),
    *('"', '" style="x" ', "'", "(", "\\", "\\\\", "$", "$$", "{", "}", "@@0@@", "~~", "***"),
    *("\\begin{a}", "\\end{a}", "\\\\(", "\\\\)", "\\\\[", "\\\\]", "| a |\n|---|", "==="),
    *("\\style{a}", "\\s", "tyle", "&#92;", "&bsol;style", "&#115;", "\\href"),
    *("<div>", "<pre>", "<!--", "-->", "<script>", "<?", "<", "x", " ", "# ", "mermaid", "\r"),
]
_LINES = st.tuples(
    st.sampled_from(_STARTS),
    st.one_of(
        st.sampled_from(_MARKS),
        st.lists(st.sampled_from(_WORDS + _MARKS), max_size=4).map("".join),
    ),
).map("".join)
TEXTS = st.lists(_LINES, max_size=10).map("\n".join)

_ELEMENT = re.compile(
    "a|blockquote|br|code|del|em|h[1-6r]|input|li|ol|p(re)?|s|strong|table|tbody|t[dhr]|thead|ul"
)
_ATTRIBUTE = re.compile("href|title|class|start|align|checked|disabled|type")
_MACRO = re.compile(
    r"\\(?:require|href|style|class|cssId|mmlToken|bbox|fcolorbox|setOptions)(?![a-z])",
    re.IGNORECASE,
)


def harm(html: str) -> list[str]:
    """What is in ``html`` that Markdown without harm does not become.

    Elements and attributes, and macros of formulas, which are not looked for in code.
    """
    page = _Page()
    page.feed(html)
    page.close()
    return page.harm


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.harm: list[str] = []
        self._in_code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code += tag == "code"
        if not _ELEMENT.fullmatch(tag):
            self.harm.append(tag)
        self.harm += [name for name, _ in attrs if not _ATTRIBUTE.fullmatch(name)]

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            self.harm += _MACRO.findall(data)

    def handle_comment(self, data: str) -> None:
        self.harm.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.harm.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.harm.append(f"<?{data}>")
