"""Sign-ins of another program, as a test says."""

from __future__ import annotations

from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import SourceUnusable
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.session import Session
from domain.text.secret import Secret
from tests.support.credentials import a_record


class FakeProfiles:
    """Profiles that a test lets another program keep, renew and remove."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}

    def sign_in(self, name: str, token: str = "sk-ant-oat-fake-0001") -> None:
        """Keep a profile of that name, with *token* from now on."""
        record = a_record(
            key=CredentialKey(Provider.CLAUDE, f"profile:{name}", CredentialKind.BORROWED),
            label=name,
            payer=Payer.CONSOLE,
            renewable=False,
            generation=0,
            session_id=f"profile:{name}",
        )
        self.sessions[name] = Session(record, Secret(token))

    def names(self) -> tuple[str, ...]:
        return tuple(self.sessions)

    def record(self, name: str) -> CredentialRecord:
        if name not in self.sessions:
            raise SourceUnusable(name, "there is none of that name (found: none)")
        return self.sessions[name].record

    def load(self, record: CredentialRecord) -> Session:
        name = record.key.account.removeprefix("profile:")
        self.record(name)
        return self.sessions[name]
