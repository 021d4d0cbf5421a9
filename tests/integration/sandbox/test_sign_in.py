from __future__ import annotations

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from adapters.sandbox.scripted_browser import PageRefused, approve
from adapters.sandbox.settings import PROVIDERS, SandboxSettings
from tests.integration.sandbox.conftest import Clock, PeerWith
from tests.integration.sandbox.peer import BETA, Peer, query_of

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


class TestChatGPT:
    def test_discovery_names_the_endpoints_on_the_issuers_own_host(self, peer: Peer) -> None:
        issuer = peer.settings["chatgpt"]["issuer"]

        found = peer.http.get(f"{issuer}/.well-known/openid-configuration").json()

        assert found["issuer"] == issuer
        assert found["authorization_endpoint"] == peer.settings["chatgpt"]["authorize_url"]
        assert found["token_endpoint"] == peer.settings["chatgpt"]["token_url"]
        assert found["revocation_endpoint"] == peer.settings["chatgpt"]["revoke_url"]

    def test_the_id_token_is_signed_for_the_issued_client_with_the_nonce(self, peer: Peer) -> None:
        issuer = peer.settings["chatgpt"]["issuer"]
        keys = KeySet.import_key_set(peer.http.get(f"{issuer}/.well-known/jwks.json").json())
        session = peer.sign_in("chatgpt")

        claims = jwt.decode(session["id_token"], keys, algorithms=["RS256"]).claims

        assert claims["iss"] == issuer
        assert claims["aud"] == claims["azp"] == session["client_id"]
        assert claims["nonce"] == "nonce-of-this-attempt"
        assert claims["email"] == "ana@example.test"

    def test_a_first_sign_in_issues_a_client_and_a_later_one_uses_it(self, peer: Peer) -> None:
        first = peer.sign_in("chatgpt")
        attempt = peer.attempt("chatgpt")

        callback = peer.consent(attempt, client_id=first["client_id"], agent_name_hint=None)
        fields = attempt.exchange_fields(callback, client_id=first["client_id"])

        assert first["client_id"].startswith("oaiapp_")
        assert "client_id" not in callback
        assert peer.token("chatgpt", fields).status_code == 200

    def test_an_issued_client_serves_nobody_else(self, peer: Peer) -> None:
        first = peer.sign_in("chatgpt")

        callback = peer.consent(
            peer.attempt("chatgpt"), account="ben@example.test", client_id=first["client_id"], agent_name_hint=None
        )

        assert callback["error"] == "access_denied"

    def test_the_bootstrap_client_gets_no_token(self, peer: Peer) -> None:
        attempt = peer.attempt("chatgpt")
        fields = attempt.exchange_fields(peer.consent(attempt), client_id="dynamic_agent_client")

        answer = peer.token("chatgpt", fields)

        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    def test_the_consent_page_shows_the_programs_own_name_as_text(self, peer: Peer) -> None:
        page = peer.http.get(peer.attempt("chatgpt").address(agent_name_hint="<b>my</b> keyswitch"))

        assert "&lt;b&gt;my&lt;/b&gt; keyswitch asks for access to your ChatGPT account" in page.text
        assert "<b>my" not in page.text

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"nonce": None}, "invalid_request"),
            ({"state": None}, "invalid_request"),
            ({"ext_agent_host_id": "my-laptop"}, "invalid_request"),
            ({"agent_name_hint": None}, "invalid_request"),
            ({"resource": "https://elsewhere.example.test"}, "invalid_target"),
            ({"scope": "openid everything"}, "invalid_scope"),
            ({"response_type": "token"}, "unsupported_response_type"),
        ],
    )
    def test_each_required_parameter_is_checked(self, peer: Peer, change: dict[str, str | None], error: str) -> None:
        answer = peer.http.get(peer.attempt("chatgpt").address(**change))

        assert query_of(answer.headers["location"])["error"] == error

    def test_localhost_is_not_127_0_0_1(self, peer: Peer) -> None:
        address = peer.attempt("chatgpt").address(redirect_uri="http://localhost:9/auth/callback")

        assert peer.http.get(address).status_code == 400

    @pytest.mark.parametrize("change", [{"resource": None}, {"scope": "openid"}, {"client_secret": "x"}])
    def test_the_exchange_takes_exactly_its_own_fields(self, peer: Peer, change: dict[str, str | None]) -> None:
        attempt = peer.attempt("chatgpt")

        answer = peer.token("chatgpt", attempt.exchange_fields(peer.consent(attempt), **change))

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    def test_plan_use_can_be_unticked_and_is_asked_again_only_on_request(self, peer: Peer) -> None:
        attempt = peer.attempt("chatgpt")
        callback = query_of(approve(attempt.address(), scopes_unticked=["chatgpt.tokens.use.direct"]))
        session = peer.token("chatgpt", attempt.exchange_fields(callback)).json()
        later = {"client_id": callback["client_id"], "agent_name_hint": None}

        quiet = peer.consent(peer.attempt("chatgpt"), **later)
        asked_again = peer.consent(peer.attempt("chatgpt"), prompt="consent", **later)
        chat = peer.chat("chatgpt", peer.headers("chatgpt", session["access_token"]))

        assert "chatgpt.tokens.use.direct" not in session["scope"]
        assert "chatgpt.tokens.use.direct" not in quiet["scope"]
        assert "chatgpt.tokens.use.direct" in asked_again["scope"]
        assert (chat.status_code, chat.json()["error"]["code"]) == (403, "chatpass_v2_scope_not_authorized")


