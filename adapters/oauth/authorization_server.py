"""A profile's authorization server: where it is, what it signs with, and how it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx2

from adapters.http.origin import Origin
from adapters.oauth.discovery import Discovery, HttpOptions, Metadata
from adapters.oauth.failed_requests import transport_error
from adapters.oauth.id_token import Expected, Identity, IdTokenInvalid, Keys, identity_of
from adapters.oauth.new_session import Issue, new_session
from adapters.oauth.token_answers import TokenAnswer
from adapters.oauth.token_endpoint import post_token
from adapters.oauth.token_request import Client, TokenRequest
from adapters.providers.profile import ProviderProfile
from application.ports.clock import Clock
from domain.errors import AnswerUnreadable, SignInError
from domain.provider import Provider
from domain.records import dataclass
from domain.session import Session
from domain.text.secret import Secret

Post = Callable[[TokenRequest, Client, Mapping[str, Any]], Awaitable[httpx2.Response]]
"""How a request is written: `post_token` and its siblings."""


@dataclass(frozen=True, slots=True)
class Server:
    """An authorization server, with what had to be discovered. An explicit address beats a discovered one."""

    profile: ProviderProfile
    authorize_url: str
    token_url: str
    metadata: Metadata | None

    @property
    def issuer(self) -> str | None:
        """The name of the server as an issuer; None where it is not known."""
        return self.metadata.issuer if self.metadata else None

    def issue(self, client_id: str, clock: Clock) -> Issue:
        """The circumstances of a sign-in whose token request leaves now."""
        profile = self.profile
        return Issue(
            client_id=client_id,
            token_url=self.token_url,
            sent_at=clock.now(),
            booted=clock.boot(),
            sign_in_life=profile.sign_in_life,
            plan_scope=profile.plan_scope,
        )


class AuthorizationServers:
    """Finds the server of a profile and talks to it. Holds no secret."""

    def __init__(self, *, http_options: HttpOptions) -> None:
        self._http_options = http_options
        self._discovery = Discovery(http_options=http_options)

    async def of(self, profile: ProviderProfile) -> Server:
        """The server of *profile*.

        Raises:
            Offline: Discovery was needed and could not be done.
            ConfigError: The issuer describes no usable server.
        """
        metadata = await self._metadata(profile)
        authorize_url = profile.authorize_url or (metadata.authorization_endpoint if metadata else "")
        token_url = profile.token_url or (metadata.token_endpoint if metadata else "")
        return Server(profile, authorize_url, token_url, metadata)

    async def token_url(self, profile: ProviderProfile) -> str:
        """The token endpoint alone, without discovery where it is configured. Raises as `of` does."""
        return profile.token_url or (await self.of(profile)).token_url

    async def revocation_url(self, profile: ProviderProfile) -> str | None:
        """RFC 7009; None where the server has none. Raises as `of` does."""
        if profile.revoke_url:
            return profile.revoke_url
        metadata = await self._metadata(profile)
        return metadata.revocation_endpoint if metadata else None

    async def device_authorization_url(self, profile: ProviderProfile) -> str | None:
        """RFC 8628; None where the server has none. Raises as `of` does."""
        if profile.device_authorization_url:
            return profile.device_authorization_url
        metadata = await self._metadata(profile)
        return metadata.device_authorization_endpoint if metadata else None

    async def keys(self, server: Server) -> Keys | None:
        """The keys of its id_tokens; None where none are asked for or published.

        Raises:
            Offline: They cannot be read now.
        """
        if server.metadata is None or "openid" not in server.profile.scopes:
            return None
        return await self._discovery.keys(server.profile.provider, server.metadata)

    async def opened(
        self, server: Server, keys: Keys | None, tokens: TokenAnswer, issue: Issue, *, nonce: Secret | None = None
    ) -> Session:
        """The session in a good answer to a code of any kind.

        Raises:
            AnswerUnreadable: It breaks off, or there is no access token in it that keyswitch can use.
            SignInError: What was granted is not enough, or the id_token is not valid.
        """
        profile = server.profile
        if tokens.cut:  # who signed in could have stood in what is missing
            raise AnswerUnreadable(profile.provider, "its answer breaks off")
        if tokens.access_token is None or not tokens.is_bearer:
            missing = "access_token" if tokens.access_token is None else "token_type"
            raise AnswerUnreadable(profile.provider, f"no usable {missing}")
        _check_scopes(profile, tokens)
        expected = Expected(issue.client_id, nonce, server.issuer, issue.sent_at)
        identity = await self._identity(server, keys, tokens, expected)
        return new_session(profile, tokens, tokens.access_token, identity, issue)

    async def post(
        self, provider: Provider, request: TokenRequest, client: Client, *, post: Post = post_token
    ) -> httpx2.Response:
        """The answer to *request*, whatever its status.

        What is raised has no cause: the library's errors carry the request, secrets too.

        Raises:
            Offline: The request did not leave this machine.
            AnswerUnreadable: It left, and no whole answer came.
        """
        options = await asyncio.to_thread(self._http_options, request.url)  # may load the system's authorities
        try:
            return await post(request, client, options)
        except httpx2.RequestError as error:
            failure = transport_error(provider, Origin.of(request.url).host, error)
        raise failure

    async def _metadata(self, profile: ProviderProfile) -> Metadata | None:
        if profile.issuer is None:
            return None
        same_origin = profile.registration is not None
        return await self._discovery.metadata(profile.provider, profile.issuer, same_origin=same_origin)

    async def _identity(
        self, server: Server, keys: Keys | None, answer: TokenAnswer, expected: Expected
    ) -> Identity | None:
        """The person in the id_token. None where none was asked for, or a server of one's own gives none."""
        profile, provider = server.profile, server.profile.provider
        if answer.id_token is None and profile.registration:
            raise SignInError(provider, "the provider did not say who signed in (no id_token)")
        if answer.id_token is None or "openid" not in profile.scopes:
            return None
        try:
            try:
                return identity_of(answer.id_token, keys, expected)
            except IdTokenInvalid as error:
                if not error.key_unknown:  # else the issuer may have changed its keys since they were read
                    raise
                assert server.metadata is not None  # noqa: S101 - without metadata there are no keys to miss one in
                keys = await self._discovery.keys(provider, server.metadata, anew=True)
                return identity_of(answer.id_token, keys, expected)
        except IdTokenInvalid as error:
            problem = str(error)
        raise SignInError(provider, f"the provider's id_token is not valid: {problem}")


def _check_scopes(profile: ProviderProfile, answer: TokenAnswer) -> None:
    if answer.scope is None:
        return
    missing = [scope for scope in profile.required_scopes if scope not in answer.scope]
    if missing:
        names = ", ".join(missing)
        raise SignInError(profile.provider, f"{profile.traits.needs} was not allowed on the consent page ({names})")
