"""What is selected: a preset and how it authenticates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.auth_mode import AuthMode
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import SignInNeeded
from domain.forwarding.forwarded_key import home_key
from domain.records import dataclass, field

if TYPE_CHECKING:
    from datetime import datetime

    from domain.model import Answering, Preset
    from domain.provider_facts.payer import Payer


@dataclass(frozen=True, slots=True)
class Held:
    """What a conversation holds on to: its model, and the one credential that pays for it.

    Nothing outside of the conversation's own window changes it: not the saved choice, not which account is active.
    """

    preset: Preset
    """As it was when it was chosen: an edit of the config does not turn it into another model."""
    credential: CredentialKey
    payer: Payer
    label: str = field(default="", compare=False)
    """The account as people know it, for when its record is gone. Foreign text."""
    sign_in: str = ""
    """The session id, where the key alone does not say whose credential it is: an API key, or an account that its
    provider does not name. "" elsewhere: who signs in to a named account again goes on with it."""

    def is_of(self, record: CredentialRecord) -> bool:
        """Whether *record* is the credential that is held."""
        return record.key == self.credential and self.sign_in in ("", record.session_id)

    @property
    def means(self) -> str:
        """`Claude OAuth`, `Claude API key`."""
        return f"{self.credential.provider.label} {self.credential.kind.label}"

    @property
    def lost(self) -> SignInNeeded:
        """The error that the credential is not here any more, or cannot be used."""
        key, held = self.credential, f"{self.means} {self.label}"
        is_key = key.kind is CredentialKind.API_KEY
        error = SignInNeeded(key.provider, "This conversation", held=held, is_key=is_key)
        if key.kind is CredentialKind.FORWARDED:
            error.on_laptop = f"keyswitch login {key.provider}"
        return error

    def without_laptop(self, now: datetime) -> CredentialRecord | None:
        """The record of a credential whose laptop does not tell of it now; None for what is kept here.

        It may answer by the time that a message is sent, and the conversation goes on then.
        """
        if self.credential.kind is not CredentialKind.FORWARDED:
            return None
        return CredentialRecord(self.credential, self.label, self.payer, False, 0, self.sign_in, now)


@dataclass(frozen=True, slots=True)
class Selection:
    """A preset together with the credential that its requests carry."""

    preset: Preset
    credential: CredentialRecord
    answering: Answering

    @property
    def mode(self) -> AuthMode:
        """What config remembers of it."""
        return mode_of(self.credential.key)

    @property
    def means(self) -> str:
        """`Claude OAuth`, `Claude API key`."""
        return f"{self.preset.provider.label} {self.credential.kind.label}"

    @property
    def held(self) -> Held:
        """What a conversation with this selection holds on to."""
        record = self.credential
        at_home = home_key(record.key)
        named = at_home.kind is CredentialKind.OAUTH and at_home.named
        return Held(self.preset, record.key, record.payer, record.label, "" if named else record.session_id)


def mode_of(key: CredentialKey) -> AuthMode:
    """How a request authenticates that carries the credential *key*."""
    return AuthMode.APIKEY if home_key(key).kind is CredentialKind.API_KEY else AuthMode.oauth(key.provider)
