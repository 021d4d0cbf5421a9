"""Use a sign-in that another program keeps."""

from __future__ import annotations

from application.ports.config_store import ConfigStore
from application.ports.elsewhere.borrowed import BorrowedProfiles
from application.ports.event_log import EventLog
from domain.credential import CredentialRecord
from domain.provider import Provider


class BorrowProfile:
    """Remembers which profile of Anthropic's tool is read; nothing of it is copied."""

    def __init__(self, *, borrowed: BorrowedProfiles, config: ConfigStore, events: EventLog) -> None:
        self._borrowed = borrowed
        self._config = config
        self._events = events

    def __call__(self, name: str) -> CredentialRecord:
        """Borrow the profile *name* from now on.

        Raises:
            SourceUnusable: It cannot be used; nothing was changed.
            ConfigError: The config cannot be written; nothing was changed.
        """
        record = self._borrowed.record(name)
        self._config.set_claude_profile(name)
        self._events.record("profile_borrowed", provider=record.provider.value)
        return record

    def end(self) -> str | None:
        """Borrow no profile any more, and return the name of the one that was. Raises ConfigError as above."""
        name = self._config.read().claude_profile
        if name is not None:
            self._config.set_claude_profile("")
            self._events.record("profile_returned", provider=Provider.CLAUDE.value)
        return name
