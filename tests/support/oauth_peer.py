"""keyswitch's OAuth client in front of the sandbox, with a scripted person at the browser."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from adapters.http.options import token_options
from adapters.oauth.authlib_client import AuthlibClient
from adapters.oauth.callback import callback_parameters
from adapters.providers.profile import load_profile
from adapters.sandbox import scripted_browser
from adapters.sandbox.server import Sandbox
from adapters.system.clock import SystemClock
from application.ports.clock import Clock
from application.ports.oauth_client import Authorization, DeviceAuthorization, OAuthClient
from domain.provider import Provider
from domain.session import Session
from tests.support.credentials import ANA

INSTALLATION = "urn:uuid:00000000-0000-4000-8000-000000000001"
REDIRECTS = {
    Provider.CHATGPT: "http://127.0.0.1:41455/auth/callback",
    Provider.CLAUDE: "http://localhost:41455/callback",
    Provider.GEMINI: "http://127.0.0.1:41455/callback",
}
"""Nobody listens there: the scripted browser hands the redirect over instead of following it."""


def client_of(sandbox: Sandbox, *, clock: Clock | None = None, **overrides: Any) -> AuthlibClient:
    """A client configured for *sandbox*; *overrides* change the table of every provider."""
    settings = sandbox.provider_settings()
    return AuthlibClient(
        profiles=lambda provider: load_profile(provider, {**settings[provider.value], **overrides}),
        clock=clock or SystemClock(),
        installation=INSTALLATION,
        http_options=token_options,
    )


async def answered(
    url: str, *, account: str = ANA, decline: bool = False, unticked: Collection[str] = ()
) -> dict[str, str]:
    """The parameters that the browser comes back with after *account* answered the consent page at *url*."""
    landed = await asyncio.to_thread(
        scripted_browser.approve, url, account=account, decline=decline, scopes_unticked=unticked, visit=False
    )
    return dict(callback_parameters(urlsplit(landed).query))


async def approved(device: DeviceAuthorization, *, account: str = "ana@example.test", decline: bool = False) -> None:
    """Somebody types the code of *device* into the page and answers."""
    await asyncio.to_thread(
        scripted_browser.approve_device, device.verification_uri, device.user_code, account=account, decline=decline
    )


async def begun(client: OAuthClient, provider: Provider, previous: Session | None = None) -> Authorization:
    """An attempt with a redirect that nobody hears."""
    return await client.authorize(provider, redirect_uri=REDIRECTS[provider], previous=previous)


async def signed_in(
    client: OAuthClient, provider: Provider, previous: Session | None = None, *, account: str = ANA
) -> Session:
    """A whole sign-in of *account*."""
    attempt = await begun(client, provider, previous)
    return await client.exchange(attempt, await answered(attempt.url, account=account))
