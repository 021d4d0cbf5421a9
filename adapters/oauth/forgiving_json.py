"""A good token answer, read for whatever can be read in it: the tokens are issued, and will not be sent again.

For token answers alone. Everything else that a server sends is read by `adapters/json/strict_json.py`.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from adapters.oauth.http_answer import LARGEST_ANSWER
from domain.records import dataclass

T = TypeVar("T")

_PACKED: Final = (b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda")
"""How gzip (RFC 1952) and zlib (RFC 1950) begin; no JSON does."""

_LONGEST_NUMBER: Final = 300
"""Digits; a longer one is beyond every number that matters, and slow to read."""

_LEAST_ZEROS: Final = 0.3
"""The share of zero bytes in JSON that is written as UTF-16 or UTF-32: nearly all of its signs are ASCII."""

_MEMBER: Final = re.compile(
    r"""(?<!\\)(?=(["'])([A-Za-z_-]{2,40})\1\s*:\s*("(?:[^"\\]|\\.)*"|'[^'"\\]*'|-?\d{1,15}(?:\.\d{1,9})?))""",
    re.DOTALL,
)
"""A member in a text that is no JSON: its name, and a string or a number; some servers write simple quotes. It is
looked for at every place: where a quote is missing, one string ends in the middle of the next member."""

_AROUND: Final = frozenset({"something before the object", "something after the object"})

_PAIR: Final = re.compile(r"[A-Za-z_]{2,40}=")
"""How a form begins (`application/x-www-form-urlencoded`)."""


@dataclass(frozen=True, slots=True)
class Members:
    """The members of one object in their order, repetitions too."""

    pairs: tuple[tuple[str, Any], ...] = ()
    oddities: tuple[str, ...] = ()
    """What had to be forgiven, in words of ours: nothing of the answer is quoted."""
    cut: bool = False
    """Whether the object never ends: more of it may have been lost than can be seen."""

    def usable(self, name: str, read: Callable[[Any], T | None]) -> T | None:
        """The last value of *name* that *read* makes something of; one that is spelled in another case comes second."""
        values = (*self._values(name, exactly=False), *self._values(name, exactly=True))
        return next((made for value in reversed(values) if (made := read(value)) is not None), None)

    def holds(self, name: str) -> bool:
        """Whether there is a value of *name* that says something: neither null nor empty text."""
        return any(value not in (None, "") for value in self._values(name, exactly=False))

    def oddities_of(self, names: Iterable[str]) -> Iterator[str]:
        """What is odd about how *names* stand in it."""
        for name in names:
            exact, alike = self._values(name, exactly=True), self._values(name, exactly=False)
            if len(alike) > 1:
                yield f"{name} more than once"
            if len(alike) > len(exact):
                yield f"{name} spelled differently"

    def plain(self) -> dict[str, Any]:
        """The same as a dictionary, and the objects directly in it; of what is repeated, the last."""
        return {name: dict(value.pairs) if isinstance(value, Members) else value for name, value in self.pairs}

    def _values(self, name: str, *, exactly: bool) -> tuple[Any, ...]:
        if exactly:
            return tuple(value for key, value in self.pairs if key == name)
        return tuple(value for key, value in self.pairs if _bare(key) == _bare(name))


def read_members(body: bytes, wanted: Iterable[str]) -> Members:
    """The object in *body* that says something under one of the names *wanted*, or else the first. Raises nothing."""
    oddities: list[str] = []
    text = _text(body, oddities)
    names = frozenset(map(_bare, wanted))
    found, cut = _parsed(text, names, oddities), False
    if found is None:
        found, cut = _picked(text), text.startswith(("{", "[")) and not text.endswith(("}", "]"))
        oddities.append("cut off" if cut else "no JSON")
    elif _AROUND & set(oddities):  # a brace too many ends an object early
        found = Members((*_picked(text).pairs, *found.pairs))
    return Members(found.pairs, tuple(dict.fromkeys(oddities)), cut)


def _text(body: bytes, oddities: list[str]) -> str:
    if body.startswith(_PACKED):
        oddities.append("packed, unasked")
        body = _unpacked(body)
    encoding = json.detect_encoding(body)
    if "utf-8" not in encoding and body.count(0) < len(body) * _LEAST_ZEROS:
        encoding = "utf-8"  # with a zero byte astray at its beginning
    if encoding != "utf-8":
        oddities.append("a byte order mark" if encoding == "utf-8-sig" else "another encoding than UTF-8")
    text = body.decode(encoding, errors="replace")
    if "\ufffd" in text:
        oddities.append("bytes that are no text")
    text = text.strip("\ufeff \t\r\n")
    inner = _value(text) if text.startswith('"') else None
    if not isinstance(inner, str):
        return text
    oddities.append("JSON in a string")
    return inner


def _unpacked(body: bytes) -> bytes:
    """What can be unpacked of *body*, up to `LARGEST_ANSWER`: a wrong check sum at its end changes nothing before."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    unpacked = bytearray()
    try:
        for byte in body:  # one at a time: what stands before a damaged place is kept
            unpacked += unpacker.decompress(bytes((byte,)), LARGEST_ANSWER)
            if unpacker.eof or len(unpacked) > LARGEST_ANSWER:
                break
    except zlib.error:
        pass
    return bytes(unpacked[:LARGEST_ANSWER])


def _parsed(text: str, wanted: frozenset[str], oddities: list[str]) -> Members | None:
    """The object in *text*, which may have something before it, after it, or around it. None where that is no JSON."""
    first: Members | None = None
    alone = True
    decoder = _decoder(oddities)
    start = text.find("{")
    if start != 0:
        oddities.append("something before the object")
    while start >= 0:
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            return first
        first = first or found
        alone = alone and not text[end:].strip()
        holding = _holding(found, wanted)
        if holding is not None:
            if not alone:
                oddities.append("something after the object")
            if holding is not found:
                oddities.append("members in an object of their own")
            return holding
        start = text.find("{", end)
    if not alone:
        oddities.append("something after the object")
    return first


def _holding(value: Any, wanted: frozenset[str]) -> Members | None:
    """*value*, or the first object in it, that says something under one of the names *wanted*."""
    layer = [value]
    while layer:
        for each in layer:
            if isinstance(each, Members) and any(_bare(name) in wanted and inner for name, inner in each.pairs):
                return each
        layer = [inner for each in layer for inner in _inside(each)]
    return None


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Members):
        return [inner for _, inner in value.pairs]
    return value if isinstance(value, list) else ()


def _picked(text: str) -> Members:
    """The members in a text that is no JSON: one that breaks off, has a comma too many, or is a form."""
    if text.startswith("<"):
        return Members()  # a page
    if _PAIR.match(text):
        return Members(tuple(parse_qsl(text)))
    pairs = ((name, _value(value)) for _, name, value in _MEMBER.findall(text))
    return Members(tuple(pair for pair in pairs if pair[1] is not None))


def _value(text: str) -> Any:
    if text.startswith("'"):
        return text[1:-1]
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return None


def _decoder(oddities: list[str]) -> json.JSONDecoder:
    def forgiven(constant: str) -> None:
        oddities.append(constant.lstrip("-"))

    def number(digits: str) -> float:
        return int(digits) if len(digits) < _LONGEST_NUMBER else float(digits)

    return json.JSONDecoder(
        object_pairs_hook=lambda pairs: Members(tuple(pairs)), parse_constant=forgiven, parse_int=number, strict=False
    )


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()
