"""Markdown by others: parsed without giving their text any power over the terminal, and without losing any of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_core import StateCore, linkify
from markdown_it.token import Token

from domain.text.untrusted import untrusted_line
from domain.text.visible import Visible

DEEPEST: Final = 20
"""Levels of blocks in blocks; the parser drops what lies deeper."""

LISTS: Final = frozenset({"bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"})
"""Where a list begins and ends."""

_ADDRESS: Final = re.compile(r"[.:]\S|//|@|localhost", re.IGNORECASE)
"""Somewhere in each address that is a link without markup."""

_MARKUP: Final = dict.fromkeys(
    map(ord, filter(lambda sign: sign.isspace() or (sign.isascii() and not sign.isalnum()), map(chr, range(0x3001))))
)
"""Spaces, and what Markdown is written with: not all of it is shown."""


class _AsWritten(MarkdownIt):
    """Leaves addresses alone, which the base class encodes in one place and decodes in another."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library's name
        """Where a link leads."""
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - the library's name
        """What an address shows."""
        return link


@cache
def parser() -> MarkdownIt:
    """The one parser: its tokens hold nothing that a terminal obeys, and every letter of the source.

    HTML is text, addresses stay as they are written, link definitions are shown. A block of which a letter would not be
    seen (too deep, a row with more cells than the table has columns) is shown as its source. Entities are decoded by
    it, and `&#x202e;` is a character that must not be shown, so each token is filtered, whatever was filtered before.
    """
    markdown = _AsWritten("gfm-like", {"html": False, "maxNesting": DEEPEST, "store_labels": True})
    markdown.core.ruler.at("linkify", _links)
    markdown.block.ruler.at("reference", _shown_reference)
    markdown.core.ruler.push("untrusted", _filter)
    return markdown


def _shown_reference(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """A link definition, which counts, and is a paragraph, too."""
    found = reference(state, first, end, silent)
    if found and not silent:
        lines = [first, state.line]
        opening = state.push("paragraph_open", "p", 1)
        opening.map, opening.meta = lines, {"defines": True}
        inline = state.push("inline", "", 0)
        inline.content = state.getLines(first, state.line, state.blkIndent, False).strip()
        inline.map, inline.children = lines, []
        state.push("paragraph_close", "p", -1)
    return found


def _links(state: StateCore) -> None:
    """Look for addresses only where there may be one: to find none costs the library as much as all the parsing."""
    every = state.tokens
    state.tokens = [token for token in every if token.type == "inline" and _ADDRESS.search(token.content)]
    linkify(state)
    state.tokens = every


def _filter(state: StateCore) -> None:
    _clean(state.tokens)
    state.tokens = list(_whole(state.tokens, state.src.split("\n")))


def _clean(tokens: Iterable[Token]) -> None:
    for token in tokens:
        token.content = Visible().show(token.content)
        token.info = untrusted_line(token.info)
        if token.children:
            token.children = list(_inline(token.children))


def _inline(tokens: Iterable[Token]) -> Iterator[Token]:
    """The parts of a line: lines stay lines, and a link's title is seen behind it."""
    visible = Visible()
    titles: list[str] = []
    for token in tokens:
        token.content = visible.show(token.content)
        for name, value in token.attrs.items():
            if isinstance(value, str):
                token.attrs[name] = untrusted_line(value)
        if token.type in ("link_open", "image"):
            titles.append(str(token.attrs.get("title", "")))
        if token.type == "image":
            token.children = list(_inline(token.children or ()))
        yield token
        if token.type in ("link_close", "image") and (title := titles.pop()):
            yield Token("text", "", 0, content=f' "{title}"')


def _whole(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Token]:
    """*tokens*, with the source in the place of each block that does not show all letters of it."""
    seen = 0
    for block in _blocks(tokens):
        if block[0].type in LISTS:
            yield block[0]
            continue
        first, end = block[0].map or (seen, seen)
        yield from _source(lines, seen, first)
        if _is_seen("\n".join(lines[first:end]), "".join(_shown(block))):
            yield from block
        else:
            yield from _source(lines, first, end)
        seen = max(seen, end)
    yield from _source(lines, seen, len(lines))


def _blocks(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The outermost blocks, each from its first to its last token; a list comes item by item, its ends alone."""
    first = depth = 0
    for at, token in enumerate(tokens):
        if token.level == 0 and token.type in LISTS:
            depth, first = 0, at + 1
            yield tokens[at : at + 1]
            continue
        depth += token.nesting
        if depth == 0:
            yield tokens[first : at + 1]
            first = at + 1


def _source(lines: Sequence[str], first: int, end: int) -> Iterator[Token]:
    text = "\n".join(lines[first:end])
    if text.strip():
        yield Token("fence", "code", 0, content=Visible().show(f"{text}\n"), info="text", map=[first, end], block=True)


def _shown(tokens: Iterable[Token]) -> Iterator[str]:
    """What is seen of *tokens*, or is a mark beside it: text, numbers, targets and labels of links that one can see."""
    for token in tokens:
        if token.type == "list_item_open" or (token.type == "fence" and len(token.info.split()) == 1):
            yield token.info
        if token.type in ("text", "code_inline", "fence", "code_block"):
            yield token.content
        yield from _shown_inline(token.children or ())


def _shown_inline(tokens: Iterable[Token]) -> Iterator[str]:
    links: list[tuple[str, list[str]]] = [("", [])]
    for token in tokens:
        target = f"{token.attrs.get('href', token.attrs.get('src', ''))} {token.meta.get('label', '')}"
        links[-1][1].append(token.content if token.type in ("text", "code_inline") else "")
        if token.type == "image":
            links[-1][1].extend((*_shown_inline(token.children or ()), target))
        if token.type == "link_open":
            links.append((target, []))
        if token.type == "link_close":
            target, texts = links.pop()
            links[-1][1].extend((*texts, target) if "".join(texts).strip() else ())
    yield from links[0][1]


def _is_seen(source: str, shown: str) -> bool:
    """Whether the letters, digits and signs of *source* are all in *shown*, in their order; markup is punctuation."""
    wanted = Visible().show(unescapeAll(source)).casefold().translate(_MARKUP)
    there = shown.casefold().translate(_MARKUP)
    if wanted in there:
        return True
    rest = iter(there)
    return all(one in rest for one in wanted)
