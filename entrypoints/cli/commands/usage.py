"""`keyswitch usage` says what was used and what it cost."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from domain.errors import UsageError
from domain.usage.period import Period, month_named, month_of
from domain.usage.sums import By
from entrypoints.cli.group import Command
from entrypoints.cli.home import light
from entrypoints.cli.usage.usage_report import show_usage

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(
    "usage",
    cls=Command,
    examples=[
        "keyswitch usage                          (this month, by day)",
        "keyswitch usage --month 2026-11 --by model",
        "keyswitch usage --month 2026-11 --invoice --csv > november.csv",
        "keyswitch usage --since 2026-11-20 --json | jq .total",
    ],
    help="Say what was used and what it cost: a line for each day, provider, account, payer or model, from a ledger on "
    "this machine. Every answer is in it, also those of conversations that were removed, or not kept (--no-save): it "
    "has no texts. Days are those of UTC, as vendors bill.",
)
@click.option("--month", metavar="YYYY-MM", help="This month; without any day or month, the current one.")
@click.option("--since", type=_DAY, metavar="YYYY-MM-DD", help="From this day on.")
@click.option("--until", type=_DAY, metavar="YYYY-MM-DD", help="Up to this day, which is included.")
@click.option(
    "--by", type=click.Choice([by.value for by in By]), default=By.DAY.value, show_default=True,
    help="What each line is the sum of.",
)  # fmt: skip
@click.option(
    "--invoice", "as_invoice", is_flag=True,
    help="As on a vendor's invoice: a line for each model, kind of tokens and rate.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with all of it.")
@click.option("--csv", "as_csv", is_flag=True, help="A table for a spreadsheet.")
def command(*, month: str | None, since: datetime | None, until: datetime | None, by: str, **how: bool) -> int:
    if how["as_json"] and how["as_csv"]:
        raise UsageError("--json and --csv are two ways to write the same.")
    today = light().clock.now().astimezone(UTC).date()
    period = _period(month, since.date() if since else None, until.date() if until else None, today)
    return show_usage(period, By(by), as_invoice=how["as_invoice"], as_json=how["as_json"], as_csv=how["as_csv"])


def _period(month: str | None, since: date | None, until: date | None, today: date) -> Period:
    if month is None:
        return Period(since or (until or today).replace(day=1), until or max(today, since or today))
    if since is not None or until is not None:
        raise UsageError("--month is one month; --since and --until are for any other days.")
    found = month_named(month)
    if found is None:
        raise UsageError(f'"{month}" is no month: write it as {month_of(today)}.')
    return found
