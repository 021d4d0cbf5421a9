"""The OAuth client of all providers: what differs between them is in their profiles."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx2
from joserfc.jwk import KeySet

from adapters.http.origin import Origin
from adapters.oauth.callback import redirected_code
from adapters.oauth.discovery import Discovery, HttpOptions, Metadata
from adapters.oauth.failures import exchange_error, judge, renewal_error, transport_error
from adapters.oauth.foreign_text import error_code
from adapters.oauth.id_token import Expected, Identity, IdTokenInvalid, KeyUnknown, identity_of
from adapters.oauth.new_session import Issue, is_of_another, new_session, renewed_session, rescued_session
from adapters.oauth.strict_json import NotJson, json_object
from adapters.oauth.token_answers import AnswerUnusable, TokenAnswer, read_token_answer, rescued_refresh_token
from adapters.oauth.token_endpoint import (
    Client,
    TokenRequest,
    authorize_address,
    post_revocation,
    post_token,
    with_parameters,
)
from adapters.providers.profile import ProviderProfile
from application.ports.clock import Clock
from application.ports.oauth_client import Authorization, RedirectRule, Revocation
from domain.errors import AnswerUnreadable, KeyswitchError, NoClient, Refused, SessionEnded, SignInError
from domain.provider import Provider
from domain.secret import Secret
from domain.session import Session

REVOCATION_SECONDS: Final = 5.0
"""Signing out waits no longer: the session is gone from this machine already."""

_REVOCATION_PAUSES: Final = (0.0, 0.3, 0.9)
"""Seconds before each try."""


@dataclass(frozen=True, slots=True)
class _Server:
    """A profile's authorization server, with what had to be discovered."""

    authorize_url: str
    token_url: str
    metadata: Metadata | None

    @property
    def issuer(self) -> str | None:
        return self.metadata.issuer if self.metadata else None


