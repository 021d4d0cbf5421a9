"""The line above an answer, as wide as there is room."""

from __future__ import annotations

from rich.cells import cell_len

from entrypoints.chat.fitting import cut, ends
from entrypoints.chat.glyphs import Glyphs


def answer_line(head: str, tail: str, glyphs: Glyphs, width: int) -> str:
    """The stamp of a finished answer: what it measured gives way before who was asked and who pays."""
    parts = tail.split(glyphs.dot) if tail else []
    while parts and cell_len(head) + cell_len(glyphs.dot.join(parts)) + 2 > width:
        parts.pop()
    return ends(head, glyphs.dot.join(parts), width, glyphs.ellipsis) if parts else cut(head, width, glyphs.ellipsis)


def running_line(head: str, tail: str, glyphs: Glyphs, width: int) -> str:
    """The stamp of an answer on its way: by which credential gives way before who is asked and who pays."""
    name, *rest = head.split(glyphs.dot)
    brief = [part.partition(",")[0] for part in rest[1:]]
    forms = [head, *(glyphs.dot.join([name, *payer]) for payer in (rest[1:], brief))]
    fitting = (form for form in forms if cell_len(form) + cell_len(tail) + 2 <= width)
    return ends(next(fitting, forms[-1]), tail, width, glyphs.ellipsis)
