"""Parked messages: written and not sent, each for the one payer that it was meant for."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from domain.attached.attachment import Attachment
from domain.credential import CredentialRecord
from domain.errors import (
    AuthRejected,
    KeyswitchError,
    LimitReached,
    Offline,
    Overloaded,
    RenewalPaused,
    SessionEnded,
    SignInNeeded,
)
from domain.records import dataclass
from domain.selection import Held


class ParkedState(Enum):
    """What may be done with a parked message."""

    WAITING = "waiting"
    SENDING = "sending"
    """Another window is sending it."""
    DOUBTFUL = "doubtful"
    """Whoever was sending it is gone: it may have been sent."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A message that waits for one Enter."""

    id: str
    conversation: str
    """The id of the conversation that it belongs to."""
    begun: bool
    """Whether that had any turn by then: one that had none is not stored, and any empty conversation will do."""
    text: str
    at: datetime
    """Aware, in UTC: when it was parked."""
    held: Held | None = None
    """The model and the credential that it was meant for; None where nothing was selected yet."""
    cause: str = ""
    """The code of the error that kept it from being sent."""
    until: datetime | None = None
    """Aware, in UTC: when that is over, where the provider says."""
    state: ParkedState = ParkedState.WAITING
    files: tuple[Attachment, ...] = ()
    """What goes along with it, as it was when it was attached."""

    def is_of(self, conversation: str, *, begun: bool) -> bool:
        """Whether it is to be sent in that conversation, which has turns already if *begun*."""
        return self.conversation == conversation or not (self.begun or begun)

    def is_paid_by(self, record: CredentialRecord) -> bool:
        """Whether the credential of *record* may carry it unasked: it was meant for no other."""
        return self.held is None or self.held.is_of(record)


def is_parked_for(error: KeyswitchError) -> bool:
    """Whether a message that failed with *error* waits in the outbox: that passes, or can be mended here."""
    if isinstance(error, LimitReached) and error.advice:
        return False  # no waiting clears it
    mended = SignInNeeded | SessionEnded | AuthRejected
    return isinstance(error, mended | Offline | Overloaded | LimitReached | RenewalPaused)


def is_over_at(error: KeyswitchError) -> datetime | None:
    """When the trouble that *error* tells of is over, as far as the provider says. Aware, in UTC."""
    match error:
        case LimitReached():
            return error.resets_at
        case Overloaded():
            return error.retry_at
        case _:
            return None
