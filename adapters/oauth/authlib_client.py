"""The OAuth client of all providers: what differs between them is in their profiles."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from adapters.http.origin import Origin
from adapters.json.strict_json import NotJson, json_object
from adapters.oauth.callback import error_code, redirected_code
from adapters.oauth.token_request import Client, Parameters, TokenRequest
from adapters.providers.profile import ProviderProfile
from application.ports.clock import Clock
from application.ports.oauth_client import (
    RENEWAL_SECONDS,
    Authorization,
    DeviceAuthorization,
    DevicePoll,
    OfSomebodyElse,
    OnRegistered,
    RedirectRule,
    Renewed,
    Revocation,
)
from domain.credential import CredentialRecord
from domain.errors import ClientRefused, KeyswitchError, NoClient, Offline, SessionEnded, SignInError
from domain.provider import Provider
from domain.records import replace
from domain.session import Session
from domain.sign_in.registration import RegisteredClient
from domain.text.moments import date_of
from domain.text.secret import Secret

if TYPE_CHECKING:
    import httpx2

    from adapters.oauth.authorization_server import AuthorizationServers, Server
    from adapters.oauth.device_flow import DeviceFlow
    from adapters.oauth.new_session import Issue
    from adapters.oauth.token_answers import TokenAnswer

REVOCATION_SECONDS: Final = 5.0
"""Signing out waits no longer: the session is gone from this machine already."""

_REVOCATION_PAUSES: Final = (0.0, 0.5)
"""Seconds before each of at most two tries."""


class AuthlibClient:
    """Sign-in by code and by device code, renewal and revocation. Holds no session and no secret of one.

    Its libraries take a quarter of a second and some 15 MB, so each method imports what it needs: most processes that
    ask for a renewed session find it renewed by another one.
    """

    def __init__(
        self,
        *,
        profiles: Callable[[Provider], ProviderProfile],
        clock: Clock,
        installation: str,
        http_options: Callable[[str], dict[str, Any]],
    ) -> None:
        """*installation* is a URN that names this installation to providers that ask for one."""
        self._profiles = profiles
        self._clock = clock
        self._installation = installation
        self._http_options = http_options

    @cached_property
    def _servers(self) -> AuthorizationServers:
        from adapters.oauth.authorization_server import AuthorizationServers

        return AuthorizationServers(http_options=self._http_options)

    @cached_property
    def _devices(self) -> DeviceFlow:
        from adapters.oauth.device_flow import DeviceFlow

        return DeviceFlow(servers=self._servers, clock=self._clock)

    def redirect_rule(self, provider: Provider) -> RedirectRule:
        profile = self._profile(provider)
        return RedirectRule(profile.redirect_host, profile.redirect_path, profile.redirect_ports, profile.code_page)

    async def authorize(
        self,
        provider: Provider,
        *,
        redirect_uri: str,
        previous: Session | None = None,
        registered: RegisteredClient | None = None,
    ) -> Authorization:
        from adapters.oauth.token_endpoint import authorize_address, with_parameters

        profile = self._profile(provider)
        server = await self._servers.of(profile)
        client_id = profile.client_id or _issued_before(profile, server, previous, registered)
        state, verifier = Secret(secrets.token_urlsafe(32)), Secret(secrets.token_urlsafe(64))
        nonce = Secret(secrets.token_urlsafe(32)) if "openid" in profile.scopes else None
        parameters: Parameters = {
            "redirect_uri": redirect_uri,
            "scope": " ".join(profile.scopes),
            "state": state,
            **({"nonce": nonce} if nonce else {}),
            **self._registration_parameters(profile, client_id),
        }
        extra = {name: value for name, value in profile.authorize_params.items() if name not in parameters}
        address = with_parameters(server.authorize_url, extra)
        return Authorization(
            provider=provider,
            url=authorize_address(address, Client(client_id), parameters, verifier=verifier),
            redirect_uri=redirect_uri,
            state=state,
            code_verifier=verifier,
            client_id=client_id,
            nonce=nonce,
            shows_code=redirect_uri == profile.code_page,
            offers_device=profile.client_id is not None
            and await self._servers.device_authorization_url(profile) is not None,
        )

    async def exchange(
        self, authorization: Authorization, callback: Mapping[str, str], *, registered: OnRegistered | None = None
    ) -> Session:
        profile = self._profile(authorization.provider)
        server = await self._servers.of(profile)
        code = redirected_code(
            authorization.provider,
            callback,
            client_id=authorization.client_id,
            state=authorization.state,
            issuer=server.issuer,
            issuer_sent=server.metadata is not None and server.metadata.authorization_response_iss_parameter_supported,
        )
        client = Client(_client_of(profile, authorization, callback), profile.client_secret)
        if profile.registration and registered:
            await registered(RegisteredClient(profile.provider, client.id, server.token_url))
        keys = await self._servers.keys(server)  # before the code is spent: afterwards it would be too late to fail
        tokens, issue = await self._exchanged(server, client, authorization, code)
        return await self._servers.opened(server, keys, tokens, issue, nonce=authorization.nonce)

    async def begin_device(self, provider: Provider) -> DeviceAuthorization:
        return await self._devices.begin(self._profile(provider))

    async def poll_device(self, authorization: DeviceAuthorization) -> Session | DevicePoll:
        return await self._devices.poll(self._profile(authorization.provider), authorization)

    async def renew(self, session: Session, *, within: float = RENEWAL_SECONDS) -> Renewed | OfSomebodyElse:
        from adapters.oauth.failed_requests import judge, renewal_error
        from adapters.oauth.new_session import Issue
        from adapters.oauth.token_answers import tokens_in

        provider, record = session.record.provider, session.record
        if session.refresh_token is None:
            raise SessionEnded(provider, "it cannot be renewed")
        profile = self._profile(provider, record)
        began = asyncio.get_running_loop().time()
        token_url = await self._token_url(profile, within)
        _check_bound(session, token_url)
        client = _client_of_session(profile, session)
        registered = _is_registered(profile, session, token_url)
        parameters: dict[str, str | Secret] = {"grant_type": "refresh_token", "refresh_token": session.refresh_token}
        if registered and profile.registration:
            parameters["resource"] = profile.registration.resource
        sent_at, booted = self._clock.now(), self._clock.boot()
        left = within - (asyncio.get_running_loop().time() - began)
        headers = profile.traits.refresh_headers
        request = TokenRequest(record.token_url, profile.refresh_body, parameters, headers, left)
        answer = await self._servers.post(provider, request, client)
        tokens = tokens_in(answer)
        rotates = profile.traits.rotates and record.rotates
        if tokens is None:
            hiding = client.secrets(session.refresh_token)
            raise renewal_error(judge(provider, answer, rotates=rotates, now=sent_at, hiding=hiding))
        issue = Issue(client.id, record.token_url, sent_at, booted).dated(date_of(answer.headers), self._clock.now())
        if registered:
            # One that an earlier version signed in does not name the scope; it had to have it.
            named = profile.plan_scope if profile.plan_scope in record.scopes else ""
            issue = replace(issue, sign_in_life=profile.sign_in_life, plan_scope=record.plan_scope or named)
        if not tokens.refresh_token_unusable:
            rotates = rotates and profile.traits.always_rotates
        return _answered(session, tokens, issue, rotates=rotates)

    def not_granted(self, session: Session) -> tuple[str, ...]:
        from adapters.oauth.new_session import missing_scopes

        return missing_scopes(self._profile(session.record.provider).scopes, session)

    def registers_clients(self, provider: Provider) -> bool:
        return self._profiles(provider).registration is not None

    def revocation_ends_all(self, provider: Provider) -> bool:
        return self._profiles(provider).traits.revocation_ends_all

    async def revoke(self, session: Session) -> Revocation:
        try:
            async with asyncio.timeout(REVOCATION_SECONDS):
                profile = self._profile(session.record.provider, session.record)
                _check_bound(session, await self._servers.token_url(profile))
                url = await self._servers.revocation_url(profile)
                if url is None:
                    return Revocation.NOT_OFFERED
                _check_bound(session, url)
                return await self._revoked(profile, session, url)
        except (KeyswitchError, TimeoutError):
            return Revocation.UNCONFIRMED

    def _profile(self, provider: Provider, record: CredentialRecord | None = None) -> ProviderProfile:
        """The profile of *provider*, for what is done with the session of *record* where that is given."""
        profile = self._profiles(provider)
        if record is not None:
            profile = profile.of(record)
        if not profile.has_client:
            raise NoClient(provider)
        return profile

    async def _token_url(self, profile: ProviderProfile, within: float) -> str:
        """Where to renew. To discover it takes its share of the time, and spends nothing."""
        try:
            async with asyncio.timeout(within):
                return await self._servers.token_url(profile)
        except TimeoutError:
            raise Offline(profile.provider, "its description of itself did not arrive in time") from None

    def _registration_parameters(self, profile: ProviderProfile, client_id: str) -> dict[str, str]:
        """What a vendor with self-registration asks for beyond the standards."""
        registration = profile.registration
        if registration is None:
            return {}
        common = {"resource": registration.resource, "ext_agent_host_id": self._installation}
        if client_id == registration.client_id:
            return {**common, "agent_name_hint": registration.name_hint}
        # The page of a known client hides permissions that were refused once, unless consent is asked for.
        return {**common, "prompt": "consent"}

    async def _exchanged(
        self, server: Server, client: Client, authorization: Authorization, code: Secret
    ) -> tuple[TokenAnswer, Issue]:
        from adapters.oauth.failed_requests import exchange_error, judge
        from adapters.oauth.token_answers import tokens_in

        profile = server.profile
        parameters: dict[str, str | Secret] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": authorization.redirect_uri,
            "code_verifier": authorization.code_verifier,
        }
        if profile.registration:
            parameters["resource"] = profile.registration.resource
        if profile.traits.state_in_exchange:
            parameters["state"] = authorization.state
        provider = profile.provider
        request = TokenRequest(server.token_url, profile.token_body, parameters)
        issue = server.issue(client.id, self._clock)
        answer = await self._servers.post(provider, request, client)
        tokens = tokens_in(answer)
        if tokens is None:
            hiding = client.secrets(code, authorization.code_verifier, authorization.state)
            failure = judge(provider, answer, rotates=True, now=self._clock.now(), hiding=hiding)
            raise exchange_error(failure, client_id=client.id)
        return tokens, issue.dated(date_of(answer.headers), self._clock.now())

    async def _revoked(self, profile: ProviderProfile, session: Session, url: str) -> Revocation:
        from adapters.oauth.token_endpoint import post_revocation

        kind = "refresh_token" if session.refresh_token else "access_token"
        token = session.refresh_token or session.access_token
        request = TokenRequest(url, profile.refresh_body, {"token": token, "token_type_hint": kind})
        client = _client_of_session(profile, session)
        for pause in _REVOCATION_PAUSES:
            await asyncio.sleep(pause)
            try:
                answer = await self._servers.post(profile.provider, request, client, post=post_revocation)
            except KeyswitchError:
                continue
            if answer.status_code == HTTPStatus.OK or _says_dead(answer):
                return Revocation.CONFIRMED
            if not answer.is_server_error and answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                break
        return Revocation.UNCONFIRMED


def _issued_before(
    profile: ProviderProfile, server: Server, previous: Session | None, registered: RegisteredClient | None
) -> str:
    """The client that registered itself at an earlier sign-in, or the one that stands in for it the first time."""
    assert profile.registration is not None  # noqa: S101 - a profile has a client or registers one
    record = previous.record if previous else None
    if record and record.client_id and record.token_url == server.token_url and not record.imported:
        return record.client_id
    if registered and registered.token_url == server.token_url and error_code(registered.client_id):
        return registered.client_id
    return profile.registration.client_id


def _client_of(profile: ProviderProfile, authorization: Authorization, callback: Mapping[str, str]) -> str:
    """The client to exchange the code with: the one just issued, where the sign-in registered one."""
    if profile.registration is None:
        return authorization.client_id
    issued, stand_in = callback.get("client_id", ""), profile.registration.client_id
    if authorization.client_id != stand_in:
        if issued not in {"", authorization.client_id}:
            raise SignInError(profile.provider, "the provider answered for another client")
        return authorization.client_id
    if not error_code(issued) or issued == stand_in:
        raise SignInError(profile.provider, "the provider registered no client")
    return issued


def _client_of_session(profile: ProviderProfile, session: Session) -> Client:
    """The client that a session belongs to; a secret that was configured for another one stays here."""
    client_id = session.record.client_id or profile.client_id
    if client_id is None:
        raise NoClient(profile.provider)
    return Client(client_id, profile.client_secret if client_id == profile.client_id else None)


def _is_registered(profile: ProviderProfile, session: Session, token_url: str) -> bool:
    """Whether *session* came from self-registration, and not from a client of another program."""
    return profile.registration is not None and session.record.token_url == token_url


def _check_bound(session: Session, token_url: str) -> None:
    """A session goes back to where it came from, or nowhere: a changed config must not move it."""
    provider, bound = session.record.provider, session.record.token_url
    try:
        if Origin.of(bound) == Origin.of(token_url):
            return
        hers, now = Origin.of(bound), Origin.of(token_url)
        names = (hers.host, now.host) if hers.host != now.host else (hers, now)
        problem = f"this session belongs to {names[0]}, and {names[1]} is configured now"
    except ValueError:
        problem = "it is not known where this session belongs"
    raise ClientRefused(provider, f"{problem}. Sign in again, or restore the configuration; the session is kept")


def _answered(session: Session, tokens: TokenAnswer, issue: Issue, *, rotates: bool) -> Renewed | OfSomebodyElse:
    from adapters.oauth.new_session import renewed_session, session_apart, somebody_else

    label = somebody_else(session, tokens)
    if label is not None:
        return OfSomebodyElse(session_apart(session, label, tokens, issue), tokens.oddities)
    renewed = renewed_session(session, tokens, issue)
    in_doubt = tokens.refresh_token is None and rotates and renewed.record.rotates
    return Renewed(renewed, in_doubt, tokens.oddities)


def _says_dead(answer: httpx2.Response) -> bool:
    """RFC 7009, 2.2 wants 200 for a token that has ended; Google answers `invalid_token`."""
    try:
        return json_object(answer.content).get("error") == "invalid_token"
    except NotJson:
        return False
