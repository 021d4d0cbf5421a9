"""Counts what each request took, and puts it on the invoice of whoever pays by the token."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from adapters.sandbox.billing.price_list import CLAUDE as CLAUDE_LIST
from adapters.sandbox.billing.price_list import OPENAI, Counts, claude_charge, gemini_charge, openai_charge
from adapters.sandbox.billing.prompt_cache import (
    AFTER_THE_MARK,
    AN_HOUR,
    FIVE_MINUTES,
    Block,
    Cached,
    PromptCache,
    blocks_of,
)
from adapters.sandbox.settings import CHATGPT, CLAUDE, GEMINI, SandboxSettings


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One request that was billed."""

    provider: str
    customer: str
    """The credential that asked, as the log shows it."""
    model: str
    on: date
    counts: Counts
    picodollars: int


class Till:
    """The caches and the invoice of all three providers. Safe to use from any thread."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._caches = {name: PromptCache() for name in (CHATGPT, CLAUDE, GEMINI)}
        self._lines: list[InvoiceLine] = []

    def lines(self, provider: str) -> tuple[InvoiceLine, ...]:
        """What *provider* has billed so far."""
        with self._lock:
            return tuple(line for line in self._lines if line.provider == provider)

    def openai(self, customer: str, model: str, body: Mapping[str, object], made: Answered, *, plan: bool) -> Counts:
        """The counts of a request to the Responses API; a plan is billed nothing for it."""
        items = body.get("input")
        said = [("user", items)] if isinstance(items, str) else _said(items, "content")
        blocks = blocks_of([("instructions", body.get("instructions")), *said])
        with self._lock:
            cached = self._cached(CHATGPT).openai((customer, model), blocks, self._now)
            counts = _counts(blocks, cached, made)
            if not plan and model in OPENAI:
                self._bill(CHATGPT, customer, model, counts, openai_charge(model, counts))
        return counts

    def claude(self, customer: str, model: str, body: Mapping[str, object], made: Answered) -> Counts:
        """The counts of a request to the Messages API. Nothing is cached unless it is asked for."""
        blocks = blocks_of([("system", body.get("system")), *_said(body.get("messages"), "content")])
        asked = body.get("cache_control")
        cached = Cached()
        with self._lock:
            if isinstance(asked, dict):
                kept = AN_HOUR if asked.get("ttl") == "1h" else FIVE_MINUTES
                cached = self._cached(CLAUDE).claude((customer, model), blocks, self._now, kept=kept)
            counts = _counts(blocks, cached, made, more=AFTER_THE_MARK)
            if model in CLAUDE_LIST:
                self._bill(CLAUDE, customer, model, counts, claude_charge(model, counts))
        return counts

    def gemini(self, customer: str, model: str, body: Mapping[str, object], made: Answered) -> Counts:
        """The counts of a request to generateContent."""
        system = body.get("systemInstruction")
        said = [("system", system.get("parts") if isinstance(system, dict) else None)]
        blocks = blocks_of([*said, *_said(body.get("contents"), "parts")])
        with self._lock:
            cached = self._cached(GEMINI).gemini((customer, model), blocks, self._now)
            counts = _counts(blocks, cached, made)
            self._bill(GEMINI, customer, model, counts, gemini_charge(model, counts, self._today))
        return counts

    @property
    def _now(self) -> float:
        return self._settings.clock()

    @property
    def _today(self) -> date:
        return datetime.fromtimestamp(self._now, UTC).date()

    def _cached(self, provider: str) -> PromptCache:
        """The provider's cache; an empty one each time where the settings say that none is kept."""
        return self._caches[provider] if self._settings.prompt_caches else PromptCache()

    def _bill(self, provider: str, customer: str, model: str, counts: Counts, picodollars: int) -> None:
        self._lines.append(InvoiceLine(provider, customer, model, self._today, counts, picodollars))


@dataclass(frozen=True, slots=True)
class Answered:
    """Tokens of an answer."""

    text: int
    thoughts: int


def _said(messages: object, member: str) -> Iterable[tuple[str, object]]:
    listed = messages if isinstance(messages, list) else []
    return [(str(item.get("role")), item.get(member)) for item in listed if isinstance(item, dict)]


def _counts(blocks: Iterable[Block], cached: Cached, made: Answered, *, more: int = 0) -> Counts:
    return Counts(
        prompt=sum(block.tokens for block in blocks) + more,
        read=cached.read,
        written=cached.written,
        written_long=cached.written_long,
        output=made.text + made.thoughts,
        thoughts=made.thoughts,
    )
