"""Keep a client that registered itself until there is a session to keep it with, so that none is registered twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from application.ports.registrations import Registrations
from application.sign_in.keep import Expected
from domain.provider import Provider
from domain.registration import RegisteredClient, usable_again


class RegisterOnce:
    """Called in the order of a sign-in, by the one sign-in that has its turn."""

    def __init__(self, *, registrations: Registrations) -> None:
        self._registrations = registrations

    async def client_for(self, provider: Provider, expected: Expected) -> RegisteredClient | None:
        """The client of an earlier sign-in that came to no session; None where this one has to register its own."""
        kept = await asyncio.to_thread(self._registrations.kept)
        return usable_again(kept, provider, account=_account(expected), further=expected.whose.further)

    async def begun(self, client: RegisteredClient) -> None:
        """The browser is sent out with *client*. If it never comes back, the next sign-in does without."""
        await asyncio.to_thread(self._registrations.keep, replace(client, unanswered=True))

    async def declined(self, client: RegisteredClient) -> None:
        """Somebody said no on the page that *client* led to: it is as good as before."""
        await asyncio.to_thread(self._registrations.keep, client)

    async def answered(self, expected: Expected, client: RegisteredClient) -> None:
        """The browser came back for *client*, and the code is about to be spent: from here on it could be lost.

        Neither the client that the account's stored session keeps, nor that of a further account, which the next
        sign-in of somebody else could not use.
        """
        session = expected.session
        known = session is not None and session.record.client_id == client.client_id
        if not known and not expected.whose.further:
            await asyncio.to_thread(self._registrations.keep, replace(client, account=_account(expected)))

    async def settled(self, client_id: str) -> None:
        """A session keeps the client now, or the provider refused it, or it is of somebody who is not wanted here."""
        kept = await asyncio.to_thread(self._registrations.kept)
        if kept is not None and kept.client_id == client_id:
            await asyncio.to_thread(self._registrations.forget)


def _account(expected: Expected) -> str:
    return expected.record.key.account if expected.record else ""
