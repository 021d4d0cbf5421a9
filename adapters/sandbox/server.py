"""The sandbox itself: three origins on 127.0.0.1 behind one thread."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route
from starlette.types import Scope

from adapters.sandbox.billing.till import InvoiceLine, Till
from adapters.sandbox.chatgpt import oauth as chatgpt
from adapters.sandbox.chatgpt.api import ResponsesApi
from adapters.sandbox.chatgpt.codex import CodexServer
from adapters.sandbox.claude import oauth as claude
from adapters.sandbox.claude.api import MessagesApi
from adapters.sandbox.device import DeviceFlow
from adapters.sandbox.endpoint import Origin, World
from adapters.sandbox.faults import FaultPlan
from adapters.sandbox.gemini import oauth as gemini
from adapters.sandbox.gemini.api import GenerateContentApi
from adapters.sandbox.oauth_server import OAuthServer, person
from adapters.sandbox.own_date import OwnDate
from adapters.sandbox.request_log import RequestLog
from adapters.sandbox.settings import CHATGPT, CLAUDE, GEMINI, PEOPLE, PROVIDERS, Account, SandboxSettings
from adapters.sandbox.tokens import Mint, TokenRegistry

START_TIMEOUT: Final = 10.0
GRACE_SECONDS: Final = 1
"""How long `stop` waits for answers under way."""
STOP_TIMEOUT: Final = 5.0


class Sandbox:
    """ChatGPT, Claude and Gemini, each with an origin of its own. A context manager; it can be started once."""

    def __init__(self, *, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        self.log = RequestLog()
        self.faults = FaultPlan()
        self.accounts: dict[str, tuple[Account, ...]] = dict.fromkeys(PROVIDERS, PEOPLE)
        self.api_keys = {provider: self.settings.api_keys.get(provider, ()) for provider in PROVIDERS}
        mint = Mint(self.settings.seed)
        self._tokens = TokenRegistry(settings=self.settings, mint=mint)
        self._till = Till(self.settings)
        self._world = World(self.settings, mint, self._tokens, self.log, self.faults, self._till, self._abort)
        self._servers: list[_Server] = []
        self._held: list[socket.socket] = []
        self._oauth: dict[str, OAuthServer] = {}
        self._origins: dict[str, str] = {}
        self._codex: CodexServer
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen on three free ports and return when they answer.

        Raises:
            RuntimeError: It was started before, or did not come up.
        """
        if self._thread is not None:
            raise RuntimeError("a sandbox can be started only once")
        listeners = []
        for provider in PROVIDERS:
            listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
            self._origins[provider] = f"http://127.0.0.1:{listener.getsockname()[1]}"
            if provider == CHATGPT:
                self._codex = CodexServer(world=self._world, origin=self._origins[provider])
            listeners.append(listener)
            self._servers.append(_Server(self._app(provider)))
        self._thread = threading.Thread(target=self._run, args=(listeners,), name="keyswitch-sandbox", daemon=True)
        self._thread.start()
        if not all(server.ready.wait(START_TIMEOUT) for server in self._servers):
            raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        """Let answers under way end, but not for long, and close everything. Harmless when repeated."""
        self._close()
        for port in self._held:
            port.close()

    def leave(self) -> None:
        """Be there no more: who connects is refused. Nobody else gets the ports, and could answer, before `stop`."""
        self._close()
        for origin in self._origins.values():
            self._held.append(_held(urlsplit(origin).port or 0))

    def _close(self) -> None:
        self.faults.clear()
        for server in self._servers:
            server.should_exit = True
        if self._thread is not None:
            self._thread.join(STOP_TIMEOUT)

    def origin(self, provider: str) -> str:
        """Scheme, host and port of *provider*, without a slash."""
        return self._origins[provider]

    def provider_settings(self) -> dict[str, dict[str, object]]:
        """`[providers.*]` of config.toml that let a client use this sandbox in the vendors' place."""
        return {
            CHATGPT: {
                **self._urls(CHATGPT),
                "issuer": self._origins[CHATGPT],
                "scopes": list(chatgpt.SCOPES),
                "redirect_host": "127.0.0.1",
                "redirect_path": "/auth/callback",
                "redirect_ports": [0],
                "api_base": f"{self._origins[CHATGPT]}/v1",
                "imported": self._codex.settings(),
            },
            CLAUDE: {
                "client_id": self.settings.claude_client_id,
                **self._urls(CLAUDE),
                "scopes": list(claude.SCOPES),
                "redirect_host": "localhost",
                "redirect_path": "/callback",
                "redirect_ports": [0],
                "refresh_body": "json",
                "api_base": self._origins[CLAUDE],
            },
            GEMINI: {
                "client_id": self.settings.gemini_client_id,
                "client_secret": self.settings.gemini_client_secret,
                **self._urls(GEMINI),
                "scopes": list(gemini.SCOPES),
                "authorize_params": {"access_type": "offline", "prompt": "consent"},
                "redirect_host": "127.0.0.1",
                "redirect_ports": [0],
                "quota_project": self.settings.gemini_project,
                "api_base": f"{self._origins[GEMINI]}/v1beta",
            },
        }

    def issue_session(
        self, provider: str, account: str = "ana@example.test", *, access_lifetime: float | None = None
    ) -> dict[str, object]:
        """Sign *account* in without a browser: the token endpoint's answer plus `client_id`. Not for event loops.

        *access_lifetime* is in seconds; None takes the settings'.

        Raises:
            KeyError: Nobody has this e-mail address.
        """
        found = person(account)
        if found is None:
            raise KeyError(account)
        return _outside_of_loops(self._oauth[provider].direct_session(found, access_lifetime))

    def codex_auth_file(
        self, account: str = "ana@example.test", *, access_lifetime: float | None = None
    ) -> dict[str, object]:
        """Sign *account* in to ChatGPT as OpenAI's Codex does: what that program would keep. As `issue_session`."""
        found = person(account)
        if found is None:
            raise KeyError(account)
        return _outside_of_loops(self._codex.stored_file(found, access_lifetime))

    def expire_access_tokens(self, provider: str) -> int:
        """Let all of *provider*'s access tokens expire now; says how many were live. Refresh tokens stay good."""
        return self._tokens.expire_access_tokens(provider)

    def revoke_session(self, provider: str, account: str) -> int:
        """End all of *account*'s sign-ins, as on the vendor's website; says how many there were."""
        return self._tokens.revoke_account(provider, account)

    @property
    def registered_clients(self) -> int:
        """How many clients have registered themselves at ChatGPT so far."""
        return self._chatgpt().registrations

    def forget_registered_clients(self) -> None:
        """Let ChatGPT know none of them any more."""
        self._chatgpt().forget_clients()

    def set_scopes(self, provider: str, account: str, scopes: tuple[str, ...]) -> None:
        """Change what *account*'s sign-ins may do, as on the vendor's website; the next renewal tells."""
        self._tokens.set_scopes(provider, account, scopes)

    def live_access_tokens(self, provider: str) -> tuple[str, ...]:
        """Every access token that *provider* would accept now, oldest first."""
        return self._tokens.live_access_tokens(provider)

    def invoice(self, provider: str) -> tuple[InvoiceLine, ...]:
        """What *provider* has billed by the token so far, a line for each request, in their order."""
        return self._till.lines(provider)

    def _chatgpt(self) -> chatgpt.ChatGPTServer:
        server = self._oauth[CHATGPT]
        assert isinstance(server, chatgpt.ChatGPTServer)  # noqa: S101 - see the table at the end
        return server

    def _urls(self, provider: str) -> dict[str, object]:
        server = self._oauth[provider]
        urls: dict[str, object] = {
            "authorize_url": server.origin + server.authorize_path,
            "token_url": server.origin + server.token_path,
            "revoke_url": server.origin + server.revoke_path,
        }
        if isinstance(server, claude.ClaudeServer):
            urls["device_authorization_url"] = server.origin + server.device.authorization_path
        return urls

    def _app(self, provider: str) -> Starlette:
        server = _SERVERS[provider](world=self._world, origin=self._origins[provider])
        self._oauth[provider] = server
        origin = Origin(provider=provider, world=self._world, dialect=server)
        routes = [
            origin.route(server.authorize_path, "authorize", server.authorize),
            origin.route(f"{server.authorize_path}/decision", "consent", server.decide, methods=("POST",)),
            origin.route(server.token_path, "token", server.token, methods=("POST",)),
            origin.route(server.revoke_path, "revoke", server.revoke, methods=("POST",)),
            *self._own_routes(server, origin),
            origin.fallback(),
        ]
        only_loopback = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
        own_date = Middleware(OwnDate, clock=self._world.settings.clock)
        return Starlette(routes=routes, middleware=[own_date, only_loopback])

    def _own_routes(self, server: OAuthServer, origin: Origin) -> list[Route]:
        match server:
            case chatgpt.ChatGPTServer():
                responses = ResponsesApi(world=self._world)
                return [
                    origin.route("/.well-known/openid-configuration", "discovery", server.discovery),
                    origin.route("/.well-known/jwks.json", "jwks", server.jwks),
                    origin.route("/v1/models", "models", responses.models),
                    origin.route("/v1/responses", "chat", responses.responses, methods=("POST",)),
                    *self._codex.routes(),
                ]
            case claude.ClaudeServer():
                messages = MessagesApi(world=self._world)
                return [
                    *_device_routes(server.device, origin),
                    origin.route(server.code_path, "page", server.show_code),
                    origin.route("/v1/models", "models", messages.models),
                    origin.route("/v1/messages", "chat", messages.messages, methods=("POST",)),
                ]
            case _:
                contents = GenerateContentApi(world=self._world)
                return [
                    origin.route("/v1beta/models", "models", contents.models),
                    origin.route("/v1beta/models/{call}", "chat", contents.generate, methods=("POST",)),
                ]

    def _run(self, listeners: list[socket.socket]) -> None:
        async def serve() -> None:
            await asyncio.gather(
                *(server.serve(sockets=[listener]) for server, listener in zip(self._servers, listeners, strict=True))
            )

        asyncio.run(serve())

    def _abort(self, scope: Scope) -> None:
        """Break the connection that *scope* came by."""
        for server in self._servers:
            for connection in server.server_state.connections:
                if getattr(connection, "scope", None) is scope:
                    connection.transport.abort()
                    return


