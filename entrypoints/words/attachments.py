"""What is said of files that go along with messages."""

from __future__ import annotations

from collections.abc import Sequence

from domain.attached.attachment import Attachment
from domain.attached.intake import left_out
from domain.conversation import Turn
from domain.records import replace
from domain.selection import Selection


def with_files(text: str, files: Sequence[Attachment]) -> str:
    """*text* as it stands in a conversation, with the files that went along with it."""
    return "\n".join(filter(None, (text, "  ".join(map(str, files)))))


def brief(file: Attachment, width: int, ellipsis: str) -> str:
    """*file* in at most *width* characters: its name gives way in the middle, so that its ending stays."""
    surplus = len(str(file)) - width
    if surplus <= 0:
        return str(file)
    kept = max(len(file.name) - surplus - len(ellipsis), 2)
    return str(replace(file, name=f"{file.name[: kept - kept // 2]}{ellipsis}{file.name[-(kept // 2) :]}"))


def left_out_lines(turns: Sequence[Turn], files: Sequence[Attachment], selection: Selection) -> tuple[str, ...]:
    """Which files of earlier *turns* are not sent along with *files*, a line each."""
    if not any(turn.attachments for turn in turns):
        return ()
    coming = replace(turns[-1], attachments=tuple(files))
    left = left_out((*turns, coming), selection.answering.model, selection.credential)
    refused = left_out((coming,), selection.answering.model, selection.credential)
    earlier = left[: len(left) - len(refused)]
    return tuple(f"{file.name} is not sent along: {why}." for file, why in earlier)
