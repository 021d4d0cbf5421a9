"""Of two places with the same sessions, let this one go on."""

from __future__ import annotations

from application.ports.event_log import EventLog
from application.ports.session_store import SessionStore
from domain.accounts import tag
from domain.credential import CredentialRecord


class GoOnHere:
    """Answers "here" where a copied home asks which of the two places renews its sessions."""

    def __init__(self, *, sessions: SessionStore, events: EventLog) -> None:
        self._sessions = sessions
        self._events = events

    def __call__(self) -> tuple[CredentialRecord, ...]:
        """Renew here from now on what was a copy here; each record is as it was. Raises as `SessionStore.save` does."""
        moved = self._sessions.go_on_here()
        for record in moved:
            self._events.record("home_kept", provider=record.provider.value, account=tag(record.key))
        return moved
