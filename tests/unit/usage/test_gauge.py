"""The gauge over a scripted month, whose plan counts in a way of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import timedelta
from random import Random
from typing import Final

from domain.conversation import Usage
from domain.credential import CredentialKind
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.usage.entry import Billed, LimitMet
from domain.usage.gauge import Gauge, Moment, SpanUse, gauges
from tests.support.fixed_clock import NOON

ANA: Final = Billed(Provider.CHATGPT, "ana@example.test", CredentialKind.OAUTH, Payer.PLAN)
HOURS, DAYS = timedelta(hours=5), timedelta(days=7)
FULL: Final = {HOURS: 2_000_000.0, DAYS: 5_500_000.0}


def true_weight(usage: Usage) -> float:
    """What the plan takes: no client knows that output counts six times here, and what a cache gave an eighth."""
    return usage.input - usage.cached + usage.cached / 8 + 6 * usage.output


@dataclass
class Script:
    """A month of one person's questions, and a provider that counts them."""

    moments: list[Moment] = field(default_factory=list)
    limits: list[LimitMet] = field(default_factory=list)

    def true_share(self, span: timedelta, now: timedelta) -> float:
        within = (one for one in self.moments if NOON + now - span < one.at <= NOON + now)
        return sum(true_weight(one.usage) for one in within) / FULL[span]

    def ask(self, chance: Random, at: timedelta, tokens: int) -> bool:
        read = chance.randrange(tokens // 2, tokens)
        usage = Usage(read, chance.randrange(200, 3_000), cached=int(read * chance.uniform(0.4, 0.9)))
        answered = all(self.true_share(span, at) + true_weight(usage) / full <= 1 for span, full in FULL.items())
        if answered:
            self.moments.append(Moment(NOON + at, ANA, usage))
        else:
            self.limits.append(LimitMet(NOON + at, ANA, "gpt-6.1-sol"))
        return answered


def month() -> Iterator[tuple[Script, timedelta]]:
    """The script after each question: quiet days, an afternoon too busy, quiet days, a week too busy, quiet days."""
    script, chance = Script(), Random(7)
    for day in range(30):
        busy, patient = day == 8, 16 <= day < 22
        if patient and len(script.limits) > 1:
            continue
        for number in range(60 if busy else 28 if patient else 6):
            at = timedelta(days=day, minutes=number * (4 if busy else 25 if patient else 70))
            if not script.ask(chance, at, 90_000 if busy or patient else 30_000):
                yield script, at
                break
            yield script, at


def gauge_of(script: Script, at: timedelta) -> Gauge:
    (gauge,) = gauges(script.moments, script.limits, NOON + at)
    return gauge


def use_of(gauge: Gauge, span: timedelta) -> SpanUse:
    return next(use for use in gauge.spans if use.span == span)


def test_after_the_first_limit_of_a_span_the_gauge_is_within_15_percent_of_the_truth() -> None:
    wrong: list[str] = []
    seen = {HOURS: 0, DAYS: 0}
    last = Script()
    for last, at in month():
        gauge = gauge_of(last, at)
        for span in FULL:
            share = use_of(gauge, span).share
            if share is not None:
                seen[span] += 1
                true = last.true_share(span, at)
                wrong += [f"{at}, {span}: {share:.2f} for {true:.2f}"] if abs(share - true) > 0.15 else []
    assert len(last.limits) == 2
    assert seen[HOURS] > 200
    assert seen[DAYS] > 30
    assert wrong == []


def test_nothing_is_claimed_before_a_limit_was_met_and_no_reset_ever() -> None:
    for script, at in month():
        if not script.limits:
            assert gauge_of(script, at).share is None
    assert {one.name for one in fields(SpanUse)} == {"span", "requests", "tokens", "share", "limit_met"}


def of_plan(later: timedelta, resets_in: timedelta | None) -> LimitMet:
    resets_at = None if resets_in is None else NOON + later + resets_in
    return LimitMet(NOON + later, ANA, "gpt-6.1-sol", resets_at)


def used(*hours: float, tokens: int = 1000) -> list[Moment]:
    return [Moment(NOON + timedelta(hours=hour), ANA, Usage(tokens)) for hour in hours]


def test_a_limit_of_a_minute_or_of_a_key_says_nothing_of_a_plan() -> None:
    key = Billed(Provider.CHATGPT, "…1234", CredentialKind.API_KEY, Payer.API_BILLING)
    hour = timedelta(hours=2)
    of_a_workspace = LimitMet(NOON + hour, ANA, "gpt", lasts=True)
    limits = [of_plan(hour, timedelta(seconds=20)), LimitMet(NOON + hour, key, "gpt"), of_a_workspace]
    found = gauges(used(0, 1), limits, NOON + timedelta(hours=3))
    assert [(gauge.billed, gauge.share) for gauge in found] == [(ANA, None)]


def test_requests_and_tokens_are_those_of_the_span() -> None:
    (gauge,) = gauges(used(-200, -20, -4, -1), [], NOON)
    assert [(use.requests, use.tokens) for use in gauge.spans] == [(2, 2000), (3, 3000)]


def test_each_account_has_a_gauge_of_its_own() -> None:
    bob = Billed(Provider.CHATGPT, "bob@example.test", CredentialKind.OAUTH, Payer.PLAN)
    theirs: Callable[[Moment], Moment] = lambda moment: Moment(moment.at, bob, moment.usage)  # noqa: E731
    found = gauges([*used(0), *map(theirs, used(1, 2))], [], NOON + timedelta(hours=3))
    assert {gauge.billed: gauge.spans[0].requests for gauge in found} == {ANA: 1, bob: 2}
