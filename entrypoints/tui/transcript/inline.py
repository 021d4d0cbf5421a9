"""The text of one paragraph, heading or cell, with what is emphasised in it and where its links lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.content import Content, Span
from textual.style import Style

from domain.text.untrusted import untrusted
from entrypoints.tui.transcript.block import TAB

if TYPE_CHECKING:
    from markdown_it.token import Token

_EMPHASIS: Final = {"strong": "bold", "em": "italic", "s": "strike"}


def inline_content(tokens: Sequence[Token]) -> Content:
    """What *tokens*, the children of an inline token, show."""
    text = _Text()
    text.take(tokens)
    shown = untrusted(text.plain)
    return Content(shown, text.spans if shown == text.plain else [])


class _Text:
    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._parts: list[str] = []
        self._length = 0
        self._open: list[tuple[int, str]] = []

    @property
    def plain(self) -> str:
        return "".join(self._parts)

    def take(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            kind, _, end = token.type.rpartition("_")
            if token.type in ("softbreak", "hardbreak"):
                self._add("\n")
            elif token.type == "code_inline":
                self._styled(token.content, ".transcript--code-span")
            elif token.type == "image":
                self._image(token)
            elif end == "open":
                self._open.append((self._length, str(token.attrs.get("href", ""))))
            elif end == "close" and self._open:
                self._close(kind)
            else:
                self._add(token.content)

    def _close(self, kind: str) -> None:
        start, target = self._open.pop()
        if kind == "link":
            self._link(start, target)
        elif kind in _EMPHASIS and self._length > start:
            self.spans.append(Span(start, self._length, _EMPHASIS[kind]))

    def _link(self, start: int, target: str) -> None:
        if self._length > start and target:
            self.spans.append(Span(start, self._length, ".transcript--link"))
            self.spans.append(Span(start, self._length, Style.from_meta({"@click": ("link", (target,))})))

    def _image(self, token: Token) -> None:
        start = self._length
        self._add("image: ")
        self.take(token.children or ())
        if self._length == start + len("image: "):
            self._add(str(token.attrs.get("src", "")))
        self._link(start, str(token.attrs.get("src", "")))

    def _styled(self, text: str, style: str) -> None:
        start = self._length
        self._add(text)
        if text:
            self.spans.append(Span(start, self._length, style))

    def _add(self, text: str) -> None:
        text = text.expandtabs(TAB)
        self._parts.append(text)
        self._length += len(text)
