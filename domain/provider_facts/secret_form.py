"""What one kind of key or token looks like."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class SecretKind(StrEnum):
    """What a value is for; the words that people read."""

    API_KEY = "API key"
    ADMIN_KEY = "admin key"
    ACCESS_TOKEN = "access token"
    REFRESH_TOKEN = "refresh token"
    CLIENT_SECRET = "client secret"
    SIGN_IN_TOKEN = "token of a sign-in"
    CODE = "code of a sign-in"


class SecretForm(NamedTuple):
    """The form of one kind of value that a vendor issues."""

    kind: SecretKind
    start: str
    """A pattern of the first characters."""
    rest: str = r"[\w-]{8,}"
    """A pattern of what follows, for finding the value inside a text."""
