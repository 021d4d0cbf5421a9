from __future__ import annotations

from typing import Protocol

from domain.registration import RegisteredClient


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
