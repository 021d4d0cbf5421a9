"""What a receipt says: above an answer, on a line of its own, and to programs.

Whoever adds a field decides here where it is seen; see `docs/extending/add-a-field-of-a-receipt.md`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from domain.conversation import Rates, Receipt, Turn, TurnState
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat.glyphs import Glyphs
from entrypoints.words.local_time import local
from entrypoints.words.money import PRICE_UNKNOWN, dollars
from entrypoints.words.payer import payer_words

_ENDINGS: Final = {
    TurnState.STOPPED: "stopped, what came is kept",
    TurnState.BROKEN: "broke off, what came is kept",
}


def stamp(receipt: Receipt, glyphs: Glyphs) -> str:
    """Who answered, by which credential, at whose expense."""
    means = f"{receipt.provider.label} {receipt.kind.label}"
    return glyphs.dot.join([receipt.label, means, payer_words(receipt.payer)])


def measures(turn: Turn, glyphs: Glyphs) -> str:
    """When an answer came, how it ended, what it cost, how long it took, and its tokens."""
    parts = [clock(turn.at)]
    if turn.state in _ENDINGS:
        parts.append(_ENDINGS[turn.state])
    if turn.receipt is not None:
        usage = turn.receipt.usage
        # What it cost comes first: the last parts give way where there is no room.
        parts += _costs(turn.receipt)
        if usage.cached:
            parts.append(f"{tokens(usage.cached)} from cache")
        parts.append(f"{turn.receipt.seconds:.1f} s")
        if usage.input or usage.output:
            parts.append(f"{glyphs.sent}{tokens(usage.input)} {glyphs.received}{tokens(usage.output)}")
        parts += _other(turn.receipt)
    return glyphs.dot.join(parts)


def receipt_line(receipt: Receipt) -> str:
    """Who answered, at whose expense, how long it took."""
    usage = receipt.usage
    parts = [
        receipt.label,
        f"{receipt.provider.label} {receipt.kind.label}",
        untrusted_line(receipt.account),
        payer_words(receipt.payer),
        f"{receipt.seconds:.1f} s",
        f"{usage.input} in, {usage.output} out",
    ]
    if usage.cached:
        parts[-1] += f" ({tokens(usage.cached)} from cache)"
    parts += _costs(receipt)
    if receipt.unpriced and receipt.price_unknown:
        parts[-1] += f" ({untrusted_line(receipt.unpriced)})"
    parts += _other(receipt)
    return untrusted(", ".join(parts))


def _other(receipt: Receipt) -> list[str]:
    """Who answered, where it was another model than was asked; a state of that one is none."""
    answered = receipt.answered.removeprefix("models/")
    same = not answered or re.fullmatch(re.escape(receipt.model) + r"(-\d[\d-]*)?", answered)
    return [] if same else [f"answered by {untrusted_line(answered)}"]


def _costs(receipt: Receipt) -> list[str]:
    """What it cost; nothing where a plan pays."""
    if receipt.cost is not None:
        return [dollars(receipt.cost)]
    return [PRICE_UNKNOWN] if receipt.price_unknown else []


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """The receipt for programs."""
    usage, rates = receipt.usage, receipt.rates
    return {
        "provider": receipt.provider.value,
        "preset": receipt.preset,
        "model": receipt.model,
        "label": receipt.label,
        "answered": receipt.answered,
        "account": receipt.account,
        "kind": receipt.kind.value,
        "pays_with": receipt.payer.value,
        "usage": {
            "input": usage.input,
            "output": usage.output,
            "cached": usage.cached,
            "reasoning": usage.reasoning,
            "written": usage.written,
            "written_long": usage.written_long,
        },
        "cost_usd": float(receipt.cost) if receipt.cost is not None else None,
        "cost": _cost_word(receipt),
        "unpriced": receipt.unpriced,
        "rates": _rates_document(rates) if rates else None,
        "seconds": round(receipt.seconds, 3),
    }


def _cost_word(receipt: Receipt) -> str:
    """Where the cost comes from, or why there is none."""
    if receipt.cost is None:
        return "unknown" if receipt.price_unknown else "plan"
    return "reported" if receipt.reported else "computed"


def _rates_document(rates: Rates) -> dict[str, Any]:
    """The rates for programs, in US dollars per million tokens."""
    dollars_each = ("input", "output", "cached", "written", "written_long")
    known = {name: getattr(rates, name) for name in dollars_each}
    numbers = {name: None if rate is None else float(rate) for name, rate in known.items()}
    return {"model": rates.model, "source": rates.source, **numbers, "unit": "USD per million tokens"}


def clock(at: datetime) -> str:
    """The time of day where the person is."""
    return local(at).strftime("%H:%M")


def tokens(number: int) -> str:
    """A count as it is read: 410, 2.3k, 1.2M."""
    for unit, size in (("M", 1_000_000), ("k", 1000)):
        if number >= size:
            return f"{number / size:.1f}".removesuffix(".0") + unit
    return str(number)
