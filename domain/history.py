"""A conversation in each provider's own format.

Only visible text and the files that a person attached cross from one provider to another: reasoning, signatures and ids
of one vendor mean nothing to the next, and Anthropic and OpenAI answer 400 to what they did not make themselves.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any

from domain.attached.attachment import Attachment, FileKind
from domain.conversation import Role, Turn, TurnState
from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """What of one turn is sent."""

    text: str
    """With what text files say."""
    files: tuple[Attachment, ...] = ()
    """Images and PDF."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one role says: a turn, or several neighbours.

    Each stays a piece of its own. What was sent is then sent again as it was, whatever comes after it, and the vendor
    finds it in its cache: that is cheaper by nine tenths and more.
    """

    role: Role
    pieces: tuple[Piece, ...]


def sendable(turns: Iterable[Turn]) -> tuple[Message, ...]:
    """The turns as every provider accepts them.

    Failed and empty turns are left out, neighbours of one role become one message, and the first is
    a person's. What the model last said is not sent when nobody answered it. Texts go as they came, to the last space:
    Anthropic refuses one at the end of an answer only where the answer is what it shall go on with.
    """
    messages: list[Message] = []
    for turn in turns:
        text = _with_text_files(turn)
        files = tuple(file for file in turn.attachments if file.kind is not FileKind.TEXT)
        if turn.state is TurnState.FAILED or not (text.strip() or files):
            continue
        if messages and messages[-1].role is turn.role:
            apart = Piece("\n\n" + text if text.strip() else text, files)
            messages[-1] = Message(turn.role, (*messages[-1].pieces, apart))
        elif messages or turn.role is Role.USER:
            messages.append(Message(turn.role, (Piece(text, files),)))
    if messages and messages[-1].role is Role.ASSISTANT:
        messages.pop()
    return tuple(messages)


def _with_text_files(turn: Turn) -> str:
    """What the person wrote, and each text file behind it under its name."""
    texts = [_named(file) + "\n\n" + file.text.strip("\n") for file in turn.attachments if file.kind is FileKind.TEXT]
    return "\n\n".join([turn.text.rstrip("\n"), *texts]).lstrip("\n") if texts else turn.text


def _named(file: Attachment) -> str:
    return f"File {file.name}:"


def _base64(file: Attachment) -> str:
    return b64encode(file.content).decode("ascii")


def openai_input(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """`input` of OpenAI's Responses API: items with typed parts."""
    part = {Role.USER: "input_text", Role.ASSISTANT: "output_text"}

    def file_part(file: Attachment) -> dict[str, Any]:
        data = f"data:{file.media_type};base64,{_base64(file)}"
        if file.kind is FileKind.PDF:
            return {"type": "input_file", "filename": file.name, "file_data": data}
        return {"type": "input_image", "image_url": data, "detail": "auto"}

    def content(message: Message) -> list[dict[str, Any]]:
        return _parts(message, lambda text: {"type": part[message.role], "text": text}, file_part)

    return [{"role": message.role.value, "content": content(message)} for message in sendable(turns)]


def anthropic_messages(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """`messages` of Anthropic's Messages API: alternating, from a user turn to a user turn."""

    def file_part(file: Attachment) -> dict[str, Any]:
        source = {"type": "base64", "media_type": file.media_type, "data": _base64(file)}
        if file.kind is FileKind.PDF:
            return {"type": "document", "source": source, "title": file.name}
        return {"type": "image", "source": source}

    def content(message: Message) -> list[dict[str, Any]]:
        return _parts(message, lambda text: {"type": "text", "text": text}, file_part)

    return [{"role": message.role.value, "content": content(message)} for message in sendable(turns)]


def gemini_contents(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """`contents` of Gemini's generateContent, which calls the assistant `model`."""
    role = {Role.USER: "user", Role.ASSISTANT: "model"}

    def file_part(file: Attachment) -> dict[str, Any]:
        return {"inlineData": {"mimeType": file.media_type, "data": _base64(file)}}

    def parts(message: Message) -> list[dict[str, Any]]:
        return _parts(message, lambda text: {"text": text}, file_part)

    return [{"role": role[message.role], "parts": parts(message)} for message in sendable(turns)]


def _parts(
    message: Message, text_part: Callable[[str], dict[str, Any]], file_part: Callable[[Attachment], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Files first, as Anthropic advises, each behind its name: an image has none of its own on the wire."""
    parts: list[dict[str, Any]] = []
    for piece in message.pieces:
        parts += [part for file in piece.files for part in (text_part(_named(file)), file_part(file))]
        parts += [text_part(piece.text)] if piece.text.strip() else []
    return parts
