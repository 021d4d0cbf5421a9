"""What a receipt says: above an answer, on a line of its own, and to programs.

Whoever adds a field decides here where it is seen; see `docs/extending/add-a-field-of-a-receipt.md`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from domain.conversation import Receipt, Turn, TurnState
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat.glyphs import Glyphs
from entrypoints.words.local_time import local
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
    """When an answer came, how long it took, its tokens and how it ended."""
    parts = [clock(turn.at)]
    if turn.state in _ENDINGS:
        parts.append(_ENDINGS[turn.state])
    if turn.receipt is not None:
        usage = turn.receipt.usage
        parts.append(f"{turn.receipt.seconds:.1f} s")
        if usage.input or usage.output:
            parts.append(f"{glyphs.sent}{tokens(usage.input)} {glyphs.received}{tokens(usage.output)}")
        if turn.receipt.cost is not None:
            parts.append(f"${turn.receipt.cost:.4f}")
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
    if receipt.cost is not None:
        parts.append(f"${receipt.cost:.4f}")
    return untrusted(", ".join(parts))


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """The receipt for programs."""
    usage = receipt.usage
    return {
        "provider": receipt.provider.value,
        "preset": receipt.preset,
        "model": receipt.model,
        "label": receipt.label,
        "account": receipt.account,
        "kind": receipt.kind.value,
        "pays_with": receipt.payer.value,
        "usage": {
            "input": usage.input,
            "output": usage.output,
            "cached": usage.cached,
            "reasoning": usage.reasoning,
        },
        "cost_usd": receipt.cost,
        "seconds": round(receipt.seconds, 3),
    }


def clock(at: datetime) -> str:
    """The time of day where the person is."""
    return local(at).strftime("%H:%M")


def tokens(number: int) -> str:
    """A count as it is read: 410, 2.3k, 1.2M."""
    for unit, size in (("M", 1_000_000), ("k", 1000)):
        if number >= size:
            return f"{number / size:.1f}".removesuffix(".0") + unit
    return str(number)
