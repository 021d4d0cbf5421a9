from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from adapters.http.options import token_options
from adapters.oauth.authlib_client import AuthlibClient
from adapters.providers.profile import load_profile
from adapters.sandbox import faults
from adapters.sandbox.faults import Fault
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from adapters.system.clock import SystemClock
from application.ports.oauth_client import Authorization, DeviceAuthorization, DevicePoll, OAuthClient, Revocation
from domain.errors import (
    AnswerUnreadable,
    CallbackUnusable,
    KeyswitchError,
    NoClient,
    Offline,
    Overloaded,
    Refused,
    SessionEnded,
    SignInDeclined,
    SignInError,
    SignInRefused,
    SignInTimedOut,
)
from domain.provider import Provider
from domain.session import Session
from domain.sign_in.registration import RegisteredClient
from tests.contracts.oauth_client import DeviceContract, OAuthClientContract, RotationContract
from tests.support import sandbox_faults
from tests.support.credentials import ANA
from tests.support.error_codes import with_code
from tests.support.fake_oauth import STATE, FakeOAuth
from tests.support.fixed_clock import FixedClock
from tests.support.oauth_peer import INSTALLATION, REDIRECTS, answered, approved, begun, client_of, signed_in

BOOTSTRAP = "dynamic_agent_client"
PLAN = "chatgpt.tokens.use.direct"

GARBAGE = pytest.mark.parametrize(
    "fault",
    [sandbox_faults.non_json(), sandbox_faults.truncated_json(), faults.answer(200, b'{"detail": "nothing"}')],
    ids=["not JSON", "half an answer", "no token"],
)
LATER = pytest.mark.parametrize(
    "fault",
    [faults.refuse("rate_limit", retry_after=7), faults.refuse("unavailable", retry_after=7)],
    ids=["429", "503"],
)


class TestFakeOAuth(RotationContract, DeviceContract):
    provider = Provider.CLAUDE
    redirect_uri = "http://127.0.0.1:1455/callback"

    def make_client(self) -> OAuthClient:
        self.fake = FakeOAuth(FixedClock())
        return self.fake

    async def allow(self, url: str) -> dict[str, str]:
        attempt = dict(parse_qsl(urlsplit(url).query))["code_challenge"]
        return {"code": f"code-of-ana~{attempt}", "state": STATE}

    async def decline(self, url: str) -> dict[str, str]:
        return {"error": "access_denied", "state": STATE}

    async def allow_device(self, device: DeviceAuthorization) -> None:
        self.fake.device_answers = ["ana"]

    async def decline_device(self, device: DeviceAuthorization) -> None:
        self.fake.device_answers = [SignInDeclined(device.provider, "it was declined (access_denied)")]


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


