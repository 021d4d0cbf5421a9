"""Google's OAuth for installed apps, as far as the Gemini API needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import JSONResponse, Response

from adapters.sandbox.authorization import (
    AuthorizeRequest,
    OAuthRefused,
    check_loopback,
    check_pkce,
    check_scopes,
)
from adapters.sandbox.consent_page import ScopeChoice
from adapters.sandbox.endpoint import Call, ErrorAnswer, Refused
from adapters.sandbox.faults import Fault
from adapters.sandbox.gemini.errors import google_error, refusal
from adapters.sandbox.id_tokens import id_token
from adapters.sandbox.oauth_server import NO_STORE, OAuthServer, person
from adapters.sandbox.settings import GEMINI, Account
from adapters.sandbox.tokens import Grant, RefreshRefused, TokenPair

_PREFIX: Final = "https://www.googleapis.com/auth/"
CLOUD_SCOPE: Final = f"{_PREFIX}cloud-platform"
RETRIEVER_SCOPE: Final = f"{_PREFIX}generative-language.retriever"
SCOPES: Final = (CLOUD_SCOPE, RETRIEVER_SCOPE, "openid", "email")
"""What a client should ask for."""
_TEXTS: Final = {
    CLOUD_SCOPE: "See, edit, configure and delete your Google Cloud data",
    RETRIEVER_SCOPE: "Use the Gemini API with your data",
    f"{_PREFIX}generative-language.peruserquota": "Use the Gemini API within your own quota",
    f"{_PREFIX}userinfo.email": "See your e-mail address",
    "openid": "Associate you with your personal info on Google",
    "email": "See your e-mail address",
    "profile": "See your personal info",
}
ID_TOKEN_SECONDS: Final = 3600


class GeminiServer(OAuthServer):
    """`accounts.google.com`'s part of the sandbox."""

    provider = GEMINI
    provider_name = "Google"
    authorize_path = "/o/oauth2/v2/auth"
    token_path = "/token"
    revoke_path = "/revoke"

    def check_client(self, params: Mapping[str, str]) -> str:
        if params.get("client_id") != self.world.settings.gemini_client_id:
            raise OAuthRefused("invalid_client", "The OAuth client was not found.")
        return check_loopback(params.get("redirect_uri", ""), hosts=("127.0.0.1", "localhost"), path=None)

    def check_request(self, params: Mapping[str, str]) -> AuthorizeRequest:
        if params.get("response_type") != "code":
            raise OAuthRefused("unsupported_response_type", "response_type must be code.", on_page=True)
        try:
            scopes = check_scopes(params, tuple(_TEXTS))
        except OAuthRefused as refused:  # Google shows a page: Error 400: invalid_scope
            raise OAuthRefused(refused.error, refused.description, on_page=True) from refused
        return AuthorizeRequest(
            provider=GEMINI,
            client_id=params["client_id"],
            redirect_uri=params["redirect_uri"],
            scopes=scopes,
            state=params.get("state", ""),
            challenge=check_pkce(params),
            params=params,
        )

    def choices(self, request: AuthorizeRequest) -> Sequence[ScopeChoice]:
        return [ScopeChoice(scope, _TEXTS[scope], optional=scope.startswith(_PREFIX)) for scope in request.scopes]

    def allow(self, request: AuthorizeRequest, account: Account, scopes: tuple[str, ...]) -> dict[str, str]:
        code = self.authorizations.issue_code(
            request, client_id=request.client_id, account=account.email, scopes=scopes
        )
        return {"code": code.value, "scope": " ".join(scopes), "authuser": "0", "prompt": "consent"}

    async def exchange(self, call: Call) -> Response:
        self._check_client(call)
        code = self.redeemed(call)
        params = code.request.params
        first = not self.world.tokens.has_grant(GEMINI, code.account, code.client_id)
        asked = "consent" in params.get("prompt", "").split()
        return await self.exchanged(
            call, code, with_refresh=params.get("access_type") == "offline" and (first or asked)
        )

    async def renew(self, call: Call) -> Response:
        self._check_client(call)
        try:
            tokens = self.world.tokens
            renew = tokens.rotate if self.world.settings.gemini_rotates else tokens.renew_access
            pair = call.issued = renew(call.text("refresh_token"), provider=GEMINI, client_id=call.text("client_id"))
        except RefreshRefused as refused:
            description = "Token has been expired or revoked."
            raise Refused(self.token_error("invalid_grant", description)) from refused
        answer = await self.answer_of(pair.access.grant, pair, nonce=None, renewal=True)
        return JSONResponse(answer, headers=NO_STORE)

    async def revoke(self, call: Call) -> Response:
        """Takes access and refresh tokens alike, and ends all that the account allowed the client.

        Unlike RFC 7009, 2.2, an unknown one is an error.
        """
        self.require(call)
        if not self.world.tokens.revoke(call.text("token"), provider=GEMINI, whole_consent=True):
            raise Refused(self.token_error("invalid_token", "Token expired or revoked"))
        return JSONResponse({})

    async def answer_of(self, grant: Grant, pair: TokenPair, *, nonce: str | None, renewal: bool) -> dict[str, object]:
        now = int(self.world.settings.clock())
        answer: dict[str, object] = {
            "access_token": pair.access.value,
            "expires_in": self.life_left(pair),
            "scope": " ".join(grant.scopes),
            "token_type": "Bearer",
        }
        if pair.refresh is not None:
            answer["refresh_token"] = pair.refresh.value
            if pair.refresh.expires_at is not None:
                answer["refresh_token_expires_in"] = max(0, round(pair.refresh.expires_at - now))
        if "openid" in grant.scopes:
            answer["id_token"] = await asyncio.to_thread(id_token, self._claims(grant, now, nonce))
        return answer

    def token_error(self, error: str, description: str, *, status: int = 400) -> ErrorAnswer:
        body = {"error": error, "error_description": description}
        return ErrorAnswer(status, body, code=error, headers=NO_STORE)

    async def direct_session(self, account: Account, access_seconds: float | None) -> dict[str, object]:
        client_id = self.world.settings.gemini_client_id
        grant = self.world.tokens.open_grant(provider=GEMINI, account=account.email, client_id=client_id, scopes=SCOPES)
        pair = self.world.tokens.issue(grant, with_refresh=True, access_seconds=access_seconds)
        return {**await self.answer_of(grant, pair, nonce=None, renewal=False), "client_id": client_id}

    def refusal(self, kind: str, fault: Fault) -> ErrorAnswer:
        return refusal(kind, fault)

    def not_found(self, call: Call) -> ErrorAnswer:
        return google_error(404, "NOT_FOUND", f"{call.request.method} {call.request.url.path} was not found.")

    def _check_client(self, call: Call) -> None:
        self.require(call)
        settings = self.world.settings
        if (call.text("client_id"), call.text("client_secret")) != (
            settings.gemini_client_id,
            settings.gemini_client_secret,
        ):
            raise Refused(self.token_error("invalid_client", "Unauthorized", status=401))

    def _claims(self, grant: Grant, now: int, nonce: str | None) -> dict[str, object]:
        account = person(grant.account)
        assert account is not None  # noqa: S101 - grants are made for known people only
        claims: dict[str, object] = {
            "iss": self.origin,
            "sub": str(int(account.subject[:8], 16) * 10_000_000_001),
            "aud": grant.client_id,
            "azp": grant.client_id,
            "iat": now,
            "exp": now + ID_TOKEN_SECONDS,
        }
        if "email" in grant.scopes or f"{_PREFIX}userinfo.email" in grant.scopes:
            claims |= {"email": account.email, "email_verified": True}
        return claims if nonce is None else {**claims, "nonce": nonce}
