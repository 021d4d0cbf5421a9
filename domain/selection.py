"""What is selected: a preset and how it authenticates."""

from __future__ import annotations

from dataclasses import dataclass

from domain.auth_mode import AuthMode
from domain.credential import CredentialKind, CredentialRecord
from domain.model import Answering, Preset


@dataclass(frozen=True, slots=True)
class Selection:
    """A preset together with the credential that its requests carry."""

    preset: Preset
    credential: CredentialRecord
    answering: Answering

    @property
    def mode(self) -> AuthMode:
        """What config remembers of it."""
        if self.credential.kind is CredentialKind.API_KEY:
            return AuthMode.APIKEY
        return AuthMode.oauth(self.preset.provider)

    @property
    def means(self) -> str:
        """`Claude OAuth`, `Claude API key`."""
        return f"{self.preset.provider.label} {self.credential.kind.label}"
