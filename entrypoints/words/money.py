"""Amounts of money as people read them. Only what is shown is rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from decimal import Decimal

PRICE_UNKNOWN: Final = "price unknown"


def dollars(amount: Decimal) -> str:
    """$0.0128, to a hundredth of a cent; what is less is never shown as nothing."""
    return "under $0.0001" if 0 < amount * 10_000 < 1 else f"${amount:,.4f}"
