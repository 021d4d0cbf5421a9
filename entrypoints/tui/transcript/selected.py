"""What one gets who copies a selection."""

from __future__ import annotations

from textual.geometry import Offset
from textual.selection import Selection

from entrypoints.tui.transcript.block import Block
from entrypoints.tui.transcript.drawing import part_of
from entrypoints.tui.transcript.lines import Lines


def selected_text(lines: Lines, selection: Selection) -> str:
    """The text under *selection*: blocks below one another as on the screen, with the marks of lists that are whole."""
    parts: list[str] = []
    for entry in lines.entries:
        for block in entry.blocks:
            part = part_of(selection, entry.place, block)
            if part is None:
                continue
            text = _text(block, part, lines.width)
            if parts:
                parts.append("\n" * (block.gap + 1))
            parts.append(text)
    return "".join(parts)


def _text(block: Block, part: Selection, width: int) -> str:
    content = block.lay(block.room(width)).plain
    whole = part.start in (None, Offset(0, 0))
    text = Selection(part.start or Offset(0, 0), part.end).extract(content)
    return f"{block.first.plain}{text}" if whole else text
