"""What is one vendor's own at sign-in."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from adapters.sandbox.scripted_browser import PageRefused, approve
from adapters.sandbox.settings import SandboxSettings
from tests.integration.sandbox.conftest import Clock, PeerWith
from tests.integration.sandbox.peer import BETA, Peer, query_of


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
        later: dict[str, Any] = {"client_id": callback["client_id"], "agent_name_hint": None}

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
