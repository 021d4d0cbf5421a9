"""Blocks of Markdown, made of tokens. Lists and quotes are prefixes of what is in them: no block lies in another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from textual.content import Content

from domain.text.untrusted import untrusted
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.transcript.block import NOTHING, TAB, Block, FittedBlock
from entrypoints.tui.transcript.foreign_markdown import LISTS
from entrypoints.tui.transcript.inline import inline_content
from entrypoints.tui.transcript.tables import TableBlock

if TYPE_CHECKING:
    from markdown_it.token import Token

DEEPEST_PREFIX: Final = 24
"""Columns of what stands before a text; what lies deeper is not moved further to the right."""


@dataclass(frozen=True, slots=True)
class Part:
    """How what is read stands in the whole text."""

    start: int = 0
    """Where it begins in the source of the whole."""
    unit: int = 0
    """The number of its first outermost block."""
    in_list: bool = False
    """Whether it begins with a further item of a list."""
    blank: bool = False
    """Whether an empty line stands before it."""
    carried: tuple[str, ...] = ()
    """Lines that are put before it for it to be understood, and are not shown."""
    goes_on: bool = False
    """Whether a paragraph, a table or a code block was cut in two, and this is the rest of it."""
    table: TableBlock | None = None
    """The table that goes on."""


@dataclass(slots=True)
class _Level:
    """A list item or a quote that is open."""

    rest: str
    mark: str = ""
    """Stands before the first line; "" once that was drawn."""
    item: bool = False
    fresh: bool = True
    """Whether nothing of it was drawn yet."""


def blocks_of(tokens: Sequence[Token], lines: Sequence[str], part: Part, glyphs: Glyphs) -> list[Block]:
    """The blocks that *tokens* make of *lines*, without those that are only carried."""
    return list(_Builder(lines, part, glyphs).build(tokens))


def units(tokens: Sequence[Token]) -> int:
    """How many outermost blocks begin in *tokens*."""
    lists = count = 0
    for token in tokens:
        count += _is_unit(token, lists)
        lists += token.nesting if token.type in LISTS and token.level == 0 else 0
    return count


def _is_unit(token: Token, lists: int) -> bool:
    return token.level == 0 and token.nesting >= 0 and not lists


class _Builder:
    def __init__(self, lines: Sequence[str], part: Part, glyphs: Glyphs) -> None:
        self._lines = lines
        self._part = part
        self._hidden = len(part.carried)
        self._offsets = list(accumulate((len(line) + 1 for line in lines[self._hidden :]), initial=part.start))
        self._glyphs = glyphs
        self._levels: list[_Level] = []
        self._lists = 0
        self._first_item = False
        self._unit = part.unit - 1
        self._source = (0, 0)
        self._style = "text"
        self._goes_on = part.goes_on

    def build(self, tokens: Sequence[Token]) -> Iterator[Block]:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            self._enter_unit(token)
            if token.type == "table_open":
                end = next(place for place in range(at, len(tokens)) if tokens[place].type == "table_close")
                yield from self._table(tokens[at:end])
                at = end
            elif token.type == "inline":
                yield from self._emit(Block(inline_content(token.children or ()), self._style), token)
            elif token.type in ("fence", "code_block"):
                yield from self._code(token)
            elif token.type == "hr":
                yield from self._emit(FittedBlock(NOTHING, "rule", make=self._rule()), token)
            else:
                self._nest(token)
            at += 1

    def _enter_unit(self, token: Token) -> None:
        """Each outermost block is a unit; of a list, the source is noted item by item."""
        self._unit += _is_unit(token, self._lists)
        if token.map and token.nesting >= 0 and token.level <= (1 if self._lists else 0):
            first, end = (self._offsets[max(line - self._hidden, 0)] for line in token.map)
            self._source = (first, end)

    def _nest(self, token: Token) -> None:
        """Note what opens or closes."""
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._lists += token.level == 0
                self._first_item = True
            case "bullet_list_close" | "ordered_list_close":
                self._lists -= token.level == 0
            case "list_item_open":
                mark = f"{token.info}{token.markup} " if token.info else f"{self._glyphs.bullet} "
                self._levels.append(_Level(" " * len(mark), mark, item=True))
            case "blockquote_open":
                self._levels.append(_Level(f"{self._glyphs.quote} "))
            case "list_item_close" | "blockquote_close":
                self._levels.pop()
                self._first_item = False
            case "heading_open":
                self._style = {"h1": "title", "h2": "heading"}.get(token.tag, "subheading")
            case "heading_close":
                self._style = "text"
            case _:
                pass

    def _code(self, token: Token) -> Iterator[Block]:
        text = token.content.removesuffix("\n").expandtabs(TAB)
        info = token.info.split()
        goes_on = self._goes_on
        if goes_on and not text:
            return
        block = Block(Content(untrusted(text)), "code", language=info[0] if info else "")
        for made in self._emit(block, token):
            if info and not goes_on and token.map:
                yield replace(made, content=Content(untrusted(token.info)), style="code-label", language="")
                made.gap, made.first, made.between = 0, made.rest, NOTHING
            yield made

    def _table(self, tokens: Sequence[Token]) -> Iterator[Block]:
        rows: list[tuple[int, list[Content]]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append(((token.map or [0])[0], []))
            elif token.type == "inline":
                rows[-1][1].append(inline_content(token.children or ()))
        head, *body = [cells for line, cells in rows if line == rows[0][0] or line >= self._hidden]
        goes_on = self._part.table if self._goes_on else None
        if goes_on is None or body:
            block = TableBlock(NOTHING, "text", head=head, rows=body, glyphs=self._glyphs, begun_by=goes_on)
            yield from self._emit(block, tokens[0])

    def _emit(self, block: Block, token: Token) -> Iterator[Block]:
        """*block* in its place, unless it is hidden."""
        first, end = token.map or (self._hidden, self._hidden)
        if max(first + 1, end) <= self._hidden:
            self._drawn()
            return
        block.gap = self._gap(first)
        block.between = self._prefix([level.rest for level in self._levels if not level.fresh])
        block.first = self._prefix([level.mark or level.rest for level in self._levels])
        block.rest = self._prefix([level.rest for level in self._levels])
        block.unit, block.source = self._unit, self._source
        self._drawn()
        self._goes_on = False
        yield block

    def _gap(self, line: int) -> int:
        if self._goes_on:
            return 0
        items = [level for level in self._levels if level.item]
        goes_on = self._part.in_list and line == 0
        if not items or (len(items) == 1 and items[0].fresh and self._first_item and not goes_on):
            return 1
        return int(self._part.blank if line <= self._hidden else not self._lines[line - 1].strip(" \t>"))

    def _drawn(self) -> None:
        for level in self._levels:
            level.mark, level.fresh = "", False

    def _prefix(self, parts: Sequence[str]) -> Content:
        text = "".join(parts)
        return Content(untrusted(text[-DEEPEST_PREFIX:])) if text else NOTHING

    def _rule(self) -> Callable[[int], str]:
        rule = self._glyphs.rule

        def line(width: int) -> str:
            return rule * width

        return line
