"""The end of every sign-in, whichever way the session came: whose it is, stored, selected, noted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from application.ports.event_log import EventLog
from application.sign_in.first_selection import FirstSelection
from application.sign_in.keep import Ask, Expected, KeepSession, Kept, Whose
from domain.accounts import tag
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.session import Session
from domain.switching import SwitchTo

Tell = Callable[[CredentialRecord, str], None]
"""Is told whose a session is, before anything uses it: its record, and what people call the account."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A completed sign-in."""

    record: CredentialRecord
    """As it is stored. Where it is not the active account of its provider, it takes a person to make it so."""
    name: str
    """What people call the account. Foreign text."""
    selected: SwitchTo | None
    """What the first sign-in of an empty home selected; None otherwise."""
    kept: Kept | None = field(default=None, repr=False)
    """What it replaced; None where another window did the work."""

    @property
    def not_granted(self) -> tuple[str, ...]:
        """The scopes that were asked for and not given. Foreign text."""
        return self.kept.not_granted if self.kept else ()


class FinishSignIn:
    """What browser and device code have in common once the provider has given a session."""

    def __init__(self, *, keep: KeepSession, first_selection: FirstSelection, events: EventLog) -> None:
        self._keep = keep
        self._first_selection = first_selection
        self._events = events

    async def expected(self, provider: Provider, whose: Whose) -> Expected:
        """Who should come. Raises as `KeepSession.expected` does."""
        return await asyncio.to_thread(self._keep.expected, provider, whose)

    async def store(self, session: Session, expected: Expected, ask: Ask, tell: Tell) -> SignedIn:
        """Store *session*, and select where nothing was; before that *tell* who came, if nobody was expected.

        Raises as `KeepSession` does.
        """
        kept = await self._keep(session, expected, ask)
        if expected.record is None:  # else it is that account, or the person was asked
            tell(kept.record, kept.name)
        selected = await asyncio.to_thread(self._first_selection, kept.record) if kept.first else None
        return SignedIn(kept.record, kept.name, selected, kept)

    async def note(self, signed_in: SignedIn, session: Session) -> None:
        """Record the sign-in, and let the provider end what it replaced; whether it does changes nothing here."""
        record = signed_in.record
        ended = await self._keep.end_superseded(signed_in.kept, session) if signed_in.kept else None
        facts = {} if ended is None else {"earlier_session": ended.value}
        facts |= {"plan_use": "off"} if record.plan_use_off else {}
        self._events.record(
            "signed_in", provider=record.provider.value, account=tag(record.key), generation=record.generation, **facts
        )

    async def give_back(self, session: Session) -> None:
        """End *session*, which nobody waits for any more. Raises nothing."""
        await self._keep.give_back(session)

    def failed(self, provider: Provider, error: KeyswitchError) -> None:
        """Record that a sign-in came to nothing."""
        self._events.record("sign_in_failed", provider=provider.value, reason=error.code)
