from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Hashable

    from domain.credential import CredentialRecord
    from domain.session import Forwarded


@dataclass(frozen=True, slots=True)
class ForwardedFound:
    """What the laptops of this machine's owner let it use."""

    records: tuple[CredentialRecord, ...] = ()
    """Each of the kind `FORWARDED`. What a laptop says of them is foreign text."""
    notices: tuple[str, ...] = ()
    """A sentence on each laptop that does not answer, and on what is in the way to one. They may quote foreign text."""


class ForwardedSignIns(Protocol):
    """Sign-ins that stay on another machine of the same owner: asked for, never renewed, changed or copied here."""

    def found(self) -> ForwardedFound:
        """What can be used now. Where a laptop is silent it takes a third of a second; where none is known, no time."""
        ...

    def stamp(self) -> Hashable:
        """Changes where the way to a laptop came or went; asks nobody."""
        ...

    async def load(self, record: CredentialRecord) -> Forwarded:
        """The use of *record*, one of that kind, as it is lent now, and the way that leads to it. Takes two seconds at
        most.

        Raises:
            Offline: Its laptop does not answer.
            SourceUnusable: The laptop does not lend it any more.
        """
        ...

    async def reachable(self, record: CredentialRecord) -> bool:
        """Whether the laptop of *record*, one of that kind, answers. Takes two seconds at most."""
        ...
