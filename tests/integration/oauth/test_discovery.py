"""What an issuer says of itself is believed only as far as it fits what was configured."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from adapters.oauth.authlib_client import AuthlibClient
from adapters.oauth.discovery import Discovery
from application.ports.oauth_client import Revocation
from domain.errors import ConfigError, Offline, SignInError
from domain.provider import Provider
from domain.session import Session
from tests.integration.oauth.conftest import ClientWith
from tests.support.credentials import a_session
from tests.support.fixed_clock import FixedClock

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


class SigningIssuer(Issuer):
    """Gives tokens to anybody, and an id_token signed with its newest key."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(openid_configuration=METADATA)
        self.nonce = ""
        self.signs = True
        self.names_keys = True
        self._clock = clock
        self.change_key()

    def change_key(self) -> None:
        self._key = RSAKey.generate_key(2048, private=True)
        self._key.ensure_kid()
        public = self._key.as_dict(private=False)
        if not self.names_keys:
            del public["kid"]
        self.documents["_keys"] = {"keys": [public]}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path != "/token":
            return super().__call__(request)
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": "user-1",
            "aud": "fake-client",
            "iat": now,
            "exp": now + 60,
            "nonce": self.nonce,
        }
        head = {"alg": "RS256", "kid": self._key.kid} if self.names_keys else {"alg": "RS256"}
        signed = jwt.encode(head, claims, self._key)
        return httpx2.Response(
            200, json={"access_token": "fake-access-1", **({"id_token": signed} if self.signs else {})}
        )


async def signed_in(client: AuthlibClient, issuer: SigningIssuer, provider: Provider) -> Session:
    attempt = await client.authorize(provider, redirect_uri=REDIRECT)
    assert attempt.nonce is not None
    issuer.nonce = attempt.nonce.reveal()
    return await client.exchange(attempt, {"code": "fake-code-1", "state": attempt.state.reveal()})


async def test_new_keys_of_an_issuer_are_fetched_when_they_are_needed(
    client_with: ClientWith, clock: FixedClock
) -> None:
    issuer = SigningIssuer(clock)
    client = client_with(issuer, **{**TABLE, "scopes": ["openid"]})
    first = await signed_in(client, issuer, Provider.CLAUDE)
    issuer.change_key()

    second = await signed_in(client, issuer, Provider.CLAUDE)

    assert first.record.key.account == second.record.key.account == "user-1"
    assert issuer.asked.count("/keys") == 2


async def test_a_changed_key_without_a_name_is_fetched_once_and_no_more(
    client_with: ClientWith, clock: FixedClock
) -> None:
    issuer = SigningIssuer(clock)
    issuer.names_keys = False
    issuer.change_key()
    client = client_with(issuer, **{**TABLE, "scopes": ["openid"]})
    await signed_in(client, issuer, Provider.CLAUDE)
    issuer.change_key()
    assert (await signed_in(client, issuer, Provider.CLAUDE)).record.key.account == "user-1"
    assert issuer.asked.count("/keys") == 2

    published = issuer.documents["_keys"]
    issuer.change_key()
    issuer.documents["_keys"] = published
    with pytest.raises(SignInError, match="signature"):
        await signed_in(client, issuer, Provider.CLAUDE)
    assert issuer.asked.count("/keys") == 3


async def test_a_description_that_was_read_for_somebody_careless_is_not_good_enough_for_the_careful() -> None:
    strayed = Issuer(openid_configuration={**METADATA, "jwks_uri": "https://keys.example.test/keys"})
    discovery = Discovery(http_options=lambda _: {"transport": httpx2.MockTransport(strayed)})

    await discovery.metadata(Provider.CLAUDE, ISSUER)
    for _ in range(2):
        with pytest.raises(ConfigError, match="another host"):
            await discovery.metadata(Provider.CHATGPT, ISSUER, same_origin=True)
    await discovery.metadata(Provider.CLAUDE, ISSUER)

    assert len(strayed.asked) == 1


async def test_a_key_that_nobody_publishes_signs_nobody_in(client_with: ClientWith, clock: FixedClock) -> None:
    issuer = SigningIssuer(clock)
    published = issuer.documents["_keys"]
    issuer.change_key()
    issuer.documents["_keys"] = published

    with pytest.raises(SignInError, match="unknown key"):
        await signed_in(client_with(issuer, **{**TABLE, "scopes": ["openid"]}), issuer, Provider.CLAUDE)


async def test_a_server_of_ones_own_may_leave_the_id_token_out(client_with: ClientWith, clock: FixedClock) -> None:
    issuer = SigningIssuer(clock)
    issuer.signs = False

    session = await signed_in(client_with(issuer, **{**TABLE, "scopes": ["openid"]}), issuer, Provider.CHATGPT)

    assert session.record.key.account.startswith("unnamed-")
    assert session.record.label == "ChatGPT account"


async def test_openai_must_say_who_signed_in(client_with: ClientWith, clock: FixedClock) -> None:
    issuer = SigningIssuer(clock)
    issuer.signs = False
    client = client_with(issuer, issuer=ISSUER)
    attempt = await client.authorize(Provider.CHATGPT, redirect_uri=REDIRECT)

    with pytest.raises(SignInError, match="did not say who signed in"):
        await client.exchange(attempt, {"code": "c", "state": attempt.state.reveal(), "client_id": "oaiapp_fake"})


@pytest.mark.parametrize("issued", ["", "dynamic_agent_client", "a b", "<b>"])
async def test_a_registration_without_a_client_is_no_sign_in(
    client_with: ClientWith, clock: FixedClock, issued: str
) -> None:
    issuer = SigningIssuer(clock)
    client = client_with(issuer, issuer=ISSUER)
    attempt = await client.authorize(Provider.CHATGPT, redirect_uri=REDIRECT)

    with pytest.raises(SignInError, match="registered no client"):
        await client.exchange(attempt, {"code": "c", "state": attempt.state.reveal(), "client_id": issued})
