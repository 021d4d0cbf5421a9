"""Turns of a conversation, and the receipt that each answer records."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.attached.attachment import Attachment
from domain.credential import CredentialKind
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass, field
from domain.selection import Held

if TYPE_CHECKING:
    from decimal import Decimal


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
    """Tokens of one answer. `input` includes what was read from or written to a cache, `output` includes reasoning."""

    input: int = 0
    output: int = 0
    cached: int = 0
    """Read from a cache."""
    reasoning: int = 0
    written: int = 0
    """Written to a cache, to be kept for minutes: the vendor's usual time."""
    written_long: int = 0
    """Written to a cache, to be kept for an hour or longer."""


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars per million tokens, as listed for a request of that size on that day. None: it has no price."""

    model: str
    """The model that was priced, by its name in the list."""
    source: str
    """Whose list it is."""
    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    written: Decimal | None = None
    written_long: Decimal | None = None


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
    cost: Decimal | None = None
    """US dollars, to the last digit; None where a plan pays or no price is known."""
    seconds: float = 0.0
    answered: str = ""
    """The model that answered, as the provider named it: it is the one that is billed. "" where none was named."""
    rates: Rates | None = None
    """What `cost` was computed from; None where nothing was, or an earlier keyswitch did it."""
    unpriced: str = ""
    """What of the answer has no list price, where that is why the cost is not known. Foreign text."""
    reported: bool = False
    """Whether the provider named the cost. Else it was computed here, from the counts that the provider named."""

    @property
    def price_unknown(self) -> bool:
        """Whether something was billed of which the price is not known."""
        return self.cost is None and self.payer.per_token


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
