"""Moments as text and as numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from domain.text.moments import moment_from_number, moment_from_text, moment_text

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_moment_has_a_zone_or_is_none() -> None:
    texts = ("2026-11-23T12:00:00Z", "2026-11-23T13:00:00+01:00", "2026-11-23 12:00:00+00:00")

    assert {moment_from_text(text) for text in texts} == {NOON}
    assert moment_from_text("2026-11-23T12:00:00") is None
    assert moment_from_text("2026-11-23T12:00:00", zone=UTC) == NOON
    assert {moment_from_text(text) for text in ("", "soon", "1", "0001-01-01T00:00:00+14:00")} == {None}


def test_a_moment_in_seconds_is_a_number_that_a_date_can_have() -> None:
    seconds = NOON.timestamp()

    assert moment_from_number(seconds) == moment_from_number(int(seconds)) == NOON
    assert moment_from_number(seconds * 1000, milliseconds=True) == NOON
    none = (True, "1", None, float("nan"), float("inf"), 10**400, 253_402_300_800)
    assert {moment_from_number(number) for number in none} == {None}
    assert moment_from_number(10**400, milliseconds=True) is None


def test_a_moment_is_written_in_utc() -> None:
    assert moment_text(NOON.astimezone(timezone(timedelta(hours=5)))) == "2026-11-23T12:00:00+00:00"
