"""The smallest files of each kind, and what must not pass for one."""

from __future__ import annotations

from typing import Final

from domain.attached.attachment import Attachment, media_type_of

_GIF: Final = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"

SAMPLES: Final = {
    "photo.png": bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c6378cfc00000020001e221bc330000000049454e44ae426082"
    ),
    "photo.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9",
    "still.gif": _GIF + b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
    "moving.gif": _GIF + b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00;",
    "photo.webp": b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00",
    "paper.pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    "notes.md": "# Notes\n\nGrüße, \U0001f600\n".encode(),
}


def a_file(name: str, content: bytes | None = None) -> Attachment:
    """A sample by its *name*, or *content* under that name."""
    content = SAMPLES[name] if content is None else content
    media_type = media_type_of(content)
    assert media_type is not None
    return Attachment(name, media_type, content)
