"""A home that many processes share: ana signed in everywhere at a sandbox, and beside her what nobody may touch."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import tomlkit

from adapters.sandbox.server import Sandbox
from application.ports.clock import Clock
from domain.credential import CredentialKey
from domain.provider import Provider
from domain.session import Session
from domain.text.secret import Secret
from entrypoints.container import Container
from entrypoints.light import container_for, light_parts, light_services
from tests.support.fault_home import record_lines
from tests.support.oauth_peer import signed_in

NEIGHBOUR = "ben@example.test"


AnyClock = TypeVar("AnyClock", bound=Clock)


@dataclass(frozen=True)
class SharedHome(Generic[AnyClock]):
    """The home, and what ana has in it."""

    folder: Path
    sandbox: Sandbox
    clock: AnyClock
    keys: dict[Provider, CredentialKey]
    """Of ana's sessions."""

    @property
    def parts(self) -> Container:
        """A container over the home, at the shifted time: what a process that starts now would have."""
        return parts_of(self.folder, self.clock)

    def session(self, provider: Provider) -> Session:
        """Ana's session as it is stored."""
        found = self.parts.sessions.load(self.keys[provider])
        assert isinstance(found, Session)
        return found

    def live(self) -> set[str]:
        """The fingerprints of all access tokens that some provider takes now."""
        tokens = (token for provider in Provider for token in self.sandbox.live_access_tokens(provider.value))
        return {Secret(token).fingerprint for token in tokens}

    def neighbours(self) -> dict[str, bytes]:
        """Every record that is not one of ana's sessions, as it stands in the file."""
        mine = {f"{key.provider}/{key.kind}/{key.account}" for key in self.keys.values()}
        return {key: line for key, line in record_lines(self.folder).items() if key not in mine}


def shared_home(folder: Path, sandbox: Sandbox, clock: AnyClock) -> SharedHome[AnyClock]:
    """Make it; blocking, and not for event loops. The providers' clock should be *clock*."""
    empty_home(folder, sandbox)
    keys = asyncio.run(_sign_in(parts_of(folder, clock)))
    light_services(folder, {}).load().store_api_key(Provider.CHATGPT, Secret(sandbox.api_keys["chatgpt"][0]))
    return SharedHome(folder, sandbox, clock, keys)


def empty_home(folder: Path, sandbox: Sandbox) -> None:
    """A home whose providers are *sandbox*'s, with its master key in a file."""
    folder.mkdir(mode=0o700)
    config = folder / "config.toml"
    config.write_text(
        tomlkit.dumps({"auth": {"key_source": "file"}, "providers": sandbox.provider_settings()}), "utf-8"
    )
    config.chmod(0o600)


def parts_of(folder: Path, clock: Any) -> Container:
    """The container over *folder* with *clock* in the place of the machine's."""
    return container_for(replace(light_parts(folder, {}), clock=clock))


async def _sign_in(parts: Container) -> dict[Provider, CredentialKey]:
    keys = {}
    for provider in Provider:
        for account in (NEIGHBOUR, "ana@example.test"):
            session = await signed_in(parts.oauth, provider, account=account)
            parts.sessions.save(session, activate=True)
            keys[provider] = session.record.key
    return keys
