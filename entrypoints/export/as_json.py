"""A conversation as one JSON document, with all that is known of each answer.

Texts stand there exactly as they are stored, every sign outside of ASCII escaped: a terminal finds nothing to obey.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any, Final

from domain.attached.attachment import Attachment
from domain.conversation import Conversation, Turn
from domain.selection import Held
from domain.text.moments import moment_text
from domain.version import VERSION
from entrypoints.chat.receipts import receipt_document

SCHEMA: Final = 1
"""Raised when a member changes its meaning or goes; new members may come at any time."""


def json_pieces(head: Conversation, turns: Iterable[Turn]) -> Iterator[str]:
    """The document, a line for each turn."""
    about: dict[str, Any] = {
        "schema": SCHEMA,
        "written_by": f"keyswitch {VERSION}",
        "id": head.id,
        "title": head.title,
        "started": moment_text(head.started),
        "goes_on_with": _held_document(head.held) if head.held else None,
    }
    yield _line(about).removesuffix("}") + ', "turns": ['
    for number, turn in enumerate(turns, 1):
        yield f"{',' if number > 1 else ''}\n{_line(_turn_document(number, turn))}"
    yield "\n]}\n"


def _turn_document(number: int, turn: Turn) -> dict[str, Any]:
    return {
        "number": number,
        "role": turn.role.value,
        "at": moment_text(turn.at),
        "text": turn.text,
        "reasoning": turn.reasoning,
        "attachments": [_attachment_document(one) for one in turn.attachments],
        "state": turn.state.value,
        "stop": turn.stop.value if turn.stop else None,
        "receipt": receipt_document(turn.receipt) if turn.receipt else None,
    }


def _attachment_document(attachment: Attachment) -> dict[str, Any]:
    return {
        "name": attachment.name,
        "media_type": attachment.media_type,
        "bytes": attachment.size,
        "base64": b64encode(attachment.content).decode(),
    }


def _held_document(held: Held) -> dict[str, Any]:
    return {
        "preset": held.preset.id,
        "label": held.preset.label,
        "provider": held.credential.provider.value,
        "kind": held.credential.kind.value,
        "account": held.label,
        "pays_with": held.payer.value,
    }


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document).replace("\x7f", "\\u007f")  # the one control in ASCII that JSON does not ask to escape
