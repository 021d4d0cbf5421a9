"""`keyswitch usage`: what was used, for people, for programs and for spreadsheets."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from application.use_cases.read_usage import PlanUse
from domain.provider_facts.payer import Payer
from domain.text.untrusted import untrusted, untrusted_line
from domain.usage.entry import Billed, LimitMet, Told
from domain.usage.gauge import Gauge
from domain.usage.invoice import InvoiceLine, invoice
from domain.usage.period import Period
from domain.usage.sums import By, Total, Used, grouped, total
from entrypoints.cli.home import light
from entrypoints.cli.output import columns, result, result_json, shows, table, timestamp, write_result
from entrypoints.export.as_csv import csv_text
from entrypoints.words.money import PRICE_UNKNOWN
from entrypoints.words.sign_in import MANAGE_USAGE
from entrypoints.words.usage import NOTHING, remarks

SCHEMA: Final = 1
"""Raised when a member changes its meaning or goes; new members may come at any time."""

_HEAD: Final = ("model", "tokens", "quantity", "per million", "amount")
_NUMBERS: Final = 2
"""The column from which on they are numbers."""

_WIDE: Final = 100
"""Columns where standard output is no terminal."""

_SUMS: Final = (
    "answers", "input_tokens", "cached_tokens", "written_tokens", "output_tokens", "reasoning_tokens",
    "computed_usd", "reported_usd", "answers_on_plan", "answers_with_unknown_price",
)  # fmt: skip
_INVOICE: Final = (
    "provider", "account", "kind", "pays_with", "model", "tokens", "quantity", "usd_per_million", "usd"
)  # fmt: skip


def show_usage(period: Period, by: By, *, as_invoice: bool, as_json: bool, as_csv: bool) -> int:
    """Print what was used in *period*. Always exit code 0."""
    usage = light().usage()
    used = usage.used(period.first, period.last)
    if as_json:
        result_json(_document(period, by, used, usage.plans()))
    elif as_csv and as_invoice:
        write_result(untrusted(csv_text(_INVOICE, map(_invoice_cells, invoice(used)))))
    elif as_csv:
        rows = grouped(used, by)
        write_result(untrusted(csv_text((by.value, *_SUMS), ((name, *_sums(one)) for name, one in rows.items()))))
    elif as_invoice:
        _print_invoice(period, used)
    else:
        _print_sheet(period, by, used, usage.plans())
    return 0


def _print_sheet(period: Period, by: By, used: tuple[Used, ...], plans: PlanUse) -> None:
    from entrypoints.chat.glyphs import ASCII, UNICODE
    from entrypoints.chat.usage.usage_table import Sheet, bar, sheet_lines

    glyphs = UNICODE if shows(sys.stdout, f"{UNICODE.ellipsis}{bar(1, 1, 2, UNICODE)}") else ASCII
    result(f"Usage, {period} (days in UTC)\n")
    for line in sheet_lines(Sheet(period, by, used, plans, Total()), columns() or _WIDE, glyphs):
        result(line)


def _print_invoice(period: Period, used: tuple[Used, ...]) -> None:
    lines = invoice(used)
    result(f"Usage as on an invoice, {period} (days in UTC)")
    whose: Billed | None = None
    for line in lines:
        if line.billed != whose:
            whose = line.billed
            of_it = [one for one in lines if one.billed == whose]
            account = untrusted_line(whose.account)
            result(f"\n{whose.provider.label} {whose.kind.label} ({account}), {whose.payer.label}")
            for row in table(_to_the_right([_HEAD, *map(_invoice_row, of_it), _invoice_sum(of_it)])):
                result(f"  {row}")
    result("" if lines else NOTHING)
    for remark in remarks(total(used)):
        result(remark)


def _invoice_row(line: InvoiceLine) -> tuple[str, ...]:
    known = "plan" if line.billed.payer is Payer.PLAN else PRICE_UNKNOWN
    rate = "" if line.rate is None else f"${line.rate.normalize():f}"
    amount = known if line.amount is None else f"${line.amount:,.6f}"
    return untrusted_line(line.model), line.kind.value, f"{line.quantity:,}", rate, amount


def _invoice_sum(lines: Sequence[InvoiceLine]) -> tuple[str, ...]:
    known = [line.amount for line in lines if line.amount is not None]
    return "sum", "", f"{sum(line.quantity for line in lines):,}", "", f"${sum(known):,.6f}" if known else ""


def _to_the_right(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """*rows* with their numbers below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        tuple(
            cell if at < _NUMBERS else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _invoice_cells(line: InvoiceLine) -> tuple[object, ...]:
    return (
        *_whose(line.billed).values(),
        line.model,
        line.kind.value,
        line.quantity,
        _text(line.rate),
        _text(line.amount),
    )


def _sums(one: Total) -> tuple[object, ...]:
    usage = one.usage
    return (
        one.requests, usage.input, usage.cached, usage.written + usage.written_long, usage.output, usage.reasoning,
        _text(one.computed), _text(one.reported), one.on_plan, one.unknown,
    )  # fmt: skip


def _document(period: Period, by: By, used: tuple[Used, ...], plans: PlanUse) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "by": by.value,
        "sums": [{by.value: name, **_sum_members(one)} for name, one in grouped(used, by).items()],
        "total": _sum_members(total(used)),
        "lines": [_line_members(one) for one in used],
        "invoice": [dict(zip(_INVOICE, _invoice_cells(line), strict=True)) for line in invoice(used)],
        "plans": [_gauge_members(gauge) for gauge in plans.gauges],
        "limits_met": [_limit_members(limit) for limit in plans.limits],
        "told": [_told_members(told) for told in plans.told],
    }


def _sum_members(one: Total) -> dict[str, Any]:
    return dict(zip(_SUMS, _sums(one), strict=True))


def _line_members(one: Used) -> dict[str, Any]:
    whose: Mapping[str, Any] = _whose(one.billed)
    return {"day": one.day.isoformat(), **whose, "model": one.model, **_sum_members(total((one,)))}


def _whose(billed: Billed) -> dict[str, str]:
    return {
        "provider": billed.provider.value,
        "account": billed.account,
        "kind": billed.kind.value,
        "pays_with": billed.payer.value,
    }


def _gauge_members(gauge: Gauge) -> dict[str, Any]:
    spans = [
        {
            "hours": use.span.total_seconds() / 3600,
            "requests": use.requests,
            "tokens": use.tokens,
            "estimated_share": None if use.share is None else round(use.share, 4),
            "scaled_by_limit_met_at": timestamp(use.limit_met),
        }
        for use in gauge.spans
    ]
    return {**_whose(gauge.billed), "spans": spans, "manage_url": MANAGE_USAGE}


def _limit_members(limit: LimitMet) -> dict[str, Any]:
    when: dict[str, datetime | None] = {"met_at": limit.at, "resets_at": limit.resets_at}
    return {**_whose(limit.billed), "model": limit.model, **{name: timestamp(at) for name, at in when.items()}}


def _told_members(told: Told) -> dict[str, Any]:
    allowance = told.allowance
    counts = {"counts": allowance.measure.value, "limit": allowance.limit, "remaining": allowance.remaining}
    return {
        **_whose(told.billed), **counts, "resets_at": timestamp(allowance.resets_at), "told_at": timestamp(told.at)
    }  # fmt: skip


def _text(amount: Decimal | None) -> str | None:
    """An amount to its last digit: a number of JSON would be rounded by whoever reads it."""
    return None if amount is None else f"{amount:f}"
