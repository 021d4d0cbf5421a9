"""Spend the refresh token of one session, and save what comes back before anything else.

Only one process at a time does this for a session, and once it has begun it must come to its end. The order is the
guarantee (`docs/reliability.md`): reserve room for the result, write the intent, send the token, save the answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.oauth_client import RENEWAL_SECONDS, OAuthClient, OfSomebodyElse, Renewed
from application.ports.session_store import Reservation, SessionStore
from application.sign_in.end_session import EndSession
from domain.accounts import tag
from domain.credential import CredentialRecord, Intent, Setback, Tombstone
from domain.errors import (
    AnswerUnreadable,
    ClientRefused,
    KeyswitchError,
    LimitReached,
    NoClient,
    Offline,
    Overloaded,
    RefreshInterrupted,
    Refused,
    SessionEnded,
    SignInNeeded,
    StoreError,
)
from domain.provider import Provider
from domain.records import dataclass, replace
from domain.renewal.retry_policy import left_in_doubt, rejected, set_back, unexplained
from domain.session import Session

_UNPROCESSED: Final = (Offline, Overloaded, LimitReached)
"""The errors which say that the refresh token was not spent."""

MISCONFIGURED: Final = (ClientRefused, NoClient)
"""The errors that no waiting mends: the client is wrong, or how it asks."""

WHOLE_SECONDS: Final = 35.0
"""The most that a renewal may take, with a second request and the saving. Whoever ends the program waits so long."""

SECONDS_TO_SAVE: Final = 1.0
"""The share of them that the second request leaves for saving."""

_SHORTEST_DOUBT: Final = 1.0
_LONGEST_DOUBT: Final = 3.0
"""Seconds before a token is sent again whose answer was lost: servers that forgive a reuse do so for some seconds."""

OLDER_COPY: Final = "before an older copy of it was put back here"
"""How the end of a session is explained of which a later version is known to have been stored here."""

SAVE_PAUSES: Final = (0.0, 0.2, 0.6, 1.2)
"""Seconds before each try to save what was obtained, 2 s in all."""

WINNER_PAUSES: Final = (0.0, 0.1, 0.4, 0.5, 1.0)
"""Seconds before each look whether the process that used a refused token has saved its result, 2 s in all."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The session that a renewal ended with, and whether it is stored."""

    session: Session
    saved: bool = True
    """False where the store could not be written after the token was spent: this copy is the only good one."""
    rescued: bool = False
    """Whether an unsaved session lies beside the store at least, where other processes find it."""


