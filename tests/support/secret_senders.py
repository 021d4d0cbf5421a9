"""Everything of the program that sends a secret, pointed at one server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx2

from adapters.chat.chat_address import ChatSettings
from adapters.chat.limits import Bounds
from adapters.chat.router import ProviderChatClient
from adapters.http.options import token_options
from adapters.oauth.authlib_client import AuthlibClient
from adapters.providers.profile import load_profile
from application.ports.oauth_client import RENEWAL_SECONDS
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.session import Credential
from tests.support.credentials import a_session, an_api_key
from tests.support.fixed_clock import FixedClock
from tests.support.mock_chat_network import Pauses, answer_of, question
from tests.support.oauth_peer import INSTALLATION, REDIRECTS

Sending = Callable[[str], Awaitable[KeyswitchError | None]]
"""Sends to the server at an address; returns what came of it."""

SECRETS: Final = ("fake-access", "fake-refresh", "sk-fake-key", "fake-client-secret", "fake-code")
"""What must not get anywhere else, whole or in part."""


def chat(credential_of: Callable[..., Credential], provider: Provider, bounds: Bounds | None = None) -> Sending:
    """A question to *provider*."""

    async def send(url: str) -> KeyswitchError | None:
        client = ProviderChatClient(
            settings=lambda _: ChatSettings(url), clock=FixedClock(), bounds=bounds, sleep=Pauses()
        )
        try:
            await answer_of(client, question(provider), credential_of(provider, url))
        except KeyswitchError as error:
            return error
        finally:
            await client.aclose()
        return None

    return send


def session_at(provider: Provider, url: str) -> Credential:
    """A session that belongs to the server at *url*."""
    return a_session(provider, api_base=url, token_url=f"{url}/token")


def key_at(provider: Provider, _url: str) -> Credential:
    """A key that belongs nowhere in particular."""
    return an_api_key(provider)


API: Final[dict[str, Sending]] = {
    **{f"{provider}-session": chat(session_at, provider) for provider in Provider},
    **{f"{provider}-key": chat(key_at, provider) for provider in Provider},
}
"""Each request with a credential to an API."""


def oauth_at(url: str) -> AuthlibClient:
    """A client of one's own, with a secret, at the server at *url*."""
    table: dict[str, Any] = {
        "client_id": "fake-client",
        "client_secret": "fake-client-secret",
        "authorize_url": f"{url}/authorize",
        "token_url": f"{url}/token",
        "revoke_url": f"{url}/revoke",
        "scopes": ["chat"],
    }
    return AuthlibClient(
        profiles=lambda provider: load_profile(provider, table),
        clock=FixedClock(),
        installation=INSTALLATION,
        http_options=token_options,
    )


def exchange(provider: Provider) -> Sending:
    """The exchange of a code."""

    async def send(url: str) -> KeyswitchError | None:
        client = oauth_at(url)
        attempt = await client.authorize(provider, redirect_uri=REDIRECTS[provider])
        try:
            await client.exchange(attempt, {"code": "fake-code-1", "state": attempt.state.reveal()})
        except KeyswitchError as error:
            return error
        return None

    return send


def renewal(provider: Provider, *, within: float = RENEWAL_SECONDS) -> Sending:
    """The renewal of a session."""

    async def send(url: str) -> KeyswitchError | None:
        try:
            await oauth_at(url).renew(a_session(provider, token_url=f"{url}/token"), within=within)
        except KeyswitchError as error:
            return error
        return None

    return send


def revocation(provider: Provider) -> Sending:
    """The revocation of a session; its answer is no error, whatever it is."""

    async def send(url: str) -> KeyswitchError | None:
        await oauth_at(url).revoke(a_session(provider, token_url=f"{url}/token"))
        return None

    return send


TOKEN: Final[dict[str, Sending]] = {
    **{f"{provider}-exchange": exchange(provider) for provider in Provider},
    **{f"{provider}-renewal": renewal(provider) for provider in Provider},
    **{f"{provider}-revocation": revocation(provider) for provider in Provider},
}
"""Each request with a secret to an authorization server."""


async def permissively(url: str) -> KeyswitchError | None:
    """What a client does that nobody restrained: it follows, and takes all that the environment offers."""
    headers = {"authorization": "Bearer fake-access-1", "x-api-key": "sk-fake-key-0000-1234"}
    form = {"grant_type": "refresh_token", "refresh_token": "fake-refresh-1"}
    async with httpx2.AsyncClient(follow_redirects=True, trust_env=True, timeout=5) as client:
        try:
            await client.post(f"{url}/token", data=form, headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return None
    return None
