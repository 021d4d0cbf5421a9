"""Markdown by others: parsed without giving their text any power over the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from textual.widgets import Markdown

from domain.untrusted import untrusted, untrusted_line


class ForeignMarkdown(Markdown):
    """Shows Markdown; opens no link by itself.

    The source must have passed `UntrustedStream`. Entities are decoded after that, and `&#x202e;` is such a
    character again, so each token is filtered once more.
    """

    def __init__(self, markdown: str | None = None, *, bullet: str | None = None) -> None:
        super().__init__(markdown, parser_factory=parser, open_links=False)
        if bullet is not None:
            self.BULLETS = [bullet]


def parser() -> MarkdownIt:
    """A parser whose tokens hold nothing that a terminal obeys."""
    markdown = MarkdownIt("gfm-like")
    markdown.core.ruler.push("untrusted", _filter)
    return markdown


def _filter(state: StateCore) -> None:
    _clean(state.tokens)


def _clean(tokens: Iterable[Token]) -> None:
    for token in tokens:
        token.content = untrusted(token.content)
        token.info = untrusted_line(token.info)
        for name, value in token.attrs.items():
            if isinstance(value, str):
                token.attrs[name] = untrusted_line(value)
        _clean(token.children or ())
