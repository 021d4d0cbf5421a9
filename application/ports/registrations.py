from __future__ import annotations

from typing import Protocol

from domain.provider import Provider
from domain.sign_in.registration import RegisteredClient
from domain.text.pasted_client import OwnClient


class Registrations(Protocol):
    """Remembers the one client that registered itself and has no session yet. It belongs to this installation.

    What it remembers saves a registration and nothing else: whatever goes wrong here is no error.
    """

    def kept(self) -> RegisteredClient | None:
        """Read the client; None where there is none, or where it cannot be read or is another installation's."""
        ...

    def keep(self, client: RegisteredClient) -> None:
        """Remember *client* durably, in the place of what was remembered."""
        ...

    def forget(self, client_id: str) -> None:
        """Remember the client *client_id* no more. Another one that was remembered stays."""
        ...


class OwnClients(Protocol):
    """Keeps the secrets of OAuth clients that people enter, and reads clients out of files that vendors hand out."""

    def from_file(self, provider: Provider, path: str) -> OwnClient:
        """Read the client of the file at *path*, which may begin with `~`.

        Raises:
            UsageError: It cannot be read, or holds no client that can be used here.
        """
        ...

    def seal(self, client: OwnClient) -> None:
        """Keep the secret of *client*, sealed, for that id and the server that is configured now alone.

        Raises:
            ConfigError: The provider's settings make no sense.
            StoreError: It could not be kept.
        """
        ...
