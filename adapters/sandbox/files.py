"""Files that come along with a question: whether they are what the request says."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from typing import Final

_SIGNATURES: Final = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "application/pdf": re.compile(rb".{0,1019}%PDF-", re.DOTALL),
}
_DATA_URL: Final = re.compile(r"data:([a-z]+/[a-z0-9.+-]+);base64,(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a request, decoded."""

    media_type: str
    content: bytes

    def __str__(self) -> str:
        return f"`{self.media_type}`, {len(self.content)} bytes"


class NoSuchFile(Exception):
    """What was sent is no file of the type that the request names; the text says why."""


def sent_file(media_type: object, data: object, *, allowed: tuple[str, ...]) -> SentFile:
    """The file that *data* holds in Base64. Raises NoSuchFile where it is none, or none of the *allowed* types."""
    if media_type not in allowed or not isinstance(media_type, str):
        raise NoSuchFile(f"unsupported media type {media_type}")
    try:
        content = b64decode(data, validate=True) if isinstance(data, str) else b""
    except binascii.Error:
        content = b""
    if not content:
        raise NoSuchFile("the data is no Base64")
    if not _SIGNATURES[media_type].match(content):
        raise NoSuchFile(f"the data does not match the media type {media_type}")
    return SentFile(media_type, content)


def file_of_url(url: object, *, allowed: tuple[str, ...]) -> SentFile:
    """The file in a data URL. Raises NoSuchFile as above; nothing is fetched from elsewhere."""
    found = _DATA_URL.fullmatch(url) if isinstance(url, str) else None
    if found is None:
        raise NoSuchFile("a data URL with Base64 is expected")
    return sent_file(found[1], found[2], allowed=allowed)
