from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from domain.earlier_sign_in import EarlierSignIn


class EarlierSignIns(Protocol):
    """Sign-ins that other programs keep on this machine. They are shown; nobody spends or changes them."""

    def found(self) -> tuple[EarlierSignIn, ...]:
        """Look for them, without a master key and without a write. What cannot be read is left out."""
        ...
