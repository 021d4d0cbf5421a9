"""Whatever else comes to the port of a sign-in gets a polite answer, changes nothing, and holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sign_in.loopback_listener import LoopbackListener
from application.ports.sign_in_listener import OpenListener, SignInPage
from domain.provider import Provider
from domain.text.secret import Secret
from tests.support.listener_visitors import CODE, RULE, STATE, TARGET, is_polite, knock, sign_in

HOST: Final = b"Host: {host}\r\n"
RIGHT: Final = f"code={CODE}&state={STATE}".encode()
"""What only the provider can know; here in the hands of somebody who sends it wrongly."""


def asking(target: bytes, *lines: bytes, method: bytes = b"GET", host: bytes = HOST, body: bytes = b"") -> bytes:
    """A request, as it goes over the wire."""
    return (
        method + b" " + target + b" HTTP/1.1\r\n" + host + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body
    )


def callback(query: bytes) -> bytes:
    return asking(b"/callback?" + query)


PARAMETERS: Final = {
    "no query": asking(b"/callback"),
    "an empty query": callback(b""),
    "a code without state": callback(b"code=evil"),
    "an empty state": callback(b"code=evil&state="),
    "another state": callback(b"code=evil&state=other"),
    "a state cut short": callback(f"code=evil&state={STATE[:-1]}".encode()),
    "a state with more behind it": callback(f"code=evil&state={STATE}x".encode()),
    "a state in capitals": callback(f"code=evil&state={STATE.upper()}".encode()),
    "a state with a blank": callback(f"code=evil&state={STATE}%20".encode()),
    "a state with a zero": callback(f"code=evil&state={STATE}%00".encode()),
    "a state that is no UTF-8": callback(b"code=evil&state=%ff%fe"),
    "a state in a list": callback(f"code=evil&state[]={STATE}".encode()),
    "a state in capitals by name": callback(f"code=evil&STATE={STATE}".encode()),
    "the state twice": callback(RIGHT + f"&state={STATE}".encode()),
    "two states": callback(RIGHT + b"&state=other"),
    "two codes": callback(RIGHT + b"&code=evil"),
    "the state behind semicolons": callback(f"code=evil;state={STATE}".encode()),
    "the state in a fragment": callback(f"code=evil#state={STATE}".encode()),
    "the state as a path": asking(f"/callback/{STATE}?code=evil".encode()),
    "the state as a cookie": asking(b"/callback?code=evil", f"Cookie: state={STATE}".encode()),
    "the state as a header": asking(b"/callback?code=evil", f"State: {STATE}".encode()),
    "an error without state": callback(b"error=access_denied"),
    "an error with another state": callback(b"error=access_denied&state=other"),
    "an error with words in HTML": callback(b"error=x&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
    "forty parameters": callback(RIGHT + b"".join(b"&p%d=1" % number for number in range(40))),
    "a query of nine thousand": callback(RIGHT + b"&pad=" + b"a" * 9000),
    "a query that is no ASCII": callback("code=evil&state=zustände".encode()),
    "a query with a raw zero": callback(b"code=evil\x00&state=other"),
}

PATHS: Final = {
    "the root": asking(b"/"),
    "an icon": asking(b"/favicon.ico"),
    "/cancel": asking(b"/cancel?" + RIGHT),
    "/success": asking(b"/success?" + RIGHT),
    "/robots.txt": asking(b"/robots.txt"),
    "a slash more": asking(b"/callback/?" + RIGHT),
    "two slashes": asking(b"//callback?" + RIGHT),
    "a dot": asking(b"/./callback?" + RIGHT),
    "two dots": asking(b"/go/../callback?" + RIGHT),
    "capitals": asking(b"/CALLBACK?" + RIGHT),
    "an escaped letter": asking(b"/%63allback?" + RIGHT),
    "an escaped zero": asking(b"/callback%00?" + RIGHT),
    "a path of sixteen thousand": asking(b"/" + b"a" * 16_000),
    "a guess at the short link": asking(b"/go/2345678A"),
    "a guess at the last page": asking(b"/signed-in/2345678A"),
    "no guess at all": asking(b"/signed-in/"),
    "only a star": asking(b"*", method=b"OPTIONS"),
}

METHODS: Final = {
    "HEAD": asking(b"/callback?" + RIGHT, method=b"HEAD"),
    "POST of a form": asking(
        b"/callback",
        b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Length: %d" % len(RIGHT),
        method=b"POST",
        body=RIGHT,
    ),
    "PUT": asking(b"/callback?" + RIGHT, b"Content-Length: 0", method=b"PUT"),
    "DELETE": asking(b"/callback?" + RIGHT, method=b"DELETE"),
    "TRACE": asking(b"/callback?" + RIGHT, method=b"TRACE"),
    "a method in small letters": asking(b"/callback?" + RIGHT, method=b"get"),
    "a preflight": asking(
        b"/callback?" + RIGHT,
        b"Origin: https://evil.example",
        b"Access-Control-Request-Method: GET",
        b"Access-Control-Request-Private-Network: true",
        method=b"OPTIONS",
    ),
    "a fetch by a foreign page": asking(
        b"/callback?code=evil&state=guess", b"Origin: https://evil.example", b"Sec-Fetch-Mode: cors"
    ),
    "a picture in a foreign page": asking(
        b"/callback?code=evil", b"Sec-Fetch-Dest: image", b"Referer: https://evil.example/"
    ),
    "an upgrade to a websocket": asking(
        b"/cancel", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: x", b"Sec-WebSocket-Version: 13"
    ),
    "an upgrade to HTTP/2": asking(
        b"/cancel", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: x"
    ),
}

HOSTS: Final = {
    name: asking(b"/callback?" + RIGHT, host=host)
    for name, host in {
        "a foreign name": b"Host: evil.example\r\n",
        "a foreign name with a port": b"Host: evil.example:1455\r\n",
        "a name that leads here": b"Host: localtest.example:80\r\n",
        "no name": b"",
        "an empty name": b"Host:\r\n",
        "two names": HOST + b"Host: evil.example\r\n",
        "our name twice": HOST + HOST,
        "our name without the port": b"Host: 127.0.0.1\r\n",
        "another port": b"Host: 127.0.0.1:1\r\n",
        "a trailing dot": b"Host: localhost.:1455\r\n",
        "our name as a user": b"Host: {host}@evil.example\r\n",
        "our name in front": b"Host: {host}.evil.example\r\n",
        "all addresses": b"Host: 0.0.0.0:1455\r\n",
        "a forwarded name": b"Host: evil.example\r\nX-Forwarded-Host: {host}\r\n",
    }.items()
} | {"a foreign address as the target": asking(b"http://evil.example/callback?" + RIGHT)}

FRAMES: Final = {
    "the hello of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /callback\r\n\r\n",
    "HTTP/3.0": b"GET /callback HTTP/3.0\r\n" + HOST + b"\r\n",
    "random bytes": bytes(range(256)) * 4,
    "zeros": b"\x00" * 4096,
    "a header without a colon": asking(b"/", b"nonsense"),
    "a header over two lines": asking(b"/", b"X-A: 1\r\n 2"),
    "a header with a line end in it": asking(b"/", b"X-A: 1\rX-B: 2"),
    "a header of 100 kB": asking(b"/callback?" + RIGHT, b"X-Long: " + b"x" * 100_000),
    "two thousand headers": asking(b"/callback?" + RIGHT, *[b"X-%d: 1" % number for number in range(2000)]),
    "two lengths": asking(b"/callback?" + RIGHT, b"Content-Length: 1", b"Content-Length: 2"),
    "a negative length": asking(b"/callback?" + RIGHT, b"Content-Length: -1"),
    "a request behind a request": asking(b"/") + callback(RIGHT),
    "a request in a body": asking(
        b"/", b"Content-Length: 4", b"Transfer-Encoding: chunked", method=b"POST", body=b"0\r\n\r\n" + callback(RIGHT)
    ),
    "a hundred requests in one go": asking(b"/") * 100,
    "a body that is not welcome": asking(b"/cancel", b"Content-Length: 5", body=b"hello"),
    "a body without end": asking(b"/", b"Transfer-Encoding: chunked", method=b"POST", body=b"ffff\r\n" + b"x" * 65_535),
    "a body to be waited for": asking(b"/", b"Content-Length: 9", b"Expect: 100-continue", method=b"POST"),
    "half a request": b"GET /callback?" + RIGHT + b" HTT",
}

CATALOGUE: Final[Mapping[str, bytes]] = {
    f"{kind}: {name}": raw
    for kind, cases in {
        "parameters": PARAMETERS,
        "path": PATHS,
        "method": METHODS,
        "host": HOSTS,
        "frame": FRAMES,
    }.items()
    for name, raw in cases.items()
}

SILENT: Final = {"frame: half a request"}
"""Who hangs up in the middle of a sentence is not answered."""


@asynccontextmanager
async def listening() -> AsyncIterator[OpenListener]:
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as opened:
        yield opened


@asynccontextmanager
async def no_mishaps() -> AsyncIterator[None]:
    """Nothing goes wrong inside that nobody catches: asyncio would print it over the screen."""
    mishaps: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: mishaps.append(context))
    yield
    assert mishaps == []


@pytest.mark.slow
@pytest.mark.parametrize("case", CATALOGUE)
async def test_it_is_answered_politely_changes_nothing_and_the_sign_in_goes_on(case: str) -> None:
    async with no_mishaps(), listening() as listener:
        listener.forward_to(TARGET, state=Secret(STATE))

        answer = await knock(listener, CATALOGUE[case])

        if case in SILENT:
            assert answer.status == 0
        else:
            is_polite(answer)
        await sign_in(listener)


async def test_all_of_it_one_after_the_other_before_the_link_is_known() -> None:
    async with no_mishaps(), listening() as listener:
        for case, raw in CATALOGUE.items():
            answer = await knock(listener, raw)
            if case not in SILENT:
                is_polite(answer)
        await sign_in(listener)


def test_the_catalogue_is_as_long_as_it_claims() -> None:
    print(f"\nL1: {len(CATALOGUE)} cases")  # noqa: T201 - a figure to look at
    assert len(CATALOGUE) >= 80


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.booleans())
def test_no_bytes_disturb_it(pieces: list[bytes], as_request: bool) -> None:
    raw = b"".join(pieces)
    asyncio.run(_survives(asking(b"/callback?" + raw.translate(None, b" \r\n")) if as_request else raw))


async def _survives(raw: bytes) -> None:
    async with no_mishaps(), listening() as listener:
        listener.forward_to(TARGET, state=Secret(STATE))
        answer = await knock(listener, raw)
        if answer.status:
            is_polite(answer)
        await sign_in(listener)


class Naive:
    """What a listener without rules does: any callback ends the sign-in, and everything is a page."""

    def __init__(self) -> None:
        self._arrived: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.redirect_uri = ""
        self.taken = None

    def forward_to(self, url: str, *, state: Secret) -> str:
        return f"{self.redirect_uri}/go/x"

    async def callback(self) -> Mapping[str, str]:
        return await self._arrived.get()

    async def refused(self) -> str:
        return await asyncio.Future()

    def refuse(self, callback: Mapping[str, str], page: SignInPage) -> None:
        """It does nothing, on purpose."""

    def ensure_unshared(self) -> None:
        """It does nothing, on purpose."""

    async def show(self, page: SignInPage) -> None:
        """It does nothing, on purpose."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take whatever comes, as a careless listener would."""
        head = await reader.read(65_536)
        if head.startswith(b"GET /go/"):
            writer.write(b"HTTP/1.1 302 There\r\nlocation: " + TARGET.encode() + b"\r\n\r\n")
        else:
            self._arrived.put_nowait({"request": head.decode("latin-1")})
            writer.write(b"HTTP/1.1 303 There\r\nlocation: /signed-in\r\n\r\n")
        writer.close()


@pytest.mark.parametrize("case", ["parameters: another state", "path: /cancel", "host: a foreign name", "method: HEAD"])
async def test_a_listener_without_rules_is_caught(case: str) -> None:
    """The control of the first test."""
    naive = Naive()
    server = await asyncio.start_server(naive.serve, "127.0.0.1", 0)
    async with server:
        naive.redirect_uri = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        answer = await knock(naive, CATALOGUE[case])
        with pytest.raises(AssertionError):
            is_polite(answer)
        with pytest.raises(AssertionError, match="something else arrived first"):
            await sign_in(naive)
