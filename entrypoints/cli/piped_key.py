"""An API key from standard input."""

from __future__ import annotations

import codecs
import os
from contextlib import suppress
from io import UnsupportedOperation
from typing import Final, TextIO

from domain.errors import UsageError
from domain.text.pasted_key import LONGEST
from domain.text.secret import Secret

_LONGEST: Final = 4 * LONGEST + 64
"""Bytes, in any encoding."""
_BLANK: Final = b"\0\xff\xfe\xef\xbb\xbf \t\r\n"
"""Bytes of blanks, line ends and byte order marks, in either encoding."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""How files begin that PowerShell 5 and Windows' editor write."""


def piped_key(stream: TextIO | None) -> Secret:
    """What *stream* gives, up to its end or to the first line that says something.

    Whoever types it into a pipe ends it with a line end, and goes on. What came together with that line is read too, so
    that several lines are noticed.

    Raises:
        UsageError: It is no text.
    """
    if stream is None:
        return Secret("")
    try:
        descriptor = stream.fileno()
    except (UnsupportedOperation, ValueError):
        return Secret(stream.read(LONGEST))
    given = b""
    with suppress(OSError):  # what cannot be read gives nothing more
        while len(given) < _LONGEST and b"\n" not in given.lstrip(_BLANK):
            part = os.read(descriptor, _LONGEST - len(given))
            if not part:
                break
            given += part
    return Secret(_text(given))


def _text(given: bytes) -> str:
    try:
        if given.startswith(_UTF_16):
            return given[: len(given) // 2 * 2].decode("utf-16")
        return given.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("That is no API key that can be stored: it is no text. Nothing was changed.") from None
