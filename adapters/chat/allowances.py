"""What the head of an answer tells beside the answer: the id of the request, and what is left of limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from adapters.chat.limit_reset import later
from application.ports.chat_client import Opened
from domain.text.moments import moment_from_text
from domain.usage.allowance import Allowance, Measure

_REQUEST_IDS: Final = ("request-id", "x-request-id")
_LONGEST_ID: Final = 200
"""Characters of an id that are worth keeping."""

_KINDS: Final = {
    "requests": Measure.REQUESTS,
    "tokens": Measure.TOKENS,
    "input-tokens": Measure.INPUT_TOKENS,
    "output-tokens": Measure.OUTPUT_TOKENS,
}
"""What the names of the fields call it."""

_COUNT: Final = re.compile(r"\d{1,15}")


def opened(headers: Mapping[str, str], now: datetime) -> Opened | None:
    """What *headers*, with names in lower case, tell; None where they tell nothing. *now* is aware, in UTC."""
    name = next((headers[name] for name in _REQUEST_IDS if headers.get(name)), "")
    found = allowances(headers, now)
    return Opened(name[:_LONGEST_ID], found) if name or found else None


def allowances(headers: Mapping[str, str], now: datetime) -> tuple[Allowance, ...]:
    """What is left of each limit that *headers* name, as Anthropic and as OpenAI write it."""
    return tuple(_allowances(headers, now))


def _allowances(headers: Mapping[str, str], now: datetime) -> Iterator[Allowance]:
    for kind, measure in _KINDS.items():
        limit, remaining, reset = (
            headers.get(f"anthropic-ratelimit-{kind}-{part}") or headers.get(f"x-ratelimit-{part}-{kind}") or ""
            for part in ("limit", "remaining", "reset")
        )
        left = _count(remaining)
        if left is not None:
            yield Allowance(measure, _count(limit), left, moment_from_text(reset) or later(reset, now))


def _count(text: str) -> int | None:
    """A count that makes sense; some servers write -1 where there is none."""
    return int(text) if _COUNT.fullmatch(text.strip()) else None
