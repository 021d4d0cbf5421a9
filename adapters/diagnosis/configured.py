"""Where keyswitch would talk to and listen, by config and by what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from adapters.http.origin import Origin
from adapters.providers.profile import ProviderProfile
from adapters.session_store.reading_records import StoreReader
from application.ports.oauth_client import RedirectRule
from domain.credential import CredentialRecord
from domain.errors import StoreError
from domain.provider import Provider
from domain.records import dataclass

Profiles = Callable[[Provider], ProviderProfile]


@dataclass(frozen=True, slots=True)
class Host:
    """A place that keyswitch talks to."""

    origin: Origin
    used_for: tuple[str, ...]
    """`ChatGPT sign-in`, `ChatGPT API`."""
    needed: bool
    """Whether one of its providers can be signed in to, or is."""


class Configured:
    """Read anew at each call. Raises `ConfigError` where the config makes no sense."""

    def __init__(self, *, profiles: Profiles, reader: StoreReader) -> None:
        self._profiles = profiles
        self._reader = reader

    def hosts(self) -> tuple[Host, ...]:
        """Each origin once, with all that it is used for."""
        stored = self._stored()
        found: dict[Origin, Host] = {}
        for provider in Provider:
            profile = self._profiles(provider)
            records = [record for record in stored if record.provider is provider]
            needed = profile.has_client or bool(records)
            for purpose, url in (*_addresses(profile), *_bound(records)):
                host = found.get(Origin.of(url)) or Host(Origin.of(url), (), needed=False)
                purposes = dict.fromkeys((*host.used_for, f"{provider.label} {purpose}"))
                found[host.origin] = Host(host.origin, tuple(purposes), needed or host.needed)
        return tuple(found.values())

    def redirects(self) -> tuple[tuple[Provider, RedirectRule], ...]:
        """Where the browser comes back to, for each provider that can be signed in to."""
        profiles = [profile for profile in map(self._profiles, Provider) if profile.has_client]
        return tuple(
            (profile.provider, RedirectRule(profile.redirect_host, profile.redirect_path, profile.redirect_ports))
            for profile in profiles
        )

    def notices(self, provider: Provider) -> tuple[str, ...]:
        """What a person should know of the settings of *provider*."""
        return self._profiles(provider).notices

    def _stored(self) -> tuple[CredentialRecord, ...]:
        with suppress(StoreError):  # another probe looks at the store, and says so
            return self._reader.records()
        return ()


def _addresses(profile: ProviderProfile) -> Iterator[tuple[str, str]]:
    signing_in = (
        profile.authorize_url,
        profile.token_url,
        profile.revoke_url,
        profile.device_authorization_url,
        profile.issuer,
    )
    yield from (("sign-in", url) for url in signing_in if url)
    yield "API", profile.api_base


def _bound(records: list[CredentialRecord]) -> Iterator[tuple[str, str]]:
    """Sessions may belong to other places than those that are configured now."""
    for record in records:
        for purpose, url in (("sign-in", record.token_url), ("API", record.api_base)):
            with suppress(ValueError):
                Origin.of(url)
                yield purpose, url
