"""A request to a token endpoint, before a library writes it."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.providers.setting_checks import Body
from domain.records import dataclass, field
from domain.text.secret import Secret

Parameters = Mapping[str, str | Secret]
"""Of a request; what is secret is revealed when it is written."""


@dataclass(frozen=True, slots=True)
class Client:
    """The client that a token request is made for."""

    id: str
    secret: Secret | None = None
    """None: a public client (RFC 6749, 2.1)."""

    def secrets(self, *others: Secret) -> tuple[Secret, ...]:
        """Its own secret and *others*: what must not appear in a message although the server may quote it."""
        return (*others, self.secret) if self.secret else others


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One request to a token endpoint."""

    url: str
    body: Body
    parameters: Parameters
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    """How long the whole exchange may take; None: as long as any."""
