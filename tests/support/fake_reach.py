"""A network that is there, or not."""

from __future__ import annotations

from collections.abc import Iterable

from domain.credential import CredentialRecord
from domain.provider import Provider


class FakeReach:
    """Reaches every provider but those of `out_of_reach`."""

    def __init__(self, *out_of_reach: Provider) -> None:
        self.out_of_reach = set(out_of_reach)
        self.looks = 0

    async def __call__(self, records: Iterable[CredentialRecord]) -> tuple[CredentialRecord, ...]:
        self.looks += 1
        return tuple(record for record in records if record.provider not in self.out_of_reach)
