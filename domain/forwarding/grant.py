"""What one host may use of this machine's sign-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.credential import CredentialKind, CredentialRecord
from domain.records import dataclass
from domain.session import can_serve

if TYPE_CHECKING:
    from datetime import datetime

    from domain.provider import Provider


@dataclass(frozen=True, slots=True)
class Grant:
    """What its owner allows a host to use, and for how long."""

    host: str
    """The name by which the owner calls the other machine. Foreign text."""
    providers: frozenset[Provider]
    until: datetime | None = None
    """Aware, in UTC; None: until it is taken back, or the agent ends."""
    confirm: bool = False
    """Whether the owner is asked, once for each connection."""

    def is_over(self, now: datetime) -> bool:
        """Whether its time has run out. *now* is aware, in UTC."""
        return self.until is not None and now >= self.until

    def covers(self, record: CredentialRecord, now: datetime) -> bool:
        """Whether a request with the credential of *record* may be relayed, as far as the grant is concerned."""
        return not self.is_over(now) and record.provider in self.providers

    def shows(self, record: CredentialRecord, now: datetime) -> bool:
        """Whether the host is told of *record*: it can answer, and lies in this machine's own store."""
        return self.covers(record, now) and is_lendable(record) and can_serve(record, now)


def is_lendable(record: CredentialRecord) -> bool:
    """Whether it lies in this machine's own store: what other programs, variables and machines lend is not lent on."""
    return record.kind in (CredentialKind.OAUTH, CredentialKind.API_KEY) and record.key.is_stored
