"""A conversation as Markdown: what was said stands there as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from domain.conversation import Conversation, Turn
from domain.text.untrusted import untrusted
from entrypoints.export.turn_words import begun_words, files_of, remark, speaker, title_of

_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def markdown_pieces(head: Conversation, turns: Iterable[Turn]) -> Iterator[str]:
    """The conversation, a heading above each turn."""
    yield f"# {title_of(head)}\n\n{begun_words(head)}\n"
    for turn in turns:
        yield f"\n## {speaker(turn)}\n\n{_closed(untrusted(turn.text))}\n"
        if files_of(turn):
            yield f"\n{files_of(turn)}\n"
        if turn.reasoning:
            yield f"\n### Its thoughts\n\n{_closed(untrusted(turn.reasoning))}\n"
        if remark(turn):
            yield f"\n*{remark(turn)}*\n"


def _closed(text: str) -> str:
    """*text* with the end of a code block that it leaves open: what follows is no code."""
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.fullmatch(line)
        if found is None:
            continue
        mark, rest = found[1], found[2]
        if not fence:
            fence = "" if mark[0] == "`" and "`" in rest else mark
        elif mark.startswith(fence) and not rest.strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text