class TestClaude:
    def test_the_exchange_takes_json_too(self, peer: Peer) -> None:
        attempt = peer.attempt("claude")
        fields = attempt.exchange_fields(peer.consent(attempt))

        answer = peer.http.post(peer.settings["claude"]["token_url"], json=fields).json()

        assert answer["account"]["email_address"] == "ana@example.test"
        assert answer["organization"]["name"] == "Ana's workspace"
        assert answer["access_token"].startswith("sk-ant-oat")

    def test_the_exchange_needs_the_state(self, peer: Peer) -> None:
        attempt = peer.attempt("claude")

        answer = peer.token("claude", attempt.exchange_fields(peer.consent(attempt), state=None))

        assert answer.status_code == 400
        assert answer.json()["error"]["details"]["error_code"] == "oauth_request_parse_error"

    def test_another_state_is_refused(self, peer: Peer) -> None:
        attempt = peer.attempt("claude")

        answer = peer.token("claude", attempt.exchange_fields(peer.consent(attempt), state="another"))

        assert answer.json()["error"] == "invalid_grant"

    def test_a_verifier_that_is_also_the_state_is_refused(self, peer: Peer) -> None:
        attempt = peer.attempt("claude")
        callback = peer.consent(attempt, state=attempt.verifier)

        answer = peer.token("claude", attempt.exchange_fields(callback, state=attempt.verifier))

        assert answer.json()["error"] == "invalid_request"

    @pytest.mark.parametrize("hosted_redirect", [True, False])
    def test_the_code_page_shows_code_and_state_to_paste(self, peer: Peer, hosted_redirect: bool) -> None:
        attempt = peer.attempt("claude")
        page = f"{peer.sandbox.origin('claude')}/oauth/code/callback"
        change = {"redirect_uri": page} if hosted_redirect else {"code": "true"}

        code, _, state = approve(attempt.address(**change)).partition("#")
        redirect_uri = change.get("redirect_uri", attempt.redirect_uri)
        answer = peer.token("claude", attempt.exchange_fields({"code": code}, redirect_uri=redirect_uri))

        assert state == attempt.state
        assert answer.status_code == 200

    def test_a_refresh_needs_json_and_the_beta_header(self, peer: Peer) -> None:
        session = peer.sandbox.issue_session("claude")
        url = peer.settings["claude"]["token_url"]
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": session["refresh_token"],
            "client_id": session["client_id"],
        }

        as_form = peer.http.post(url, data=fields, headers=BETA)
        without_beta = peer.http.post(url, json=fields)
        right = peer.http.post(
            url, json=fields, headers={"anthropic-beta": f"something-else, {BETA['anthropic-beta']}"}
        )

        assert [as_form.status_code, without_beta.status_code, right.status_code] == [400, 400, 200]


class TestGemini:
    def test_the_bare_scope_is_refused_on_a_page(self, peer: Peer) -> None:
        with pytest.raises(PageRefused, match="invalid_scope"):
            approve(peer.attempt("gemini").address(scope="https://www.googleapis.com/auth/generative-language"))

    def test_a_refresh_token_needs_offline_access(self, peer: Peer) -> None:
        attempt = peer.attempt("gemini")
        callback = peer.consent(attempt, access_type=None)

        assert "refresh_token" not in peer.token("gemini", attempt.exchange_fields(callback)).json()

    def test_a_refresh_token_comes_again_only_with_a_new_consent(self, peer_with: PeerWith) -> None:
        fresh = peer_with(SandboxSettings())
        answers = []
        for prompt in (None, None, "consent"):
            attempt = fresh.attempt("gemini")
            callback = fresh.consent(attempt, prompt=prompt)
            answers.append("refresh_token" in fresh.token("gemini", attempt.exchange_fields(callback)).json())

        assert answers == [True, False, True]

    @pytest.mark.parametrize("secret", [None, "wrong"])
    def test_the_client_secret_is_required(self, peer: Peer, secret: str | None) -> None:
        attempt = peer.attempt("gemini")

        answer = peer.token("gemini", attempt.exchange_fields(peer.consent(attempt), client_secret=secret))

        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    def test_an_unticked_scope_is_missing_from_the_answer_and_at_the_api(self, peer: Peer) -> None:
        attempt = peer.attempt("gemini")
        scope = "https://www.googleapis.com/auth/cloud-platform"
        callback = query_of(approve(attempt.address(), scopes_unticked=[scope]))

        session = peer.token("gemini", attempt.exchange_fields(callback)).json()
        chat = peer.chat("gemini", peer.headers("gemini", session["access_token"]))

        assert scope not in session["scope"].split()
        assert chat.status_code == 403
        assert chat.json()[0]["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"

    def test_a_consent_screen_in_testing_ends_sign_ins_after_seven_days(
        self, clock: Clock, peer_with: PeerWith
    ) -> None:
        testing = peer_with(SandboxSettings(clock=clock, gemini_testing=True))
        session = testing.sign_in("gemini")
        clock.now += 7 * 24 * 3600

        assert session["refresh_token_expires_in"] == 7 * 24 * 3600
        assert testing.refresh("gemini", session).json()["error"] == "invalid_grant"
