"""How much of a plan is used, as an estimate: no provider tells a program that signs in with a plan what is left of it.

What was used in the last 5 hours and 7 days is scaled by what was used when a limit was last met. Of the two spans, a
limit belongs to the shortest that it can belong to. It cannot belong to a span in which more was used at another time,
and was answered. Nothing is said of when a limit is lifted: that is not known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

from domain.conversation import Usage
from domain.usage.entry import Billed, LimitMet

SPANS: Final = (timedelta(hours=5), timedelta(days=7))
"""The spans of a plan's limits, as its vendor's pages name them."""

LOOKS_BACK: Final = timedelta(days=35)
"""What is older says nothing of a plan any more: its owner may have another one by now."""

_CACHED_WEIGHS: Final = 0.1
_OUTPUT_WEIGHS: Final = 5.0
"""What tokens weigh, compared with plain input: about as their list prices stand to each other."""

_LESS: Final = 0.85
"""A limit that is met at less than this share of what was answered before is not the limit of that span."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An answer at a plan's expense."""

    at: datetime
    """Aware, in UTC."""
    billed: Billed
    usage: Usage

    @property
    def weight(self) -> float:
        """What it takes of a plan, in tokens of plain input. What was cut off weighs something as well."""
        usage = self.usage
        plain = usage.input - usage.cached
        return max(plain + _CACHED_WEIGHS * usage.cached + _OUTPUT_WEIGHS * usage.output, 1.0)


@dataclass(frozen=True, slots=True)
class SpanUse:
    """What was used in the time before a moment."""

    span: timedelta
    requests: int
    tokens: int
    share: float | None = None
    """Of what was used when the limit of this span was last met; an estimate. None where none was met yet."""
    limit_met: datetime | None = None
    """Aware, in UTC: the limit that `share` is scaled by."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """What is known of how much of one account's plan is used."""

    billed: Billed
    spans: tuple[SpanUse, ...]

    @property
    def share(self) -> float | None:
        """That of the span that is nearest to its limit."""
        return max((use.share for use in self.spans if use.share is not None), default=None)


def gauges(moments: Iterable[Moment], limits: Iterable[LimitMet], now: datetime) -> tuple[Gauge, ...]:
    """A gauge for each account whose plan was used, or met its limit. *now* is aware, in UTC."""
    of_each: dict[Billed, tuple[list[Moment], list[LimitMet]]] = {}
    for moment in moments:
        of_each.setdefault(moment.billed, ([], []))[0].append(moment)
    for limit in limits:
        if limit.is_of_a_plan:
            of_each.setdefault(limit.billed, ([], []))[1].append(limit)
    return tuple(Gauge(billed, _spans(_Past(used), met, now)) for billed, (used, met) in of_each.items())


class _Past:
    """The answers of one account, by time, with running sums."""

    def __init__(self, moments: Sequence[Moment]) -> None:
        ordered = sorted(moments, key=lambda moment: moment.at)
        self.times = [moment.at for moment in ordered]
        self._weights = [0.0, *accumulate(moment.weight for moment in ordered)]
        self._tokens = [0, *accumulate(moment.usage.input + moment.usage.output for moment in ordered)]

    def weight(self, span: timedelta, until: datetime) -> float:
        """What was used in *span* until then, with what ended at that moment."""
        first, last = self._bounds(span, until)
        return self._weights[last] - self._weights[first]

    def use(self, span: timedelta, until: datetime) -> tuple[int, int]:
        """Requests and tokens in that time."""
        first, last = self._bounds(span, until)
        return last - first, self._tokens[last] - self._tokens[first]

    def before(self, place: int, span: timedelta) -> float:
        """What was used in *span* when the answer at *place* was asked for."""
        first = bisect_right(self.times, self.times[place] - span)
        return self._weights[place] - self._weights[min(first, place)]

    def _bounds(self, span: timedelta, until: datetime) -> tuple[int, int]:
        return bisect_right(self.times, until - span), bisect_right(self.times, until)


def _spans(past: _Past, limits: Sequence[LimitMet], now: datetime) -> tuple[SpanUse, ...]:
    left = sorted((limit.at for limit in limits if limit.at <= now), reverse=True)
    found: list[SpanUse] = []
    for span in SPANS:
        requests, tokens = past.use(span, now)
        answered = max((past.before(place, span) for place in range(len(past.times))), default=0.0)
        own = [at for at in left if _may_be_of(span, at, past, answered)]
        left = [at for at in left if at not in own]
        full = past.weight(span, own[0]) if own else 0.0
        share = past.weight(span, now) / full if full else None
        found.append(SpanUse(span, requests, tokens, share, own[0] if full else None))
    return tuple(found)


def _may_be_of(span: timedelta, limit: datetime, past: _Past, answered: float) -> bool:
    """Whether the limit at that moment may be the one of *span*: never more was *answered* by far."""
    return past.weight(span, limit) > 0 and past.weight(span, limit) >= _LESS * answered
