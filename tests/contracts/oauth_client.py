"""What every OAuth client promises."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from application.ports.oauth_client import OAuthClient, Revocation
from domain.errors import CallbackUnusable, SignInDeclined
from domain.provider import Provider
from domain.session import Session


class OAuthClientContract(ABC):
    """Sign-in, renewal and revocation of one provider."""

    provider: Provider
    redirect_uri: str

    @abstractmethod
    def make_client(self) -> OAuthClient:
        """A client for which *provider* is configured."""

    @abstractmethod
    async def allow(self, url: str) -> dict[str, str]:
        """What the redirect brings once a person allowed what *url* asks for."""

    @abstractmethod
    async def decline(self, url: str) -> dict[str, str]:
        """What the redirect brings once a person declined it."""

    async def test_a_callback_becomes_a_session_of_that_provider(self) -> None:
        session = await self._signed_in(self.make_client())

        assert session.record.provider is self.provider
        assert session.record.generation == 1
        assert session.record.label.endswith("@example.test")
        assert session.access_token
        assert session.record.renewable is (session.refresh_token is not None)

    async def test_a_repeated_sign_in_of_one_account_has_the_same_key(self) -> None:
        client = self.make_client()
        first = await self._signed_in(client)
        second = await self._signed_in(client, previous=first)

        assert first.record.key == second.record.key

    async def test_an_attempt_has_secrets_of_its_own_and_shows_none_but_the_state(self) -> None:
        attempt = await self.make_client().authorize(self.provider, redirect_uri=self.redirect_uri)

        assert attempt.state != attempt.code_verifier
        assert attempt.code_verifier.reveal() not in attempt.url
        assert attempt.state.reveal() in attempt.url

    async def test_a_callback_of_another_attempt_is_unusable_and_the_attempt_goes_on(self) -> None:
        client = self.make_client()
        attempt = await client.authorize(self.provider, redirect_uri=self.redirect_uri)
        parameters = await self.allow(attempt.url)

        with pytest.raises(CallbackUnusable):
            await client.exchange(attempt, {**parameters, "state": "fake-other-state"})

        assert (await client.exchange(attempt, parameters)).record.provider is self.provider

    async def test_an_error_without_the_state_does_not_end_the_attempt(self) -> None:
        client = self.make_client()
        attempt = await client.authorize(self.provider, redirect_uri=self.redirect_uri)

        with pytest.raises(CallbackUnusable):
            await client.exchange(attempt, {"error": "access_denied"})

    async def test_a_declined_consent_is_told_from_a_failure(self) -> None:
        client = self.make_client()
        attempt = await client.authorize(self.provider, redirect_uri=self.redirect_uri)

        with pytest.raises(SignInDeclined):
            await client.exchange(attempt, await self.decline(attempt.url))

    async def test_a_renewal_gives_a_new_access_token_and_keeps_who_it_is(self) -> None:
        client = self.make_client()
        session = await self._signed_in(client)

        renewed = await client.renew(session)

        assert renewed.access_token != session.access_token
        assert renewed.refresh_token is not None
        assert renewed.record.generation == session.record.generation + 1
        assert (renewed.record.key, renewed.record.session_id) == (session.record.key, session.record.session_id)

    async def test_a_renewed_session_can_be_renewed_again(self) -> None:
        client = self.make_client()
        once = await client.renew(await self._signed_in(client))

        assert (await client.renew(once)).record.generation == once.record.generation + 1

    async def test_a_revocation_is_confirmed(self) -> None:
        client = self.make_client()

        assert await client.revoke(await self._signed_in(client)) is Revocation.CONFIRMED

    async def _signed_in(self, client: OAuthClient, previous: Session | None = None) -> Session:
        attempt = await client.authorize(self.provider, redirect_uri=self.redirect_uri, previous=previous)
        return await client.exchange(attempt, await self.allow(attempt.url))
