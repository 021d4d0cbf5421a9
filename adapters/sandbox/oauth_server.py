"""What the three authorization servers have in common; `chatgpt`, `claude` and `gemini` fill in their dialects."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from starlette.responses import JSONResponse, RedirectResponse, Response

from adapters.sandbox.authorization import (
    Authorizations,
    AuthorizeRequest,
    Code,
    OAuthRefused,
)
from adapters.sandbox.consent_page import ConsentView, ScopeChoice, consent_page, error_page
from adapters.sandbox.endpoint import FORM, Call, Dialect, ErrorAnswer, Refused, World
from adapters.sandbox.settings import PEOPLE, Account
from adapters.sandbox.tokens import Grant, TokenPair

NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
"""RFC 6749, 5.1."""


class OAuthServer(Dialect, ABC):
    """Authorize page, code exchange, renewal and revocation of one provider."""

    provider: str
    provider_name: str
    authorize_path: str
    token_path: str
    revoke_path: str

    def __init__(self, *, world: World, origin: str) -> None:
        self.world = world
        self.origin = origin
        self.authorizations = Authorizations(settings=world.settings, mint=world.mint)
        self.grants: dict[str, Callable[[Call], Awaitable[Response]]] = {
            "authorization_code": self.exchange,
            "refresh_token": self.renew,
        }
        """What answers a token request, by its grant type."""

    # What differs from vendor to vendor

    @abstractmethod
    def check_client(self, params: Mapping[str, str]) -> str:
        """The redirect address of an authorize query, once client and address are known to belong together.

        Raises:
            OAuthRefused: They do not.
        """

    @abstractmethod
    def check_request(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """The rest of an authorize query.

        Raises:
            OAuthRefused: Something is missing or wrong.
        """

    @abstractmethod
    def choices(self, request: AuthorizeRequest) -> Sequence[ScopeChoice]:
        """The permissions to show."""

    @abstractmethod
    def allow(self, request: AuthorizeRequest, account: Account, scopes: tuple[str, ...]) -> dict[str, str]:
        """Issue a code; what the callback's query holds besides `state`.

        Raises:
            OAuthRefused: This account cannot be used with this client.
        """

    @abstractmethod
    async def exchange(self, call: Call) -> Response:
        """Answer a token request with grant type authorization_code."""

    @abstractmethod
    async def renew(self, call: Call) -> Response:
        """Answer a token request with grant type refresh_token."""

    @abstractmethod
    async def revoke(self, call: Call) -> Response:
        """The revocation endpoint (RFC 7009)."""

    @abstractmethod
    async def answer_of(self, grant: Grant, pair: TokenPair, *, nonce: str | None, renewal: bool) -> dict[str, object]:
        """The body of a good token answer."""

    @abstractmethod
    def token_error(self, error: str, description: str, *, status: int = 400) -> ErrorAnswer:
        """A token endpoint's error answer."""

    @abstractmethod
    async def direct_session(self, account: Account, access_seconds: float | None) -> dict[str, object]:
        """A sign-in without a browser: the token answer, and the `client_id` it was issued to."""

    def app_name(self, request: AuthorizeRequest) -> str:
        """What the consent page calls the client."""
        return "keyswitch"

    def accounts(self, request: AuthorizeRequest) -> Sequence[Account]:
        """Who can be chosen on the consent page."""
        return PEOPLE

    def callback_address(self, request: AuthorizeRequest) -> str:
        """Where the browser goes after a consent."""
        return request.redirect_uri

    # What is the same everywhere

    async def authorize(self, call: Call) -> Response:
        """Show the consent page, or say why not."""
        try:
            _check_single(call)
            redirect_uri = self.check_client(call.query)
        except OAuthRefused as refused:
            return error_page(refused.error, refused.description)
        try:
            request = self.check_request(call.query)
        except OAuthRefused as refused:
            if refused.on_page:
                return error_page(refused.error, refused.description)
            return _redirect(redirect_uri, _error_query(refused, call.query.get("state")))
        consent = self.authorizations.open_consent(request)
        accounts = self.accounts(request)
        hint = call.query.get("login_hint", "")
        page = consent_page(
            ConsentView(
                provider_name=self.provider_name,
                app_name=self.app_name(request),
                action=f"{self.authorize_path}/decision",
                ticket=consent.ticket,
                csrf=consent.csrf,
                accounts=accounts,
                chosen=hint if hint in {account.email for account in accounts} else accounts[0].email,
                choices=self.choices(request),
            )
        )
        page.set_cookie(self._cookie, consent.csrf, httponly=True, samesite="strict", path=self.authorize_path)
        return page

    async def decide(self, call: Call) -> Response:
        """Take the answer of a consent page and send the browser back to the client."""
        if call.request.headers.get("origin", self.origin) not in {self.origin, "null"}:
            return error_page("invalid_request", "This answer came from another site.", status=403)
        try:
            request = self.authorizations.close_consent(
                ticket=call.text("ticket"), csrf=call.text("csrf"), cookie=call.request.cookies.get(self._cookie, "")
            )
        except OAuthRefused as refused:
            return error_page(refused.error, refused.description)
        try:
            query = self._decided(call, request)
        except OAuthRefused as refused:
            query = _error_query(refused, None)
        if request.state:
            query["state"] = request.state
        return _redirect(self.callback_address(request), query)

    async def token(self, call: Call) -> Response:
        """Answer a request to the token endpoint."""
        if call.repeated:
            raise Refused(self.token_error("invalid_request", f"Repeated field: {', '.join(sorted(call.repeated))}"))
        grant_type = call.text("grant_type")
        if grant_type in self.grants:
            return await self.grants[grant_type](call)
        if not grant_type:
            raise Refused(self.token_error("invalid_request", "grant_type is missing."))
        raise Refused(self.token_error("unsupported_grant_type", f"Unknown grant type: {grant_type}"))

    def redeemed(self, call: Call) -> Code:
        """The code of an exchange, checked and used up."""
        try:
            return self.authorizations.redeem(
                code=call.text("code"),
                client_id=call.text("client_id"),
                redirect_uri=call.text("redirect_uri"),
                verifier=call.text("code_verifier"),
            )
        except OAuthRefused as refused:
            raise Refused(self.token_error(refused.error, refused.description)) from refused

    async def open_session(
        self,
        call: Call,
        *,
        account: str,
        client_id: str,
        scopes: tuple[str, ...],
        nonce: str | None = None,
        with_refresh: bool = True,
    ) -> tuple[Grant, Response]:
        """A new grant, and the answer with its first tokens."""
        grant = self.world.tokens.open_grant(
            provider=self.provider, account=account, client_id=client_id, scopes=scopes
        )
        pair = call.issued = self.world.tokens.issue(grant, with_refresh=with_refresh)
        answer = await self.answer_of(grant, pair, nonce=nonce, renewal=False)
        return grant, JSONResponse(answer, headers=NO_STORE)

    async def exchanged(self, call: Call, code: Code, *, with_refresh: bool = True) -> Response:
        """The answer with the tokens of a redeemed code."""
        code.grant, answer = await self.open_session(
            call,
            account=code.account,
            client_id=code.client_id,
            scopes=code.scopes,
            nonce=code.request.params.get("nonce"),
            with_refresh=with_refresh,
        )
        return answer

    def require(self, call: Call, content_types: tuple[str, ...] = (FORM,)) -> None:
        """Refuse a token request whose body is of another type."""
        if call.content_type not in content_types:
            wanted = " or ".join(content_types)
            raise Refused(self.token_error("invalid_request", f"Content-Type must be {wanted}."))

    def life_left(self, pair: TokenPair) -> int:
        """`expires_in` of the access token, in whole seconds."""
        assert pair.access.expires_at is not None  # noqa: S101 - every access token has an end
        return max(0, round(pair.access.expires_at - self.world.settings.clock()))

    @property
    def _cookie(self) -> str:
        return f"sandbox_{self.provider}"  # cookies do not tell ports apart (RFC 6265, 8.5)

    def _decided(self, call: Call, request: AuthorizeRequest) -> dict[str, str]:
        if call.text("decision") != "allow":
            raise OAuthRefused("access_denied", "The person declined.")
        account = person(call.text("account"))
        if account is None or account not in self.accounts(request):
            raise OAuthRefused("access_denied", "This client belongs to another account.")
        ticked = set(parse_qs(call.body.decode()).get("scope", []))
        scopes = tuple(
            choice.scope for choice in self.choices(request) if not choice.optional or choice.scope in ticked
        )
        return self.allow(request, account, scopes)


def person(email: str) -> Account | None:
    """The account with this e-mail address."""
    return next((account for account in PEOPLE if account.email == email), None)


def _check_single(call: Call) -> None:
    if call.repeated:
        raise OAuthRefused("invalid_request", f"Repeated parameter: {', '.join(sorted(call.repeated))}")


def _error_query(refused: OAuthRefused, state: str | None) -> dict[str, str]:
    query = {"error": refused.error, "error_description": refused.description}
    return query if state is None else {**query, "state": state}


def _redirect(address: str, query: Mapping[str, str]) -> RedirectResponse:
    parts = urlsplit(address)
    joined = "&".join(filter(None, (parts.query, urlencode(query))))
    target = urlunsplit((parts.scheme, parts.netloc, parts.path or "/", joined, ""))
    return RedirectResponse(target, status_code=303, headers={**NO_STORE, "referrer-policy": "no-referrer"})
