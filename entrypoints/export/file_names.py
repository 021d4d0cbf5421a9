"""What the file of an export is called, where nobody says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from domain.conversation import Conversation
from domain.text.untrusted import untrusted_line
from entrypoints.export.formats import ExportFormat

_LONGEST: Final = 60
"""Letters of a title in a name; with all that follows no file system finds it too long, whatever the script."""

_MOST: Final = 1000
"""Names that are tried; nobody has so many exports of one title in one folder."""

_WORD: Final = re.compile(r"\w+")


def file_names(conversation: Conversation, form: ExportFormat) -> Iterator[str]:
    """Names of files in the order in which they are tried: `refactor-the-parser.md`, `refactor-the-parser-2.md`..."""
    words = _WORD.findall(untrusted_line(conversation.title).casefold())
    name = "-".join(words)[:_LONGEST].strip("-_") or f"conversation-{conversation.id[:8]}"
    yield f"{name}.{form}"
    for number in range(2, _MOST):
        yield f"{name}-{number}.{form}"
