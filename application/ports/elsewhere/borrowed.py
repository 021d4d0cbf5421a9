from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from domain.credential import CredentialRecord
    from domain.session import Session


class BorrowedProfiles(Protocol):
    """Sign-ins that another program keeps and renews: read here, never renewed, changed or copied."""

    def names(self) -> tuple[str, ...]:
        """The profiles that lie on this machine, usable or not."""
        ...

    def record(self, name: str) -> CredentialRecord:
        """What is known of the profile *name* without its token.

        Raises:
            SourceUnusable: There is none of that name, or it cannot be used.
        """
        ...

    def load(self, record: CredentialRecord) -> Session:
        """The token as it is now, without a refresh token. May wait for the program that keeps it; blocks.

        Raises:
            SourceUnusable: It is gone, cannot be used, or has run out and only its own program can renew it.
        """
        ...
