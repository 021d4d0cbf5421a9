"""Looking for secrets in what a program leaves behind, however it wrote them down."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, quote_plus

SHORTEST: Final = 12
"""Characters; anything shorter would be found by chance."""

_TAIL: Final = 20
"""Characters at the end of a secret that are as good as the whole: log lines and `reprlib` cut the rest away."""

_ESCAPES: Final = re.compile(rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]")
"""What a terminal obeys (ECMA-48, 5.4; xterm's operating system commands)."""

_WHITE: Final = re.compile(rb"[\s\x00]+")


def _base64(offset: int, encode: Callable[[bytes], bytes]) -> Callable[[str], bytes]:
    """The part of the Base64 of any text with the secret in it, *offset* bytes behind a multiple of three."""

    def encoded(value: str) -> bytes:
        raw = b"\0" * offset + value.encode()
        whole = len(raw) // 3 * 3
        skipped = 4 if offset else 0  # the group that the bytes before share
        return encode(raw[:whole])[skipped:]

    return encoded


def _percent(value: str, *, upper: bool) -> bytes:
    digits = "%{:02X}" if upper else "%{:02x}"
    return "".join(digits.format(byte) for byte in value.encode()).encode()


ENCODINGS: Final[Mapping[str, Callable[[str], bytes]]] = {
    "plain": str.encode,
    "its end": lambda value: value[-_TAIL:].encode(),
    "backwards": lambda value: value[::-1].encode(),
    "upper case": lambda value: value.upper().encode(),
    "lower case": lambda value: value.lower().encode(),
    "UTF-16": lambda value: value.encode("utf-16-le"),
    "UTF-16, big end first": lambda value: value.encode("utf-16-be"),
    "UTF-32": lambda value: value.encode("utf-32-le"),
    "a URL": lambda value: quote(value, safe="").encode(),
    "a form": lambda value: quote_plus(value).encode(),
    "a URL twice": lambda value: quote(quote(value, safe=""), safe="").encode(),
    "all percent, upper": lambda value: _percent(value, upper=True),
    "all percent, lower": lambda value: _percent(value, upper=False),
    "hex, lower": lambda value: value.encode().hex().encode(),
    "hex, upper": lambda value: value.encode().hex().upper().encode(),
    "JSON": lambda value: json.dumps(value)[1:-1].encode(),
    "JSON with slashes": lambda value: json.dumps(value)[1:-1].replace("/", "\\/").encode(),
    "JSON in JSON": lambda value: json.dumps(json.dumps(value)[1:-1])[1:-1].encode(),
    "a repr": lambda value: repr(value)[1:-1].encode(),
    "a repr of bytes": lambda value: repr(value.encode())[2:-1].encode(),
    "HTML": lambda value: html.escape(value).encode(),
    "HTML as of XML": lambda value: html.escape(value, quote=False).encode(),
    **{f"Base64 at {offset}": _base64(offset, base64.b64encode) for offset in range(3)},
    **{f"Base64 for URLs at {offset}": _base64(offset, base64.urlsafe_b64encode) for offset in range(3)},
    "Base32": lambda value: base64.b32encode(value.encode()).rstrip(b"=")[:-1],
}
"""How a program may write a secret down without meaning to, by name."""


@dataclass(frozen=True)
class Hit:
    """A secret where none belongs."""

    secret: str
    """Its name, not its value."""
    encoding: str
    channel: str

    def __str__(self) -> str:
        return f"{self.secret} in {self.channel} ({self.encoding})"


@dataclass
class Canaries:
    """Secrets by name. A name may stand for several values, as tokens are renewed."""

    values: dict[str, str] = field(default_factory=dict)
    """Value to name."""
    _patterns: dict[bytes, set[tuple[str, str]]] = field(default_factory=dict, repr=False)
    """Bytes to all that they mean: some encodings leave a secret as it is."""

    def add(self, name: str, value: str) -> None:
        """Look for *value* as well."""
        if len(value) < SHORTEST or value in self.values:
            return
        self.values[value] = name
        for encoding, encode in ENCODINGS.items():
            self._patterns.setdefault(encode(value), set()).add((name, encoding))

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.values.values())

    def found_in(self, data: bytes, channel: str, *, but: Iterable[str] = ()) -> list[Hit]:
        """Each secret in *data*, with its lines joined, its escapes removed, and as it is; those named in *but* aside.

        What was cut into lines by a terminal or a log is found as well.
        """
        plain = _ESCAPES.sub(b"", data)
        views = {data, plain, _WHITE.sub(b"", plain)}
        hits = {
            Hit(name, encoding, channel)
            for pattern, meanings in self._patterns.items()
            if any(pattern in view for view in views)
            for name, encoding in meanings
        }
        return sorted((hit for hit in hits if hit.secret not in but), key=str)
