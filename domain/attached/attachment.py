"""A file that goes along with a message. What it is, is told by its first bytes and never by its name."""

from __future__ import annotations

from enum import Enum
from typing import Final

from domain.records import dataclass, field

LARGEST: Final = 50_000_000
"""Bytes of a file that can be attached; no vendor takes larger ones within a request."""

LARGEST_TEXT: Final = 4_000_000
"""Bytes of a text file: about a million tokens, which is all that any model takes in."""

TEXT: Final = "text/plain"
PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
GIF: Final = "image/gif"
WEBP: Final = "image/webp"

_MARK: Final = b"\xef\xbb\xbf"
"""A byte order mark at the start of a text says how it is stored, and is no part of it."""

_PDF_WITHIN: Final = 1024
"""Readers of PDF accept its header anywhere in so many first bytes (ISO 32000-1, annex H.3.4.1)."""

_KILO: Final = 1000
_TWO_DIGITS: Final = 9.95
"""From here on a decimal says no more."""


class FileKind(Enum):
    """What a vendor is told that a file is."""

    TEXT = "text"
    IMAGE = "image"
    PDF = "PDF"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it was when it was attached."""

    name: str
    """Without its folder, on one line. Foreign text."""
    media_type: str
    content: bytes = field(repr=False)

    @property
    def kind(self) -> FileKind:
        """Text, image or PDF."""
        if self.media_type == PDF:
            return FileKind.PDF
        return FileKind.IMAGE if self.media_type.startswith("image/") else FileKind.TEXT

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return len(self.content)

    @property
    def animated(self) -> bool:
        """Whether it is a GIF that says how often it is to be repeated, as every animated one does."""
        return self.media_type == GIF and b"NETSCAPE2.0" in self.content

    @property
    def text(self) -> str:
        """What a text file says. Foreign text."""
        return self.content.removeprefix(_MARK).decode("utf-8", "replace")

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal, by which the store knows the same file again."""
        from hashlib import sha256

        return sha256(self.content).hexdigest()

    def __str__(self) -> str:
        return f"[file: {self.name} {size_words(self.size)}]"


def media_type_of(content: bytes) -> str | None:
    """What *content* is; None where it is neither text in UTF-8 nor an image or document that some vendor takes."""
    signed = {b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG, b"GIF87a": GIF, b"GIF89a": GIF}
    for beginning, media_type in signed.items():
        if content.startswith(beginning):
            return media_type
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"%PDF-") or (b"%PDF-" in content[:_PDF_WITHIN] and b"\0" in content):
        return PDF
    return TEXT if _is_text(content) else None


def size_words(size: int) -> str:
    """*size* in bytes, as people read it: `640 B`, `4.1 kB`, `12 MB`."""
    if size < _KILO:
        return f"{size} B"
    unit, count = ("kB", size / _KILO) if size < _KILO * _KILO else ("MB", size / _KILO / _KILO)
    return f"{count:.1f} {unit}" if count < _TWO_DIGITS else f"{count:.0f} {unit}"


def _is_text(content: bytes) -> bool:
    if b"\0" in content:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
