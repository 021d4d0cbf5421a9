"""What serves the sessions that OpenAI's Codex made: its token endpoint and the API behind chatgpt.com.

Both know only Codex's own client, and only sessions that exist: there is no authorize page for it here, since no
program but Codex may start a sign-in with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.sandbox.answers import compose, stream
from adapters.sandbox.chatgpt.api import question_of
from adapters.sandbox.chatgpt.errors import detail, openai_error, refusal
from adapters.sandbox.chatgpt.events import error_event, events
from adapters.sandbox.endpoint import FORM, JSON, Call, Dialect, ErrorAnswer, Origin, Refused, World
from adapters.sandbox.faults import Fault
from adapters.sandbox.id_tokens import id_token
from adapters.sandbox.oauth_server import NO_STORE, person
from adapters.sandbox.settings import CHATGPT, Account
from adapters.sandbox.tokens import Grant, RefreshRefused, TokenPair

CLIENT: Final = "app_EMoamEEZ73f0CkXaXp7hrann"
SCOPES: Final = ("openid", "profile", "email", "offline_access")
API_PATH: Final = "/backend-api/codex"

_TOKEN_PATH: Final = "/oauth/token"
_REVOKE_PATH: Final = "/oauth/revoke"
_REFRESH_FIELDS: Final = {"client_id", "grant_type", "refresh_token"}
_ID_TOKEN_SECONDS: Final = 3600
_LIMIT_SECONDS: Final = 5400
_REFRESH_ERRORS: Final = {
    "unknown": "refresh_token_invalidated",
    "expired": "refresh_token_expired",
    "revoked": "refresh_token_invalidated",
    "reused": "refresh_token_reused",
}


class CodexServer(Dialect):
    """The older half of ChatGPT's origin."""

    def __init__(self, *, world: World, origin: str) -> None:
        self._world = world
        self._origin = origin

    def routes(self) -> list[Route]:
        """The endpoints, with errors in their own words."""
        origin = Origin(provider=CHATGPT, world=self._world, dialect=self)
        return [
            origin.route(_TOKEN_PATH, "token", self.token, methods=("POST",)),
            origin.route(_REVOKE_PATH, "revoke", self.revoke, methods=("POST",)),
            origin.route(f"{API_PATH}/responses", "chat", self.responses, methods=("POST",)),
        ]

    def settings(self) -> dict[str, object]:
        """`[providers.chatgpt.imported]` of config.toml for this sandbox."""
        return {
            "token_url": self._origin + _TOKEN_PATH,
            "revoke_url": self._origin + _REVOKE_PATH,
            "api_base": self._origin + API_PATH,
        }

    async def stored_file(self, account: Account, access_seconds: float | None) -> dict[str, object]:
        """What Codex would have in its `auth.json` after a sign-in of *account*."""
        grant = self._world.tokens.open_grant(provider=CHATGPT, account=account.email, client_id=CLIENT, scopes=SCOPES)
        pair = self._world.tokens.issue(grant, with_refresh=True, access_seconds=access_seconds)
        answer = await self._answer(grant, pair)
        tokens = {name: answer[name] for name in ("id_token", "access_token", "refresh_token")}
        return {
            "OPENAI_API_KEY": None,
            "tokens": {**tokens, "account_id": workspace(account)},
            "last_refresh": datetime.fromtimestamp(self._world.settings.clock(), UTC).isoformat(),
        }

    async def token(self, call: Call) -> Response:
        """Renew; a form or JSON. There is nothing to exchange a code of."""
        if call.content_type not in {FORM, JSON}:
            raise Refused(_oauth_error("invalid_request", "Content-Type must be application/json."))
        if call.text("grant_type") != "refresh_token":
            raise Refused(_oauth_error("unsupported_grant_type", "Only sessions that exist can be renewed here."))
        if call.text("client_id") != CLIENT:
            raise Refused(_oauth_error("invalid_client", "This client is not known.", status=401))
        if not call.fields.keys() >= _REFRESH_FIELDS or call.fields.keys() - _REFRESH_FIELDS - {"scope"}:
            names = ", ".join(sorted(call.fields.keys() ^ _REFRESH_FIELDS))
            raise Refused(_oauth_error("invalid_request", f"Missing or unexpected: {names}"))
        try:
            pair = call.issued = self._world.tokens.rotate(
                call.text("refresh_token"), provider=CHATGPT, client_id=CLIENT
            )
        except RefreshRefused as refused:
            code = _REFRESH_ERRORS[refused.reason]
            raise Refused(openai_error(401, code, "Your session has ended. Please sign in again.")) from refused
        return JSONResponse(await self._answer(pair.access.grant, pair), headers=NO_STORE)

    async def revoke(self, call: Call) -> Response:
        """An empty 200, also for a token that is dead or unknown."""
        if call.content_type != JSON or not call.text("token"):
            raise Refused(_oauth_error("invalid_request", "A JSON object with a token is needed."))
        if call.token is not None and call.token.grant.client_id == CLIENT == call.text("client_id"):
            self._world.tokens.revoke(call.text("token"), provider=CHATGPT)
        return Response(status_code=200)

    async def responses(self, call: Call) -> Response:
        """The answer to `POST /backend-api/codex/responses`."""
        body = call.fields
        self._check_credential(call)
        if not isinstance(body.get("instructions"), str) or not body["instructions"]:
            raise Refused(detail(400, "Instructions are required", code="no_instructions"))
        question = question_of(body, plan=True, documents=False)
        call.wire_model = question.model
        charge = partial(self._world.till.openai, call.credential, question.model, body, plan=True)
        answer = compose(question, call, charge)
        all_events = events(f"resp_{self._world.mint.hex()}", body, answer, plan=True, fault=call.fault)
        return stream(call, self._world, all_events, error_event=error_event, headers={"x-request-id": "req_fake"})

    def refusal(self, kind: str, fault: Fault) -> ErrorAnswer:
        """As everywhere at OpenAI, but for a plan's limit, which names its end."""
        if kind != "chat" or fault.reason != "plan_limit":
            return refusal(kind, fault)
        error = {
            "type": "usage_limit_reached",
            "message": "The usage limit has been reached",
            "plan_type": "plus",
            "resets_at": int(self._world.settings.clock()) + _LIMIT_SECONDS,
            "resets_in_seconds": _LIMIT_SECONDS,
        }
        return ErrorAnswer(429, {"error": error}, code="usage_limit_reached")

    def not_found(self, call: Call) -> ErrorAnswer:
        """Never reached: what is not found is found so by ChatGPT's other half."""
        return detail(404, "Not Found", code="not_found")

    def _check_credential(self, call: Call) -> None:
        if not call.live or call.token is None:
            raise Refused(detail(401, "Could not validate your token. Please sign in again.", code="invalid_token"))
        account = person(call.token.grant.account)
        if call.token.grant.client_id != CLIENT or account is None:
            raise Refused(detail(403, "This token is for another API.", code="wrong_audience"))
        if call.request.headers.get("chatgpt-account-id") != workspace(account):
            raise Refused(detail(403, "This workspace is not the token's.", code="wrong_workspace"))
        if not call.request.headers.get("originator"):
            raise Refused(detail(400, "The originator header is missing.", code="no_originator"))

    async def _answer(self, grant: Grant, pair: TokenPair) -> dict[str, object]:
        assert pair.refresh is not None  # noqa: S101 - every pair of this client has one
        claims = self._claims(grant)
        return {
            "id_token": await asyncio.to_thread(id_token, claims),
            "access_token": pair.access.value,
            "refresh_token": pair.refresh.value,
        }

    def _claims(self, grant: Grant) -> dict[str, object]:
        account = person(grant.account)
        assert account is not None  # noqa: S101 - grants are made for known people only
        now = int(self._world.settings.clock())
        return {
            "iss": self._origin,
            "sub": f"auth0|{account.subject}",
            "aud": [CLIENT],
            "iat": now,
            "exp": now + _ID_TOKEN_SECONDS,
            "email": account.email,
            "email_verified": True,
            "https://api.openai.com/auth": {
                "chatgpt_account_id": workspace(account),
                "chatgpt_user_id": f"user-{account.subject}",
                "chatgpt_plan_type": "plus",
            },
        }


def workspace(account: Account) -> str:
    """The id of *account*'s workspace, which each request has to name."""
    return f"ws-fake-{account.subject}"


def _oauth_error(code: str, description: str, *, status: int = 400) -> ErrorAnswer:
    body: Mapping[str, str] = {"error": code, "error_description": description}
    return ErrorAnswer(status, body, code=code, headers=NO_STORE)
