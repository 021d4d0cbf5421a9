"""How the next request authenticates."""

from __future__ import annotations

from enum import StrEnum

from domain.errors import UnknownAuthMode
from domain.provider import Provider
from domain.text.suggestion import nearest


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


def parse_auth_mode(value: object) -> AuthMode:
    """The mode that a JSON or TOML document writes as *value*; case is ignored.

    Raises:
        UnknownAuthMode: *value* is no string, or names no mode.
    """
    known = tuple(mode.value for mode in AuthMode)
    if not isinstance(value, str):
        raise UnknownAuthMode(repr(value), suggestion=None, known=known)
    name = value.strip().casefold()
    try:
        return AuthMode(name)
    except ValueError:
        raise UnknownAuthMode(value, suggestion=nearest(name, known), known=known) from None
