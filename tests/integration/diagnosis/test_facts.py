from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from adapters.diagnosis.facts import FactsProbe
from domain.errors import ConfigError
from domain.finding import Verdict
from tests.support.fixed_clock import FixedClock

AS_OF = date(2026, 11, 30)
DAY = timedelta(days=1)


async def found(after: timedelta, read: timedelta | None) -> tuple[Verdict, str]:
    start = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    probe = FactsProbe(
        as_of=AS_OF,
        last_read=lambda: None if read is None else start + read,
        clock=FixedClock(start=start + after),
    )
    (finding,) = await probe()
    return finding.verdict, finding.fix


async def test_facts_older_than_sixty_days_are_warned_of_unless_a_list_was_read_since() -> None:
    good, old = (Verdict.OK, ""), (Verdict.WARNING, "keyswitch models --refresh")
    cases = {
        (60, None): good, (61, None): old, (61, 1): good, (100, 39): old, (100, 40): good,
        (-365, None): good, (0, 365): good, (365, -365): old,
    }  # fmt: skip
    seen = {(now, read): await found(now * DAY, None if read is None else read * DAY) for now, read in cases}
    assert seen == cases


async def test_a_config_that_makes_no_sense_is_another_probes_finding() -> None:
    def last_read() -> datetime | None:
        raise ConfigError("config.toml", "it makes no sense")

    (finding,) = await FactsProbe(as_of=AS_OF, last_read=last_read, clock=FixedClock())()
    assert finding.verdict is Verdict.OK
    assert finding.what == "the built-in facts are of 2026-11-30; no provider's list was read yet"
