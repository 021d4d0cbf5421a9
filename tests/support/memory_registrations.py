"""The client that registered itself, in memory."""

from __future__ import annotations

from domain.sign_in.registration import RegisteredClient


class MemoryRegistrations:
    """Remembers what it is told, and everything that it was ever told."""

    def __init__(self) -> None:
        self.client: RegisteredClient | None = None
        self.history: list[RegisteredClient] = []

    def kept(self) -> RegisteredClient | None:
        return self.client

    def keep(self, client: RegisteredClient) -> None:
        self.client = client
        self.history.append(client)

    def forget(self, client_id: str) -> None:
        if self.client is not None and self.client.client_id == client_id:
            self.client = None
