"""The OAuth port in front of django-oauth-toolkit: a server that nobody here wrote, without a line of authlib.

It is configured for each provider as anybody would configure a client of their own: ChatGPT and Gemini by OpenID
Connect discovery, public and with a secret; Claude by explicit addresses, without OpenID Connect.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from adapters.http.options import client_options
from adapters.oauth.authlib_client import AuthlibClient
from adapters.providers.profile import load_profile
from adapters.system.clock import SystemClock
from application.ports.oauth_client import DeviceAuthorization
from domain.errors import CallbackUnusable, SignInError
from domain.provider import Provider
from tests.contracts.oauth_client import DeviceContract, RotationContract
from tests.support.oauth_peer import INSTALLATION
from tests.support.second_server.clients import REDIRECT, SECRET
from tests.support.second_server.peer import SecondServer, second_server
from tests.support.second_server.person import Person

pytestmark = pytest.mark.slow

STANDARD: dict[str, Any] = {"scopes": ["chat"], "authorize_params": {}, "refresh_body": "form"}
"""Form bodies and no vendor's extras: what any server takes."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondServer]:
    with second_server(tmp_path_factory.mktemp("second-server")) as server:
        yield server


class AtSecondServer(ABC):
    """What both kinds of sign-in need."""

    provider: Provider
    server: SecondServer

    @pytest.fixture(autouse=True)
    def _server(self, running: SecondServer) -> None:
        self.server = running

    @abstractmethod
    def table(self) -> dict[str, Any]:
        """What config.toml holds for the provider."""

    def make_client(self, **changes: Any) -> AuthlibClient:
        table = {**self.table(), **changes}
        return AuthlibClient(
            profiles=lambda provider: load_profile(provider, table),
            clock=SystemClock(),
            installation=INSTALLATION,
            http_options=client_options,
        )


class CodeContract(AtSecondServer, RotationContract):
    redirect_uri = REDIRECT

    async def allow(self, url: str) -> dict[str, str]:
        return await asyncio.to_thread(Person().allow, url)

    async def decline(self, url: str) -> dict[str, str]:
        return await asyncio.to_thread(Person().decline, url)

    async def test_a_sign_in_takes_one_token_request_and_a_renewal_one(self) -> None:
        client = self.make_client()
        codes, renewals = (self.server.token_requests(grant) for grant in ("authorization_code", "refresh_token"))

        await client.renew(await self._signed_in(client))

        assert self.server.token_requests("authorization_code") == codes + 1
        assert self.server.token_requests("refresh_token") == renewals + 1

    async def test_the_server_itself_insists_on_pkce(self) -> None:
        attempt = await self.make_client().authorize(self.provider, redirect_uri=self.redirect_uri)
        parts = urlsplit(attempt.url)
        kept = [(name, value) for name, value in parse_qsl(parts.query) if not name.startswith("code_challenge")]

        answer = await self.allow(parts._replace(query=urlencode(kept)).geturl())

        assert answer["error"] == "invalid_request"

    @pytest.mark.parametrize("address", ["http://127.0.0.1:41455/elsewhere", "https://auth.example.test/callback"])
    async def test_a_redirect_address_that_is_not_registered_gets_no_code(self, address: str) -> None:
        attempt = await self.make_client().authorize(self.provider, redirect_uri=address)

        with pytest.raises(AssertionError, match="Mismatching redirect URI"):
            await self.allow(attempt.url)

    async def test_an_unknown_client_gets_no_tokens(self) -> None:
        client = self.make_client()
        attempt = await client.authorize(self.provider, redirect_uri=self.redirect_uri)
        parameters = await self.allow(attempt.url)

        with pytest.raises(SignInError, match="invalid_client"):
            await self.make_client(client_id="fake-other").exchange(
                replace(attempt, client_id="fake-other"), parameters
            )


class NamedServerContract(CodeContract):
    """What more is checked where the server says who it is (RFC 9207)."""

    async def test_a_callback_of_another_server_is_unusable(self) -> None:
        client = self.make_client()
        attempt = await client.authorize(self.provider, redirect_uri=self.redirect_uri)
        parameters = await self.allow(attempt.url)
        assert parameters["iss"] == self.server.issuer

        for iss in ({"iss": "https://auth.example.test"}, {}):
            without = {name: value for name, value in parameters.items() if name != "iss"}
            with pytest.raises(CallbackUnusable):
                await client.exchange(attempt, {**without, **iss})

    async def test_two_people_are_two_accounts(self) -> None:
        client = self.make_client()
        ana = await self._signed_in(client)
        attempt = await client.authorize(self.provider, redirect_uri=self.redirect_uri)
        ben = await client.exchange(attempt, await asyncio.to_thread(Person("ben@example.test").allow, attempt.url))

        assert ben.record.label == "ben@example.test"
        assert ben.record.key != ana.record.key


class TestChatGPT(NamedServerContract):
    """A public client, discovered."""

    provider = Provider.CHATGPT

    def table(self) -> dict[str, Any]:
        return {
            **STANDARD,
            "issuer": self.server.issuer,
            "revoke_url": self.server.addresses()["revoke_url"],
            "client_id": "openid-client",
            "scopes": ["openid", "email", "chat"],
        }


class TestGemini(NamedServerContract):
    """A client with a secret, discovered."""

    provider = Provider.GEMINI

    def table(self) -> dict[str, Any]:
        return {
            **STANDARD,
            "issuer": self.server.issuer,
            "revoke_url": self.server.addresses()["revoke_url"],
            "client_id": "openid-client-with-secret",
            "client_secret": SECRET,
            "scopes": ["openid", "email", "chat"],
        }


class TestClaude(CodeContract):
    """A public client by explicit addresses, and a server that does not say who signed in."""

    provider = Provider.CLAUDE
    label: ClassVar[str] = "Claude account"

    def table(self) -> dict[str, Any]:
        return {**STANDARD, **self.server.addresses(), "client_id": "plain-client"}


class AtSecondServerByDevice(AtSecondServer, DeviceContract):
    async def allow_device(self, device: DeviceAuthorization) -> None:
        page = await self._answered(device, "accept")
        assert "Authorized" in page

    async def decline_device(self, device: DeviceAuthorization) -> None:
        page = await self._answered(device, "deny")
        assert "Denied" in page

    async def _answered(self, device: DeviceAuthorization, action: str) -> str:
        return await asyncio.to_thread(Person().answer_device, device.verification_uri, device.user_code, action=action)

    def table(self) -> dict[str, Any]:
        return {**STANDARD, **self.server.addresses(), "client_id": "device-client"}


class TestDeviceOfChatGPT(AtSecondServerByDevice):
    provider = Provider.CHATGPT


class TestDeviceOfClaude(AtSecondServerByDevice):
    provider = Provider.CLAUDE


class TestDeviceOfGemini(AtSecondServerByDevice):
    provider = Provider.GEMINI

    def table(self) -> dict[str, Any]:
        return {**super().table(), "client_id": "device-client-with-secret", "client_secret": SECRET}
