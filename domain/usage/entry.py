"""What the ledger notes: one entry an answer, one a limit that was met, and what a provider told of its limits.

No text of a conversation and no secret is in any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.conversation import Receipt, TurnState
from domain.credential import CredentialKind, CredentialRecord
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.usage.allowance import Allowance

PASSES_SOON: Final = timedelta(minutes=15)
"""A limit that is lifted by then is one of a minute, whatever the payer is: no plan is used up by it."""


@dataclass(frozen=True, slots=True)
class Billed:
    """Whose use it is, and at whose expense."""

    provider: Provider
    account: str
    """As people know it: an e-mail address, or the hint of an API key. Foreign text."""
    kind: CredentialKind
    payer: Payer

    @classmethod
    def of(cls, source: Receipt) -> Billed:
        """Whoever the receipt names."""
        return cls(source.provider, source.account, source.kind, source.payer)

    @classmethod
    def of_record(cls, record: CredentialRecord) -> Billed:
        """Whoever would be billed for what *record* asks."""
        return cls(record.provider, record.label, record.kind, record.payer)


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer: who gave it, what was used, what it cost."""

    at: datetime
    """Aware, in UTC: when it ended."""
    receipt: Receipt
    conversation: str = ""
    request_id: str = ""
    """How the vendor knows the request, where it said so. Foreign text."""
    ending: TurnState = TurnState.COMPLETE


@dataclass(frozen=True, slots=True)
class Told:
    """An allowance, whose it is, and when it was told."""

    billed: Billed
    at: datetime
    """Aware, in UTC."""
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class LimitMet:
    """A request that was refused because a limit was used up."""

    at: datetime
    """Aware, in UTC."""
    billed: Billed
    model: str
    resets_at: datetime | None = None
    """Aware, in UTC: when it is lifted, where the provider said so. No time is invented."""
    lasts: bool = False
    """Whether somebody has to lift it: an administrator, or who pays."""

    @property
    def is_of_a_plan(self) -> bool:
        """Whether the allowance of a plan was used up, which comes back by itself, and not that of a minute."""
        soon = self.resets_at is not None and self.resets_at - self.at <= PASSES_SOON
        return self.billed.payer is Payer.PLAN and not soon and not self.lasts
