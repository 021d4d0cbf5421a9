"""Sign-ins that other programs keep: seen, named, and left to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.records import dataclass

if TYPE_CHECKING:
    from domain.credential import CredentialKind
    from domain.provider import Provider


@dataclass(frozen=True, slots=True)
class EarlierSignIn:
    """One sign-in that lies on this machine and is not ours."""

    provider: Provider | None
    """None: it does not tell whose it is, or another service's."""
    kind: CredentialKind
    place: str
    """The file that it is in, as a path to show."""
    label: str = ""
    """The account, where the file may be looked into; foreign text."""
    adoptable: bool = False
    """Whether it lies in our own home, where its owner may hand it over."""
    why: str = ""
    """Why it is left where it is, as a phrase; "" where that is because another program keeps it."""
