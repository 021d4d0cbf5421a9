"""Answers of a token endpoint with one oddity each, made from the grammar of such an answer."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from tests.support.earlier_files import jwt
from tests.support.strict_server import Members, Say, http

OPENAI: Final = "https://api.openai.com/auth"

Rows = Iterator[tuple[str, Say]]

SIDE: Final = (
    "token_type", "expires_in", "scope", "id_token", "account", "refresh_token_expires_in", "earliest_refresh_at",
    "organization",
)  # fmt: skip
"""What may stand beside the tokens."""

ODD: Final[dict[str, Any]] = {
    "null": None, "true": True, "seven": 7, "minus one": -1, "half": 0.5, "no text": "", "blanks": "  ", "words": "a b",
    "umlaut": "ä", "zero byte": "\x00", "line break": "a\r\nb", "half an emoji": "\ud83d", "list": [], "object": {},
    "list of null": [None], "nested": {"a": {"b": [1]}}, "digits": "9" * 40, "far": 10**400, "long": "x" * 50_000,
    "NaN": float("nan"), "endless": float("-inf"),
}  # fmt: skip
"""A value of every type, and some that a type allows and nobody means."""

_NONE: Final = {name: value for name, value in ODD.items() if name != "digits"}
"""Those that are no token."""


def good_pairs() -> Rows:
    """Everything odd but the refresh token, which is good: it has to be stored."""
    yield "nothing odd", _body(str)
    for status in (201, 202, 203, 206, 207, 208, 226, 299):
        yield f"status {status}", partial(_as_it_is, status=status)
    yield from _around()
    yield from _encoded()
    yield from _framed()
    yield from _sides()
    yield from _token_members()
    yield from _texts()
    yield from _persons("ana", "https://issuer.example.test")


def without_refresh_token() -> Rows:
    """A good access token, and no refresh token that could be sent."""
    yield "refresh_token missing", _changed(refresh_token=...)
    for name, value in _NONE.items():
        yield f"refresh_token {name}", _changed(refresh_token=value)
    yield "refresh_token with a blank", lambda members: _as_it_is({**members, "refresh_token": "rt-2 "})


def of_somebody_else() -> Rows:
    """A good pair of another person."""
    yield (
        "account",
        lambda members: _as_it_is({**members, "account": {"uuid": "ben", "email_address": "ben@example.test"}}),
    )
    yield "account, 201", lambda members: _as_it_is({**members, "account": {"uuid": "ben"}}, status=201)
    yield from _persons("ben", "https://issuer.example.test")
    yield from _persons("ana", "https://other.example.test")
    yield "another workspace", _changed(id_token=jwt({"sub": "ana", OPENAI: {"chatgpt_account_id": "other"}}))


def errors() -> Iterator[tuple[str, Say, str]]:
    """An error under a good status, with the code of what it comes to."""
    for status in (200, 201):
        for code, kind in (
            ("invalid_grant", "session_ended"), ("refresh_token_reused", "session_ended"), ("slow_down", "overloaded"),
            ("temporarily_unavailable", "overloaded"), ("invalid_client", "client_refused"), ("who_knows", "refused"),
        ):  # fmt: skip
            for error in (code, {"code": code, "message": "made up"}):
                for mark in (b"", b"\xef\xbb\xbf"):
                    body = mark + json.dumps({"error": error, "access_token": None}).encode()
                    yield f"{status} {error}", _fixed(body, status), kind


def tokenless() -> Rows:
    """A good status, all of it there, and no token in it."""
    for name, body in {
        "nothing": b"", "an empty object": b"{}", "a list": b"[]", "null": b"null", "words": b"OK", "a number": b"7",
        "other members": b'{"detail": "made up"}', "no error": b'{"error": null}', "an empty error": b'{"error": ""}',
        "both null": b'{"access_token": null, "refresh_token": null}', "zeros": b"\x00" * 300,
        "noise": bytes(range(256)),
    }.items():  # fmt: skip
        for status in (200, 201, 299):
            yield f"{status} {name}", _fixed(body, status)
    yield "204", lambda _: b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"


def cut_off() -> Rows:
    """Not all of it came."""
    yield "length", lambda members: http(b"", "content-length: 400", framed=False) + _json(members)[:50]
    yield "head only", lambda _: http(b"", "content-length: 400", framed=False)
    yield "chunks", lambda members: http(b"", "transfer-encoding: chunked", framed=False) + _chunk(_json(members)[:50])
    yield "closed before the refresh token", lambda members: http(_json(members)[:40], framed=False)
    yield "half a head", lambda _: b"HTTP/1.1 200 OK\r\ncontent-ty"
    yield "nothing", lambda _: b""


def _fixed(body: bytes, status: int) -> Say:
    return lambda _: http(body, status=status)


def _json(members: Members) -> bytes:
    return json.dumps(members).encode()


def _as_it_is(members: Members, **options: Any) -> bytes:
    return http(_json(members), **options)


def _changed(**changes: Any) -> Say:
    """With other values; `...` takes a member out."""
    return lambda members: _as_it_is(
        {name: value for name, value in {**members, **changes}.items() if value is not ...}
    )


def _body(change: Any, *heads: str, **options: Any) -> Say:
    def say(members: Members) -> bytes:
        changed = change(json.dumps(members))
        return http(changed if isinstance(changed, bytes) else changed.encode(), *heads, **options)

    return say


def _around() -> Rows:
    for kind in (
        None, "", "text/plain", "text/html", "text/html; charset=utf-8", "application/x-www-form-urlencoded",
        "application/octet-stream", "application/json; charset=iso-8859-1", "application/json;;", "a b c",
        "application/problem+json", "text/event-stream",
    ):  # fmt: skip
        yield f"content type {kind}", partial(_as_it_is, kind=kind)
    for head in ("date: yesterday", "retry-after: 7", "location: https://other.example.test/", "set-cookie: a=b",
                 "www-authenticate: Bearer", "cache-control: x" * 50, "x: \u00e4",
                 "x: \x80"):  # fmt: skip
        yield f"head {head[:20]}", _body(str, head)
    yield "an early hint", lambda members: b"HTTP/1.1 103 Early Hints\r\n\r\n" + http(_json(members))


def _encoded() -> Rows:
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
        yield encoding, _body(lambda text, encoding=encoding: text.encode(encoding))
    for mark in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x80\x81", b"\xe4"):
        yield f"byte {mark!r}", _body(lambda text, mark=mark: text.encode().replace(b"Bearer", mark))
    yield "two byte order marks", _body(lambda text: b"\xef\xbb\xbf" * 2 + text.encode())
    yield "escaped", _body(lambda text: text.replace("rt-2", "\\u0072t\\u002d2").replace("at-2", "\\u0061t-2"))

    def packed(text: str) -> bytes:
        return gzip.compress(text.encode())

    yield "gzip", _body(packed, "content-encoding: gzip")
    yield "gzip, unsaid", _body(packed)
    yield "deflate", _body(lambda text: zlib.compress(text.encode()), "content-encoding: deflate")
    yield "gzip, wrong sum", _body(lambda text: packed(text)[:-8] + b"12345678", "content-encoding: gzip")
    yield "gzip, no end", _body(lambda text: packed(text)[:-8], "content-encoding: gzip")
    yield "gzip, something behind it", _body(lambda text: packed(text) + b"more", "content-encoding: gzip")
    for name in ("gzip", "deflate", "br", "zstd", "identity", "x"):
        yield f"said to be {name}", _body(str, f"content-encoding: {name}")


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


def _framed() -> Rows:
    chunked = partial(http, b"", "transfer-encoding: chunked", framed=False)
    yield "one chunk", lambda members: chunked() + _chunk(_json(members)) + _chunk(b"")
    yield (
        "a chunk a byte",
        lambda members: chunked() + b"".join(_chunk(bytes([byte])) for byte in _json(members)) + _chunk(b""),
    )
    yield "no last chunk", lambda members: chunked() + _chunk(_json(members))
    yield "no length", lambda members: http(_json(members), framed=False)
    yield "length too great", lambda members: http(_json(members), "content-length: 9999", framed=False)
    yield (
        "length too small by one",
        lambda members: http(_json(members), f"content-length: {len(_json(members)) - 1}", framed=False),
    )
    yield "more than the length", lambda members: http(_json(members)) + b"and more"


def _sides() -> Rows:
    for side in SIDE:
        yield f"{side} missing", _changed(**{side: ...})
        for name, value in ODD.items():
            yield f"{side} {name}", _changed(**{side: value})
        for twice in ('"x"', "null", "7", "NaN"):
            yield (
                f"{side} and {twice}",
                _body(lambda text, side=side, twice=twice: f'{{"{side}": {twice}, {text[1:-1]}, "{side}": {twice}}}'),
            )
    for name, value in ODD.items():
        yield f"another member {name}", _changed(later=value)
    errors: tuple[Any, ...] = (None, "", "invalid_grant", {"code": "invalid_grant"}, [], True)
    for error in errors:
        yield f"error {error} beside", _changed(error=error)
    yield "an endless number", _body(lambda text: text.replace("3600", "1" + "0" * 5000))
    yield "no number", _body(lambda text: text.replace("3600", "0x10"))
    yield "a blank end", _body(lambda text: text.replace("3600", "soon"))
    yield "deep", _body(lambda text: f'{{"deep": {"[" * 90}{"]" * 90}, {text[1:]}')
    yield "too deep", _body(lambda text: f'{{"deep": {"[" * 50_000}{"]" * 50_000}, {text[1:]}')
    yield "much", _changed(much="x" * 200_000)
    yield "many", _changed(**{f"member{number}": number for number in range(5000)})


def _token_members() -> Rows:
    yield "access_token missing", _changed(access_token=...)
    for name, value in _NONE.items():
        yield f"access_token {name}", _changed(access_token=value)
    for token in ("access_token", "refresh_token"):
        for spelled in (token.upper(), token.title(), token.replace("_", "-"), "".join(token.title().split("_"))):
            yield (
                f"{token} as {spelled}",
                _body(lambda text, token=token, spelled=spelled: text.replace(token, spelled)),
            )
        for worse in ("null", '""', "7", '"a b"', "[]"):
            yield (
                f"{token} and {worse}",
                _body(lambda text, token=token, worse=worse: f'{text[:-1]}, "{token}": {worse}}}'),
            )
            yield (
                f"{worse} and {token}",
                _body(lambda text, token=token, worse=worse: f'{{"{token}": {worse}, {text[1:]}'),
            )
        yield (
            f"{token} twice",
            _body(lambda text, token=token: f'{{"{token}": {json.dumps(json.loads(text)[token])}, {text[1:]}'),
        )
    yield "the old refresh token before the new one", _body(lambda text: f'{{"refresh_token": "rt-1", {text[1:]}')


def _texts() -> Rows:
    for before in ("\n\n", ")]}',\n", "while(1);", "callback(", "[", "\x00", "<!-- made up -->", "// made up\n", "OK ",
                   "{}\n", "\ufeff", '{"data": '):  # fmt: skip
        yield f"{before!r} before", _body(lambda text, before=before: before + text)
    for after in ("\n", "\x00", "}", ");", "]", "{}", '{"error": "invalid_grant"}', "<html>", "null", "\r\n\r\n", "ä",
                  '{"refresh_token": null}', "\x1a", "0"):  # fmt: skip
        yield f"{after!r} after", _body(lambda text, after=after: text + after)
    for outside in ("[{}]", '{{"data": {}}}', '{{"a": [{{"token": {}}}]}}', '{{"error": null, "result": {}}}', "({})"):
        yield f"within {outside}", _body(lambda text, outside=outside: outside.format(text))
    yield "JSON in a string", _body(json.dumps)
    yield "a comma too many", _body(lambda text: text[:-1] + ",}")
    yield "simple quotes", _body(lambda text: text.replace('"', "'"))
    yield "a comma missing", _body(lambda text: text.replace(", ", " ", 1))
    yield "no end", _body(lambda text: text[:-1])
    yield "cut behind the refresh token", _body(lambda text: text[: text.index("rt-2") + 5])
    yield "blanks", _body(lambda text: text.replace(":", "\r\n\t : ").replace(",", "\n,\n"))
    yield "a raw line break", _body(lambda text: text.replace("chat", "a\nb"))
    yield "a wrong escape", _body(lambda text: text.replace("chat", "\\x41"))
    yield "a form", lambda members: http(urlencode(members).encode(), kind="application/x-www-form-urlencoded")
    yield "a form that is said to be JSON", lambda members: http(urlencode(members).encode())


def _persons(subject: str, issuer: str) -> Rows:
    claims: dict[str, Any] = {"sub": subject, "iss": issuer, "email": f"{subject}@example.test"}
    yield f"id_token of {subject} at {issuer}", _changed(id_token=jwt(claims))
    for name, odd in {"aud": "somebody", "exp": 1, "nonce": "x", "email": 7, "iat": None, "azp": [1]}.items():
        yield f"id_token of {subject} at {issuer} with {name} {odd}", _changed(id_token=jwt({**claims, name: odd}))
    if (subject, issuer) == ("ana", "https://issuer.example.test"):
        for name, odd in {"iss": 7, "iss ": None, "sub": 7}.items():
            kept = {key: value for key, value in claims.items() if key != name.strip()}
            yield f"id_token with {name} {odd}", _changed(id_token=jwt({**kept, name.strip(): odd} if odd else kept))
        spaces = {"the same": {"chatgpt_account_id": "mine"}, "none": {}, "odd": 7, "a number": {"a": 7}}
        for name, odd in spaces.items():
            yield f"id_token of ana, workspace {name}", _changed(id_token=jwt({**claims, OPENAI: odd}))
        yield "id_token of ana, no scheme", _changed(id_token=jwt({**claims, "iss": "issuer.example.test"}))
        for broken in ("x", "x.y", "x.y.z", "....", jwt(claims)[:-40], "e30.e30."):
            yield f"id_token {broken[:8]}", _changed(id_token=broken)
