"""Markdown by others: parsed without giving their text any power over the terminal, and without losing any of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from textual.widgets import Markdown

from domain.text.untrusted import Shown, untrusted_line
from domain.text.visible import Visible

DEEPEST: Final = 20
"""Levels of blocks in blocks; the parser drops what lies deeper."""


class ForeignMarkdown(Markdown):
    """Shows Markdown; opens no link by itself, and shows markup of other languages as it stands.

    Entities are decoded after that, and `&#x202e;` is such a
    character again, so each token is filtered once more.
    """

    def __init__(self, markdown: Shown | None = None, *, bullet: str | None = None) -> None:
        super().__init__(markdown, parser_factory=parser, open_links=False)
        if bullet is not None:
            self.BULLETS = [bullet]


class _AsWritten(MarkdownIt):
    """Leaves addresses alone, which the base class encodes in one place and decodes in another."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library's name
        """Where a link leads."""
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - the library's name
        """What an address shows."""
        return link


def parser() -> MarkdownIt:
    """A parser whose tokens hold nothing that a terminal obeys, and every letter of the source.

    HTML is text, addresses stay as they are written, link definitions are shown. A block of which a letter would not be
    seen (too deep, a row with more cells than the table has columns) is shown as its source.
    """
    markdown = _AsWritten("gfm-like", {"html": False, "maxNesting": DEEPEST, "store_labels": True})
    markdown.block.ruler.at("reference", _shown_reference)
    markdown.core.ruler.push("untrusted", _filter)
    return markdown


def _shown_reference(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """A link definition, which counts, and is a paragraph, too."""
    found = reference(state, first, end, silent)
    if found and not silent:
        lines = [first, state.line]
        state.push("paragraph_open", "p", 1).map = lines
        inline = state.push("inline", "", 0)
        inline.content = state.getLines(first, state.line, state.blkIndent, False).strip()
        inline.map, inline.children = lines, []
        state.push("paragraph_close", "p", -1)
    return found


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
                token.attrs[name] = _for_click(value) if name in ("href", "src") else untrusted_line(value)
        if token.type == "softbreak":
            token.type = "hardbreak"
        if token.type in ("link_open", "image"):
            titles.append(str(token.attrs.get("title", "")))
        if token.type == "image":
            token.children = list(_inline(token.children or ()))
        yield token
        if token.type in ("link_close", "image") and (title := titles.pop()):
            yield Token("text", "", 0, content=f' "{title}"')


def _for_click(address: str) -> str:
    """An address that Textual's message, which decodes it once, brings as it was written."""
    return untrusted_line(address).replace("%", "%25")


def _whole(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Token]:
    """*tokens*, with the source in the place of each block that does not show all letters of it."""
    seen = 0
    for block in _blocks(tokens):
        first, end = block[0].map or (seen, seen)
        yield from _source(lines, seen, first)
        if _is_seen("\n".join(lines[first:end]), "".join(_shown(block))):
            yield from block
        else:
            yield from _source(lines, first, end)
        seen = max(seen, end)
    yield from _source(lines, seen, len(lines))


def _blocks(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The outermost blocks, each from its first to its last token."""
    first = depth = 0
    for at, token in enumerate(tokens):
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
    rest = filter(_counts, shown.replace("%25", "%").casefold())
    return all(one in rest for one in filter(_counts, Visible().show(unescapeAll(source)).casefold()))


def _counts(character: str) -> bool:
    return character.isalnum() or not (character.isascii() or character.isspace())
