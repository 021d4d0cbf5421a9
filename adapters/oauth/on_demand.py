"""The OAuth client for processes that may never need one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any

from adapters.providers.profile import ProviderProfile
from application.ports.clock import Clock
from application.ports.oauth_client import (
    RENEWAL_SECONDS,
    Authorization,
    DeviceAuthorization,
    DevicePoll,
    OAuthClient,
    OfSomebodyElse,
    OnRegistered,
    RedirectRule,
    Renewed,
    Revocation,
)
from domain.provider import Provider
from domain.registration import RegisteredClient
from domain.session import Session


class OAuthOnDemand:
    """`AuthlibClient`, loaded when it is first asked for something.

    Its libraries take a quarter of a second and some 15 MB. Most processes that ask for a renewed session find it
    renewed by another one, and need none of them.
    """

    def __init__(
        self,
        *,
        profiles: Callable[[Provider], ProviderProfile],
        clock: Clock,
        installation: str,
        http_options: Callable[[str], dict[str, Any]],
    ) -> None:
        self._profiles = profiles
        self._clock = clock
        self._installation = installation
        self._http_options = http_options
        self._lock = threading.Lock()
        self._loaded: OAuthClient | None = None

    def load(self) -> OAuthClient:
        """The client itself. Blocks while it is loaded; safe to call from any thread."""
        with self._lock:
            if self._loaded is None:
                from adapters.oauth.authlib_client import AuthlibClient

                self._loaded = AuthlibClient(
                    profiles=self._profiles,
                    clock=self._clock,
                    installation=self._installation,
                    http_options=self._http_options,
                )
            return self._loaded

    def redirect_rule(self, provider: Provider) -> RedirectRule:
        return self.load().redirect_rule(provider)

    async def authorize(
        self,
        provider: Provider,
        *,
        redirect_uri: str,
        previous: Session | None = None,
        registered: RegisteredClient | None = None,
    ) -> Authorization:
        client = await self._client()
        return await client.authorize(provider, redirect_uri=redirect_uri, previous=previous, registered=registered)

    async def exchange(
        self, authorization: Authorization, callback: Mapping[str, str], *, registered: OnRegistered | None = None
    ) -> Session:
        return await (await self._client()).exchange(authorization, callback, registered=registered)

    async def begin_device(self, provider: Provider) -> DeviceAuthorization:
        return await (await self._client()).begin_device(provider)

    async def poll_device(self, authorization: DeviceAuthorization) -> Session | DevicePoll:
        return await (await self._client()).poll_device(authorization)

    async def renew(self, session: Session, *, within: float = RENEWAL_SECONDS) -> Renewed | OfSomebodyElse:
        return await (await self._client()).renew(session, within=within)

    def not_granted(self, session: Session) -> tuple[str, ...]:
        return self.load().not_granted(session)

    def registers_clients(self, provider: Provider) -> bool:
        return self._profiles(provider).registration is not None

    def revocation_ends_all(self, provider: Provider) -> bool:
        return self._profiles(provider).traits.revocation_ends_all

    async def revoke(self, session: Session) -> Revocation:
        return await (await self._client()).revoke(session)

    async def _client(self) -> OAuthClient:
        """Without holding up the loop, whose owner may be typing."""
        loaded = self._loaded
        return await asyncio.to_thread(self.load) if loaded is None else loaded
