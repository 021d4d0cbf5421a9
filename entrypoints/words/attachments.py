"""What is said of files that go along with messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.attached.attachment import Attachment
from domain.attached.intake import left_out
from domain.conversation import Turn
from domain.selection import Selection


def left_out_lines(turns: Sequence[Turn], files: Sequence[Attachment], selection: Selection) -> tuple[str, ...]:
    """Which files of earlier *turns* are not sent along with *files*, a line each."""
    if not any(turn.attachments for turn in turns):
        return ()
    coming = replace(turns[-1], attachments=tuple(files))
    left = left_out((*turns, coming), selection.answering.model, selection.credential)
    refused = left_out((coming,), selection.answering.model, selection.credential)
    earlier = left[: len(left) - len(refused)]
    return tuple(f"{file.name} is not sent along: {why}. A note tells of it in its place." for file, why in earlier)
