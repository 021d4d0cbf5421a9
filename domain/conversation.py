"""Turns of a conversation, and the receipt that each answer records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.attached.attachment import Attachment
from domain.credential import CredentialKind
from domain.model import Price
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.selection import Held


class Role(StrEnum):
    """Who said a turn of the conversation."""

    USER = "user"
    ASSISTANT = "assistant"


class TurnState(StrEnum):
    """How a turn ended."""

    COMPLETE = "complete"
    STOPPED = "stopped"
    """The person stopped it; what came is kept and part of the history."""
    BROKEN = "broken"
    """The stream broke off; what came is kept and part of the history."""
    FAILED = "failed"
    """Nothing came; it is not sent again."""


class StopReason(StrEnum):
    """Why a model stopped."""

    END = "end"
    LENGTH = "length"
    """The answer is as long as one may be."""
    CONTEXT = "context"
    """The conversation fills what the model can take in."""
    FILTERED = "filtered"
    REFUSED = "refused"
    PAUSED = "paused"
    """It is not done, and goes on if it is asked to."""
    MALFORMED = "malformed"
    """What it made was no answer."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer. `input` includes what was read from a cache, `output` includes reasoning."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who answered, with what, at whose expense.

    A field that is added needs a default: receipts that are stored already are without it.
    """

    provider: Provider
    preset: str
    """The preset that was selected."""
    model: str
    """The id that went on the wire."""
    label: str
    """The name of the model that answered."""
    account: str
    kind: CredentialKind
    payer: Payer
    usage: Usage = Usage()
    cost: float | None = None
    """US dollars; None where a plan pays or no price is known."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, from a person or a model."""

    role: Role
    text: str
    at: datetime
    """Aware, in UTC."""
    state: TurnState = TurnState.COMPLETE
    reasoning: str = ""
    """A summary of its thoughts, where the provider gives one: kept, never sent to anyone."""
    receipt: Receipt | None = None
    stop: StopReason | None = None
    attachments: tuple[Attachment, ...] = ()
    """The files that a person sent with it."""


class Origin(StrEnum):
    """Where a conversation began."""

    APP = "app"
    """In a window to chat in."""
    ASK = "ask"
    """By `keyswitch ask`."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, its turns in the order in which they were said."""

    id: str
    started: datetime
    """Aware, in UTC."""
    title: str = ""
    turns: tuple[Turn, ...] = field(default=())
    """The last ones, or all of them."""
    held: Held | None = None
    """The model and the credential that it goes on with; None where an earlier program kept it, or nothing was sent."""
    origin: Origin | None = None
    """None where an earlier keyswitch kept it, which did not note it."""
    earlier: int = 0
    """How many turns came before those in `turns`: the store has them."""

    @property
    def count(self) -> int:
        """How many turns it has in all."""
        return self.earlier + len(self.turns)


def cost(usage: Usage, price: Price | None, payer: Payer) -> float | None:
    """US dollars at list price, or None where a plan pays or no price is known. Cached input counts in full."""
    if price is None or not payer.per_token:
        return None
    return (usage.input * price.input + usage.output * price.output) / 1_000_000
