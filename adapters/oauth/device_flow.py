"""Device authorization (RFC 8628): sign in with the browser on another machine. authlib has no part for it."""

from __future__ import annotations

from typing import Annotated, Any, Final

import httpx2
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from adapters.http.origin import Origin
from adapters.json.strict_json import NotJson, json_object
from adapters.oauth.authorization_server import AuthorizationServers
from adapters.oauth.callback import DECLINED
from adapters.oauth.failed_requests import exchange_error, judge
from adapters.oauth.token_answers import seconds, tokens_in
from adapters.oauth.token_endpoint import post_device_authorization
from adapters.oauth.token_request import Client, Parameters, TokenRequest
from adapters.providers.profile import ProviderProfile
from adapters.providers.setting_checks import Body, Misfit, web_address
from application.ports.clock import Clock
from application.ports.oauth_client import DeviceAuthorization, DevicePoll
from domain.errors import AnswerUnreadable, SignInDeclined, SignInError, SignInTimedOut
from domain.provider import Provider
from domain.session import Session
from domain.text.moments import date_of
from domain.text.secret import Secret

GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"

USUAL_INTERVAL: Final = 5.0
"""Seconds between two polls where the server names none (RFC 8628, 3.2)."""

LEAST_INTERVAL: Final = 1.0
"""Seconds; a server that asks to be asked more often is asked this often."""

USUAL_LIFE: Final = 600.0
"""Seconds that a code lasts where the server does not say, although it must (RFC 8628, 3.2), or says none at all."""

_LONGEST_USER_CODE: Final = 64
_LONGEST_ADDRESS: Final = 2048

_POLLS: Final = {"authorization_pending": DevicePoll.PENDING, "slow_down": DevicePoll.SLOW_DOWN}


def _visible(value: object) -> str:
    """Something to show and to type: printable ASCII, so that a terminal obeys nothing in it."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value.strip():
        raise ValueError("not printable")
    return value.strip()


def _address(value: str) -> str:
    """Where the person is sent: https, or this machine. It is shown, and never opened by itself."""
    try:
        return web_address(value)
    except Misfit:
        raise ValueError("no web address") from None


def _address_or_none(value: object) -> str | None:
    try:
        return _address(value) if isinstance(value, str) and len(value) <= _LONGEST_ADDRESS else None
    except ValueError:
        return None


class DeviceAnswer(BaseModel):
    """A device authorization response (RFC 8628, 3.2)."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)

    device_code: Annotated[str, BeforeValidator(_visible), Field(repr=False, max_length=4096)]
    user_code: Annotated[str, BeforeValidator(_visible), Field(repr=False, max_length=_LONGEST_USER_CODE)]
    verification_uri: Annotated[str, Field(max_length=_LONGEST_ADDRESS), AfterValidator(_address)]
    verification_uri_complete: Annotated[str | None, BeforeValidator(_address_or_none), Field(repr=False)] = None
    expires_in: Annotated[float | None, BeforeValidator(seconds)] = None
    interval: Annotated[float | None, BeforeValidator(seconds)] = None


class DeviceFlow:
    """Begins device authorizations and polls for their end. Holds no secret."""

    def __init__(self, *, servers: AuthorizationServers, clock: Clock) -> None:
        self._servers = servers
        self._clock = clock

    async def begin(self, profile: ProviderProfile) -> DeviceAuthorization:
        """Ask for codes. Raises as `OAuthClient.begin_device` says."""
        provider, client_id = profile.provider, profile.client_id
        url = await self._servers.device_authorization_url(profile)
        if url is None or client_id is None:  # a client that registers itself does so at the authorize page
            reason = "its server offers no sign-in with a code on another device"
            raise SignInError(provider, reason, code="device_not_offered")
        client = Client(client_id, profile.client_secret)
        request = TokenRequest(url, Body.FORM, {"scope": " ".join(profile.scopes)})
        answer = await self._servers.post(provider, request, client, post=post_device_authorization)
        if answer.status_code != httpx2.codes.OK:
            now = self._clock.now()
            raise exchange_error(judge(provider, answer, rotates=True, now=now, hiding=client.secrets()))
        return _begun(provider, client_id, _read(provider, answer.content))

    async def poll(self, profile: ProviderProfile, device: DeviceAuthorization) -> Session | DevicePoll:
        """Ask once. Raises as `OAuthClient.poll_device` says."""
        server = await self._servers.of(profile)
        same_client = device.client_id == profile.client_id  # the config may have been edited meanwhile
        client = Client(device.client_id, profile.client_secret if same_client else None)
        keys = await self._servers.keys(server)  # before the code is spent: afterwards it would be too late to fail
        issue = server.issue(client.id, self._clock)
        parameters: Parameters = {"grant_type": GRANT, "device_code": device.device_code}
        request = TokenRequest(server.token_url, profile.token_body, parameters)
        answer = await self._servers.post(profile.provider, request, client)
        tokens = tokens_in(answer)
        if tokens is not None:
            issue = issue.dated(date_of(answer.headers), self._clock.now())
            return await self._servers.opened(server, keys, tokens, issue)
        return self._undecided(profile.provider, answer, client, device)

    def _undecided(
        self, provider: Provider, answer: httpx2.Response, client: Client, device: DeviceAuthorization
    ) -> DevicePoll:
        hiding = client.secrets(device.device_code)
        failure = judge(provider, answer, rotates=True, now=self._clock.now(), hiding=hiding)
        if answer.is_client_error or answer.is_success:
            if failure.code in _POLLS:
                return _POLLS[failure.code]
            if failure.code in DECLINED:
                raise SignInDeclined(provider, f"it was declined ({failure.code})")
            if failure.code == "expired_token":
                raise SignInTimedOut(provider, "the code was not used in time")
        raise exchange_error(failure)


def _read(provider: Provider, body: bytes) -> DeviceAnswer:
    try:
        members: dict[str, Any] = json_object(body)
        # Google's name from before the RFC, which other servers have taken over
        return DeviceAnswer.model_validate({"verification_uri": members.get("verification_url"), **members})
    except NotJson:
        problem = "no JSON object"
    except ValidationError as error:
        names = sorted({str(wrong["loc"][0]) for wrong in error.errors(include_input=False)})
        problem = f"no usable {' and '.join(names)}"
    raise AnswerUnreadable(provider, problem)


def _begun(provider: Provider, client_id: str, answer: DeviceAnswer) -> DeviceAuthorization:
    complete = answer.verification_uri_complete
    if complete is not None and Origin.of(complete) != Origin.of(answer.verification_uri):
        complete = None  # the person is told one host, and a picture of this one would lead to another
    return DeviceAuthorization(
        provider=provider,
        device_code=Secret(answer.device_code),
        user_code=answer.user_code,
        verification_uri=answer.verification_uri,
        verification_uri_complete=complete,
        seconds=answer.expires_in or USUAL_LIFE,
        interval=max(LEAST_INTERVAL, USUAL_INTERVAL if answer.interval is None else answer.interval),
        client_id=client_id,
    )
