"""How the next request authenticates."""

from __future__ import annotations

from enum import StrEnum

from domain.provider import Provider


class AuthMode(StrEnum):
    """What config remembers as `active_auth_provider`.

    `apikey` means the key of whichever provider the model belongs to; the others mean OAuth there.
    """

    APIKEY = "apikey"
    CHATGPT = "chatgpt"
    CLAUDE = "claude"
    GEMINI = "gemini"

    @property
    def provider(self) -> Provider | None:
        """The provider whose OAuth session is used, or None for an API key."""
        return None if self is AuthMode.APIKEY else Provider(self.value)

    @classmethod
    def oauth(cls, provider: Provider) -> AuthMode:
        """The mode that means OAuth at *provider*."""
        return cls(provider.value)