class SpendToken:
    """Send the refresh token of one session, at most twice, and store what the provider answers.

    It holds no state. Call it with the right to renew held, in a thread of its own: it may block.
    """

    def __init__(
        self,
        *,
        sessions: SessionStore,
        oauth: OAuthClient,
        end: EndSession,
        clock: Clock,
        events: EventLog,
        chance: Callable[[], float],
        strict: Callable[[], bool],
    ) -> None:
        self._sessions = sessions
        self._oauth = oauth
        self._end = end
        self._clock = clock
        self._events = events
        self._chance = chance
        self._strict = strict

    async def __call__(self, current: Session, *, was_rejected: bool) -> Settled:
        """Renew *current*, which was read with the right held.

        Raises:
            StoreError: The result could not be stored, so the token was not spent.
            SessionEnded: The provider will never renew it.
            ProviderError: It could not be renewed now; it is kept, with a note on the failure.
        """
        rescued = self._sessions.rescued(current.record.key)
        if rescued is not None:
            self._sessions.save(rescued)
            self._note("renewal_rescued", rescued.record)
            return Settled(rescued)
        if current.record.intent is not None and current.record.rotates and self._strict():
            raise self._given_up(current)
        with self._sessions.reserve(current.record.key) as room:
            return await self._spend(current, room, was_rejected=was_rejected)

    async def _spend(self, current: Session, room: Reservation, *, was_rejected: bool) -> Settled:
        """Announce the token, send it, and save the answer. A first answer that is lost is worth a second request."""
        record, doubt = current.record, current.record.intent
        if was_rejected:
            record = replace(record, rejection=rejected(record, self._clock.now()))
        attempt = doubt.attempt + 1 if doubt else 1
        end = self._clock.monotonic() + WHOLE_SECONDS - SECONDS_TO_SAVE
        within = RENEWAL_SECONDS
        while True:
            announced = self._announce(record, current, attempt)
            try:
                answer = await self._oauth.renew(current, within=within)
            except AnswerUnreadable as error:
                if not record.rotates:
                    raise self._noted(self._put_off(record, error), error) from None
                if error.whole or attempt > 1 or self._strict():
                    raise self._doubtful(announced, error) from None
                doubt = announced.intent
                await self._clock.sleep(_SHORTEST_DOUBT + self._chance() * (_LONGEST_DOUBT - _SHORTEST_DOUBT))
                attempt, within = attempt + 1, end - self._clock.monotonic()
            except SessionEnded as error:
                return await self._renewed_elsewhere(record, current, error, doubt=doubt)
            except (*_UNPROCESSED, NoClient, Refused) as error:
                raise self._noted(self._put_off(record, error), error) from None
            else:
                if isinstance(answer, OfSomebodyElse):
                    raise self._of_somebody_else(record, current, answer)
                return await self._keep(_with_notes(answer, announced), room, answer.oddities)

    def _doubtful(self, announced: CredentialRecord, error: AnswerUnreadable) -> KeyswitchError:
        """The error after an answer that could not be read. The token may be spent, and is not sent again now; after an
        answer that came whole it is not sent again while the access token lives.
        """
        note = left_in_doubt(announced, str(error), self._clock.now())
        intent = _answered(announced) if error.whole else announced.intent
        return self._noted(replace(announced, intent=intent, setback=note), error)

    def _of_somebody_else(self, record: CredentialRecord, session: Session, answer: OfSomebodyElse) -> KeyswitchError:
        """The error where the provider mixed two people up: the token is spent, and another person's tokens came for
        it. They are stored apart, and never used.
        """
        theirs, now = answer.session, self._clock.now()
        came = f"its answer at {now:%H:%M} UTC"
        ended = SessionEnded(record.provider, f"{came} held the tokens of {theirs.record.label}; they are not used")
        error = self._session_over(record, session, ended)
        reason = f"{came} to the renewal of {record.label} held these tokens; they are not used"
        apart = replace(theirs.record, tombstone=Tombstone(reason, now))
        with suppress(StoreError):
            self._sessions.save(replace(theirs, record=apart))
        self._note("answer_of_another", record, came=tag(apart.key), **_oddities(answer.oddities))
        return error

    def _announce(self, record: CredentialRecord, session: Session, attempt: int) -> CredentialRecord:
        """Store the intent, that the token is about to be sent. If that fails, the token is not sent."""
        boot = self._clock.boot()
        intent = Intent(
            fingerprint=_fingerprint(session),
            attempt=attempt,
            pid=os.getpid(),
            boot_id=boot.boot_id if boot else "",
            at=self._clock.now(),
        )
        announced = replace(record, intent=intent)
        self._sessions.annotate(announced)
        return announced

    async def _keep(self, fresh: Session, room: Reservation, oddities: tuple[str, ...]) -> Settled:
        """Save *fresh*. From here on the old token is worthless, and *fresh* is the only copy of the new one."""
        for pause in SAVE_PAUSES:
            await self._clock.sleep(pause)
            try:
                stored = room.commit(fresh)
            except StoreError:
                continue
            if not stored:
                return await self._superseded(fresh)
            self._note("renewed", fresh.record, **_oddities(oddities))
            return Settled(fresh)
        try:
            room.rescue(fresh)
        except StoreError:
            self._note("renewal_unsaved", fresh.record, rescued=False, **_oddities(oddities))
            return Settled(fresh, saved=False)
        self._note("renewal_unsaved", fresh.record, rescued=True, **_oddities(oddities))
        return Settled(fresh, saved=False, rescued=True)

    async def _superseded(self, fresh: Session) -> Settled:
        """The sign-in that took the place of *fresh* while the answer was on its way. *fresh* is ended at the provider.

        Raises:
            SignInNeeded: The account was signed out meanwhile.
        """
        provider = fresh.record.provider
        current = self._sessions.load(fresh.record.key)
        newer = current if isinstance(current, Session) else None
        if newer is None or newer.refresh_token != fresh.refresh_token:
            await self._end(fresh)
        self._note("renewal_discarded", fresh.record)
        if newer is None:
            raise SignInNeeded(provider, "This conversation")
        return Settled(newer)

    async def _renewed_elsewhere(
        self, record: CredentialRecord, session: Session, error: SessionEnded, *, doubt: Intent | None
    ) -> Settled:
        """The session as another process renewed it meanwhile; that process may be saving it this very moment.

        Raises:
            SessionEnded: Nobody renewed it, so it has really ended.
        """
        for pause in WINNER_PAUSES if error.spent or doubt else (0.0,):
            await self._clock.sleep(pause)
            current = self._sessions.load(record.key)
            if isinstance(current, Session) and current.record.version != record.version:
                return Settled(current)
        ended = _explained(error.provider, doubt, f"{error.reason}; ") if doubt else error
        if record.older_copy and doubt is None:
            ended = RefreshInterrupted(error.provider, OLDER_COPY)
        raise self._session_over(record, session, ended)

    def _given_up(self, session: Session) -> KeyswitchError:
        """The error of the strict mode, in which a token that may be spent is not sent again."""
        assert session.record.intent is not None  # noqa: S101 - it is the reason
        return self._session_over(session.record, session, _explained(session.record.provider, session.record.intent))

    def _session_over(self, record: CredentialRecord, session: Session, ended: SessionEnded) -> KeyswitchError:
        interrupted = isinstance(ended, RefreshInterrupted)
        tombstone = Tombstone(ended.reason, self._clock.now(), _fingerprint(session), interrupted=interrupted)
        return self._noted(replace(record, tombstone=tombstone, setback=None, intent=None), ended)

    def _put_off(self, record: CredentialRecord, error: KeyswitchError) -> CredentialRecord:
        """*record* with a note on a failure that ended nothing; without one where waiting would not help."""
        now = self._clock.now()
        setback: Setback | None = None
        if isinstance(error, MISCONFIGURED):
            pass
        elif isinstance(error, Refused):
            setback = unexplained(record, str(error), now)
        else:
            asked = getattr(error, "retry_after", None)
            setback = set_back(record, str(error), now, chance=self._chance(), asked=asked)
        return replace(record, setback=setback, intent=None)

    def _noted(self, record: CredentialRecord, error: KeyswitchError) -> KeyswitchError:
        """Store the notes of *record*, and return *error*.

        Where they cannot be stored the intent stays, and the next renewal takes the answer for lost.
        """
        event = "session_ended" if isinstance(error, SessionEnded) else "renewal_failed"
        self._note(event, record, reason=error.code)
        with suppress(StoreError):
            self._sessions.annotate(record)
        return error

    def _note(self, event: str, record: CredentialRecord, **facts: str | bool) -> None:
        self._events.record(
            event, provider=record.provider.value, account=tag(record.key), generation=record.generation, **facts
        )


def _explained(provider: Provider, doubt: Intent, refusal: str = "") -> SessionEnded:
    """The error for a session whose token was sent before, as *doubt* tells. *refusal* is what the provider says."""
    if doubt.answered:
        return SessionEnded(provider, f"{refusal}its answer at {doubt.at:%H:%M} UTC held no new refresh token")
    return RefreshInterrupted(provider, f"at {doubt.at:%H:%M} UTC, by a crash or a lost answer")


def _with_notes(answer: Renewed, announced: CredentialRecord) -> Session:
    """The session of *answer* with the notes that outlive the renewal."""
    intent = _answered(announced) if answer.in_doubt else None
    return replace(answer.session, record=replace(answer.session.record, rejection=announced.rejection, intent=intent))


def _answered(announced: CredentialRecord) -> Intent:
    """The intent that stays where the answer came whole, and may have cost the token all the same."""
    assert announced.intent is not None  # noqa: S101 - it is the announcement
    return replace(announced.intent, answered=True)


def _oddities(oddities: tuple[str, ...]) -> dict[str, str]:
    return {"odd": ", ".join(oddities)} if oddities else {}


def _fingerprint(session: Session) -> str:
    return session.refresh_token.fingerprint if session.refresh_token else ""
