from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from domain.credential import CredentialRecord


class Reach(Protocol):
    """Tells which providers can be reached from here. It sends no credential anywhere."""

    async def __call__(self, records: Iterable[CredentialRecord]) -> tuple[CredentialRecord, ...]:
        """Those of *records* at whose provider anything answers, in the order given. Takes some seconds at most."""
        ...