def _held(port: int) -> socket.socket:
    """*port*, bound and not listened at."""
    held = socket.socket()
    if os.name == "posix":  # connections that ended a moment ago stand in the way; Windows means something else by it
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", port))
    return held


def _outside_of_loops(answer: Coroutine[Any, Any, dict[str, object]]) -> dict[str, object]:
    """*answer*, had in a thread of its own, so that it works with and without a running event loop."""
    with ThreadPoolExecutor(1) as worker:
        return worker.submit(asyncio.run, answer).result()


def _device_routes(device: DeviceFlow, origin: Origin) -> list[Route]:
    return [
        origin.route(device.authorization_path, "device", device.begin, methods=("POST",)),
        origin.route(device.page_path, "page", device.show),
        origin.route(f"{device.page_path}/decision", "consent", device.decide, methods=("POST",)),
    ]


_SERVERS: Final[dict[str, type[OAuthServer]]] = {
    CHATGPT: chatgpt.ChatGPTServer,
    CLAUDE: claude.ClaudeServer,
    GEMINI: gemini.GeminiServer,
}


class _Server(uvicorn.Server):
    """A silent uvicorn that says when it is ready."""

    def __init__(self, app: Starlette) -> None:
        self.ready = threading.Event()
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http="h11",
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="critical",  # broken connections are what this server is for; no word on standard error
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()
