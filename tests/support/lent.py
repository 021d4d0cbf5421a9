"""An agent that lends the sign-ins of a home at a sandbox, and hosts that ask it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from adapters.agent.control_client import SocketControl
from adapters.forwarding.protocol import CREDENTIAL_HEADER, credential_name
from adapters.http.tls import no_trust
from application.ports.forwarding.agent import OpenGrant, Owner, Wish
from domain.credential import CredentialKey
from domain.provider import Provider
from entrypoints.sandboxed import OpenSandbox, open_sandbox
from entrypoints.services import Services
from entrypoints.tour import Stage, Tour

QUESTIONS: dict[Provider, tuple[str, str, dict[str, Any]]] = {
    Provider.CHATGPT: (
        "responses",
        "",
        {"model": "gpt-5.6-terra", "stream": True, "store": False, "input": [{"role": "user", "content": "Hello"}]},
    ),
    Provider.CLAUDE: (
        "v1/messages",
        "",
        {
            "model": "claude-sonnet-5-5",
            "max_tokens": 100,
            "stream": True,
            "messages": [{"role": "user", "content": "Hello"}],
        },
    ),
    Provider.GEMINI: (
        "models/gemini-2.5-flash:streamGenerateContent",
        "alt=sse",
        {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]},
    ),
}


class Lent:
    """A running agent, whose owner is signed in to all three providers of a sandbox."""

    def __init__(self, opened: OpenSandbox, services: Services) -> None:
        self.opened = opened
        self.services = services
        self.control = SocketControl(home=opened.home, environ=opened.environ)

    async def open(self, host: str = "devbox", **changes: Any) -> OpenGrant:
        """Lend everything to *host*."""
        wish = Wish(**{"host": host, "providers": frozenset(Provider), **changes})
        return await asyncio.to_thread(self.control.open, wish)

    def key(self, provider: Provider) -> CredentialKey:
        """The one sign-in at *provider*."""
        return next(one.key for one in self.services.light.auth.snapshot().credentials if one.provider is provider)

    def question(self, provider: Provider) -> tuple[str, dict[str, str], dict[str, Any]]:
        """Address, headers and body of a question that *provider* answers."""
        path, query, body = QUESTIONS[provider]
        address = f"/v1/relay/{path}{'?' if query else ''}{query}"
        return address, {CREDENTIAL_HEADER: credential_name(self.key(provider))}, dict(body)


@asynccontextmanager
async def lent(*, owner: Owner | None = None, chunk_delay: float = 0.0) -> AsyncIterator[Lent]:
    """Sign in everywhere, and serve the agent until the context ends."""
    with tempfile.TemporaryDirectory(prefix="ks") as folder:
        runtime = Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        with open_sandbox(Path(folder) / "home", {"XDG_RUNTIME_DIR": str(runtime)}, chunk_delay=chunk_delay) as opened:
            services = opened.services()
            stage = Stage(
                services=services, approve=opened.approve, requests=opened.requests, end_sessions=lambda: None
            )
            async for step in Tour(stage=stage).sign_ins():
                assert step.ok, step
            try:
                async with services.agent.serving(owner):
                    yield Lent(opened, services)
            finally:
                await services.close()


def host_client(grant: OpenGrant) -> httpx2.AsyncClient:
    """A program on the other machine."""
    transport = httpx2.AsyncHTTPTransport(uds=grant.socket, verify=no_trust())
    return httpx2.AsyncClient(transport=transport, base_url="http://agent", timeout=60)
