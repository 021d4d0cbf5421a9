"""End a session at its provider, and no other one with it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from application.ports.oauth_client import OAuthClient, Revocation
from application.ports.session_store import SessionStore
from application.ports.sign_in_turn import SignInTurn
from domain.credential import CredentialKey
from domain.errors import ConfigError, SignInUnderWay, StoreError
from domain.session import Session


class EndSession:
    """Revokes a session that is not stored any more.

    Some providers take back all that an account allowed a client, whichever token is revoked. There a sign-in of any
    window has to be stored before the question is decided: one that is under way holds the turn until it is.
    """

    def __init__(self, *, oauth: OAuthClient, sessions: SessionStore, turns: SignInTurn) -> None:
        self._oauth = oauth
        self._sessions = sessions
        self._turns = turns

    async def __call__(self, session: Session) -> Revocation:
        """Ask the provider to end *session*, unless that would end a newer one. Raises nothing."""
        try:
            if not self._oauth.revocation_ends_all(session.record.provider):
                return await self._oauth.revoke(session)
            with self._turns.take():
                if await asyncio.to_thread(self._is_stored, session.record.key):
                    return Revocation.WITHHELD
                return await self._oauth.revoke(session)
        except (SignInUnderWay, StoreError):
            return Revocation.WITHHELD
        except ConfigError:
            return Revocation.UNCONFIRMED

    async def give_back(self, session: Session) -> None:
        """End a new session that nobody wants, unless that could end one of the same account that is stored.

        Raises nothing. It belongs to the sign-in that has its turn.
        """
        with suppress(StoreError, ConfigError):
            if not await asyncio.to_thread(self._is_stored, session.record.key):
                await self._oauth.revoke(session)

    def _is_stored(self, key: CredentialKey) -> bool:
        return any(record.key == key for record in self._sessions.records())
