"""Device authorization (RFC 8628): for a program whose person has the browser on another machine."""

from __future__ import annotations

import hmac
import threading
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qs, quote

from starlette.responses import JSONResponse, Response

from adapters.sandbox.authorization import AuthorizeRequest, OAuthRefused, check_scopes
from adapters.sandbox.consent_page import ConsentView, consent_page, done_page, error_page, user_code_page
from adapters.sandbox.endpoint import Call, Refused
from adapters.sandbox.oauth_server import OAuthServer
from adapters.sandbox.settings import SandboxSettings
from adapters.sandbox.tokens import Mint

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
SLOW_DOWN_SECONDS: Final = 5.0
"""What each `slow_down` adds to the interval, for good (RFC 8628, 3.5)."""

_SIGNS: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""RFC 8628, 6.1: no vowels, so no words, and nothing that is easily taken for something else."""
_HALF: Final = 4

Decision = Literal["open", "allowed", "denied", "spent"]


@dataclass(eq=False, slots=True)
class DeviceRequest:
    """A program that waits for a person to type its code into a page."""

    device_code: str = field(repr=False)
    user_code: str
    csrf: str = field(repr=False)
    request: AuthorizeRequest
    expires_at: float
    interval: float
    polled_at: float | None = None
    decision: Decision = "open"
    account: str = ""
    scopes: tuple[str, ...] = ()


class DeviceRequests:
    """The waiting programs of one provider. Safe to use from any thread."""

    def __init__(self, *, settings: SandboxSettings, mint: Mint) -> None:
        self._settings = settings
        self._mint = mint
        self._lock = threading.Lock()
        self._by_code: dict[str, DeviceRequest] = {}

    def open(self, request: AuthorizeRequest) -> DeviceRequest:
        """Fresh codes for a program that asks for *request*."""
        with self._lock:
            ends = self._settings.clock() + self._settings.device_seconds
            code = f"fake-device-code-{self._mint.hex()}"
            opened = DeviceRequest(
                code, self._user_code(), self._mint.hex(), request, ends, self._settings.device_interval
            )
            self._by_code[code] = opened
            return opened

    def waiting(self, user_code: str) -> DeviceRequest | None:
        """The program that shows *user_code*, however it was typed, while it may still be answered."""
        typed = "".join(sign for sign in user_code.upper() if sign in _SIGNS)
        with self._lock:
            now = self._settings.clock()
            for found in self._by_code.values():
                if found.user_code.replace("-", "") == typed and found.decision == "open" and now < found.expires_at:
                    return found
        return None

    def poll(self, device_code: str, *, client_id: str) -> DeviceRequest:
        """What was allowed, once.

        Raises:
            OAuthRefused: Not yet, too often, declined, expired, or unknown.
        """
        with self._lock:
            found = self._by_code.get(device_code)
            now = self._settings.clock()
            if found is None or found.request.client_id != client_id or found.decision == "spent":
                raise OAuthRefused("invalid_grant", "The device code is unknown or was used.")
            if now >= found.expires_at:
                raise OAuthRefused("expired_token", "The device code has expired.")
            if found.decision == "denied":
                raise OAuthRefused("access_denied", "The person declined.")
            if found.decision == "open":
                self._put_off(found, now)
            found.decision = "spent"
            return found

    @staticmethod
    def _put_off(found: DeviceRequest, now: float) -> None:
        hasty = found.polled_at is not None and now - found.polled_at < found.interval
        found.polled_at = now
        if hasty:
            found.interval += SLOW_DOWN_SECONDS
            raise OAuthRefused("slow_down", f"Ask every {found.interval:g} seconds at most.")
        raise OAuthRefused("authorization_pending", "Nobody has answered yet.")

    def _user_code(self) -> str:
        drawn = int(self._mint.hex(), 16)
        signs = []
        for _ in range(2 * _HALF):
            drawn, sign = divmod(drawn, len(_SIGNS))
            signs.append(_SIGNS[sign])
        return f"{''.join(signs[:_HALF])}-{''.join(signs[_HALF:])}"


class DeviceFlow:
    """The endpoints of the device grant in front of one authorization server."""

    authorization_path: Final = "/oauth/device/code"
    page_path: Final = "/oauth/device"

    def __init__(self, *, server: OAuthServer, client_id: str, scopes: tuple[str, ...]) -> None:
        self._server = server
        self._client_id = client_id
        self._scopes = scopes
        self._requests = DeviceRequests(settings=server.world.settings, mint=server.world.mint)

    async def begin(self, call: Call) -> Response:
        """The device authorization endpoint (RFC 8628, 3.1)."""
        self._server.require(call)
        self._check_client(call)
        try:
            scopes = check_scopes({"scope": call.text("scope")}, self._scopes)
        except OAuthRefused as refused:
            raise Refused(self._server.token_error(refused.error, refused.description)) from refused
        opened = self._requests.open(_as_request(self._server.provider, self._client_id, scopes))
        page = self._server.origin + self.page_path
        return JSONResponse(
            {
                "device_code": opened.device_code,
                "user_code": opened.user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code={quote(opened.user_code)}",
                "expires_in": round(self._server.world.settings.device_seconds),
                "interval": opened.interval,
            },
            headers={"cache-control": "no-store"},
        )

    async def poll(self, call: Call) -> Response:
        """A token request with the device grant (RFC 8628, 3.4)."""
        self._server.require(call)
        self._check_client(call)
        try:
            found = self._requests.poll(call.text("device_code"), client_id=call.text("client_id"))
        except OAuthRefused as refused:
            raise Refused(self._server.token_error(refused.error, refused.description)) from refused
        _, answer = await self._server.open_session(
            call, account=found.account, client_id=self._client_id, scopes=found.scopes
        )
        return answer

    async def show(self, call: Call) -> Response:
        """Ask for the code, and then for consent. A code in the address is shown, for the person to compare."""
        typed = call.query.get("user_code")
        if not typed:
            return user_code_page(self._server.provider_name, self.page_path)
        found = self._requests.waiting(typed)
        if found is None:
            return error_page("invalid_code", "No program waits with this code. Check it, or start the sign-in again.")
        accounts = self._server.accounts(found.request)
        page = consent_page(
            ConsentView(
                provider_name=self._server.provider_name,
                app_name=self._server.app_name(found.request),
                action=f"{self.page_path}/decision",
                ticket=found.user_code,
                csrf=found.csrf,
                accounts=accounts,
                chosen=accounts[0].email,
                choices=self._server.choices(found.request),
                user_code=found.user_code,
            )
        )
        page.set_cookie(self._cookie, found.csrf, httponly=True, samesite="strict", path=self.page_path)
        return page

    async def decide(self, call: Call) -> Response:
        """Take the answer of the consent page; the program hears of it at its next poll."""
        found = self._requests.waiting(call.text("ticket"))
        tokens = (call.text("csrf"), call.request.cookies.get(self._cookie, ""))
        if found is None or not all(hmac.compare_digest(found.csrf.encode(), token.encode()) for token in tokens):
            return error_page("invalid_request", "This page is no longer open. Start the sign-in again.")
        account = call.text("account")
        known = {person.email for person in self._server.accounts(found.request)}
        if call.text("decision") != "allow" or account not in known:
            found.decision = "denied"
            return done_page("Declined", "The program has been told. You can close this page.")
        ticked = set(parse_qs(call.body.decode()).get("scope", []))
        choices = self._server.choices(found.request)
        found.account = account
        found.scopes = tuple(choice.scope for choice in choices if not choice.optional or choice.scope in ticked)
        found.decision = "allowed"
        return done_page("Allowed", "Return to the program; it goes on by itself. You can close this page.")

    @property
    def _cookie(self) -> str:
        return f"sandbox_{self._server.provider}_device"

    def _check_client(self, call: Call) -> None:
        if call.text("client_id") != self._client_id:
            raise Refused(self._server.token_error("invalid_client", "This client is not registered.", status=401))


def _as_request(provider: str, client_id: str, scopes: tuple[str, ...]) -> AuthorizeRequest:
    """What the consent page needs to know; there is no redirect, hence no state and no challenge."""
    return AuthorizeRequest(
        provider=provider, client_id=client_id, redirect_uri="", scopes=scopes, state="", challenge="", params={}
    )
