from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from domain.records import dataclass, field
from domain.session import Credential


@dataclass(frozen=True, slots=True)
class RelayedRequest:
    """What a host asks a provider, as far as it may: where, and with which credential, is not in it."""

    method: str
    path: str
    """Below the provider's address, without a slash in front."""
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """Those that may pass; the names are in small letters."""
    body: bytes = field(default=b"", repr=False)
    model: str = ""
    """Which model is asked; "" where the request is about none. Foreign text."""


@dataclass(frozen=True, slots=True)
class RelayedHead:
    """How the provider's answer begins."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Those that may pass; the names are in small letters."""


RelayedPart = RelayedHead | bytes
"""The head comes first, and then the body as it comes."""


class Upstream(Protocol):
    """Puts a host's request to the provider."""

    def send(self, request: RelayedRequest, credential: Credential) -> AsyncGenerator[RelayedPart, None]:
        """The provider's answer to *request*, whatever its status, but for 401. Closing it closes the connection.

        Raises:
            AuthRejected: The provider does not accept *credential*; nothing was yielded.
            SignInNeeded, ConfigError: *credential* was made for another address than the one configured now.
            ProviderError: The provider cannot be reached, or its answer broke off.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection. Call it in the event loop that used them."""
        ...
