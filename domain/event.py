"""What the local event log holds, and what can be told from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Fact = str | int | float | bool | None

WINDOW: Final = timedelta(days=30)
"""How far back the share of failed authentications looks: the life of a sign-in at two of three providers."""

TROUBLE: Final = frozenset(
    {"sign_in_failed", "session_ended", "renewal_failed", "renewal_unsaved", "message_failed", "selection_refused"}
)
"""The events that tell of something that did not work."""

RENEWED: Final = "renewed"
RENEWAL_UNSAVED: Final = "renewal_unsaved"
SESSION_ENDED: Final = "session_ended"
SWITCHED: Final = "switched"
MESSAGE_ANSWERED: Final = "message_answered"
MESSAGE_FAILED: Final = "message_failed"
SIGN_IN_ENDS: Final = "sign_in_ends"
RELAYED: Final = "relayed"
_AUTH_REJECTED: Final = "auth_rejected"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log."""

    at: datetime
    """Aware, in UTC."""
    name: str
    pid: int | None
    """The process that wrote it."""
    facts: Mapping[str, Fact]

    @property
    def provider(self) -> str | None:
        """Whose it is about, as the log has it."""
        value = self.facts.get("provider")
        return value if isinstance(value, str) else None

    @property
    def account(self) -> str | None:
        """The tag of the account that it is about."""
        value = self.facts.get("account")
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class FailureShare:
    """How often a stored sign-in was not accepted."""

    failed: int
    attempts: int
    since: datetime
    """Aware, in UTC: the beginning of the time that was looked at."""

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None where there was no attempt, which says nothing about how good they are."""
        return self.failed / self.attempts if self.attempts else None


def failure_share(events: Iterable[Event], now: datetime, *, complete: bool = True) -> FailureShare:
    """The share of failed authentications after a successful sign-in. *now* is aware, in UTC.

    Denominator: every time in the 30 days before *now* (`WINDOW`) that a provider judged a stored OAuth session, that
    is every renewal that succeeded (`renewed`, or `renewal_unsaved` where the disk did not take it) or was refused for
    good (`session_ended`), and every message that the provider's API took (`message_answered`) or refused as
    unauthenticated even after a renewal and a second try (`message_failed` with the reason `auth_rejected`).
    Numerator: the refusals among them (`session_ended`, `message_failed` with `auth_rejected`). That its owner ended a
    session at the provider looks the same, and counts.

    Left out, because no session was judged: sign-ins, whether they succeeded or not; API keys; renewals put off by a
    network or an outage (`renewal_failed`: the session is kept); messages that failed for any other reason; and
    messages kept back because the session was known to have ended (that end counts once, not with every try).

    *complete* says whether *events* reach back to the beginning of the log. Where they do not, the time that was
    looked at begins with the first of them.
    """
    known = tuple(events)
    since = now - WINDOW
    if not complete and known:
        since = max(since, known[0].at)
    counted = [event for event in known if since <= event.at and _judged(event)]
    return FailureShare(sum(map(_refused, counted)), len(counted), since)


def recent_presets(events: Sequence[Event]) -> tuple[str, ...]:
    """The presets that were selected, each once, the latest first. *events* are in their order."""
    chosen = (event.facts.get("preset") for event in reversed(events) if event.name == SWITCHED)
    return tuple(dict.fromkeys(preset for preset in chosen if isinstance(preset, str)))


def last_renewals(events: Iterable[Event]) -> dict[str, Event]:
    """The latest renewal of each account, by its tag. *events* are in their order."""
    return {event.account: event for event in events if event.name == RENEWED and event.account is not None}


def _judged(event: Event) -> bool:
    if event.name in (RENEWED, RENEWAL_UNSAVED, SESSION_ENDED):
        return True
    if event.facts.get("kind") != "oauth":
        return False
    return event.name == MESSAGE_ANSWERED or _refused(event)


def _refused(event: Event) -> bool:
    if event.name == MESSAGE_FAILED:
        return event.facts.get("reason") == _AUTH_REJECTED
    return event.name == SESSION_ENDED
