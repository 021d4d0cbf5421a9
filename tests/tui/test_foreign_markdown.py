"""Markdown loses no letter of what was written: other markup is shown, and what cannot be drawn is quoted."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from textual.content import Content
from textual.style import Style

from domain.text.untrusted import untrusted
from entrypoints.tui.transcript.foreign_markdown import parser
from entrypoints.tui.transcript.inline import inline_content

AS_WRITTEN = {
    "generics": "A vector<int> and a Map<String, List<T>> and x<y>z",
    "a section": "<section>\nhello\n</section>",
    "a block of HTML": "<div class='a'>\n  <p>text</p>\n\nafter\n</div>",
    "a comment": "<!-- a comment --> and <!-- one more -->",
    "CDATA": "<![CDATA[ x > y ]]>",
    "breaks": "one<br>two<br/>three",
    "details": "<details>\n<summary>Short</summary>\n\nLong\n\n</details>",
    "XML": '<?xml version="1.0"?>\n<a:b xmlns:a="urn"><c/></a:b>',
    "JSX": "<Foo<Bar> items={list.map(i => <Item key={i}/>)} />",
    "PHP": "<?php echo $x; ?>",
    "includes": "#include <stdio.h>\n#include <vector>",
    "a script": "<script>alert(document)</script>",
    "a style": "<style>b { color: red }</style>\ntext",
    "a doctype": "<!DOCTYPE html>\ntext",
    "in a code span": "`a<b>` and ``x<i>`y``",
    "in a fence": "```cpp\nstd::vector<int> v; // &lt; <b>\n```",
    "in an indented block": "    <b>code</b>",
    "in a heading": "# A <b> heading &amp; more",
    "in a list": "- <li>\n- vector<int>\n  1. <ol>\n\n     <p>",
    "in a quote": "> <blockquote>\n> text",
    "in a table": "| <th> | vector<int> |\n|---|---|\n| <td> | a<b> |",
    "a row with too many cells": "| a | b |\n|---|---|\n| one | two | three |\n\nafter",
    "a row with too few": "| a | b |\n|---|---|\n| one |",
    "definitions": "[text][label]\n\n[label]: (target) 'title'\n[other]: <target>\n\nafter",
    "a definition in a quote": "> [label]: target\n> more",
    "front matter": "---\ntitle: a\nlist: [b]\n---\ntext",
    "footnotes": "text[^note]\n\n[^note]: the note",
    "an info of several words": "```py title=file\ncode\n```",
    "a fence without an end": "```\ncode <b>",
    "quotes in quotes": ">" * 30 + " deep",
    "lists in lists": "\n".join(f"{'  ' * level}- level {'abcdefghijklmnop'[level]}" for level in range(16)),
    "brackets": "[" * 40 + "x" + "]" * 40,
    "stars": "*" * 60 + "a" + "*" * 60 + " _" * 30 + "b",
    "a title": '[text](# "the title") ![alt](# "of a picture")',
    "a link without a text": "[](http://hidden.example.test)",
    "entities": "&lt;b&gt; &copy; &#65; &notanentity; &amp;lt;",
    "an entity that shows nothing": "a&#x115f;b &#x3164;",
    "backslashes": "\\<b> \\& a\\*b\\",
    "struck out": "~~gone~~ ~one~",
    "tasks": "- [ ] todo\n- [x] done",
    "rules": "a\n\n***\n\nb\n===\n\nc\n---",
    "tabs": "-\ta\n\n\tcode\n1.\tb",
    "addresses": "http://example.test/%41%2F?q=a%20b#c <http://xn--a.example.test> www.example.test ana@example.test",
}  # fmt: skip


def shown(source: str) -> str:
    """What is drawn of *source*."""
    return " ".join(_drawn(parser().parse(source)))


def _drawn(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield inline_content(token.children or ()).plain
        elif token.type in ("fence", "code_block"):
            yield token.content
        elif token.type == "list_item_open":
            yield token.info


def lost(source: str) -> Counter[str]:
    """Letters of *source* that are not seen, neither decoded nor as they are written."""
    drawn = shown(source)
    seen = Counter(filter(str.isalpha, drawn)) | Counter(filter(str.isalpha, html.unescape(drawn)))
    return Counter(filter(str.isalpha, untrusted(html.unescape(source)))) - seen


def test_what_is_no_mark_of_markdown_is_shown_to_the_last_letter() -> None:
    marks = {"in a fence": Counter("cpp"), "definitions": Counter("label")}
    missing = {name: lost(source) - marks.get(name, Counter()) for name, source in AS_WRITTEN.items()}
    assert {name: letters for name, letters in missing.items() if letters} == {}


PIECES = st.sampled_from(
    ["<b>", "</section>", "<!--", "-->", "vector<int>", "&lt;", "&#x202e;", "&#x115f;", "- ", "1. ", "> ", "| ",
     "|---|---|\n", "\n", "\n\n", "    ", "```", "~~~", "`", "*", "**", "_", "~~", "[", "]", "](#)", "![", "]: <#>\n",
     "\\", "# ", "word", "é", "中", "!", "<?p ", "?>", "<![CDATA[", "]]>", "<br/>", "---\n", "===\n", "\t", "$",
     "http://a.test/%41 "]
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_nothing_is_lost_of_whatever_is_put_together(source: str) -> None:
    labels = Counter("".join(re.findall(r"\]\[([^]]*)\]", source)))
    infos = Counter("".join(re.findall(r"(?:```|~~~)[`~]*[ \t]*(\S+)", source)))
    assert lost(source) - labels - infos == Counter()


ADDRESSES = (
    "https://a.example.test%2Fevil.example.test/x",
    "https://ana%40b@c.example.test/?q=a%20b%2520#%23",
    "https://пример.test/я",
    "http://xn--e1afmkfd.test/%D1%8F",
    "https://a.test/100%25",
    "HTTPS://A.test/B%zz",
)  # fmt: skip


LIBRARY = MarkdownIt("gfm-like", {"html": False})
ADDRESS_PARTS = (
    "http:", "ftp:", "mailto:", "//", "www.", ".com", ".рф", "localhost", "ana@", "example", "a.test", "127.0.0.1", " ",
    ":80", "/", "。", "\n", ".", ">", "(", "_",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_link_leads_exactly_where_it_says(address: str) -> None:
    """As a click hands it over; however the link is written."""
    for source in (
        f"[text]({address})",
        f"<{address}>",
        f"[text][label]\n\n[label]: {address}",
        f"[text](<{address}>)",
    ):
        inline = parser().parse(source)[1]
        assert targets(inline_content(inline.children or ())) == [address]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(ADDRESS_PARTS), min_size=2, max_size=6).map("".join))
def test_every_address_without_markup_that_the_library_knows_is_a_link(source: str) -> None:
    expected = [token for token in LIBRARY.parseInline(source)[0].children or () if token.type == "link_open"]
    found = [token for token in parser().parseInline(source)[0].children or () if token.type == "link_open"]
    assert len(found) == len(expected)


def targets(content: Content) -> list[str]:
    styles = [span.style for span in content.spans if isinstance(span.style, Style)]
    return [style.meta["@click"][1][0] for style in styles]


def test_lines_stay_lines() -> None:
    assert shown("<a>\n<b>\nc") == "<a>\n<b>\nc"
