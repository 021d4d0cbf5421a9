"""A conversation as a page that loads nothing and runs nothing, whatever the texts in it say.

The Content-Security-Policy at its head allows its own style and nothing else. An image is a link to it, and the exact
target of every link stands behind it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from html import escape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from domain.conversation import Conversation, Role, Turn
from domain.text.untrusted import untrusted, untrusted_line
from domain.text.visible import Visible
from entrypoints.export.turn_words import begun_words, files_of, remark, speaker, title_of

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: anywhere; }
section { border-left: .2rem solid #1a8f4c; margin: 2rem 0; padding-left: 1rem; }
section.asked { border-color: #2f6fd6; }
h2 { font-size: 1rem; }
.text { white-space: pre-wrap; }
.about, .remark, .language { opacity: .75; }
pre { border: 1px solid; border-radius: .3rem; padding: .5rem; overflow: auto; white-space: pre-wrap; }
table { border-collapse: collapse; }
td, th { border: 1px solid; padding: .2rem .5rem; }
"""
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"

_HEAD: Final = """<!DOCTYPE html>
<html lang="und">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
<p class="about">{about}</p>
"""
_FOOT: Final = "</body>\n</html>\n"

_SCHEMES: Final = ("http://", "https://", "mailto:")
"""Where a link may lead; any other stays the text that it was."""
_DEEPEST: Final = 20
"""Levels of blocks in blocks; the parser drops what lies deeper, and the answer is shown as its source then."""
_LOWER: Final = {"h1": "h3", "h2": "h4", "h3": "h5"}
"""Headings of an answer stand below the page's own."""


def html_pieces(head: Conversation, turns: Iterable[Turn]) -> Iterator[str]:
    """The page, a section for each turn."""
    title, about = escape(title_of(head)), escape(begun_words(head))
    yield _HEAD.format(policy=escape(_POLICY), title=title, style=_STYLE, about=about)
    for turn in turns:
        yield _section(turn)
    yield _FOOT


def _section(turn: Turn) -> str:
    asked = turn.role is Role.USER
    text = untrusted(turn.text)
    parts = [
        f'<section class="{"asked" if asked else "answer"}">',
        f"<h2>{escape(speaker(turn))}</h2>",
        f'<div class="text">{escape(text)}</div>' if asked else _formatted(text),
    ]
    if files_of(turn):
        parts.append(f'<div class="text">{escape(files_of(turn))}</div>')
    if turn.reasoning:
        thoughts = escape(untrusted(turn.reasoning))
        parts.append(f'<details><summary>Its thoughts</summary><div class="text">{thoughts}</div></details>')
    if remark(turn):
        parts.append(f'<p class="remark">{escape(remark(turn))}</p>')
    return "\n".join([*parts, "</section>\n"])


def _formatted(text: str) -> str:
    """*text* as its Markdown means it; as it is written, where a letter of it would not be seen otherwise."""
    markdown = _parser()
    tokens = markdown.parse(text)
    if not _is_seen(text, "".join(_seen(tokens))):
        return f'<pre class="source">{escape(text)}</pre>'
    return str(markdown.renderer.render(tokens, markdown.options, {}))


class _AsWritten(MarkdownIt):
    """Leaves addresses as they are written, and makes links of those alone that a page may lead to."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library's name
        """Where a link leads."""
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - the library's name
        """What an address shows."""
        return link

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Whether it is a link at all."""
        return url.casefold().startswith(_SCHEMES)


@cache
def _parser() -> MarkdownIt:
    options = {"html": False, "breaks": True, "maxNesting": _DEEPEST, "store_labels": True}
    markdown = _AsWritten("gfm-like", options)
    markdown.core.ruler.push("harmless", _make_harmless)
    return markdown


def _make_harmless(state: StateCore) -> None:
    """Filter what entities were decoded to, and leave in the tokens only what the page may hold."""
    for token in state.tokens:
        token.content, token.info = Visible().show(token.content), untrusted_line(token.info)
        token.tag = _LOWER.get(token.tag, token.tag)
        token.attrs = {name: value for name, value in token.attrs.items() if name == "start"}
        if token.type == "fence":
            token.type = "code_block"  # its language is told above it, and is nobody's class
        if token.children:
            token.children = list(_inline(token.children))
    state.tokens = list(_with_languages(state.tokens))


def _with_languages(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "code_block" and token.info:
            caption = Token("inline", "", 0, children=[Token("text", "", 0, content=token.info)])
            yield from (Token("paragraph_open", "p", 1, attrs={"class": "language"}), caption)
            yield Token("paragraph_close", "p", -1, block=True)
        yield token


def _inline(tokens: Iterable[Token]) -> Iterator[Token]:
    """The parts of a line; behind a link stand its exact target and its title, where it does not show them itself."""
    visible = Visible()
    targets: list[tuple[str, str]] = []
    for token in tokens:
        token.content = visible.show(token.content)
        match token.type:
            case "image":
                address, title = _target(token, "src")
                yield from (_link(address), _text(f"Image: {token.content}"), Token("link_close", "a", -1))
                yield _behind(address, title)
            case "link_open":
                targets.append(_target(token, "href"))
                yield _link(targets[-1][0])
            case "link_close":
                address, title = targets.pop()
                yield token
                if token.markup != "autolink" or title:
                    yield _behind(address, title)
            case _:
                yield token


def _link(address: str) -> Token:
    return Token("link_open", "a", 1, attrs={"href": address, "rel": "noopener noreferrer nofollow"})


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _behind(address: str, title: str) -> Token:
    return _text(f' ({address}, "{title}")' if title else f" ({address})")


def _target(token: Token, name: str) -> tuple[str, str]:
    return untrusted_line(str(token.attrs.get(name, ""))), untrusted_line(str(token.attrs.get("title", "")))


def _seen(tokens: Iterable[Token]) -> Iterator[str]:
    """What the page shows of *tokens*, numbers of lists included."""
    for token in tokens:
        if token.type == "list_item_open":
            yield token.info
        if token.type in ("text", "code_inline", "code_block"):
            yield token.content
        yield from _seen(token.children or ())


def _is_seen(source: str, shown: str) -> bool:
    """Whether the letters, digits and signs of *source* are all in *shown*, in their order; markup is punctuation."""
    rest = filter(_counts, shown.casefold())
    return all(one in rest for one in filter(_counts, Visible().show(unescapeAll(source)).casefold()))


def _counts(character: str) -> bool:
    return character.isalnum() or not (character.isascii() or character.isspace())
