"""Choose which account of a provider answers. Only a person does: nothing rotates among accounts by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.session_store import SessionStore
from domain.accounts import account_names, find_account, sign_ins, tag
from domain.credential import CredentialRecord
from domain.errors import AccountEnded, PlanUseOff, UnknownAccount
from domain.provider import Provider
from domain.session import can_serve


@dataclass(frozen=True, slots=True)
class Chosen:
    """The account that answers from now on."""

    record: CredentialRecord
    name: str
    """What people call it. Foreign text."""
    changed: bool
    """False where it was the active one already."""


class ChooseAccount:
    """Move the active mark. No network, no key, and nothing else changes."""

    def __init__(self, *, sessions: SessionStore, clock: Clock, events: EventLog) -> None:
        self._sessions = sessions
        self._clock = clock
        self._events = events

    def __call__(self, provider: Provider, name: str) -> Chosen:
        """Let the account of *provider* called *name*, or whose name alone begins so, answer from now on.

        Raises:
            UnknownAccount, AmbiguousAccount: No account is meant, or several.
            AccountEnded, PlanUseOff: It would have to sign in first; the active one stays.
            StoreError: The store cannot be read or written; the active one stays.
        """
        known = sign_ins(self._sessions.records(), provider)
        record = find_account(name, provider, known)
        names = account_names(known)
        if record.plan_use_off:
            self._note("selection_refused", record, reason="plan_use_off")
            raise PlanUseOff(provider, account=names[record.key])
        if not can_serve(record, self._clock.now()):
            self._note("selection_refused", record, reason="session_ended")
            reason = record.tombstone.reason if record.tombstone else "it expired"
            raise AccountEnded(provider, reason, account=names[record.key])
        if not self._sessions.activate(record.key):
            raise UnknownAccount(provider, name, suggestion=None, known=tuple(names.values()))
        if not record.active:
            self._note("account_chosen", record)
        return Chosen(replace(record, active=True), names[record.key], changed=not record.active)

    def _note(self, event: str, record: CredentialRecord, **facts: str) -> None:
        self._events.record(event, provider=record.provider.value, account=tag(record.key), **facts)
