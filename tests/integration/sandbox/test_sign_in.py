from __future__ import annotations

import httpx2
import pytest

from adapters.sandbox.scripted_browser import PageRefused, approve
from adapters.sandbox.settings import PROVIDERS, SandboxSettings
from tests.integration.sandbox.conftest import Clock, PeerWith
from tests.integration.sandbox.peer import Peer, query_of

every_provider = pytest.mark.parametrize("provider", PROVIDERS)


@every_provider
def test_a_whole_sign_in_ends_in_tokens_of_the_account_that_was_chosen(peer: Peer, provider: str) -> None:
    session = peer.sign_in(provider, account="ben@example.test")

    answer = peer.chat(provider, peer.headers(provider, session["access_token"]))

    assert answer.status_code == 200
    assert peer.sandbox.log.entries()[-1].account == "ben@example.test"
    assert session["token_type"] == "Bearer"
    assert session["refresh_token"]


@every_provider
def test_the_callback_carries_the_state_unchanged(peer: Peer, provider: str) -> None:
    assert peer.consent(peer.attempt(provider), state="a b&c=d#é")["state"] == "a b&c=d#é"


@every_provider
def test_a_declined_consent_comes_back_as_access_denied(peer: Peer, provider: str) -> None:
    callback = query_of(approve(peer.attempt(provider).address(), decline=True))

    assert callback["error"] == "access_denied"
    assert callback["state"] == "state-of-this-attempt"
    assert "code" not in callback


@every_provider
def test_a_wrong_verifier_gets_no_token_and_uses_the_code_up(peer: Peer, provider: str) -> None:
    attempt = peer.attempt(provider)
    callback = peer.consent(attempt)

    wrong = peer.token(provider, attempt.exchange_fields(callback, code_verifier="w" * 43))
    right = peer.token(provider, attempt.exchange_fields(callback))

    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    assert (right.status_code, right.json()["error"]) == (400, "invalid_grant")


@every_provider
@pytest.mark.parametrize("verifier", [None, "too-short", "v" * 129, "ü" * 50])
def test_a_malformed_verifier_is_refused(peer: Peer, provider: str, verifier: str | None) -> None:
    attempt = peer.attempt(provider)
    fields = attempt.exchange_fields(peer.consent(attempt), code_verifier=verifier)

    answer = peer.token(provider, fields)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@every_provider
def test_a_code_used_twice_is_refused_and_ends_the_session_it_opened(peer: Peer, provider: str) -> None:
    attempt = peer.attempt(provider)
    fields = attempt.exchange_fields(peer.consent(attempt))
    first = peer.token(provider, fields).json()

    second = peer.token(provider, fields)

    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    assert peer.chat(provider, peer.headers(provider, first["access_token"])).status_code == 401


@every_provider
def test_a_code_does_not_outlive_its_time(clock: Clock, peer_with: PeerWith, provider: str) -> None:
    timed = peer_with(SandboxSettings(clock=clock, code_seconds=60))
    attempt = timed.attempt(provider)
    fields = attempt.exchange_fields(timed.consent(attempt))
    clock.now += 60

    assert timed.token(provider, fields).json()["error"] == "invalid_grant"


@every_provider
def test_the_exchange_must_name_the_redirect_address_of_the_request(peer: Peer, provider: str) -> None:
    attempt = peer.attempt(provider)
    other = attempt.redirect_uri.replace(":9", ":10")
    fields = attempt.exchange_fields(peer.consent(attempt), redirect_uri=other)

    assert peer.token(provider, fields).json()["error"] == "invalid_grant"


@every_provider
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.test/callback",
        "http://evil.example.test:80/callback",
        "http://127.0.0.1.evil.example.test:80/callback",
        "http://ana@127.0.0.1:9/callback",
        "http://127.0.0.1:9/callback#fragment",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_redirect_address_off_loopback_gets_a_page_and_no_redirect(peer: Peer, provider: str, address: str) -> None:
    page = peer.http.get(peer.attempt(provider).address(redirect_uri=address))

    assert page.status_code == 400
    assert "location" not in page.headers
    assert "redirect_uri is not registered" in page.text


@every_provider
def test_an_unknown_client_gets_a_page(peer: Peer, provider: str) -> None:
    with pytest.raises(PageRefused, match="invalid_client"):
        approve(peer.attempt(provider).address(client_id="somebody-else"))


@every_provider
@pytest.mark.parametrize("change", [{"code_challenge": None}, {"code_challenge_method": "plain"}])
def test_a_request_without_s256_is_sent_back_with_an_error(
    peer: Peer, provider: str, change: dict[str, str | None]
) -> None:
    answer = peer.http.get(peer.attempt(provider).address(**change))

    assert answer.status_code == 303
    assert query_of(answer.headers["location"])["error"] == "invalid_request"


@every_provider
def test_a_repeated_parameter_gets_a_page(peer: Peer, provider: str) -> None:
    page = peer.http.get(peer.attempt(provider).address() + "&state=another")

    assert page.status_code == 400
    assert "Repeated parameter: state" in page.text


@every_provider
def test_an_answer_without_the_cookie_of_the_page_changes_nothing(peer: Peer, provider: str) -> None:
    address = peer.attempt(provider).address()
    page = peer.http.get(address).text
    form = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("ticket", "csrf")}
    decision = f"{peer.settings[provider]['authorize_url']}/decision"
    with httpx2.Client(trust_env=False) as another_browser:
        answer = another_browser.post(decision, data={**form, "account": "ana@example.test", "decision": "allow"})

    assert answer.status_code == 400
    assert "did not come from the page that was shown" in answer.text


@every_provider
def test_an_answer_from_another_site_is_refused(peer: Peer, provider: str) -> None:
    decision = f"{peer.settings[provider]['authorize_url']}/decision"

    assert peer.http.post(decision, headers={"origin": "http://evil.example.test"}).status_code == 403


@every_provider
def test_a_consent_page_can_be_answered_once(peer: Peer, provider: str) -> None:
    address = peer.attempt(provider).address()
    with httpx2.Client(trust_env=False) as browser:
        page = browser.get(address).text
        form = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("ticket", "csrf")}
        decision = f"{peer.settings[provider]['authorize_url']}/decision"
        answers = [
            browser.post(decision, data={**form, "account": "ana@example.test", "decision": "allow"}).status_code
            for _ in range(2)
        ]

    assert answers == [303, 400]


@every_provider
def test_the_consent_page_stands_alone_and_says_that_it_is_the_sandbox(peer: Peer, provider: str) -> None:
    page = peer.http.get(peer.attempt(provider).address())

    assert "keyswitch sandbox" in page.text
    assert "prefers-color-scheme: dark" in page.text
    assert [sign for sign in ("src=", "href=", "<script", "<link", "url(", "@import") if sign in page.text] == []
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"


@every_provider
@pytest.mark.parametrize("grant_type", ["password", "client_credentials"])
def test_other_grant_types_are_named_as_unsupported(peer: Peer, provider: str, grant_type: str) -> None:
    answer = peer.token(provider, {"grant_type": grant_type})

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("provider", ["chatgpt", "gemini"])
def test_a_json_body_is_refused_where_the_vendor_takes_forms(peer: Peer, provider: str) -> None:
    attempt = peer.attempt(provider)
    fields = attempt.exchange_fields(peer.consent(attempt))

    answer = peer.http.post(peer.settings[provider]["token_url"], json=fields)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
