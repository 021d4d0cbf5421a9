"""Renewal, rotation, expiry and revocation, as each provider does them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.sandbox.settings import PROVIDERS, SandboxSettings
from tests.integration.sandbox.conftest import Clock, PeerWith
from tests.integration.sandbox.peer import Peer

DAY = 24 * 3600
every_provider = pytest.mark.parametrize("provider", PROVIDERS)
rotating_provider = pytest.mark.parametrize(
    ("provider", "reused"), [("chatgpt", "refresh_token_reused"), ("claude", "invalid_grant")]
)


def error_of(answer_json: dict[str, object]) -> object:
    error = answer_json["error"]
    return error["code"] if isinstance(error, dict) else error


@every_provider
def test_an_issued_session_works_like_one_from_the_browser(peer: Peer, provider: str) -> None:
    issued = peer.sandbox.issue_session(provider)

    renewed = peer.refresh(provider, issued)

    assert renewed.status_code == 200
    assert peer.chat(provider, peer.headers(provider, renewed.json()["access_token"])).status_code == 200
    assert set(issued) >= set(peer.sign_in(provider))


@every_provider
def test_an_expired_access_token_gets_a_401_and_the_refresh_token_still_works(peer: Peer, provider: str) -> None:
    session = peer.sandbox.issue_session(provider)
    peer.sandbox.expire_access_tokens(provider)

    answer = peer.chat(provider, peer.headers(provider, str(session["access_token"])))

    assert answer.status_code == 401
    assert peer.sandbox.live_access_tokens(provider) == ()
    assert peer.refresh(provider, session).status_code == 200


@every_provider
def test_access_tokens_live_as_long_as_they_say(clock: Clock, peer_with: PeerWith, provider: str) -> None:
    timed = peer_with(SandboxSettings(clock=clock, access_seconds={provider: 90}))
    session = timed.sandbox.issue_session(provider)
    headers = timed.headers(provider, str(session["access_token"]))
    clock.now += 89
    before = timed.chat(provider, headers).status_code
    clock.now += 1

    assert session["expires_in"] == 90
    assert [before, timed.chat(provider, headers).status_code] == [200, 401]


@rotating_provider
def test_a_refresh_rotates_and_a_reuse_ends_the_whole_session(peer: Peer, provider: str, reused: str) -> None:
    session = peer.sandbox.issue_session(provider)
    renewed = peer.refresh(provider, session).json()

    again = peer.refresh(provider, session)
    newest = peer.refresh(provider, {**session, "refresh_token": renewed["refresh_token"]})

    assert renewed["refresh_token"] != session["refresh_token"]
    assert error_of(again.json()) == reused
    assert newest.status_code in (400, 401)
    assert peer.chat(provider, peer.headers(provider, renewed["access_token"])).status_code == 401


@rotating_provider
def test_a_grace_lets_a_spent_token_be_used_again_for_a_while(
    clock: Clock, peer_with: PeerWith, provider: str, reused: str
) -> None:
    lenient = peer_with(SandboxSettings(clock=clock, reuse_grace=30))
    session = lenient.sandbox.issue_session(provider)

    lenient.refresh(provider, session)
    clock.now += 29
    within = lenient.refresh(provider, session)
    clock.now += 1
    beyond = lenient.refresh(provider, session)

    assert within.status_code == 200
    assert error_of(beyond.json()) == reused


def test_of_many_simultaneous_refreshes_one_wins(peer: Peer) -> None:
    session = peer.sandbox.issue_session("claude")
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda _: peer.refresh("claude", session).status_code, range(12)))

    assert sorted(statuses) == [200, *[400] * 11]
    assert peer.sandbox.log.count("claude", "refresh") == 12


def test_google_keeps_the_refresh_token(peer: Peer) -> None:
    session = peer.sandbox.issue_session("gemini")

    answers = [peer.refresh("gemini", session) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert not any("refresh_token" in answer.json() for answer in answers)


def test_google_drops_the_oldest_of_more_than_a_hundred_refresh_tokens(peer: Peer) -> None:
    sessions = [peer.sandbox.issue_session("gemini", "ben@example.test") for _ in range(101)]

    assert peer.refresh("gemini", sessions[0]).json()["error"] == "invalid_grant"
    assert peer.refresh("gemini", sessions[1]).status_code == 200


def test_chatgpt_renews_the_life_of_a_sign_in_and_claude_does_not(clock: Clock, peer_with: PeerWith) -> None:
    timed = peer_with(SandboxSettings(clock=clock))
    sessions = {provider: timed.sandbox.issue_session(provider) for provider in ("chatgpt", "claude")}
    for _ in range(2):
        clock.now += 20 * DAY
        for provider, session in sessions.items():
            answer = timed.refresh(provider, session)
            sessions[provider] = {**session, **answer.json()}

    assert "refresh_token" in sessions["chatgpt"]
    assert sessions["claude"]["error"] == "invalid_grant"


def test_a_refresh_token_of_chatgpt_ends_after_thirty_idle_days(clock: Clock, peer_with: PeerWith) -> None:
    timed = peer_with(SandboxSettings(clock=clock))
    session = timed.sandbox.issue_session("chatgpt")
    clock.now += 30 * DAY

    answer = timed.refresh("chatgpt", session)

    assert (answer.status_code, error_of(answer.json())) == (401, "refresh_token_expired")


@every_provider
def test_a_refresh_token_serves_only_the_client_it_was_issued_to(peer: Peer, provider: str) -> None:
    session = peer.sandbox.issue_session(provider)

    answer = peer.refresh(provider, session, client_id="somebody-else")

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert peer.refresh(provider, session).status_code == 200


@every_provider
def test_revocation_ends_access_and_renewal(peer: Peer, provider: str) -> None:
    session = peer.sandbox.issue_session(provider)

    assert peer.revoke(provider, session).status_code == 200
    assert peer.chat(provider, peer.headers(provider, str(session["access_token"]))).status_code == 401
    assert peer.refresh(provider, session).status_code in (400, 401)


def test_an_unknown_token_is_as_good_as_revoked_but_not_at_google(peer: Peer) -> None:
    statuses = {}
    for provider in PROVIDERS:
        session = peer.sandbox.issue_session(provider)
        statuses[provider] = peer.revoke(provider, {**session, "refresh_token": "nobody-issued-this"}).status_code

    assert statuses == {"chatgpt": 200, "claude": 200, "gemini": 400}


@every_provider
def test_a_session_ended_at_the_provider_takes_only_that_account_along(peer: Peer, provider: str) -> None:
    ana = peer.sandbox.issue_session(provider)
    ben = peer.sandbox.issue_session(provider, "ben@example.test")

    peer.sandbox.revoke_session(provider, "ana@example.test")

    assert peer.refresh(provider, ana).status_code in (400, 401)
    assert peer.refresh(provider, ben).status_code == 200


def test_a_seed_makes_tokens_reproducible(peer_with: PeerWith) -> None:
    tokens = [peer_with(SandboxSettings(seed=7)).sandbox.issue_session("claude")["access_token"] for _ in range(2)]

    assert tokens[0] == tokens[1]


def test_a_server_in_googles_place_may_rotate_and_then_ends_the_sign_in_at_a_reuse(peer_with: PeerWith) -> None:
    peer = peer_with(SandboxSettings(gemini_rotates=True))
    session = peer.sign_in("gemini")
    renewed = peer.refresh("gemini", session)
    assert renewed.json()["refresh_token"] != session["refresh_token"]
    assert error_of(peer.refresh("gemini", session).json()) == "invalid_grant"
    assert error_of(peer.refresh("gemini", {**session, **renewed.json()}).json()) == "invalid_grant"
