"""How the slash commands about kept conversations read what follows them."""

from __future__ import annotations

from typing import Final

from domain.errors import UsageError
from domain.text.number import whole_number
from domain.text.suggestion import nearest
from entrypoints.chat.controller import ChatController
from entrypoints.export.formats import ExportFormat

FORMS: Final = (
    ("md", "as Markdown"),
    ("json", "as JSON, with all that is known of each answer"),
    ("html", "as a page that loads nothing and runs nothing"),
)
"""What may follow `/export`, for completion."""


def chats(chat: ChatController, words: list[str]) -> None:
    """Read `/chats`, `/chats 2`, `/chats remove 2` and `/chats restore`."""
    match words:
        case []:
            chat.kept.show()
        case ["restore"]:
            chat.kept.bring_back()
        case ["remove", word] if (number := whole_number(word)) is not None:
            chat.kept.remove_numbered(number)
        case [word] if (number := whole_number(word)) is not None:
            chat.kept.open_numbered(number)
        case _:
            raise UsageError("It is /chats, /chats NUMBER, /chats remove NUMBER or /chats restore.")


def search(chat: ChatController, words: list[str]) -> None:
    """Read `/search TEXT`; without a text, all conversations are meant."""
    chat.kept.show(" ".join(words))


def rename(chat: ChatController, words: list[str]) -> None:
    """Read `/rename TITLE`, whose title may be several words."""
    if not words:
        raise UsageError("/rename wants the new title behind it.")
    chat.kept.rename_open(" ".join(words))


def export(chat: ChatController, words: list[str]) -> None:
    """Read `/export` and `/export html`; without a form it is Markdown."""
    known = [form.value for form in ExportFormat]
    name = " ".join(words) or ExportFormat.MARKDOWN
    if name not in known:
        near = nearest(name, known)
        raise UsageError("/export writes md, json or html." + (f" Did you mean {near}?" if near else ""))
    chat.kept.export_open(ExportFormat(name))
