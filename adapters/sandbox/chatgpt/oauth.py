"""Sign in with ChatGPT: OpenAI's dialect of OpenID Connect with self-registration of local programs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import JSONResponse, Response

from adapters.sandbox.authorization import (
    AuthorizeRequest,
    OAuthRefused,
    check_loopback,
    check_pkce,
    check_scopes,
)
from adapters.sandbox.chatgpt.errors import openai_error, refusal
from adapters.sandbox.consent_page import ScopeChoice
from adapters.sandbox.endpoint import Call, ErrorAnswer, Refused, World
from adapters.sandbox.faults import Fault
from adapters.sandbox.id_tokens import id_token, public_keys
from adapters.sandbox.oauth_server import NO_STORE, OAuthServer, person
from adapters.sandbox.settings import CHATGPT, PEOPLE, Account
from adapters.sandbox.tokens import Grant, RefreshRefused, TokenPair

BOOTSTRAP_CLIENT: Final = "dynamic_agent_client"
PLAN_SCOPE: Final = "chatgpt.tokens.use.direct"
SCOPES: Final = ("openid", "profile", "email", "offline_access", "resource.invoke", PLAN_SCOPE)
RESOURCE: Final = "https://api.openai.com/v1"
ID_TOKEN_SECONDS: Final = 3600

_EXCHANGE_FIELDS: Final = {"grant_type", "client_id", "code", "code_verifier", "redirect_uri", "resource"}
_REFRESH_FIELDS: Final = {"grant_type", "client_id", "refresh_token", "resource"}
_REFRESH_ERRORS: Final = {
    "unknown": "invalid_grant",
    "expired": "refresh_token_expired",
    "revoked": "refresh_token_invalidated",
    "reused": "refresh_token_reused",
}


@dataclass(eq=False, slots=True)
class RegisteredClient:
    """A client that registered itself: of one user, on one installation."""

    client_id: str
    account: str
    app_name: str
    refused: set[str] = field(default_factory=set)
    """Optional scopes the user unticked; not offered again unless asked with `prompt=consent`."""


class ChatGPTServer(OAuthServer):
    """`auth.openai.com`'s part of the sandbox."""

    provider = CHATGPT
    provider_name = "ChatGPT"
    authorize_path = "/api/accounts/authorize"
    token_path = "/api/accounts/oauth/token"
    revoke_path = "/api/accounts/oauth/revoke"

    def __init__(self, *, world: World, origin: str) -> None:
        super().__init__(world=world, origin=origin)
        self._clients: dict[str, RegisteredClient] = {}
        self._registrations = 0
        self._lock = threading.Lock()

    @property
    def registrations(self) -> int:
        """How many clients have registered themselves so far."""
        return self._registrations

    def forget_clients(self) -> None:
        """Know none of the clients that registered themselves any more."""
        with self._lock:
            self._clients.clear()

    @property
    def resources(self) -> tuple[str, str]:
        """The values of `resource` (RFC 8707) that mean this API."""
        return RESOURCE, f"{self.origin}/v1"

    async def discovery(self, call: Call) -> Response:
        """OpenID Connect Discovery 1.0, section 3."""
        return JSONResponse(
            {
                "issuer": self.origin,
                "authorization_endpoint": self.origin + self.authorize_path,
                "token_endpoint": self.origin + self.token_path,
                "revocation_endpoint": self.origin + self.revoke_path,
                "jwks_uri": f"{self.origin}/.well-known/jwks.json",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": list(SCOPES),
            }
        )

    async def jwks(self, call: Call) -> Response:
        """The keys that sign id_tokens."""
        return JSONResponse(await asyncio.to_thread(public_keys))

    def check_client(self, params: Mapping[str, str]) -> str:
        client_id = params.get("client_id", "")
        if client_id != BOOTSTRAP_CLIENT and client_id not in self._clients:
            raise OAuthRefused("invalid_client", "This client is not registered.")
        return check_loopback(params.get("redirect_uri", ""), hosts=("127.0.0.1",), path="/auth/callback")

    def check_request(self, params: Mapping[str, str]) -> AuthorizeRequest:
        if params.get("response_type") != "code":
            raise OAuthRefused("unsupported_response_type", "response_type must be code.")
        challenge = check_pkce(params)
        scopes = check_scopes(params, SCOPES)
        self._check_own_parameters(params, scopes)
        return AuthorizeRequest(
            provider=CHATGPT,
            client_id=params["client_id"],
            redirect_uri=params["redirect_uri"],
            scopes=scopes,
            state=params["state"],
            challenge=challenge,
            params=params,
        )

    def choices(self, request: AuthorizeRequest) -> Sequence[ScopeChoice]:
        asked_again = "consent" in request.params.get("prompt", "").split()
        client = self._clients.get(request.client_id)
        hidden = set() if asked_again or client is None else client.refused
        texts = {
            "openid": "Know who you are",
            "profile": "See your name",
            "email": "See your e-mail address",
            "offline_access": "Stay signed in until you end it",
            "resource.invoke": "Send requests to OpenAI on your behalf",
            PLAN_SCOPE: "Use your ChatGPT plan for its requests",
        }
        return [
            ScopeChoice(scope, texts[scope], optional=scope == PLAN_SCOPE)
            for scope in request.scopes
            if scope not in hidden
        ]

    def app_name(self, request: AuthorizeRequest) -> str:
        client = self._clients.get(request.client_id)
        return client.app_name if client else request.params["agent_name_hint"]

    def accounts(self, request: AuthorizeRequest) -> Sequence[Account]:
        client = self._clients.get(request.client_id)
        owner = person(client.account) if client else None
        return [owner] if owner else PEOPLE

    def allow(self, request: AuthorizeRequest, account: Account, scopes: tuple[str, ...]) -> dict[str, str]:
        registering = request.client_id == BOOTSTRAP_CLIENT
        if registering:
            client = self._register(account, request.params["agent_name_hint"])
        else:
            client = self._clients[request.client_id]
        client.refused = set(request.scopes) - set(scopes)
        code = self.authorizations.issue_code(request, client_id=client.client_id, account=account.email, scopes=scopes)
        query = {"code": code.value, "scope": " ".join(scopes)}
        return {**query, "client_id": client.client_id} if registering else query

    async def exchange(self, call: Call) -> Response:
        self._check_fields(call, _EXCHANGE_FIELDS)
        code = self.redeemed(call)
        return await self.exchanged(call, code, with_refresh="offline_access" in code.scopes)

    async def renew(self, call: Call) -> Response:
        self._check_fields(call, _REFRESH_FIELDS)
        try:
            pair = call.issued = self.world.tokens.rotate(
                call.text("refresh_token"), provider=CHATGPT, client_id=call.text("client_id")
            )
        except RefreshRefused as refused:
            code = _REFRESH_ERRORS[refused.reason]
            if code == "invalid_grant":
                raise Refused(self.token_error(code, "The refresh token is not known.")) from refused
            raise Refused(openai_error(401, code, "Your session has ended. Please sign in again.")) from refused
        return JSONResponse(await self.answer_of(pair.access.grant, pair, nonce=None, renewal=True), headers=NO_STORE)

    async def revoke(self, call: Call) -> Response:
        """RFC 7009: an empty 200, also for a token that is dead or unknown."""
        self.require(call)
        if not call.text("token"):
            raise Refused(self.token_error("invalid_request", "token is missing."))
        if call.token is not None and call.token.grant.client_id == call.text("client_id"):
            self.world.tokens.revoke(call.text("token"), provider=CHATGPT)
        return Response(status_code=200)

    async def answer_of(self, grant: Grant, pair: TokenPair, *, nonce: str | None, renewal: bool) -> dict[str, object]:
        now = int(self.world.settings.clock())
        wait = self.world.settings.chatgpt_earliest_refresh
        answer: dict[str, object] = {
            "access_token": pair.access.value,
            "token_type": "Bearer",
            "expires_in": self.life_left(pair),
            "scope": " ".join(grant.scopes),
            "earliest_refresh_at": None if wait is None else now + wait,
        }
        if pair.refresh is not None:
            answer["refresh_token"] = pair.refresh.value
        if "openid" in grant.scopes:
            answer["id_token"] = await asyncio.to_thread(id_token, self._claims(grant, now, nonce))
        return answer

    def token_error(self, error: str, description: str, *, status: int = 400) -> ErrorAnswer:
        body = {"error": error, "error_description": description}
        return ErrorAnswer(status, body, code=error, headers=NO_STORE)

    async def direct_session(self, account: Account, access_seconds: float | None) -> dict[str, object]:
        client = self._register(account, "keyswitch")
        grant = self.world.tokens.open_grant(
            provider=CHATGPT, account=account.email, client_id=client.client_id, scopes=SCOPES
        )
        pair = self.world.tokens.issue(grant, with_refresh=True, access_seconds=access_seconds)
        return {**await self.answer_of(grant, pair, nonce=None, renewal=False), "client_id": client.client_id}

    def refusal(self, kind: str, fault: Fault) -> ErrorAnswer:
        return refusal(kind, fault)

    def not_found(self, call: Call) -> ErrorAnswer:
        if call.live and call.token is not None and call.request.url.path.startswith("/v1/"):
            text = "This token is good for the Responses API and the list of models."
            return openai_error(403, "subscription_sharing_route_not_supported", text)
        return openai_error(404, "not_found", f"Unknown request URL: {call.request.method} {call.request.url.path}")

    def _check_own_parameters(self, params: Mapping[str, str], scopes: tuple[str, ...]) -> None:
        bootstrap = params["client_id"] == BOOTSTRAP_CLIENT
        wrong = [name for name in ("state", "nonce", "ext_agent_host_id") if not params.get(name)]
        if not params.get("ext_agent_host_id", "").startswith("urn:"):
            wrong.append("ext_agent_host_id")
        if params.get("resource") not in self.resources:
            raise OAuthRefused("invalid_target", "resource must be the API that is to be called.")
        if bool(params.get("agent_name_hint")) != bootstrap:
            wrong.append("agent_name_hint")  # names a new client, and only a new one
        if "openid" not in scopes:
            raise OAuthRefused("invalid_scope", "openid is required.")
        if wrong:
            raise OAuthRefused("invalid_request", f"Missing or wrong: {', '.join(dict.fromkeys(wrong))}")

    def _check_fields(self, call: Call, expected: set[str]) -> None:
        self.require(call)
        client_id = call.text("client_id")
        if client_id not in self._clients:
            raise Refused(self.token_error("invalid_client", "This client is not registered.", status=401))
        if call.fields.keys() != expected:
            names = ", ".join(sorted(call.fields.keys() ^ expected))
            raise Refused(self.token_error("invalid_request", f"Missing or unexpected: {names}"))
        if call.text("resource") not in self.resources:
            raise Refused(self.token_error("invalid_target", "resource must be the API that is to be called."))

    def _register(self, account: Account, app_name: str) -> RegisteredClient:
        with self._lock:
            client = RegisteredClient(f"oaiapp_{self.world.mint.hex(24)}", account.email, app_name)
            self._clients[client.client_id] = client
            self._registrations += 1
            return client

    def _claims(self, grant: Grant, now: int, nonce: str | None) -> dict[str, object]:
        account = person(grant.account)
        assert account is not None  # noqa: S101 - grants are made for known people only
        claims: dict[str, object] = {
            "iss": self.origin,
            "sub": f"user-{account.subject}",
            "aud": grant.client_id,
            "azp": grant.client_id,
            "iat": now,
            "exp": now + ID_TOKEN_SECONDS,
            "auth_time": int(grant.created_at),
            "email": account.email,
            "email_verified": True,
            "name": account.name,
        }
        return claims if nonce is None else {**claims, "nonce": nonce}