class SandboxContract(OAuthClientContract):
    """The promises that take a server to show. All requests are counted there."""

    sandbox: Sandbox

    @pytest.fixture(autouse=True)
    def _sandbox(self, running: Sandbox) -> Iterator[None]:
        self.sandbox = running
        self.redirect_uri = REDIRECTS[self.provider]
        running.log.clear()
        yield
        running.faults.clear()

    def make_client(self) -> AuthlibClient:
        return client_of(self.sandbox)

    async def allow(self, url: str) -> dict[str, str]:
        return await answered(url)

    async def decline(self, url: str) -> dict[str, str]:
        return await answered(url, decline=True)

    async def test_a_sign_in_takes_one_token_request_and_the_token_is_live(self) -> None:
        session = await signed_in(self.make_client(), self.provider)

        assert self._count("token") == 1
        assert session.access_token.reveal() in self.sandbox.live_access_tokens(self.provider)

    async def test_a_wrong_state_causes_no_token_request(self) -> None:
        client = self.make_client()
        attempt = await begun(client, self.provider)

        with pytest.raises(SignInError):
            await client.exchange(attempt, {**await answered(attempt.url), "state": "fake-other-state"})

        assert self._count("token") == 0

    async def test_a_renewal_is_one_request(self) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)

        renewed = (await client.renew(session)).session

        assert self._count("refresh") == 1
        assert renewed.access_token.reveal() in self.sandbox.live_access_tokens(self.provider)

    async def test_a_session_that_was_ended_elsewhere_is_told_so(self) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)
        self.sandbox.revoke_session(self.provider, "ana@example.test")

        with pytest.raises(SessionEnded):
            await client.renew(session)

        assert self._count("refresh") == 1

    async def test_revoking_twice_is_confirmed_twice(self) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)
        await client.revoke(session)

        assert await client.revoke(session) is Revocation.CONFIRMED

    async def test_a_revocation_that_fails_is_tried_again_and_then_unconfirmed(self) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)
        self.sandbox.faults.add(self.provider, "revoke", faults.refuse("server_error"), times=None)

        assert await client.revoke(session) is Revocation.UNCONFIRMED
        assert self._count("revoke") == 2

    @LATER
    async def test_a_provider_that_says_later_leaves_the_session_as_it_is(self, fault: Fault) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)
        self.sandbox.faults.add(self.provider, "refresh", fault)

        with pytest.raises(Overloaded):
            await client.renew(session)

        assert self._count("refresh") == 1
        assert (await client.renew(session)).session.record.generation == 2

    @LATER
    async def test_a_provider_that_says_later_ends_a_sign_in_with_that_word(self, fault: Fault) -> None:
        await self._exchange_fails(fault, Overloaded)

    @GARBAGE
    async def test_garbage_in_place_of_tokens_is_no_session(self, fault: Fault) -> None:
        await self._exchange_fails(fault, AnswerUnreadable)

    @pytest.mark.parametrize("fault", [sandbox_faults.non_json(), faults.answer(200, b'{"detail": "nothing"}')])
    async def test_garbage_at_a_renewal_is_unreadable(self, fault: Fault) -> None:
        await self._renewal_fails(fault, AnswerUnreadable)

    async def test_a_lost_answer_may_have_spent_the_token(self) -> None:
        await self._renewal_fails(faults.lost_answer(), AnswerUnreadable)

    @pytest.mark.parametrize("status", [200, 403])
    async def test_a_portal_in_between_is_no_answer_of_the_provider(self, status: int) -> None:
        await self._renewal_fails(faults.html_page(status), Offline)

    async def test_a_redirect_is_not_followed(self) -> None:
        elsewhere = self.sandbox.origin(self.provider) + "/v1/elsewhere"
        await self._renewal_fails(faults.answer(307, b"", ("location", elsewhere)), Offline)

        assert self._count("other") == 0

    async def test_a_refused_client_is_no_ended_session(self) -> None:
        await self._renewal_fails(faults.refuse("invalid_client"), Refused)

    async def test_an_answer_beyond_measure_is_not_read_to_its_end(self) -> None:
        await self._renewal_fails(faults.answer(200, b'{"a":"' + b"x" * 300_000 + b'"}'), AnswerUnreadable)

    async def test_a_server_that_is_gone_is_offline(self) -> None:
        with Sandbox() as other:
            client = client_of(other)
            session = await signed_in(client, self.provider)
            attempt = await begun(client, self.provider)
            parameters = await answered(attempt.url)

        with pytest.raises(Offline, match=r"127\.0\.0\.1 refused the connection"):
            await client.renew(session)
        with pytest.raises(Offline):
            await client.exchange(attempt, parameters)
        assert await client.revoke(session) is Revocation.UNCONFIRMED

    async def test_a_session_is_never_sent_to_another_server(self) -> None:
        session = await signed_in(self.make_client(), self.provider)
        with Sandbox() as other:
            with pytest.raises(Refused, match="belongs to"):
                await client_of(other).renew(session)
            assert await client_of(other).revoke(session) is Revocation.UNCONFIRMED
            assert [entry for entry in other.log.entries() if entry.foreign_token or entry.kind != "discovery"] == []

        assert self._count("refresh") == 0

    def _count(self, kind: str) -> int:
        return self.sandbox.log.count(self.provider, kind)

    async def _exchange_fails(self, fault: Fault, error: type[KeyswitchError]) -> None:
        client = self.make_client()
        attempt = await begun(client, self.provider)
        parameters = await answered(attempt.url)
        self.sandbox.faults.add(self.provider, "token", fault)

        with pytest.raises(error) as caught:
            await client.exchange(attempt, parameters)

        assert self._count("token") == 1
        _holds_no_secret(caught.value, attempt, parameters["code"])

    async def _renewal_fails(self, fault: Fault, error: type[KeyswitchError]) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)
        self.sandbox.faults.add(self.provider, "refresh", fault)

        with pytest.raises(error) as caught:
            await client.renew(session)

        assert self._count("refresh") == 1
        assert session.refresh_token is not None
        assert (caught.value.__context__, caught.value.__cause__) == (None, None)
        assert session.refresh_token.reveal() not in f"{caught.value!r} {caught.value}"


