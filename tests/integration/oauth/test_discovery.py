"""What an issuer says of itself is believed only as far as it fits what was configured."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from application.ports.oauth_client import Revocation
from domain.errors import ConfigError, Offline
from domain.provider import Provider
from tests.integration.oauth.conftest import ClientWith
from tests.support.credentials import a_session

ISSUER = "https://auth.example.test"
REDIRECT = "http://127.0.0.1:1455/callback"
TABLE = {"client_id": "fake-client", "issuer": ISSUER, "scopes": ["chat"]}
METADATA: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "revocation_endpoint": f"{ISSUER}/revoke",
    "jwks_uri": f"{ISSUER}/keys",
}


class Issuer:
    """Serves documents by path; everything else is not found."""

    def __init__(self, **documents: Any) -> None:
        self.documents = documents
        self.asked: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        name = request.url.path.removeprefix("/.well-known/").replace("-", "_").replace("/", "_")
        if name not in self.documents:
            return httpx2.Response(404)
        document = self.documents[name]
        return document if isinstance(document, httpx2.Response) else httpx2.Response(200, json=document)


async def test_the_addresses_come_from_the_issuer(client_with: ClientWith) -> None:
    client = client_with(Issuer(openid_configuration=METADATA), **TABLE)

    attempt = await client.authorize(Provider.CLAUDE, redirect_uri=REDIRECT)

    assert attempt.url.startswith(f"{ISSUER}/authorize?")


async def test_an_oauth_server_without_openid_describes_itself_elsewhere(client_with: ClientWith) -> None:
    issuer = Issuer(oauth_authorization_server=METADATA)

    attempt = await client_with(issuer, **TABLE).authorize(Provider.CLAUDE, redirect_uri=REDIRECT)

    assert attempt.url.startswith(f"{ISSUER}/authorize?")
    assert issuer.asked == ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]


async def test_an_issuer_with_a_path_is_asked_at_both_places(client_with: ClientWith) -> None:
    issuer = Issuer()
    with pytest.raises(Offline, match="does not describe itself"):
        await client_with(issuer, **{**TABLE, "issuer": f"{ISSUER}/o/"}).authorize(
            Provider.CLAUDE, redirect_uri=REDIRECT
        )

    assert issuer.asked == ["/o/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/o"]


async def test_an_explicit_address_beats_a_discovered_one(client_with: ClientWith) -> None:
    client = client_with(Issuer(openid_configuration=METADATA), **TABLE, authorize_url="https://login.example.test/a")

    attempt = await client.authorize(Provider.CLAUDE, redirect_uri=REDIRECT)

    assert attempt.url.startswith("https://login.example.test/a?")


async def test_it_is_read_once(client_with: ClientWith) -> None:
    issuer = Issuer(openid_configuration=METADATA)
    client = client_with(issuer, **TABLE)

    for _ in range(3):
        await client.authorize(Provider.CLAUDE, redirect_uri=REDIRECT)

    assert len(issuer.asked) == 1


async def test_the_revocation_address_is_found(client_with: ClientWith) -> None:
    issuer = Issuer(openid_configuration=METADATA, _revoke={})
    session = a_session(Provider.GEMINI, token_url=f"{ISSUER}/token")

    assert await client_with(issuer, **TABLE).revoke(session) is Revocation.CONFIRMED
    assert issuer.asked[-1] == "/revoke"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"issuer": f"{ISSUER}/"}, "another issuer"),
        ({"issuer": "https://other.example.test"}, "another issuer"),
        ({"token_endpoint": "http://auth.example.test/token"}, "token_endpoint"),
        ({"token_endpoint": 7}, "token_endpoint"),
        ({"authorization_endpoint": None}, "authorization_endpoint"),
        ({"revocation_endpoint": "javascript:x"}, "revocation_endpoint"),
        ({"jwks_uri": "https://ana:pw@auth.example.test/keys"}, "jwks_uri"),
    ],
)
async def test_a_description_that_does_not_fit_is_named(
    client_with: ClientWith, changes: dict[str, Any], problem: str
) -> None:
    client = client_with(Issuer(openid_configuration={**METADATA, **changes}), **TABLE)

    with pytest.raises(ConfigError, match=problem):
        await client.authorize(Provider.CLAUDE, redirect_uri=REDIRECT)


async def test_openais_endpoints_stay_on_its_own_host(client_with: ClientWith) -> None:
    openai = "https://auth.openai.com"
    metadata = {name: url.replace(ISSUER, openai) for name, url in METADATA.items()}
    fine = client_with(Issuer(openid_configuration=metadata))
    strayed = client_with(Issuer(openid_configuration={**metadata, "jwks_uri": f"{ISSUER}/keys"}))

    assert (await fine.authorize(Provider.CHATGPT, redirect_uri=REDIRECT)).url.startswith(openai)
    with pytest.raises(ConfigError, match="another host"):
        await strayed.authorize(Provider.CHATGPT, redirect_uri=REDIRECT)


@pytest.mark.parametrize(
    "answer",
    [httpx2.Response(500), httpx2.Response(302), httpx2.Response(200, text="<html>"), httpx2.Response(200, json=[])],
)
async def test_a_description_that_does_not_come_is_offline(client_with: ClientWith, answer: httpx2.Response) -> None:
    with pytest.raises(Offline):
        await client_with(Issuer(openid_configuration=answer), **TABLE).authorize(
            Provider.CLAUDE, redirect_uri=REDIRECT
        )


async def test_a_connection_that_breaks_is_offline_because_nothing_was_spent(client_with: ClientWith) -> None:
    def broken(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadError("x", request=request)

    with pytest.raises(Offline):
        await client_with(broken, **TABLE).authorize(Provider.CLAUDE, redirect_uri=REDIRECT)


@pytest.mark.parametrize("keys", [{"keys": []}, {}])
async def test_keys_that_cannot_be_read_stop_the_sign_in_before_the_code_is_spent(
    client_with: ClientWith, keys: dict[str, Any]
) -> None:
    issuer = Issuer(openid_configuration=METADATA, _keys=keys)
    client = client_with(issuer, **{**TABLE, "scopes": ["openid"]})
    attempt = await client.authorize(Provider.CLAUDE, redirect_uri=REDIRECT)

    with pytest.raises(Offline, match="keys cannot be read"):
        await client.exchange(attempt, {"code": "fake-code-1", "state": attempt.state.reveal()})

    assert "/token" not in issuer.asked
