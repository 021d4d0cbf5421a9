"""The listener on loopback: only the browser of this sign-in gets anywhere, and everybody gets a polite answer."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from pytest_mock import MockerFixture

from adapters.serving import callers
from adapters.sign_in import attempt, loopback_listener
from adapters.sign_in.loopback_listener import LoopbackListener
from application.ports.oauth_client import RedirectRule
from application.ports.sign_in_listener import OpenListener, SignInPage
from domain.provider import Provider
from domain.text.secret import Secret

STATE = "fake-state-0123456789"
TARGET = "https://auth.example.test/authorize?state=x&code_challenge=y"
RULE = RedirectRule("127.0.0.1", "/callback", (0,))
DONE = SignInPage("Signed in to Claude", "You are signed in as ana@example.test.", succeeded=True)


@pytest.fixture
async def listener() -> AsyncIterator[OpenListener]:
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, timeout=10) as client:
        yield client


def origin(listener: OpenListener) -> str:
    parts = urlsplit(listener.redirect_uri)
    return f"{parts.scheme}://{parts.netloc}"


async def waiting_at_the_end(browser: httpx2.AsyncClient, listener: OpenListener) -> asyncio.Task[httpx2.Response]:
    """A browser that was redirected back and waits for the last page."""
    listener.forward_to(TARGET, state=Secret(STATE))
    redirected = await browser.get(f"{listener.redirect_uri}?code=fake-code-1&state={STATE}")
    return asyncio.create_task(browser.get(origin(listener) + redirected.headers["location"]))


async def test_the_redirect_of_this_sign_in_arrives(listener: OpenListener, browser: httpx2.AsyncClient) -> None:
    listener.forward_to(TARGET, state=Secret(STATE))

    await browser.get(f"{listener.redirect_uri}?code=a%2Bb&state={STATE}&scope=")

    assert await listener.callback() == {"code": "a+b", "state": STATE, "scope": ""}


async def test_the_browser_is_sent_to_an_address_without_the_code(
    listener: OpenListener, browser: httpx2.AsyncClient
) -> None:
    listener.forward_to(TARGET, state=Secret(STATE))

    redirected = await browser.get(f"{listener.redirect_uri}?code=fake-code-1&state={STATE}")

    assert redirected.status_code == 303
    assert redirected.headers["location"].startswith("/signed-in/")
    assert "fake-code-1" not in redirected.headers["location"] + redirected.text
    assert STATE not in redirected.headers["location"] + redirected.text


async def test_success_is_shown_only_when_it_is_one(listener: OpenListener, browser: httpx2.AsyncClient) -> None:
    page = await waiting_at_the_end(browser, listener)
    await listener.callback()
    await browser.get(origin(listener))  # a whole exchange of messages later ...
    assert not page.done()

    await listener.show(DONE)

    answer = await page
    assert answer.status_code == 200
    assert "Signed in to Claude" in answer.text


async def test_show_waits_until_the_page_was_fetched(listener: OpenListener, browser: httpx2.AsyncClient) -> None:
    listener.forward_to(TARGET, state=Secret(STATE))
    redirected = await browser.get(f"{listener.redirect_uri}?code=fake-code-1&state={STATE}")
    showing = asyncio.create_task(listener.show(DONE))
    await browser.get(origin(listener))
    assert not showing.done()

    await browser.get(origin(listener) + redirected.headers["location"])

    await asyncio.wait_for(showing, 1)


async def test_show_does_not_wait_for_a_browser_that_has_gone(
    listener: OpenListener, browser: httpx2.AsyncClient, mocker: MockerFixture
) -> None:
    mocker.patch.object(attempt, "LONGEST_GOODBYE", 0.01)
    listener.forward_to(TARGET, state=Secret(STATE))
    await browser.get(f"{listener.redirect_uri}?code=fake-code-1&state={STATE}")

    await asyncio.wait_for(listener.show(DONE), 1)


async def test_show_returns_at_once_where_no_browser_waits(listener: OpenListener) -> None:
    await asyncio.wait_for(listener.show(DONE), 0.5)


async def test_a_repeated_redirect_counts_once_and_gets_the_same_answer(
    listener: OpenListener, browser: httpx2.AsyncClient
) -> None:
    first = await waiting_at_the_end(browser, listener)
    second = await waiting_at_the_end(browser, listener)
    await listener.callback()

    await listener.show(DONE)

    assert (await first).text == (await second).text
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(listener.callback(), 0.05)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400), ("?code=fake-code-1", 400), ("?error=access_denied", 400), ("?code=c&state=other", 400),
        (f"?code=c&state={STATE[:-1]}", 400), (f"?code=c&state={STATE}x", 400), (f"?state={STATE}&state={STATE}", 400),
        (f"?code=a&code=b&state={STATE}", 400), (f"?state={STATE}&code={'a' * 9000}", 400),
        (f"?state={STATE}&" + "&".join(f"p{number}=1" for number in range(40)), 400), ("?code=%ff&state=%ff", 400),
    ],
)  # fmt: skip
async def test_what_does_not_belong_to_the_sign_in_changes_nothing(
    listener: OpenListener, browser: httpx2.AsyncClient, query: str, status: int
) -> None:
    listener.forward_to(TARGET, state=Secret(STATE))

    answer = await browser.get(listener.redirect_uri + query)

    assert answer.status_code == status
    assert "goes on waiting" in answer.text
    assert STATE not in answer.text
    await browser.get(f"{listener.redirect_uri}?code=good&state={STATE}")
    assert (await listener.callback())["code"] == "good"


@pytest.mark.parametrize(
    "path",
    ["/", "/favicon.ico", "/cancel", "/success", "/callback/", "/callback/x", "//callback", "/%63allback", "/CALLBACK",
     "/signed-in/", "/signed-in/guess", "/go/", "/go/GUESS", "/../callback", "/robots.txt"],
)  # fmt: skip
async def test_other_paths_are_nothing(listener: OpenListener, path: str) -> None:
    listener.forward_to(TARGET, state=Secret(STATE))

    answer = await raw(listener, f"GET {path}?code=c&state={STATE} HTTP/1.1\r\nHost: {{host}}\r\n\r\n")

    assert b" 404 " in answer.splitlines()[0]
    assert b"goes on waiting" in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "OPTIONS", "DELETE", "TRACE", "PATCH"])
async def test_only_get_is_answered(listener: OpenListener, browser: httpx2.AsyncClient, method: str) -> None:
    listener.forward_to(TARGET, state=Secret(STATE))

    answer = await browser.request(method, f"{listener.redirect_uri}?code=c&state={STATE}")

    assert answer.status_code == 405


@pytest.mark.parametrize(
    "hosts",
    ["Host: evil.example.test", "Host: 127.0.0.1", "Host: 127.0.0.1:1", "Host: evil.example.test:{port}", "Host:",
     "Host: localhost.:{port}"],
)  # fmt: skip
async def test_another_name_in_the_host_header_is_refused(listener: OpenListener, hosts: str) -> None:
    listener.forward_to(TARGET, state=Secret(STATE))
    port = str(urlsplit(listener.redirect_uri).port)

    answer = await raw(
        listener, f"GET /callback?code=c&state={STATE} HTTP/1.1\r\n{hosts.replace('{port}', port)}\r\n\r\n"
    )

    assert b" 421 " in answer.splitlines()[0]


async def test_a_head_without_end_is_cut_off(listener: OpenListener, browser: httpx2.AsyncClient) -> None:
    listener.forward_to(TARGET, state=Secret(STATE))

    answer = await raw(listener, "GET /callback HTTP/1.1\r\nHost: {host}\r\nX-Long: " + "x" * 100_000)

    assert b" 4" in answer.splitlines()[0][:14]
    await browser.get(f"{listener.redirect_uri}?code=good&state={STATE}")
    assert (await listener.callback())["code"] == "good"


async def test_garbage_is_answered_and_nothing_is_printed(
    listener: OpenListener, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await raw(listener, "\x16\x03\x01\x02\x00 not http\r\n\r\n")

    assert b" 400 " in answer.splitlines()[0]
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


async def test_the_short_link_forwards_and_leaves_no_trace(listener: OpenListener, browser: httpx2.AsyncClient) -> None:
    short = listener.forward_to(TARGET, state=Secret(STATE))

    answer = await browser.get(short)

    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert len(short) <= 36
    assert STATE not in short


async def test_two_attempts_have_different_short_links() -> None:
    async with (
        LoopbackListener().listen(Provider.CLAUDE, RULE) as one,
        LoopbackListener().listen(Provider.CLAUDE, RULE) as other,
    ):
        paths = {urlsplit(opened.forward_to(TARGET, state=Secret(STATE))).path for opened in (one, other)}

    assert len(paths) == 2


async def test_before_the_link_is_known_nothing_is_taken(listener: OpenListener, browser: httpx2.AsyncClient) -> None:
    assert (await browser.get(f"{listener.redirect_uri}?code=c&state=")).status_code == 400
    assert (await browser.get(f"{origin(listener)}/go/")).status_code == 404


async def test_pages_escape_what_they_show_and_load_nothing(
    listener: OpenListener, browser: httpx2.AsyncClient
) -> None:
    page = await waiting_at_the_end(browser, listener)
    await listener.show(SignInPage("<script>alert(1)</script>", '"><img src=x onerror=y>', succeeded=False))

    answer = await page
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert "http" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_it_listens_on_loopback_alone(listener: OpenListener) -> None:
    port = urlsplit(listener.redirect_uri).port
    assert port is not None
    for address in {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}:
        if not str(address).startswith("127."):
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((str(address), port), timeout=1).close()


async def test_localhost_is_bound_on_both_protocols(browser: httpx2.AsyncClient) -> None:
    rule = RedirectRule("localhost", "/callback", (0,))
    async with LoopbackListener().listen(Provider.CLAUDE, rule) as opened:
        port = urlsplit(opened.redirect_uri).port
        assert opened.redirect_uri == f"http://localhost:{port}/callback"
        for host in ("127.0.0.1", "[::1]"):
            assert (await browser.get(f"http://{host}:{port}/")).status_code == 404


async def test_a_fixed_port_can_be_used_again_at_once(browser: httpx2.AsyncClient) -> None:
    async with LoopbackListener().listen(Provider.CHATGPT, RULE) as opened:
        port = urlsplit(opened.redirect_uri).port or 0
        await browser.get(opened.redirect_uri, headers={"connection": "close"})
    async with LoopbackListener().listen(Provider.CHATGPT, RedirectRule("127.0.0.1", "/callback", (port,))) as opened:
        assert urlsplit(opened.redirect_uri).port == port


async def test_it_stops_within_a_second_whoever_is_connected(browser: httpx2.AsyncClient) -> None:
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as opened:
        page = await waiting_at_the_end(browser, opened)
        port = urlsplit(opened.redirect_uri).port or 0
        _, half = await asyncio.open_connection("127.0.0.1", port)
        half.write(b"GET /callback HTT")
        await half.drain()
        await opened.callback()
        started = time.monotonic()

    assert time.monotonic() - started < 1
    assert "has ended" in (await page).text
    half.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()


async def test_what_does_not_stop_in_time_is_cut_off(browser: httpx2.AsyncClient, mocker: MockerFixture) -> None:
    mocker.patch.object(loopback_listener, "LONGEST_STOP", 0.0)
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as opened:
        await browser.get(opened.redirect_uri)
        port = urlsplit(opened.redirect_uri).port or 0

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()


async def test_a_browser_that_waits_too_long_is_sent_back_to_the_terminal(
    listener: OpenListener, browser: httpx2.AsyncClient, mocker: MockerFixture
) -> None:
    mocker.patch.object(attempt, "LONGEST_PATIENCE", 0.01)

    answer = await (await waiting_at_the_end(browser, listener))

    assert answer.status_code == 202
    assert "still working" in answer.text


async def test_whoever_cannot_be_accepted_for_want_of_descriptors_is_accepted_later(
    browser: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    accept, failures = loop.sock_accept, [OSError(errno.EMFILE, "Too many open files")]

    async def failing_once(listening: socket.socket) -> tuple[socket.socket, Any]:
        if failures:
            raise failures.pop()
        return await accept(listening)

    monkeypatch.setattr(callers, "OUT_OF_RESOURCES_SECONDS", 0.01)
    monkeypatch.setattr(loop, "sock_accept", failing_once)
    async with LoopbackListener().listen(Provider.CLAUDE, RULE) as opened:
        assert (await browser.get(origin(opened))).status_code == 404
    assert failures == []


async def test_the_signals_stay_with_the_program() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with (
        LoopbackListener().listen(Provider.CLAUDE, RULE) as opened,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        await client.get(opened.redirect_uri)
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def raw(listener: OpenListener, request: str) -> bytes:
    """What the listener answers to bytes that no client library would send. `{host}` is its own name."""
    parts = urlsplit(listener.redirect_uri)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request.replace("{host}", parts.netloc).encode("latin-1"))
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer
