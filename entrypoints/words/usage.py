"""What is said of use: what it cost, what is not known of it, and how much of a plan may be left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from application.use_cases.read_usage import PlanUse
from domain.text.durations import duration_words
from domain.text.untrusted import untrusted_line
from domain.usage.entry import Billed, LimitMet, Told
from domain.usage.gauge import SPANS, Gauge, SpanUse
from domain.usage.sums import Total
from entrypoints.words.local_time import moment_words
from entrypoints.words.money import dollars
from entrypoints.words.sign_in import MANAGE_USAGE

NOTHING: Final = "Nothing was used in these days."
ESTIMATE: Final = f"Our estimate, without what other programs use. What is left: {MANAGE_USAGE}"

_SPANS: Final = dict(zip(SPANS, ("last 5 hours", "last 7 days"), strict=True))


def count_words(number: int) -> str:
    """A count as it is read: 410, 2.3k, 1.2M."""
    for unit, size in (("M", 1_000_000), ("k", 1000)):
        if number >= size:
            return f"{number / size:.1f}".removesuffix(".0") + unit
    return str(number)


def remarks(total: Total) -> Iterator[str]:
    """What a sum of dollars does not say by itself."""
    if total.reported:
        reported = f"{dollars(total.reported)} reported by vendors"
        yield f"{dollars(total.computed)} computed here from list prices, {reported}."
    elif total.computed:
        yield f"{dollars(total.computed)} computed here from list prices; no vendor reported any."
    apart = [f"{_answers(total.unknown)} with unknown price"] if total.unknown else []
    apart += [f"{_answers(total.on_plan)} paid by a plan"] if total.on_plan else []
    if apart:
        yield f"In no dollars: {', '.join(apart)}."


def plan_lines(plans: PlanUse) -> Iterator[str]:
    """How much of each plan is used, as far as that is known, and what providers told of their limits."""
    for gauge in plans.gauges:
        yield f"{gauge.billed.provider.label} plan ({untrusted_line(gauge.billed.account)})"
        for use in gauge.spans:
            yield f"  {_SPANS[use.span]}: {_used_words(use)}"
        yield f"  {ESTIMATE}"
    for limit in plans.limits:
        yield _limit_words(limit, plans.at)
    for told in plans.told:
        yield _told_words(told, plans.at)


def plan_share_words(gauge: Gauge) -> str:
    """The gauge in a few words, for a line of facts; "" where nothing can be said."""
    return "" if gauge.share is None else f"plan used: about {_percent(gauge.share)} (estimate)"


def _used_words(use: SpanUse) -> str:
    requests = "1 request" if use.requests == 1 else f"{use.requests} requests"
    used = f"{requests}, {count_words(use.tokens)} tokens"
    if use.share is None or use.limit_met is None:
        return f"{used}; share of the plan not known yet"
    return f"{used}; about {_percent(use.share)} of what a limit allowed {moment_words(use.limit_met)}"


def _limit_words(limit: LimitMet, now: datetime) -> str:
    met = f"{_who(limit.billed)} met a limit {_ago(limit.at, now)}"
    return f"{met}; {limit.billed.provider.label} said that it is lifted {moment_words(limit.resets_at or now)}."


def _told_words(told: Told, now: datetime) -> str:
    allowance = told.allowance
    of = "" if allowance.limit is None else f" of {count_words(allowance.limit)}"
    whole = f", all of it again {moment_words(allowance.resets_at)}" if allowance.resets_at else ""
    left = f"{count_words(allowance.remaining or 0)}{of} {allowance.measure} left{whole}"
    return f"{_who(told.billed)}: {left} (told {_ago(told.at, now)})"


def _who(billed: Billed) -> str:
    return f"{billed.provider.label} {billed.kind.label} ({untrusted_line(billed.account)})"


def _ago(at: datetime, now: datetime) -> str:
    return f"{duration_words(max(now - at, timedelta(0)).total_seconds())} ago"


def _answers(number: int) -> str:
    return "1 answer" if number == 1 else f"{number} answers"


def _percent(share: float) -> str:
    return f"{round(100 * share)} %" if share >= 0.01 else "1 %"  # noqa: PLR2004 - less is not told apart
