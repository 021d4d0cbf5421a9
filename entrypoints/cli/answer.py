"""Where an answer goes: plain text, one JSON object, or a line for each piece."""

from __future__ import annotations

import sys
from typing import Any, Protocol

from application.ports.chat_client import ReasoningDelta, TextDelta
from domain.conversation import Receipt, Turn
from domain.text.untrusted import Shown, UntrustedStream, untrusted, untrusted_line
from entrypoints.cli.output import is_terminal, result_json, say, write_result
from entrypoints.words.provider_notes import payer_words


class AnswerSink(Protocol):
    """Takes an answer as it comes."""

    def take(self, event: TextDelta | ReasoningDelta) -> None:
        """More of it."""
        ...

    def complete(self, answer: Turn) -> None:
        """All of it is there."""
        ...

    def end(self) -> None:
        """Nothing more comes, whether it is complete or not."""
        ...


class PlainAnswer:
    """Text on standard output, made harmless for whoever it ends up with; the receipt for people only."""

    def __init__(self) -> None:
        self._filter = UntrustedStream()
        self._last = "\n"

    def take(self, event: TextDelta | ReasoningDelta) -> None:
        """Print text at once; thoughts are not the answer."""
        if isinstance(event, TextDelta):
            self._write(self._filter.feed(event.text))

    def complete(self, answer: Turn) -> None:
        """Say who answered, where a person looks at it."""
        self.end()
        if answer.receipt is not None and is_terminal(sys.stderr):
            say(receipt_line(answer.receipt))

    def end(self) -> None:
        """Close the last line."""
        self._write(self._filter.flush())
        if self._last != "\n":
            self._write(untrusted("\n"))

    def _write(self, text: Shown) -> None:
        if text:
            write_result(text, flush=True)
            self._last = text[-1]


class JsonAnswer:
    """One object with the whole answer."""

    def take(self, event: TextDelta | ReasoningDelta) -> None:
        """Wait for the rest."""

    def complete(self, answer: Turn) -> None:
        """Print it."""
        result_json({"schema": 1, **answer_document(answer)})

    def end(self) -> None:
        """Nothing is left open."""


class JsonLines:
    """`text` and `reasoning` as they come, `answer` at the end. Texts are as the provider sent them."""

    def take(self, event: TextDelta | ReasoningDelta) -> None:
        """Print it at once."""
        kind = "text" if isinstance(event, TextDelta) else "reasoning"
        result_json({"event": kind, "text": event.text})

    def complete(self, answer: Turn) -> None:
        """Print the receipt with the whole text."""
        result_json({"event": "answer", **answer_document(answer)})

    def end(self) -> None:
        """Nothing is left open."""


def answer_document(answer: Turn) -> dict[str, Any]:
    """An answer for programs; in JSON every control character is escaped, so the text is complete."""
    return {
        "text": answer.text,
        "stop": answer.stop.value if answer.stop else None,
        "receipt": _receipt_document(answer.receipt) if answer.receipt else None,
    }


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


def _receipt_document(receipt: Receipt) -> dict[str, Any]:
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
