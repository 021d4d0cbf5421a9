"""Amounts of money as people read them. Only what is shown is rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from decimal import Decimal

PRICE_UNKNOWN: Final = "price unknown"


def dollars(amount: Decimal) -> str:
    """$0.0128, to a hundredth of a cent; what is less is never shown as nothing."""
    from decimal import ROUND_HALF_UP, Decimal

    hundredths = amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return "under $0.0001" if amount > 0 and amount < Decimal("0.0001") else f"${hundredths:,}"
