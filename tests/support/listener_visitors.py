"""A listener under test, and whoever knocks at it: a browser that may come in, and others who may not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from application.ports.oauth_client import RedirectRule
from application.ports.sign_in_listener import OpenListener, SignInPage
from domain.text.secret import Secret
from tests.support.stopwatch import Stopwatch

STATE: Final = "fake-state-0123456789"
CODE: Final = "fake-code-of-this-sign-in"
TARGET: Final = "https://auth.example.test/authorize?state=x&code_challenge=y"
RULE: Final = RedirectRule("127.0.0.1", "/callback", (0,))
DONE: Final = SignInPage("Signed in to Claude", "You are signed in as ana@example.test.", succeeded=True)

WITHIN: Final = 4.0
"""Seconds that a sign-in may take from the short link to the last page, whatever else goes on at its port. On a machine
that does nothing else the bar is 2 s, and a tenth of it is needed. A browser that is not let in takes longer than 4 s.
"""

LONGEST_ON_A_BUSY_MACHINE: Final = 30.0
"""Seconds until a test gives up, with those in which it waits for a core."""

_HEADERS: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True)
class PageAnswer:
    """What came back, if anything."""

    status: int
    """0 where the connection was closed without an answer."""
    headers: dict[str, str]
    body: str


def place(listener: OpenListener) -> str:
    return urlsplit(listener.redirect_uri).netloc


async def knock(listener: OpenListener, raw: bytes, *, end: bool = True) -> PageAnswer:
    """Send *raw*, and what the listener says to it. With *end* nothing more will come, and it is told so."""
    host, _, port = place(listener).rpartition(":")
    reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    try:
        writer.write(raw.replace(b"{host}", place(listener).encode()))
        if end:
            writer.write_eof()
        received = await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        received = b""
    finally:
        writer.close()
    return _read(received)


def _read(received: bytes) -> PageAnswer:
    if not received:
        return PageAnswer(0, {}, "")
    head, _, body = received.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return PageAnswer(int(first.split()[1]), headers, body)


async def get(listener: OpenListener, target: str, **headers: str) -> PageAnswer:
    """As a browser asks."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return await knock(listener, f"GET {target} HTTP/1.1\r\nHost: {{host}}\r\n{lines}\r\n".encode())


def is_polite(answer: PageAnswer) -> None:
    """That *answer* is one of our own pages: it says that nothing happened, is kept nowhere, and gives nothing away."""
    assert 400 <= answer.status < 500
    assert {name: answer.headers.get(name) for name in _HEADERS} == _HEADERS
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not any(name.startswith("access-control-") for name in answer.headers)
    assert not {"location", "set-cookie", "server", "allow"} & set(answer.headers)
    assert answer.body == "" or "goes on waiting" in answer.body
    assert not any(secret in answer.body for secret in (STATE, CODE, TARGET, "<script", "http://", "https://"))


async def sign_in(listener: OpenListener) -> float:
    """A person at a browser, from the short link to the last page; their callback is the first that arrives.

    Returns the seconds that it took.
    """
    short = urlsplit(listener.forward_to(TARGET, state=Secret(STATE))).path
    watch = Stopwatch()
    async with asyncio.timeout(LONGEST_ON_A_BUSY_MACHINE):
        forwarded = await get(listener, short)
        assert (forwarded.status, forwarded.headers["location"]) == (302, TARGET)
        await finish(listener)
    took = watch.seconds()
    assert took < WITHIN
    return took


async def finish(listener: OpenListener) -> None:
    """The second half: from the provider's redirect on."""
    redirected = await get(listener, f"/callback?code={CODE}&state={STATE}")
    assert redirected.status == 303
    arrived = await listener.callback()
    assert arrived == {"code": CODE, "state": STATE}, f"something else arrived first: {sorted(arrived)}"
    page = asyncio.create_task(get(listener, redirected.headers["location"]))
    await listener.show(DONE)
    shown = await page
    assert shown.status == 200
    assert "Signed in to Claude" in shown.body
