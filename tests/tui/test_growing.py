"""An answer may come in any pieces: what is drawn of it is the same, as tall as it says, and what was written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from entrypoints.chat.glyphs import UNICODE
from entrypoints.tui.transcript.block import LONGEST, Block
from entrypoints.tui.transcript.growing import Growing
from entrypoints.tui.transcript.tables import TableBlock
from entrypoints.tui.transcript.unit_source import unit_source

pytestmark = pytest.mark.slow

PIECES = st.sampled_from(
    ["<b>", "vector<int>", "&lt;", "&#x202e;", "- ", "1. ", "> ", "| ", "|---|---|\n", "\n", "\n\n", "    ", "```",
     "```py\n", "~~~", "`", "**", "_", "[", "]", "](#)", "\\", "# ", "word ", "é", "中", "---\n", "===\n", "\t",
     "\n- ", "\n  - ", "\n| a | b |\n", "\n|--|--|\n", "http://a.test/%41 "]
)  # fmt: skip
"""Link definitions are left out: a later one changes what a link before it shows."""

Look = tuple[int, str, str, str, str, str, int]


def grown(source: str, step: int) -> list[Block]:
    """The blocks of *source*, which comes *step* characters at a time."""
    text, blocks = Growing(UNICODE), []
    for at in range(0, len(source), step):
        piece = source[at : at + step]
        while piece:
            piece = piece[text.feed(piece) :]
            blocks += text.take()
    return [*blocks, *text.tail]


def looks(blocks: list[Block], width: int = 60) -> list[Look]:
    return [
        (
            one.gap,
            one.first.plain,
            one.rest.plain,
            one.style,
            drawn(one, width).plain,
            drawn(one, width).markup,
            one.unit,
        )
        for one in blocks
    ]


def drawn(block: Block, width: int) -> Content:
    return block.lay(block.room(width))


@settings(max_examples=30, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from([1, 3, 7, 50]), st.sampled_from([4096, 60]))
def test_where_it_is_cut_changes_nothing(source: str, step: int, longest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("entrypoints.tui.transcript.growing.LONGEST", longest)
        assert looks(grown(source, step)) == looks(grown(source, 10_000))


@settings(max_examples=30, deadline=None)
@given(st.lists(PIECES | st.just("a" * 90), max_size=25).map("".join), st.sampled_from([98, 40, 13]))
def test_a_block_is_as_tall_as_it_is_drawn(source: str, width: int) -> None:
    wrong = []
    for block in grown(source, 10_000):
        lines = drawn(block, width).wrap(block.room(width))
        if block.height(width) != block.gap + max(len(lines), 1):
            wrong.append(drawn(block, width).plain)
    assert wrong == []


def test_long_blocks_are_cut_and_go_on_as_what_they_are() -> None:
    code = "".join(f"line {number}\n" for number in range(1500))
    inside = "".join(f"   code {number}\n" for number in range(900))
    rows = "".join(f"| row {number} | {number} |\n" for number in range(600))
    nested = "".join(f"  - nested {number}\n" for number in range(600))
    sources = {
        "code": (f"```py\n{code}```\nend", {"code-label", "code", "text"}),
        "code in a list": (f"1. one\n\n   ```py\n{inside}   ```\n2. two", {"code-label", "code", "text"}),
        "table": (f"| a | b |\n|---|---|\n{rows}\nend", {"text"}),
        "list in a list": (f"- one\n{nested}- two", {"text"}),
        "words": ("word " * 3000, {"text"}),
        "no blank at all": ("x" * 9000, {"text"}),
    }
    wrong = {}
    for name, (source, styles) in sources.items():
        blocks = grown(source, 10_000)
        text = " ".join(block.first.plain + drawn(block, 60).plain for block in blocks)
        letters = [letter for letter in source if letter.isalnum()]
        seen = [letter for letter in text if letter.isalnum()]
        longest = max(len(block.content.plain) for block in blocks)
        if {block.style for block in blocks} != styles or sorted(seen) != sorted(letters) or longest > LONGEST:
            wrong[name] = ({block.style for block in blocks}, len(letters), len(seen), longest)
    assert wrong == {}
    nested_ones = grown(sources["list in a list"][0], 10_000)
    assert {block.first.plain for block in nested_ones if "nested" in block.content.plain} == {"  • "}


def test_a_table_that_does_not_fit_is_written_row_by_row_without_losing_a_cell() -> None:
    names = [f"column{number}" for number in range(12)]
    source = f"| {' | '.join(names)} |\n|{'---|' * 12}\n| {' | '.join('v' + name for name in names)} |\n"
    (table,) = grown(source, 10_000)
    assert isinstance(table, TableBlock)
    shown = {width: drawn(table, width).plain for width in (400, 98, 20)}
    assert [name for text in shown.values() for name in names if f"v{name}" not in text] == []
    assert max(len(line) for width, text in shown.items() for line in text.splitlines() if width == 98) <= 98
    assert "column3: vcolumn3" in shown[20]


def test_soft_breaks_stay_and_a_tab_is_expanded() -> None:
    (paragraph, code) = grown("one\ntwo\n\n```\n\tdeep\n```", 3)
    assert paragraph.content.plain == "one\ntwo"
    assert code.content.plain == "    deep"


def test_what_is_copied_of_a_block_is_its_source() -> None:
    sources = {
        "```make\nall:\n\tgo\n```\n": "all:\n\tgo\n",
        "**bold** [text](http://a.test)\n": "**bold** [text](http://a.test)",
        "- a\n- b\n\n": "- a\n- b",
    }
    assert {source: unit_source(source) for source in sources} == sources
