"""The loopback redirect of a native app (RFC 8252, 7.3), on Starlette and uvicorn."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from functools import partial
from typing import Final, cast

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.sign_in import pages
from adapters.sign_in.attempt import END_PATH, SHORT_PATH, Attempt
from adapters.sign_in.connection import ACCEPTED_AT_ONCE, LARGEST_HEAD, Connection
from adapters.sign_in.held_address import bracketed, hold, hold_address
from adapters.sign_in.peer import caller
from adapters.sign_in.sockets import BACKLOG
from application.ports.oauth_client import RedirectRule
from application.ports.sign_in_listener import HeldAddress, OpenListener, PortTaken, SignInPage
from domain.provider import Provider
from domain.text.secret import Secret

LONGEST_STOP: Final = 0.8
"""Seconds; whoever has not read its answer by then is cut off."""


class LoopbackListener:
    """Opens a listener for one sign-in at a time or several, each on a port of its own."""

    @asynccontextmanager
    async def listen(self, provider: Provider, rule: RedirectRule) -> AsyncIterator[OpenListener]:
        held = await asyncio.to_thread(hold_address, provider, rule, listen=True)  # it may look for a port's holder
        attempt = Attempt(provider, origin=f"http://{_numeric(rule.host)}:{held.port}", caller=caller)
        server = _Server(_app(attempt, rule, held.port))
        # Until it runs, connections queue at the sockets
        serving = asyncio.create_task(server.serve(sockets=held.sockets))
        try:
            yield _Open(attempt, held)
        finally:
            await _stop(server, serving, attempt, held.sockets)

    def hold(self, provider: Provider, rule: RedirectRule) -> AbstractContextManager[HeldAddress]:
        return hold(provider, rule)


class _Open:
    """What the port calls an open listener."""

    def __init__(self, attempt: Attempt, held: HeldAddress) -> None:
        self._attempt = attempt
        self._held = held

    @property
    def redirect_uri(self) -> str:
        return self._held.redirect_uri

    @property
    def taken(self) -> PortTaken | None:
        return self._held.taken

    def forward_to(self, url: str, *, state: Secret) -> str:
        return self._attempt.forward_to(url, state=state)

    async def callback(self) -> Mapping[str, str]:
        return await self._attempt.callback()

    async def refused(self) -> str:
        return await self._attempt.refused()

    def refuse(self, callback: Mapping[str, str], page: SignInPage) -> None:
        self._attempt.refuse(callback, page)

    def ensure_unshared(self) -> None:
        self._attempt.ensure_unshared()

    async def show(self, page: SignInPage) -> None:
        await self._attempt.show(page)


class _Server(uvicorn.Server):
    """A uvicorn inside somebody else's program: silent, and without hands on its signals."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http=cast("type[asyncio.Protocol]", partial(Connection, crowd={})),
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level=logging.CRITICAL + 1,  # a line on standard error would tear the screen
                access_log=False,  # its lines hold the code
                proxy_headers=False,
                server_header=False,
                backlog=ACCEPTED_AT_ONCE,
                h11_max_incomplete_event_size=LARGEST_HEAD,
                timeout_graceful_shutdown=1,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and let as many connections queue as before: asyncio gives its one number to both."""
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(BACKLOG)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals stay with the program."""
        yield


async def _stop(server: _Server, serving: asyncio.Task[None], attempt: Attempt, sockets: list[socket.socket]) -> None:
    """Answer who still waits, and be gone within a second."""
    attempt.end()
    server.should_exit = True
    try:
        async with asyncio.timeout(LONGEST_STOP):
            await asyncio.shield(serving)
    except TimeoutError:
        server.force_exit = True
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await serving
    finally:
        for listening in sockets:
            listening.close()


def _app(attempt: Attempt, rule: RedirectRule, port: int) -> ASGIApp:
    app = Starlette(
        routes=[
            Route(f"{SHORT_PATH}{{word}}", attempt.forward),
            Route(f"{END_PATH}{{word}}", attempt.finish),
            Route(rule.path, attempt.receive),
        ],
        exception_handlers={HTTPException: _polite},
    )
    app.router.redirect_slashes = False
    hosts = {bracketed(rule.host), "127.0.0.1", "localhost", "[::1]"}
    return _Gate(app, hosts=frozenset(f"{host}:{port}".encode() for host in hosts))


class _Gate:
    """Lets through what a browser sends here by a link or a redirect: GET, with our own name in `Host`.

    Another name means that some page made its own host name point at this machine (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[bytes]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return pages.page(pages.NOTHING_HERE, status=421)
        if scope["method"] != "GET":
            return pages.page(pages.NOTHING_HERE, status=405)
        if b"%" in scope["raw_path"]:  # no path of ours needs escapes; an escaped one is not the exact one
            return pages.page(pages.NOTHING_HERE, status=404)
        return None


async def _polite(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return pages.page(pages.NOTHING_HERE, status=status)


def _numeric(host: str) -> str:
    """The short link goes to the address itself: `localhost` may be looked up."""
    return "127.0.0.1" if host == "localhost" else bracketed(host)
