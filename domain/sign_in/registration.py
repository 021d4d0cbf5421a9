"""A client that registered itself while somebody was signing in, and which sign-in may use it again."""

from __future__ import annotations

from domain.provider import Provider
from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """What a provider issued to this installation before there was a session to keep it with.

    It belongs to the person who was on the consent page, and in their workspace; who that was is not known yet.
    """

    provider: Provider
    client_id: str
    """Not a secret (RFC 6749, 2.2)."""
    token_url: str
    """The server that issued it; no other one knows it."""
    account: str = ""
    """The stored account whose sign-in it was issued in; "" where anybody could come."""
    unanswered: bool = False
    """A sign-in was begun with it, and the browser never came back: the page may have refused it, or its owner is
    somebody else."""


def usable_again(
    client: RegisteredClient | None, provider: Provider, *, account: str, further: bool
) -> RegisteredClient | None:
    """*client*, if a sign-in to *provider* for *account* ("" for anybody) may go on with it.

    A *further* account has to register a client of its own: the one at hand is somebody else's.
    """
    if client is None or further or client.unanswered:
        return None
    return client if (client.provider, client.account) == (provider, account) else None
