"""A home whose owner is signed in everywhere at a sandbox, and what became of it after a fault."""

from __future__ import annotations

import asyncio
import re
import shutil
import ssl
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx2
import tomlkit

from adapters.master_key.in_file import KeyFile
from adapters.sandbox.request_log import LoggedRequest
from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from adapters.session_store.home_place import place_of
from adapters.session_store.record import with_home
from adapters.session_store.store_file import StoreFile
from adapters.system.clock import SystemClock
from application.ports.session_store import SessionStore
from application.sign_in.keep import Whose
from domain.credential import CredentialKey, CredentialKind
from domain.provider import Provider
from domain.session import Session
from domain.text.secret import Secret
from entrypoints.light import container_for, light_parts, light_services
from tests.support.approving_person import ApprovingDialog, sign_in
from tests.support.fault_process import LONGEST

VICTIM: Final = Provider.CLAUDE
"""Whose session the faults hit: a provider that rotates refresh tokens and notices a second use."""

_RECORD: Final = re.compile(rb'\{"bound":\{"provider":"(\w+)","kind":"(\w+)","account":"([^"]*)"')
"""How the line of a record begins, also of one that is cut off."""

NEIGHBOUR: Final = "ben@example.test"
"""Another account at the same provider."""


class Homes:
    """Homes at one sandbox, each a copy of the first, with a session of its own to lose."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self._folder = folder
        self._count = 0
        self._template = self.empty()
        asyncio.run(_sign_in_everywhere(self._template))

    def empty(self) -> Path:
        """A home of somebody who never signed in, with its providers at the sandbox."""
        home = self._next()
        home.mkdir(mode=0o700)
        config = home / "config.toml"
        config.write_text(tomlkit.dumps({"providers": self.sandbox.provider_settings()}), "utf-8")
        config.chmod(0o600)
        return home

    def fresh(self) -> Path:
        """Three providers and an API key; nothing is due. The sessions are those of every other such home."""
        home = self._next()
        shutil.copytree(self._template, home)
        home.chmod(0o700)
        at_home_in(home)
        return home

    def signed_in(self) -> Path:
        """Three providers and an API key; the victim's session is new at the provider, and due here."""
        home = self.fresh()
        answer = self.sandbox.issue_session(VICTIM.value)
        now = SystemClock().now()
        session = victim(home)
        record = replace(
            session.record, obtained_at=now - timedelta(hours=9), access_expires_at=now - timedelta(hours=1)
        )
        tokens = {name: Secret(str(answer[name])) for name in ("access_token", "refresh_token")}
        sessions(home).save(replace(session, record=record, **tokens))
        return home

    def forget(self, home: Path) -> None:
        shutil.rmtree(home)

    def requests(self, kind: str) -> list[LoggedRequest]:
        """What the victim's provider was asked, by its own log."""
        return [entry for entry in self.sandbox.log.entries() if (entry.provider, entry.kind) == (VICTIM.value, kind)]

    def settle(self) -> None:
        """Return when the providers have dealt with all that reached them, also from a client that is dead by now."""
        no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for provider in Provider:
            with httpx2.Client(trust_env=False, verify=no_tls) as client:
                for _ in range(2):  # in line behind what was sent before; twice, as one answer may overtake another
                    client.get(f"{self.sandbox.origin(provider.value)}/settled")
        for entry in self.sandbox.log.entries():
            if entry.outcome == "pending":
                self.sandbox.log.wait_for(_over(entry.number))

    def live(self, session: Session) -> bool:
        """Whether the provider takes the access token of *session* now."""
        return session.access_token.reveal() in self.sandbox.live_access_tokens(session.record.provider.value)

    def _next(self) -> Path:
        self._count += 1
        return self._folder / f"home-{self._count}"


def at_home_in(home: Path) -> None:
    """Let a copied home count as one of its own, as if everybody had signed in there."""
    file = StoreFile(home, KeyFile(home=home))
    with file.changing() as document:
        here = tuple(with_home(entry, place_of(home)) for entry in document.entries)
        file.write(replace(document, entries=here))


def sessions(home: Path) -> SessionStore:
    """The store of *home*, as a process that starts now would see it."""
    return container_for(light_parts(home, {})).sessions


def victim_key(home: Path) -> CredentialKey | None:
    """The victim's active session, None where it is signed out."""
    keys = [
        record.key
        for record in sessions(home).records()
        if (record.provider, record.kind, record.active) == (VICTIM, CredentialKind.OAUTH, True)
    ]
    return keys[0] if keys else None


def victim(home: Path) -> Session:
    """The victim's session, with its tokens."""
    key = victim_key(home)
    assert key is not None
    credential = sessions(home).load(key)
    assert isinstance(credential, Session)
    return credential


def record_lines(home: Path) -> Mapping[str, bytes]:
    """Each record of the store as it stands in the file, by its key; nothing where there is no file."""
    path = home / "auth.json"
    lines = path.read_bytes().splitlines() if path.exists() else []
    found = {}
    for line in lines:
        begins = _RECORD.match(line)
        if begins is not None:
            found["/".join(part.decode() for part in begins.groups())] = line.rstrip(b",")
    return found


def _over(number: int) -> Callable[[LoggedRequest], bool]:
    return lambda entry: entry.number == number and entry.outcome != "pending"


async def _sign_in_everywhere(home: Path) -> None:
    services = light_services(home, {}, consent=approve).load()
    for provider in Provider:
        await sign_in(services, provider)
    dialog = ApprovingDialog(lambda url: approve(url, account=NEIGHBOUR))
    await services.sign_in.by_browser(VICTIM, dialog, whose=Whose(further=True), open_browser=False, seconds=LONGEST)
    services.store_api_key(Provider.CHATGPT, Secret("sk-fake-openai-key-1234"))
    await services.close()
