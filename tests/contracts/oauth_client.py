"""What every OAuth client promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from application.ports.oauth_client import DeviceAuthorization, DevicePoll, OAuthClient, Revocation
from domain.errors import CallbackUnusable, SessionEnded, SignInDeclined, SignInError
from domain.provider import Provider
from domain.session import Session
from domain.text.secret import Secret


class OAuthClientContract(ABC):
    """Sign-in, renewal and revocation of one provider."""

    provider: Provider
    redirect_uri: str
    label: ClassVar[str] = "ana@example.test"
    """What the session of the person who allows is called."""

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
        assert session.record.label == self.label
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

    async def test_a_code_is_of_no_use_without_its_verifier(self) -> None:
        client = self.make_client()
        attempt = await client.authorize(self.provider, redirect_uri=self.redirect_uri)
        other = await client.authorize(self.provider, redirect_uri=self.redirect_uri)

        with pytest.raises(SignInError):
            await client.exchange(replace(attempt, code_verifier=other.code_verifier), await self.allow(attempt.url))

    async def test_a_code_is_good_once(self) -> None:
        client = self.make_client()
        attempt = await client.authorize(self.provider, redirect_uri=self.redirect_uri)
        parameters = await self.allow(attempt.url)
        await client.exchange(attempt, parameters)

        with pytest.raises(SignInError):
            await client.exchange(attempt, parameters)

    async def test_a_renewal_gives_a_new_access_token_and_keeps_who_it_is(self) -> None:
        client = self.make_client()
        session = await self._signed_in(client)

        renewed = (await client.renew(session)).session

        assert renewed.access_token != session.access_token
        assert renewed.refresh_token is not None
        assert renewed.record.generation == session.record.generation + 1
        assert (renewed.record.key, renewed.record.session_id) == (session.record.key, session.record.session_id)

    async def test_a_renewed_session_can_be_renewed_again(self) -> None:
        client = self.make_client()
        once = (await client.renew(await self._signed_in(client))).session

        assert (await client.renew(once)).session.record.generation == once.record.generation + 1

    async def test_ending_a_session_leaves_the_one_that_replaced_it_alive_unless_said_otherwise(self) -> None:
        client = self.make_client()
        earlier = await self._signed_in(client)
        later = await self._signed_in(client, previous=earlier)

        assert await client.revoke(earlier) is Revocation.CONFIRMED

        if not client.revocation_ends_all(later.record.provider):
            assert (await client.renew(later)).session.record.generation == later.record.generation + 1

    async def test_a_revocation_is_confirmed(self) -> None:
        client = self.make_client()

        assert await client.revoke(await self._signed_in(client)) is Revocation.CONFIRMED

    async def test_a_revoked_session_cannot_be_renewed(self) -> None:
        client = self.make_client()
        session = await self._signed_in(client)
        await client.revoke(session)

        with pytest.raises(SessionEnded):
            await client.renew(session)

    async def _signed_in(self, client: OAuthClient, previous: Session | None = None) -> Session:
        attempt = await client.authorize(self.provider, redirect_uri=self.redirect_uri, previous=previous)
        return await client.exchange(attempt, await self.allow(attempt.url))


class RotationContract(OAuthClientContract):
    """What more is promised where each renewal spends the refresh token, and a second use of it is noticed."""

    async def test_each_renewal_brings_a_new_refresh_token(self) -> None:
        client = self.make_client()
        session = await self._signed_in(client)

        renewed = (await client.renew(session)).session

        assert renewed.refresh_token not in {None, session.refresh_token}

    async def test_a_spent_refresh_token_is_an_ended_session(self) -> None:
        client = self.make_client()
        session = await self._signed_in(client)
        await client.renew(session)

        with pytest.raises(SessionEnded):
            await client.renew(session)

    async def test_a_second_use_ends_the_session_for_its_newest_token_too(self) -> None:
        client = self.make_client()
        session = await self._signed_in(client)
        newest = (await client.renew(session)).session
        with pytest.raises(SessionEnded):
            await client.renew(session)

        with pytest.raises(SessionEnded):
            await client.renew(newest)


class DeviceContract(ABC):
    """What is promised where a person may approve on another machine (RFC 8628)."""

    provider: Provider

    @abstractmethod
    def make_client(self) -> OAuthClient:
        """A client for which *provider* is configured with a device authorization endpoint."""

    @abstractmethod
    async def allow_device(self, device: DeviceAuthorization) -> None:
        """Let a person type the code and allow it."""

    @abstractmethod
    async def decline_device(self, device: DeviceAuthorization) -> None:
        """Let a person type the code and decline."""

    async def test_what_is_shown_is_a_code_and_a_page_and_no_secret(self) -> None:
        device = await self.make_client().begin_device(self.provider)

        assert device.user_code.isprintable()
        assert urlsplit(device.verification_uri).hostname
        assert device.seconds > 0
        assert device.interval >= 1
        assert device.device_code.reveal() not in f"{device!r} {device.user_code} {device.verification_uri_complete}"

    async def test_before_anybody_decides_a_poll_says_pending(self) -> None:
        client = self.make_client()
        device = await client.begin_device(self.provider)

        assert await client.poll_device(device) is DevicePoll.PENDING

    async def test_an_allowed_code_becomes_a_session_that_can_be_renewed(self) -> None:
        client = self.make_client()
        device = await client.begin_device(self.provider)
        await client.poll_device(device)
        await self.allow_device(device)

        session = await client.poll_device(device)

        assert isinstance(session, Session)
        assert session.record.provider is self.provider
        assert (await client.renew(session)).session.record.generation == 2

    async def test_a_declined_code_is_told_from_a_failure(self) -> None:
        client = self.make_client()
        device = await client.begin_device(self.provider)
        await self.decline_device(device)

        with pytest.raises(SignInDeclined):
            await client.poll_device(device)

    async def test_a_code_that_nobody_issued_is_refused(self) -> None:
        client = self.make_client()
        device = await client.begin_device(self.provider)

        with pytest.raises(SignInError):
            await client.poll_device(replace(device, device_code=Secret("fake-device-code-of-nobody")))