class TestChatGPT(SandboxContract, RotationContract):
    provider = Provider.CHATGPT

    async def test_clients_register_themselves_here_alone(self) -> None:
        client = self.make_client()
        assert [provider for provider in Provider if client.registers_clients(provider)] == [self.provider]

    async def test_the_first_sign_in_registers_a_client_under_our_own_name(self) -> None:
        client = self.make_client()
        attempt = await begun(client, self.provider)

        assert "client_id=dynamic_agent_client" in attempt.url
        assert "agent_name_hint=keyswitch" in attempt.url
        assert INSTALLATION.replace(":", "%3A") in attempt.url

        session = await client.exchange(attempt, await answered(attempt.url))
        assert session.record.client_id.startswith("oaiapp_")
        assert session.record.client_id in session.record.key.account

    async def test_the_next_sign_in_uses_the_client_that_was_issued(self) -> None:
        client = self.make_client()
        first = await signed_in(client, self.provider)

        attempt = await begun(client, self.provider, previous=first)

        assert attempt.client_id == first.record.client_id
        assert "agent_name_hint" not in attempt.url
        assert first.id_token is not None
        assert first.id_token.reveal() not in attempt.url

    async def test_the_client_is_told_of_before_the_code_is_spent(self) -> None:
        client, told = self.make_client(), list[tuple[RegisteredClient, int]]()
        attempt = await begun(client, self.provider)
        before = self.sandbox.log.count("chatgpt", "token")

        async def registered(one: RegisteredClient) -> None:
            told.append((one, self.sandbox.log.count("chatgpt", "token") - before))

        session = await client.exchange(attempt, await answered(attempt.url), registered=registered)

        issued = RegisteredClient(self.provider, session.record.client_id, session.record.token_url)
        assert told == [(issued, 0)]

    async def test_an_answer_that_belongs_to_another_sign_in_tells_of_no_client(self) -> None:
        client, told = self.make_client(), list[RegisteredClient]()
        attempt = await begun(client, self.provider)

        async def registered(one: RegisteredClient) -> None:
            told.append(one)

        callback = {**await answered(attempt.url), "state": "of another sign-in"}
        with pytest.raises(CallbackUnusable):
            await client.exchange(attempt, callback, registered=registered)
        assert told == []

    async def test_a_client_without_a_session_signs_in_and_one_of_another_server_does_not(self) -> None:
        client = self.make_client()
        record = (await signed_in(client, self.provider)).record
        mine = RegisteredClient(self.provider, record.client_id, record.token_url)

        for known, asking in ((mine, record.client_id), (replace(mine, token_url="https://b.test/t"), BOOTSTRAP)):
            attempt = await client.authorize(self.provider, redirect_uri=REDIRECTS[self.provider], registered=known)
            assert attempt.client_id == asking
            assert (await client.exchange(attempt, await answered(attempt.url))).record.client_id.startswith("oaiapp_")

    @pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client"])
    async def test_a_client_that_is_refused_is_named_wherever_the_refusal_comes(self, code: str) -> None:
        client = self.make_client()
        record = (await signed_in(client, self.provider)).record
        known = RegisteredClient(self.provider, record.client_id, record.token_url)
        attempt = await client.authorize(self.provider, redirect_uri=REDIRECTS[self.provider], registered=known)
        callback = await answered(attempt.url)
        self.sandbox.faults.add("chatgpt", "token", faults.answer(401, f'{{"error": "{code}"}}'.encode()))

        for parameters in ({"error": code, "state": callback["state"]}, callback):
            with pytest.raises(SignInRefused, check=lambda error: error.client_unknown) as caught:
                await client.exchange(attempt, parameters)
            assert caught.value.client_id == record.client_id

    async def test_without_plan_use_somebody_is_signed_in_whose_plan_is_left_alone(self) -> None:
        client = self.make_client()
        attempt = await begun(client, self.provider)

        session = await client.exchange(attempt, await answered(attempt.url, unticked=[PLAN]))

        assert session.record.plan_use_off
        assert PLAN not in session.record.scopes
        assert "offline_access" in session.record.scopes

    async def test_a_renewal_is_taken_at_its_word_about_plan_use_in_both_directions(self) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)
        all_of_them = session.record.scopes
        assert not session.record.plan_use_off

        self.sandbox.set_scopes("chatgpt", ANA, tuple(scope for scope in all_of_them if scope != PLAN))
        without = (await client.renew(session)).session
        assert without.record.plan_use_off

        self.sandbox.set_scopes("chatgpt", ANA, all_of_them)
        again = (await client.renew(without)).session
        assert (again.record.plan_use_off, again.record.scopes) == (False, all_of_them)

    async def test_a_session_of_an_earlier_version_learns_at_its_renewal_what_its_plan_depends_on(self) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)
        older = replace(session, record=replace(session.record, plan_scope=""))

        assert (await client.renew(older)).session.record.plan_scope == PLAN

    async def test_a_permission_that_was_refused_once_is_asked_for_again(self) -> None:
        client = self.make_client()
        first = await signed_in(client, self.provider)
        attempt = await begun(client, self.provider, previous=first)
        await client.exchange(attempt, await answered(attempt.url, unticked=[PLAN]))

        again = await signed_in(client, self.provider, previous=first)

        assert PLAN in again.record.scopes
        assert not again.record.plan_use_off

    async def test_the_sign_in_lasts_thirty_days_from_each_renewal(self) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)
        renewed = (await client.renew(session)).session

        for record in (session.record, renewed.record):
            assert record.sign_in_expires_at is not None
            assert (record.sign_in_expires_at - record.obtained_at).days == 30
        assert renewed.record.obtained_at > session.record.obtained_at

    async def test_a_reused_refresh_token_ends_the_session(self) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)
        await client.renew(session)

        with pytest.raises(SessionEnded, match="refresh_token_reused"):
            await client.renew(session)

    async def test_another_client_in_the_callback_is_refused(self) -> None:
        client = self.make_client()
        first = await signed_in(client, self.provider)
        attempt = await begun(client, self.provider, previous=first)
        parameters = await answered(attempt.url)

        with pytest.raises(SignInError, match="another client"):
            await client.exchange(attempt, {**parameters, "client_id": "oaiapp_fake_other"})

    async def test_the_id_token_must_carry_the_nonce_of_this_attempt(self) -> None:
        client = self.make_client()
        attempt, other = await begun(client, self.provider), await begun(client, self.provider)

        with pytest.raises(SignInError, match="nonce"):
            await client.exchange(replace(attempt, nonce=other.nonce), await answered(attempt.url))

    async def test_the_issuer_in_the_callback_must_be_the_one_that_was_asked(self) -> None:
        client = self.make_client()
        attempt = await begun(client, self.provider)

        with pytest.raises(SignInError, match="another authorization server"):
            await client.exchange(attempt, {**await answered(attempt.url), "iss": "https://auth.example.test"})


