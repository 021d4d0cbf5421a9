"""What is wrong with the session store, or with one record of it: never the same as "not logged in"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.errors import StoreDamaged, StoreError
from domain.records import dataclass
from domain.session import SessionState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.credential import CredentialKey
    from domain.provider import Provider

STORE_STATES: Final = (SessionState.STORE_DAMAGED, SessionState.STORE_LOCKED)
"""It is the store that stands in the way, and no sign-in is missing."""


@dataclass(frozen=True, slots=True)
class StoreTrouble:
    """Why something that is stored cannot be used. It stays where it is."""

    error: StoreError
    key: CredentialKey | None = None
    """The credential that it concerns; None where the trouble hides which one, or concerns the store as a whole."""

    @property
    def state(self) -> SessionState:
        """The state that is shown for the credential or its provider."""
        return SessionState.STORE_DAMAGED if isinstance(self.error, StoreDamaged) else SessionState.STORE_LOCKED

    def concerns(self, provider: Provider) -> bool:
        """Whether a credential of *provider* may be behind it."""
        return self.key is None or self.key.provider is provider


def trouble_of(provider: Provider, troubles: Iterable[StoreTrouble]) -> StoreTrouble | None:
    """The trouble to name where *provider* has no credential that can be used; one that says it is its comes first."""
    mine = [trouble for trouble in troubles if trouble.concerns(provider)]
    return min(mine, key=lambda trouble: trouble.key is None, default=None)
