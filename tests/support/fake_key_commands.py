"""Commands that print API keys, as a test says."""

from __future__ import annotations

from domain.credential import CredentialKey, CredentialRecord
from domain.errors import SourceUnusable
from domain.session import ApiKey
from domain.text.key_command import KeyCommand
from domain.text.secret import Secret


class FakeKeyCommands:
    """Prints what a test put behind a command, and counts how often."""

    def __init__(self) -> None:
        self.printed: dict[CredentialKey, str] = {}
        self.runs = 0
        self._known: dict[CredentialKey, Secret] = {}

    def prints(self, command: KeyCommand, value: str) -> None:
        """Let *command* print *value* from now on; "" is none."""
        self.printed[command.key] = value

    async def key(self, record: CredentialRecord, *, refused: ApiKey | None = None) -> ApiKey:
        known = self._known.get(record.key)
        if known is None or (refused is not None and known == refused.value):
            self.runs += 1
            value = self.printed.get(record.key, "")
            if not value:
                raise SourceUnusable(record.label, "It printed nothing.", provider=record.provider, code="key_command")
            known = self._known[record.key] = Secret(value)
        return ApiKey(record, known)
