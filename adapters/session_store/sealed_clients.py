"""Secrets of OAuth clients, sealed in `auth.json` beside the records.

    "clients": {"gemini": {"client_id": "...", "server": "https://...", "sealed": {...}}}

Each is bound to its id and its server: another id, or another server in the config, does not get it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from adapters.master_key.key import KeySource
from adapters.providers.profile import ProviderProfile
from adapters.providers.setting_checks import Misfit, client_file
from adapters.session_store.store_file import StoreFile
from domain.errors import ConfigError, UsageError
from domain.provider import Provider
from domain.records import replace
from domain.text.pasted_client import OwnClient
from domain.text.secret import Secret

_MEMBER: Final = "clients"
_SECRET: Final = "client_secret"


class SealedClients:
    """The `OwnClients` of one home folder, and the profiles of providers with what it keeps."""

    def __init__(self, *, home: Path, keys: KeySource, profiles: Callable[[Provider], ProviderProfile]) -> None:
        self._file = StoreFile(home, keys)
        self._profiles = profiles

    def from_file(self, provider: Provider, path: str) -> OwnClient:
        """The client of Google's file. Raises as the port says."""
        try:
            found = client_file(path.removeprefix("file://").replace("\\ ", " "))
        except Misfit as misfit:
            sentence = f"The path {misfit}. Give it whole, from the first folder on. Nothing was changed."
            raise UsageError(sentence) from None
        secret = found.get(_SECRET)
        return OwnClient(
            provider,
            str(found["client_id"]),
            secret if isinstance(secret, Secret) else Secret(""),
            str(found.get("project_id", "")),
        )

    def seal(self, client: OwnClient) -> None:
        """Seal it in the store. Raises as the port says."""
        from adapters.session_store.sealing import seal

        bound = _bound(client.client_id, self._profiles(client.provider))
        master = self._file.master_key()
        entry = {**bound, "sealed": seal({_SECRET: client.secret}, bound, master)}
        with self._file.changing() as document:
            members = dict(document.members)
            members[_MEMBER] = {**_table(members.get(_MEMBER)), client.provider.value: entry}
            self._file.write(replace(document, members=tuple(members.items())))

    def profile(self, provider: Provider) -> ProviderProfile:
        """The profile of *provider*, with the secret of its client where that is sealed here.

        Raises:
            ConfigError: The settings make no sense, or the secret cannot be opened.
            StoreError: The store or its key cannot be had.
        """
        profile = self._profiles(provider)
        if profile.client_id is None or profile.client_secret is not None:
            return profile
        kept = _table(_table(dict(self._file.read().members).get(_MEMBER)).get(provider.value))
        bound = _bound(profile.client_id, profile)
        if {name: kept.get(name) for name in bound} != bound:
            return profile
        return replace(profile, client_secret=self._opened(provider, kept, bound))

    def _opened(self, provider: Provider, kept: dict[str, Any], bound: dict[str, Any]) -> Secret:
        from adapters.session_store.sealing import Unopened, unseal

        try:
            opened = unseal(_table(kept.get("sealed")), bound, self._file.key_of_records()).get(_SECRET)
        except Unopened as error:
            problem = f"the secret of the {provider.label} client cannot be opened ({error}); enter the client again"
            raise ConfigError(str(self._file.path), problem) from None
        return opened if isinstance(opened, Secret) else Secret("")


def _bound(client_id: str, profile: ProviderProfile) -> dict[str, Any]:
    return {
        "provider": profile.provider.value,
        "client_id": client_id,
        "server": profile.token_url or profile.issuer or "",
    }


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