class TestClaude(SandboxContract, RotationContract, DeviceContract):
    provider = Provider.CLAUDE

    async def allow_device(self, device: DeviceAuthorization) -> None:
        await approved(device)

    async def decline_device(self, device: DeviceAuthorization) -> None:
        await approved(device, decline=True)

    async def test_a_device_code_is_the_account_that_typed_it(self) -> None:
        client = self.make_client()
        device = await client.begin_device(self.provider)
        await approved(device, account="ben@example.test")

        session = await client.poll_device(device)

        assert isinstance(session, Session)
        assert session.record.label == "ben@example.test"
        assert (self._count("device"), self._count("poll")) == (1, 1)

    async def test_a_device_code_is_good_once(self) -> None:
        client = self.make_client()
        device = await client.begin_device(self.provider)
        await approved(device)
        await client.poll_device(device)

        with pytest.raises(SignInError, match="invalid_grant"):
            await client.poll_device(device)

    async def test_polling_too_often_is_told(self) -> None:
        client = self.make_client()
        device = await client.begin_device(self.provider)
        await client.poll_device(device)

        assert await client.poll_device(device) is DevicePoll.SLOW_DOWN

    async def test_an_expired_device_code_is_a_sign_in_that_took_too_long(self) -> None:
        with Sandbox(settings=SandboxSettings(device_seconds=0)) as sandbox:
            client = client_of(sandbox)
            device = await client.begin_device(self.provider)

            with pytest.raises(SignInTimedOut):
                await client.poll_device(device)

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (faults.refuse("unavailable"), Overloaded),
            (faults.refuse("rate_limit", retry_after=7), Overloaded),
            (faults.refuse("server_error"), AnswerUnreadable),
            (faults.lost_answer(), AnswerUnreadable),
            (faults.html_page(403), Offline),
            (faults.refuse("invalid_client"), SignInRefused),
            (sandbox_faults.truncated_json(), AnswerUnreadable),
        ],
        ids=["503", "429", "500", "lost", "portal", "client", "half an answer"],
    )
    async def test_a_poll_that_fails_says_whether_to_ask_again(self, fault: Fault, error: type[KeyswitchError]) -> None:
        client = self.make_client()
        device = await client.begin_device(self.provider)
        self.sandbox.faults.add(self.provider, "poll", fault)

        with pytest.raises(error) as caught:
            await client.poll_device(device)

        assert type(caught.value) is error
        assert device.device_code.reveal() not in f"{caught.value!r} {caught.value}"
        assert (caught.value.__context__, caught.value.__cause__) == (None, None)

    async def test_the_account_is_the_one_the_answer_names(self) -> None:
        session = await signed_in(self.make_client(), self.provider)

        assert session.record.key.account == "3b6c1f0e-5a52-4e5b-9a57-0c3f8f1b0a01"
        assert session.record.label == "ana@example.test"
        assert session.record.sign_in_expires_at is not None

    async def test_a_reused_refresh_token_ends_the_session(self) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)
        await client.renew(session)

        with pytest.raises(SessionEnded, match="invalid_grant"):
            await client.renew(session)

    async def test_without_a_client_of_ones_own_there_is_no_sign_in(self) -> None:
        client = AuthlibClient(
            profiles=lambda provider: load_profile(provider, {}),
            clock=SystemClock(),
            installation=INSTALLATION,
            http_options=token_options,
        )
        with pytest.raises(NoClient):
            client.redirect_rule(Provider.CLAUDE)
        with pytest.raises(NoClient):
            await client.authorize(Provider.CLAUDE, redirect_uri=self.redirect_uri)


class TestGemini(SandboxContract):
    provider = Provider.GEMINI

    async def test_a_server_without_device_authorization_is_known_as_such(self) -> None:
        with pytest.raises(SignInError, check=with_code("device_not_offered")):
            await self.make_client().begin_device(self.provider)

        assert self._count("device") == 0

    async def test_the_refresh_token_is_kept_where_none_comes_back(self) -> None:
        client = self.make_client()
        session = await signed_in(client, self.provider)

        renewed = (await client.renew(session)).session

        assert renewed.refresh_token == session.refresh_token

    async def test_unticked_permissions_end_the_sign_in_with_their_names(self) -> None:
        client = self.make_client()
        attempt = await begun(client, self.provider)
        unticked = "https://www.googleapis.com/auth/cloud-platform"

        with pytest.raises(SignInError, match="cloud-platform"):
            await client.exchange(attempt, await answered(attempt.url, unticked=[unticked]))


def _holds_no_secret(error: KeyswitchError, attempt: Authorization, code: str) -> None:
    shown = f"{error!r} {error}"
    assert (error.__context__, error.__cause__) == (None, None)
    for secret in (code, attempt.code_verifier.reveal(), attempt.state.reveal()):
        assert secret not in shown
