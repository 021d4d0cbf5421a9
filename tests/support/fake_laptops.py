"""Laptops that lend their sign-ins, as a test says."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from application.ports.elsewhere.forwarded import ForwardedFound
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import Offline, SourceUnusable
from domain.forwarding.forwarded_key import agent_of, forwarded_key
from domain.provider import Provider
from domain.session import Forwarded
from tests.support.credentials import a_record

LAPTOP = "1a57091a57091a57"
"""The id of the agent of ana's laptop."""


def a_forwarded_record(
    provider: Provider = Provider.CLAUDE,
    *,
    account: str = "ana",
    kind: CredentialKind = CredentialKind.OAUTH,
    agent: str = LAPTOP,
    **changes: Any,
) -> CredentialRecord:
    """What ana's laptop lends."""
    key = forwarded_key(CredentialKey(provider, account, kind), agent)
    given = {"renewable": False, "client_id": "", "token_url": "", "access_expires_at": None, **changes}
    return a_record(provider, account=account, **{"key": key, **given})


class FakeLaptops:
    """Laptops that a test lets answer, fall asleep and lend something."""

    def __init__(self) -> None:
        self.lent: list[CredentialRecord] = []
        self.asleep: set[str] = set()
        """The ids of agents that do not answer."""
        self.asked = 0
        self._changes = 0

    def lend(self, *records: CredentialRecord) -> None:
        """Lend these as well."""
        self.lent += records
        self._changes += 1

    def take_back(self, record: CredentialRecord) -> None:
        """Lend that no more."""
        self.lent.remove(record)

    def fall_asleep(self, agent: str = LAPTOP) -> None:
        """Let a laptop be silent from now on."""
        self.asleep.add(agent)

    def found(self) -> ForwardedFound:
        self.asked += 1
        notices = tuple(f"Laptop not reachable: {agent} is asleep." for agent in sorted(self.asleep))
        return ForwardedFound(tuple(one for one in self.lent if agent_of(one.key) not in self.asleep), notices)

    def stamp(self) -> Hashable:
        return self._changes

    async def load(self, record: CredentialRecord) -> Forwarded:
        if not await self.reachable(record):
            raise Offline(record.provider, "laptop not reachable", laptop=True)
        lent = next((one for one in self.lent if one.key == record.key), None)
        if lent is None:
            raise SourceUnusable("", "it is not lent.", provider=record.provider, code="laptop_refused")
        return Forwarded(lent, "/a/socket")

    async def reachable(self, record: CredentialRecord) -> bool:
        agent = agent_of(record.key)
        return agent not in self.asleep and any(agent_of(one.key) == agent for one in self.lent)
