"""Which account of a provider answers. Only a person chooses it: nothing rotates among accounts by itself."""

from __future__ import annotations

from contextlib import suppress

from application.auth_manager import AuthManager
from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.session_store import SessionStore
from application.snapshot import Snapshot
from domain.accounts import account_names, find_account, tag
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import PayerChange, PlanUseOff, SessionEnded, UnknownAccount
from domain.forwarding.only_there import only_there
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass, replace
from domain.selection import Held
from domain.session import can_serve
from domain.switching import best_credential, from_plan_to_key, is_away


@dataclass(frozen=True, slots=True)
class Chosen:
    """The account that answers from now on."""

    record: CredentialRecord
    name: str
    """What people call it. Foreign text."""
    changed: bool
    """False where it was the active one already."""
    behind: str = ""
    """The sign-in that answers before this API key does as long as no model of the provider is selected with the key;
    "" where the account answers. Foreign text."""


class ChooseAccount:
    """Moves the active mark, and the saved sign-in with it where the saved model is of that provider.

    No network, no key, and nothing else changes.
    """

    def __init__(
        self,
        *,
        auth: AuthManager,
        sessions: SessionStore,
        clock: Clock,
        events: EventLog,
    ) -> None:
        self._auth = auth
        self._sessions = sessions
        self._clock = clock
        self._events = events

    def __call__(
        self, provider: Provider, name: str, *, current: Held | None = None, payer_agreed: bool = False
    ) -> Chosen:
        """Let the account of *provider* called *name*, or whose name alone begins so, answer from now on. It may be an
        API key. *current* is what the open conversation holds on to.

        Raises:
            PayerChange: A plan pays, and the key would; nobody agreed to that yet, and nothing was changed.
            UnknownAccount: No account is meant.
            UsageError: Several are, or a laptop's is.
            SessionEnded, PlanUseOff: It would have to sign in first; the active one stays.
            StoreError: The store cannot be read or written; the active one stays.
        """
        snapshot = self._auth.snapshot()
        known = [record for record in self._sessions.records() if record.provider is provider]
        record = self._meant(name, provider, known, snapshot)
        names = account_names(known)
        if record.plan_use_off:
            self._note("selection_refused", record, reason="plan_use_off")
            raise PlanUseOff(provider, account=names[record.key])
        if not can_serve(record, self._clock.now()):
            self._note("selection_refused", record, reason="session_ended")
            reason = record.tombstone.reason if record.tombstone else "it expired"
            raise SessionEnded(provider, reason, account=names[record.key])
        if not payer_agreed and _ends_plan(record, snapshot, current):
            label = snapshot.preset.label if snapshot.preset else provider.label
            raise PayerChange(provider, current.preset.label if current else label)
        if not self._sessions.activate(record.key):
            raise UnknownAccount(provider, name, suggestion=None, known=tuple(names.values()))
        if not record.active:
            self._note("account_chosen", record)
        changed = self._auth.switch_account(record, before=snapshot) or not record.active
        return Chosen(replace(record, active=True), names[record.key], changed=changed, behind=self._before(record))

    def _meant(
        self, name: str, provider: Provider, known: list[CredentialRecord], snapshot: Snapshot
    ) -> CredentialRecord:
        """The stored account called *name*. Raises as a call does."""
        try:
            return find_account(name, provider, known)
        except UnknownAccount:
            lent = [one for one in snapshot.credentials if one.provider is provider and is_away(one)]
            with suppress(UnknownAccount):
                find_account(name, provider, lent)
                raise only_there(provider, f"keyswitch accounts use {provider}") from None
            raise

    def _before(self, record: CredentialRecord) -> str:
        """The label of what answers before the API key *record* does; "" where nothing comes before it."""
        if record.kind is not CredentialKind.API_KEY:
            return ""
        first = best_credential(record.provider, self._auth.snapshot().given)
        return first.label if first is not None and first.key != record.key else ""

    def _note(self, event: str, record: CredentialRecord, **facts: str) -> None:
        self._events.record(event, provider=record.provider.value, account=tag(record.key), **facts)


def _ends_plan(record: CredentialRecord, snapshot: Snapshot, current: Held | None) -> bool:
    """Whether a plan pays for the saved model, or in the open conversation, and the key would in its place."""
    payers: list[Payer | None] = []
    if snapshot.preset is not None and snapshot.preset.provider is record.provider:
        selection = snapshot.selection
        payers.append(selection.credential.payer if selection else snapshot.given.current_payer)
    if current is not None and current.credential.provider is record.provider:
        payers.append(current.payer)
    return any(from_plan_to_key(payer, record) for payer in payers)
