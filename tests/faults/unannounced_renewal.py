"""A coordinator as one would write it at first, to show that the tests of the real one can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adapters.session_store import store_file
from application.renewal.coordinator import Need, Renewal
from domain.credential import CredentialKey
from domain.session import OwnCredential, Session


def replace_coordinator() -> None:
    """Let this process renew without announcing it, and write the store in place."""
    Renewal.__call__ = _renew_and_save  # type: ignore[method-assign]
    vars(store_file).update(durable_write=_write_in_place)


async def _renew_and_save(self: Renewal, key: CredentialKey, **_: Any) -> OwnCredential:
    session = self._sessions.load(key)
    assert isinstance(session, Session)
    if not self._must_renew(session, Need()):
        return session
    fresh = (await self._spend_token._oauth.renew(session)).session
    self._sessions.save(fresh)
    return fresh


def _write_in_place(path: Path, content: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        file.write(content[: len(content) // 2])
        file.write(content[len(content) // 2 :])
