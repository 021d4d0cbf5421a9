"""Markdown that comes in pieces: blocks that are done, and a tail that may still change.

Only what is not done yet is parsed again, and that is never long, so a text costs what it is long, whatever is in it.
Where it is cut into pieces as it comes changes nothing of the blocks.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from domain.records import replace
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.transcript.block import LONGEST, Block
from entrypoints.tui.transcript.blocks import Part, blocks_of, units
from entrypoints.tui.transcript.foreign_markdown import LISTS, parser
from entrypoints.tui.transcript.tables import TableBlock

if TYPE_CHECKING:
    from markdown_it.token import Token

STEP: Final = 2048
"""Characters that are parsed at once at most."""

_LONGEST_CARRIED: Final = 200
"""Characters of a line that is repeated so that what follows it is understood."""

_BEGINNINGS: Final = frozenset(
    {"paragraph_open", "heading_open", "fence", "code_block", "table_open", "list_item_open", "blockquote_open", "hr"}
)
_MARGIN: Final = re.compile("[ >]*")
_TITLE: Final = ('"', "'", "(")


class Growing:
    """The blocks of one text."""

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._rest = ""
        self._part = Part()
        self._known: dict[str, Any] = {}
        self._defined: dict[str, Any] = {}
        self._begun = False
        self._done: list[Block] = []
        self.tail: list[Block] = []
        """What may still change."""

    def feed(self, text: str) -> int:
        """Take as much of *text* as is parsed at once; how many characters that were."""
        taken = text[: min(STEP, LONGEST - len(self._rest))]
        self._rest += taken
        self._grow()
        if len(self._rest) >= LONGEST:
            self._cut_through()
        if self.tail and not self._begun:
            self.tail[0].gap = 0
        return len(taken)

    def take(self) -> list[Block]:
        """What will not change any more, as far as nobody took it yet."""
        done, self._done = self._done, []
        return done

    def _grow(self) -> None:
        """Let go of all blocks but the last, once the last has a whole line."""
        tokens, lines = self._parse(self._rest)
        line, index, in_list = _last_beginning(tokens, len(lines) - 1)
        hidden = len(self._part.carried)
        if 0 < line >= hidden:
            known = {label: one for label, one in self._defined.items() if one["map"][0] < line}
            self._freeze(tokens[:index], lines, known)
            unit = self._part.unit + units(tokens[:index]) - in_list
            cut = sum(len(one) + 1 for one in lines[hidden:line])
            self._go_on(cut, Part(unit=unit, in_list=in_list))
            tokens, lines = self._parse(self._rest)
        self.tail = self._blocks(tokens, lines)

    def _cut_through(self) -> None:
        """The last block is too long to be parsed again and again: cut it where that is seen least."""
        tokens, lines = self._parse(self._rest)
        hidden, complete = len(self._part.carried), len(lines) - 1
        starts = [token.map[0] for token in tokens if token.type in _BEGINNINGS and token.map]
        line = max((start for start in starts if hidden < start < complete), default=complete)
        cut = sum(len(one) + 1 for one in lines[hidden:line])
        cut = cut or self._rest.rfind(" ", LONGEST // 2) + 1 or LONGEST
        tokens, lines = self._parse(self._rest[:cut])
        done = self._freeze(tokens, lines, self._defined)
        leaf = _leaf_at_end(tokens, lines) if line not in starts else None
        table = next((block.begun_by or block for block in reversed(done) if isinstance(block, TableBlock)), None)
        self._go_on(
            cut,
            Part(
                unit=self._part.unit + max(units(tokens) - 1, 0),
                carried=_carried(tokens, lines, leaf),
                goes_on=leaf is not None,
                table=table if leaf is not None and leaf.type == "table_open" else None,
            ),
        )
        self.tail = self._blocks(*self._parse(self._rest))

    def _parse(self, rest: str) -> tuple[list[Token], list[str]]:
        """The tokens of *rest*, and the lines that they count; its link definitions count for this time only."""
        source = "\n".join([*self._part.carried, rest])
        self._defined = {}
        return parser().parse(source, {"references": ChainMap(self._defined, self._known)}), source.split("\n")

    def _blocks(self, tokens: Sequence[Token], lines: Sequence[str]) -> list[Block]:
        return blocks_of(tokens, lines, self._part, self._glyphs)

    def _freeze(self, tokens: Sequence[Token], lines: Sequence[str], known: Mapping[str, Any]) -> list[Block]:
        done = self._blocks(tokens, lines)
        if done and not self._begun:
            done[0].gap, self._begun = 0, True
        self._done += done
        self._known |= known
        return done

    def _go_on(self, cut: int, part: Part) -> None:
        """What comes before *cut* is done; *part* is how the rest stands."""
        before = self._rest[:cut].removesuffix("\n").rpartition("\n")[2]
        self._part = replace(part, start=self._part.start + cut, blank=not before.strip(" \t>"))
        self._rest = self._rest[cut:]


def _last_beginning(tokens: Sequence[Token], complete: int) -> tuple[int, int, bool]:
    """Line and index of the last block that begins before line *complete*, or of the last item where that is a list.

    What comes before cannot change any more, but for a link's definition, which the next line may give a title.
    """
    found, defining, lists = (0, 0, False), -1, 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.type in LISTS:
            lists += token.nesting
        if not token.map or token.nesting < 0 or token.level > lists or token.type == "inline":
            continue
        needed = 1 if token.type == "table_open" else 0  # what follows its head makes it a table
        if token.map[0] + needed >= complete or (lists and token.level == 1 and token.map[0] == found[0]):
            continue
        after_definition = defining == token.map[0] and token.type == "paragraph_open" and not token.meta
        if not after_definition:
            found = (token.map[0], index, bool(lists) and token.type not in LISTS)
        defining = token.map[1] if token.meta.get("defines") else -1
    return found


def _leaf_at_end(tokens: Sequence[Token], lines: Sequence[str]) -> Token | None:
    """The paragraph, table or code block that goes on behind *lines*."""
    for token in reversed(tokens):
        if token.map and token.type in _BEGINNINGS - {"list_item_open", "blockquote_open"}:
            closed = token.type == "fence" and token.content.count("\n") < token.map[1] - token.map[0] - 1
            ended = token.type != "fence" and not lines[-2 if not lines[-1] else -1].strip()
            return None if closed or ended else token
    return None


def _carried(tokens: Sequence[Token], lines: Sequence[str], leaf: Token | None) -> tuple[str, ...]:
    """The lines that begin all that is open at the end of *lines*, so that what follows is read as a part of it."""
    path: list[int] = []
    open_ones: list[int] = []
    for token in tokens:
        if token.type == "list_item_open" and token.map:
            open_ones.append(token.map[0])
        elif token.type == "list_item_close":
            open_ones.pop()
        elif token.nesting >= 0:
            path = list(open_ones)
    carried = [lines[at][:_LONGEST_CARRIED] for at in dict.fromkeys(path)]
    if carried:
        margin = _MARGIN.match(carried[-1])
        carried.append(margin.group().rstrip() if margin else "")
    if leaf is not None and leaf.map and leaf.type in ("fence", "table_open"):
        opening = lines[leaf.map[0] : leaf.map[0] + (1 if leaf.type == "fence" else 2)]
        carried = [*carried, *opening] if sum(map(len, opening)) < LONGEST // 4 else carried
    return tuple(carried)