class AuthlibClient:
    """Authorization code with PKCE, renewal and revocation. Holds no session and no secret of one."""

    def __init__(
        self,
        *,
        profiles: Callable[[Provider], ProviderProfile],
        clock: Clock,
        installation: str,
        http_options: HttpOptions,
    ) -> None:
        """*installation* is a URN that names this installation to providers that ask for one."""
        self._profiles = profiles
        self._clock = clock
        self._installation = installation
        self._http_options = http_options
        self._discovery = Discovery(http_options=http_options)

    def redirect_rule(self, provider: Provider) -> RedirectRule:
        profile = self._profile(provider)
        return RedirectRule(profile.redirect_host, profile.redirect_path, profile.redirect_ports)

    async def authorize(
        self, provider: Provider, *, redirect_uri: str, previous: Session | None = None
    ) -> Authorization:
        profile = self._profile(provider)
        server = await self._server(profile)
        client_id = profile.client_id or _issued_before(profile, server, previous)
        state, verifier = Secret(secrets.token_urlsafe(32)), Secret(secrets.token_urlsafe(64))
        nonce = Secret(secrets.token_urlsafe(32)) if "openid" in profile.scopes else None
        parameters = {
            "redirect_uri": redirect_uri,
            "scope": " ".join(profile.scopes),
            "state": state.reveal(),
            **({"nonce": nonce.reveal()} if nonce else {}),
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
        )

    async def exchange(self, authorization: Authorization, callback: Mapping[str, str]) -> Session:
        profile = self._profile(authorization.provider)
        server = await self._server(profile)
        code = redirected_code(
            authorization.provider,
            callback,
            state=authorization.state,
            issuer=server.issuer,
            issuer_sent=server.metadata is not None and server.metadata.authorization_response_iss_parameter_supported,
        )
        client = Client(_client_of(profile, authorization, callback), profile.client_secret)
        keys = await self._keys(profile, server)  # before the code is spent: afterwards it would be too late to fail
        issue = Issue(client.id, server.token_url, self._clock.now(), _sign_in_life(profile))
        answer = await self._exchanged(profile, server, client, authorization, code)
        _check_scopes(profile, answer)
        expected = Expected(client.id, authorization.nonce, server.issuer, self._clock.now())
        identity = await self._identity(profile, server, keys, answer, expected)
        return new_session(profile, answer, identity, issue)

    async def renew(self, session: Session) -> Session:
        provider, record = session.record.provider, session.record
        if session.refresh_token is None:
            raise SessionEnded(provider, "it cannot be renewed")
        profile = self._profile(provider)
        token_url = await self._token_url(profile)
        _check_bound(session, token_url)
        client = _client_of_session(profile, session)
        registered = _is_registered(profile, session, token_url)
        parameters = {"grant_type": "refresh_token", "refresh_token": session.refresh_token.reveal()}
        if registered and profile.registration:
            parameters["resource"] = profile.registration.resource
        sent_at = self._clock.now()
        request = TokenRequest(record.token_url, profile.refresh_body, parameters, profile.traits.refresh_headers)
        answer = await self._post(provider, request, client)
        if answer.status_code != httpx2.codes.OK:
            hiding = _hidden(client, session.refresh_token)
            rotates = profile.traits.rotates
            raise renewal_error(judge(provider, answer, rotates=rotates, now=sent_at, hiding=hiding))
        issue = Issue(client.id, record.token_url, sent_at, _sign_in_life(profile) if registered else None)
        return _renewed(session, answer, issue)

    async def revoke(self, session: Session) -> Revocation:
        try:
            profile = self._profile(session.record.provider)
            _check_bound(session, await self._token_url(profile))
            url = profile.revoke_url or await self._discovered_revocation(profile)
            if url is None:
                return Revocation.NOT_OFFERED
            async with asyncio.timeout(REVOCATION_SECONDS):
                return await self._revoked(profile, session, url)
        except (KeyswitchError, TimeoutError):
            return Revocation.UNCONFIRMED

    def _profile(self, provider: Provider) -> ProviderProfile:
        profile = self._profiles(provider)
        if not profile.has_client:
            raise NoClient(provider)
        return profile

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

    async def _server(self, profile: ProviderProfile) -> _Server:
        """An explicit address beats a discovered one."""
        metadata = await self._metadata(profile)
        authorize_url = profile.authorize_url or (metadata.authorization_endpoint if metadata else "")
        token_url = profile.token_url or (metadata.token_endpoint if metadata else "")
        return _Server(authorize_url, token_url, metadata)

    async def _metadata(self, profile: ProviderProfile) -> Metadata | None:
        if profile.issuer is None:
            return None
        same_origin = profile.registration is not None
        return await self._discovery.metadata(profile.provider, profile.issuer, same_origin=same_origin)

    async def _token_url(self, profile: ProviderProfile) -> str:
        return profile.token_url or (await self._server(profile)).token_url

    async def _discovered_revocation(self, profile: ProviderProfile) -> str | None:
        metadata = await self._metadata(profile)
        return metadata.revocation_endpoint if metadata else None

    async def _keys(self, profile: ProviderProfile, server: _Server) -> KeySet | None:
        if server.metadata is None or "openid" not in profile.scopes:
            return None
        return await self._discovery.keys(profile.provider, server.metadata)

    async def _exchanged(
        self, profile: ProviderProfile, server: _Server, client: Client, authorization: Authorization, code: str
    ) -> TokenAnswer:
        parameters = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": authorization.redirect_uri,
            "code_verifier": authorization.code_verifier.reveal(),
        }
        if profile.registration:
            parameters["resource"] = profile.registration.resource
        if profile.traits.state_in_exchange:
            parameters["state"] = authorization.state.reveal()
        provider = profile.provider
        answer = await self._post(provider, TokenRequest(server.token_url, profile.token_body, parameters), client)
        if answer.status_code != httpx2.codes.OK:
            hiding = _hidden(client, Secret(code), authorization.code_verifier, authorization.state)
            raise exchange_error(judge(provider, answer, rotates=True, now=self._clock.now(), hiding=hiding))
        try:
            return read_token_answer(answer.content)
        except AnswerUnusable as error:
            problem = str(error)
        raise AnswerUnreadable(provider, problem)

    async def _identity(
        self,
        profile: ProviderProfile,
        server: _Server,
        keys: KeySet | None,
        answer: TokenAnswer,
        expected: Expected,
    ) -> Identity | None:
        """The person in the id_token. None where none was asked for, or a server of one's own gives none."""
        provider = profile.provider
        if answer.id_token is None and profile.registration:
            raise SignInError(provider, "the provider did not say who signed in (no id_token)")
        if answer.id_token is None or "openid" not in profile.scopes:
            return None
        try:
            try:
                return identity_of(answer.id_token, keys, expected)
            except KeyUnknown:  # the issuer may have changed its keys since they were read
                assert server.metadata is not None  # noqa: S101 - without metadata there are no keys to miss one in
                keys = await self._discovery.keys(provider, server.metadata, anew=True)
                return identity_of(answer.id_token, keys, expected)
        except IdTokenInvalid as error:
            problem = str(error)
        raise SignInError(provider, f"the provider's id_token is not valid: {problem}")

    async def _revoked(self, profile: ProviderProfile, session: Session, url: str) -> Revocation:
        kind = "refresh_token" if session.refresh_token else "access_token"
        token = session.refresh_token or session.access_token
        request = TokenRequest(url, profile.refresh_body, {"token": token.reveal(), "token_type_hint": kind})
        client = _client_of_session(profile, session)
        for pause in _REVOCATION_PAUSES:
            await asyncio.sleep(pause)
            try:
                answer = await self._post(profile.provider, request, client, post=post_revocation)
            except KeyswitchError:
                continue
            if answer.status_code == httpx2.codes.OK or _says_dead(answer):
                return Revocation.CONFIRMED
            if not answer.is_server_error and answer.status_code != httpx2.codes.TOO_MANY_REQUESTS:
                break
        return Revocation.UNCONFIRMED

    async def _post(
        self,
        provider: Provider,
        request: TokenRequest,
        client: Client,
        *,
        post: Callable[[TokenRequest, Client, Mapping[str, Any]], Awaitable[httpx2.Response]] = post_token,
    ) -> httpx2.Response:
        """The answer to *request*. What is raised has no cause: the library's errors carry the request, secrets too."""
        options = await asyncio.to_thread(self._http_options, request.url)  # may load the system's authorities
        try:
            return await post(request, client, options)
        except httpx2.RequestError as error:
            failure = transport_error(provider, Origin.of(request.url).host, error)
        raise failure


