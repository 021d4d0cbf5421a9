"""Claude Console sign-in: Anthropic's dialect of OAuth."""

from __future__ import annotations

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
from adapters.sandbox.claude.errors import BETA, anthropic_error, refusal
from adapters.sandbox.consent_page import ScopeChoice, code_page, error_page
from adapters.sandbox.device import DEVICE_GRANT, DeviceFlow
from adapters.sandbox.endpoint import FORM, JSON, Call, ErrorAnswer, Refused, World
from adapters.sandbox.faults import Fault
from adapters.sandbox.oauth_server import NO_STORE, OAuthServer, person
from adapters.sandbox.settings import CLAUDE, Account
from adapters.sandbox.tokens import Grant, RefreshRefused, TokenPair

SCOPES: Final = ("user:profile", "user:inference", "user:developer")


class ClaudeServer(OAuthServer):
    """`platform.claude.com`'s part of the sandbox."""

    provider = CLAUDE
    provider_name = "Claude"
    authorize_path = "/oauth/authorize"
    token_path = "/v1/oauth/token"
    revoke_path = "/v1/oauth/token/revoke"
    code_path = "/oauth/code/callback"

    def __init__(self, *, world: World, origin: str) -> None:
        super().__init__(world=world, origin=origin)
        # Anthropic documents no device authorization; a client of one's own may be at a server that has one.
        self.device = DeviceFlow(server=self, client_id=world.settings.claude_client_id, scopes=SCOPES)
        self.grants[DEVICE_GRANT] = self.device.poll

    def check_client(self, params: Mapping[str, str]) -> str:
        if params.get("client_id") != self.world.settings.claude_client_id:
            raise OAuthRefused("invalid_client", "This client is not registered.")
        redirect_uri = params.get("redirect_uri", "")
        if redirect_uri == self.origin + self.code_path:
            return redirect_uri
        return check_loopback(redirect_uri, hosts=("localhost",), path="/callback")

    def check_request(self, params: Mapping[str, str]) -> AuthorizeRequest:
        if params.get("response_type") != "code":
            raise OAuthRefused("unsupported_response_type", "response_type must be code.")
        if not params.get("state"):
            raise OAuthRefused("invalid_request", "state is required.")
        return AuthorizeRequest(
            provider=CLAUDE,
            client_id=params["client_id"],
            redirect_uri=params["redirect_uri"],
            scopes=check_scopes(params, SCOPES),
            state=params["state"],
            challenge=check_pkce(params),
            params=params,
        )

    def choices(self, request: AuthorizeRequest) -> Sequence[ScopeChoice]:
        texts = {
            "user:profile": "See your name and e-mail address",
            "user:inference": "Send requests to Claude, billed to your Console organization",
            "user:developer": "Use developer features of your Console organization",
        }
        return [ScopeChoice(scope, texts[scope]) for scope in request.scopes]

    def callback_address(self, request: AuthorizeRequest) -> str:
        return self.origin + self.code_path if request.params.get("code") == "true" else request.redirect_uri

    def allow(self, request: AuthorizeRequest, account: Account, scopes: tuple[str, ...]) -> dict[str, str]:
        code = self.authorizations.issue_code(
            request, client_id=request.client_id, account=account.email, scopes=scopes
        )
        return {"code": code.value}

    async def show_code(self, call: Call) -> Response:
        """The page that shows `code#state` to paste."""
        if "code" not in call.query:
            return error_page(call.query.get("error", "invalid_request"), call.query.get("error_description", ""))
        return code_page(self.provider_name, f"{call.query['code']}#{call.query.get('state', '')}")

    async def exchange(self, call: Call) -> Response:
        self.require(call, (FORM, JSON))
        self._check_client(call)
        state = call.text("state")
        if not state:
            raise Refused(
                anthropic_error(400, "invalid_request_error", "state is required", code="oauth_request_parse_error")
            )
        if state == call.text("code_verifier"):
            raise Refused(self.token_error("invalid_request", "state and code_verifier must differ."))
        code = self.redeemed(call)
        if state != code.request.state:
            raise Refused(self.token_error("invalid_grant", "state is not the one the code was issued for."))
        return await self.exchanged(call, code)

    async def renew(self, call: Call) -> Response:
        self.require(call, (JSON,))
        if BETA not in call.request.headers.get("anthropic-beta", "").replace(" ", "").split(","):
            raise Refused(self.token_error("invalid_request", f"Header anthropic-beta: {BETA} is required."))
        self._check_client(call)
        try:
            pair = call.issued = self.world.tokens.rotate(
                call.text("refresh_token"), provider=CLAUDE, client_id=call.text("client_id")
            )
        except RefreshRefused as refused:
            raise Refused(self.token_error("invalid_grant", "Refresh token not found or invalid")) from refused
        answer = await self.answer_of(pair.access.grant, pair, nonce=None, renewal=True)
        return JSONResponse(answer, headers=NO_STORE)

    async def revoke(self, call: Call) -> Response:
        """200 also for a token that is dead or unknown (RFC 7009, 2.2)."""
        self.require(call, (JSON,))
        self._check_client(call)
        if not call.text("token"):
            raise Refused(self.token_error("invalid_request", "token is missing."))
        self.world.tokens.revoke(call.text("token"), provider=CLAUDE)
        return JSONResponse({})

    async def answer_of(self, grant: Grant, pair: TokenPair, *, nonce: str | None, renewal: bool) -> dict[str, object]:
        account = person(grant.account)
        assert account is not None  # noqa: S101 - grants are made for known people only
        answer: dict[str, object] = {
            "token_type": "Bearer",
            "access_token": pair.access.value,
            "expires_in": self.life_left(pair),
            "scope": " ".join(grant.scopes),
            "account": {"uuid": account.subject, "email_address": account.email},
            "organization": {"uuid": f"org-{account.subject}", "name": account.organization},
        }
        if pair.refresh is not None:
            answer["refresh_token"] = pair.refresh.value
            if pair.refresh.expires_at is not None:
                left = pair.refresh.expires_at - self.world.settings.clock()
                answer["refresh_token_expires_in"] = max(0, round(left))
        return answer

    def token_error(self, error: str, description: str, *, status: int = 400) -> ErrorAnswer:
        body = {"error": error, "error_description": description}
        return ErrorAnswer(status, body, code=error, headers=NO_STORE)

    async def direct_session(self, account: Account, access_seconds: float | None) -> dict[str, object]:
        client_id = self.world.settings.claude_client_id
        grant = self.world.tokens.open_grant(provider=CLAUDE, account=account.email, client_id=client_id, scopes=SCOPES)
        pair = self.world.tokens.issue(grant, with_refresh=True, access_seconds=access_seconds)
        return {**await self.answer_of(grant, pair, nonce=None, renewal=False), "client_id": client_id}

    def refusal(self, kind: str, fault: Fault) -> ErrorAnswer:
        return refusal(kind, fault)

    def not_found(self, call: Call) -> ErrorAnswer:
        return anthropic_error(404, "not_found_error", f"Not found: {call.request.method} {call.request.url.path}")

    def _check_client(self, call: Call) -> None:
        if call.text("client_id") != self.world.settings.claude_client_id:
            raise Refused(self.token_error("invalid_client", "This client is not registered.", status=401))
