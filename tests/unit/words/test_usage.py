"""What is said of use, as a table and in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from rich.cells import cell_len

from application.use_cases.read_usage import PlanUse
from domain.conversation import Usage
from domain.usage.allowance import Allowance, Measure
from domain.usage.entry import LimitMet, Told
from domain.usage.gauge import SPANS, Gauge, SpanUse
from domain.usage.period import month_of
from domain.usage.sums import By, Total
from entrypoints.chat.glyphs import ASCII, UNICODE
from entrypoints.chat.usage.usage_table import Sheet, bar, page_lines, sheet_lines
from entrypoints.export.as_csv import csv_text
from tests.support.fixed_clock import NOON
from tests.unit.usage.test_sums import ANA, PAID, PLAN, USED

GAUGE = Gauge(
    PLAN, (SpanUse(SPANS[0], 12, 410_000, 0.4, NOON - timedelta(days=1)), SpanUse(SPANS[1], 80, 3_100_000))
)  # fmt: skip
TOLD = Told(ANA, NOON - timedelta(minutes=3), Allowance(Measure.REQUESTS, 50, 49, NOON + timedelta(minutes=1)))
LIFTED = LimitMet(NOON - timedelta(hours=1), PLAN, "gpt-6.1-sol", NOON + timedelta(hours=1))
SHEET = Sheet(month_of(NOON.date()), By.DAY, USED, PlanUse(NOON, (GAUGE,), (TOLD,), ()), Total())


def test_a_sheet_fits_any_width_and_says_all_in_plain_ascii() -> None:
    wrong = [
        f"{width}: {line}"
        for width in (40, 50, 80, 100, 200)
        for by in By
        for line in page_lines(replace(SHEET, by=by), width, ASCII)
        if cell_len(line) > width or not line.isascii()
    ]
    assert wrong == []


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    assert [bar(value, 4, 8, UNICODE) for value in (0, 1, 4)] == ["", "━━", "━" * 8]
    assert bar(2, 4, 8, ASCII) == "----"
    assert bar(0, 0, 8, UNICODE) == ""


def test_a_sheet_says_what_is_in_no_dollars_and_where_dollars_come_from() -> None:
    said = "\n".join(sheet_lines(SHEET, 100, UNICODE))
    assert "$0.0954 computed here from list prices, $0.5000 reported by vendors." in said
    assert "In no dollars: 3 answers with unknown price, 4 answers paid by a plan." in said
    assert "2026-11-22        4      1k    10     0 %                 4" in said


def test_a_day_without_use_between_others_has_a_row() -> None:
    apart = replace(SHEET, used=(PAID, replace(PAID, day=PAID.day + timedelta(days=2))))
    days = [line.split()[0] for line in sheet_lines(apart, 100, UNICODE) if line.startswith("2026")]
    assert days == ["2026-11-23", "2026-11-24", "2026-11-25"]


def test_a_plan_is_an_estimate_with_the_page_of_the_vendor_and_no_reset() -> None:
    said = "\n".join(sheet_lines(SHEET, 200, UNICODE))
    assert "last 5 hours: 12 requests, 410k tokens; about 40 % of what a limit allowed" in said
    assert "last 7 days: 80 requests, 3.1M tokens; share of the plan not known yet" in said
    assert "Our estimate" in said
    assert "https://chatgpt.com/settings/usage" in said
    of_plan = said.partition("ChatGPT plan")[2].partition("Claude OAuth")[0]
    assert not any(word in of_plan for word in ("reset", "lifted", "again"))


def test_what_a_provider_told_is_said_with_its_age() -> None:
    said = "\n".join(sheet_lines(replace(SHEET, plans=replace(SHEET.plans, limits=(LIFTED,))), 200, UNICODE))
    assert "Claude OAuth (ana@example.test): 49 of 50 requests left, all of it again" in said
    assert "(told 3 min ago)" in said
    assert "met a limit 1 h ago; ChatGPT said that it is lifted" in said


def test_the_open_conversation_has_a_sum_of_its_own() -> None:
    so_far = Total(2, Usage(2300, 410, cached=1150), Decimal("0.0174"))
    assert "This conversation so far: 2 answers, 2.3k in (50 % from cache), 410 out, $0.0174." in set(
        sheet_lines(replace(SHEET, conversation=so_far), 100, UNICODE)
    )


def test_no_cell_of_a_table_is_a_formula() -> None:
    odd = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\x1b[0m=1", "\uff1d1", 'a "b", c', None, 7]
    head, *rows = csv_text(["name"], ([cell] for cell in odd)).splitlines()
    assert head == "name"
    assert all(row.startswith("'") for row in rows[:9]), rows
    assert rows[9:] == ['"a ""b"", c"', '""', "7"]