def _issued_before(profile: ProviderProfile, server: _Server, previous: Session | None) -> str:
    """The client that registered itself at an earlier sign-in, or the one that stands in for it the first time."""
    assert profile.registration is not None  # noqa: S101 - a profile has a client or registers one
    if previous and previous.record.client_id and previous.record.token_url == server.token_url:
        return previous.record.client_id
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


def _sign_in_life(profile: ProviderProfile) -> timedelta | None:
    return profile.registration.sign_in_life if profile.registration else None


def _check_bound(session: Session, token_url: str) -> None:
    """A session goes back to where it came from, or nowhere: a changed config must not move it."""
    provider, bound = session.record.provider, session.record.token_url
    try:
        if Origin.of(bound) == Origin.of(token_url):
            return
        problem = f"this session belongs to {Origin.of(bound).host}, and {Origin.of(token_url).host} is configured now"
    except ValueError:
        problem = "it is not known where this session belongs"
    raise Refused(provider, f"{problem}. Sign in again, or restore the configuration; the session is kept")


def _check_scopes(profile: ProviderProfile, answer: TokenAnswer) -> None:
    if answer.scope is None:
        return
    missing = [scope for scope in profile.required_scopes if scope not in answer.scope]
    if missing:
        names = ", ".join(missing)
        raise SignInError(profile.provider, f"{profile.needs} was not allowed on the consent page ({names})")


def _renewed(session: Session, answer: httpx2.Response, issue: Issue) -> Session:
    provider = session.record.provider
    try:
        tokens = read_token_answer(answer.content)
    except AnswerUnusable as error:
        problem = str(error)
    else:
        if not is_of_another(session, tokens):
            return renewed_session(session, tokens, issue)
        raise AnswerUnreadable(provider, "it names another account")
    rescued = rescued_refresh_token(answer.content)
    if rescued is None:
        raise AnswerUnreadable(provider, problem)
    return rescued_session(session, rescued, issue.sent_at)


def _says_dead(answer: httpx2.Response) -> bool:
    """RFC 7009, 2.2 wants 200 for a token that has ended; Google answers `invalid_token`."""
    try:
        return json_object(answer.content).get("error") == "invalid_token"
    except NotJson:
        return False


def _hidden(client: Client, *others: Secret) -> list[str]:
    """What must not appear in a message although the server may quote it."""
    known = (*others, client.secret) if client.secret else others
    return [secret.reveal() for secret in known if secret]
