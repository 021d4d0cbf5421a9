"""The ways in which a conversation can be written down; each makes its text turn by turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from domain.conversation import Conversation, Turn


class ExportFormat(StrEnum):
    """How it is written, which is also how the name of the file ends."""

    MARKDOWN = "md"
    JSON = "json"
    HTML = "html"


def exported(head: Conversation, turns: Iterable[Turn], form: ExportFormat) -> Iterator[str]:
    """The text of a conversation in pieces: at no time is there more of it than one turn.

    *head* says what it is called and goes on with; its own turns do not count, *turns* do.
    """
    match form:
        case ExportFormat.MARKDOWN:
            from entrypoints.export.as_markdown import markdown_pieces

            return markdown_pieces(head, turns)
        case ExportFormat.JSON:
            from entrypoints.export.as_json import json_pieces

            return json_pieces(head, turns)
        case ExportFormat.HTML:
            from entrypoints.export.as_html import html_pieces

            return html_pieces(head, turns)
