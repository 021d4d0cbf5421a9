"""A limit is told by how long it lasts and by when it ends, in a zone that has a name."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import LimitReached, Overloaded, RenewalPaused
from domain.provider import Provider
from domain.text.durations import duration_words
from entrypoints.words.errors import error_sentence
from entrypoints.words.local_time import moment_words, time_words, until_when_words

CLAUDE = Provider.CLAUDE
MOMENT = datetime(2026, 11, 23, 4, 8, 12, tzinfo=UTC)
ZONES = {
    "UTC": "04:08 UTC",
    "Europe/Berlin": "05:08 CET",
    "America/New_York": "23:08 EST",
    "America/Sao_Paulo": "01:08 UTC-03:00",
    "Asia/Kathmandu": "09:53 UTC+05:45",
    "<+14>-14": "18:08 UTC+14:00",
    "UTC+24": "04:08 UTC",
}


def test_the_zone_has_a_name_or_its_distance_from_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {}
    try:
        for zone in ZONES:
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            said[zone] = time_words(MOMENT)
    finally:
        monkeypatch.undo()
        time.tzset()

    assert said == ZONES


def test_a_duration_has_two_units_at_most_and_is_never_too_short() -> None:
    said = {
        seconds: duration_words(seconds)
        for seconds in (-3, 0, 0.2, 45, 119, 120, 3540, 3541, 3600, 7200, 10_380, 10_381, 86_340, 86_341, 273_600)
    }

    assert said == {
        -3: "0 s", 0: "0 s", 0.2: "1 s", 45: "45 s", 119: "119 s", 120: "2 min", 3540: "59 min", 3541: "1 h",
        3600: "1 h", 7200: "2 h", 10_380: "2 h 53 min", 10_381: "2 h 54 min", 86_340: "23 h 59 min", 86_341: "1 day",
        273_600: "3 days 4 h",
    }  # fmt: skip


def test_a_limit_says_how_long_and_until_when() -> None:
    left = timedelta(seconds=10_380)
    limit = LimitReached(CLAUDE, resets_at=MOMENT, resets_in=left)

    assert f"It resets in 2 h 53 min, at {time_words(MOMENT)}." in error_sentence(limit)
    assert f"It resets in 3 days, {moment_words(MOMENT)}." in error_sentence(
        LimitReached(CLAUDE, resets_at=MOMENT, resets_in=timedelta(days=3))
    )
    assert until_when_words(timedelta(0), MOMENT).startswith("in 0 s, at ")
    assert "resets" not in error_sentence(LimitReached(CLAUDE))


def test_a_wait_says_how_long_and_a_long_one_until_when() -> None:
    assert "It asks to wait 30 s." in error_sentence(Overloaded(CLAUDE, retry_after=30, retry_at=MOMENT))
    long = Overloaded(CLAUDE, retry_after=10_380, retry_at=MOMENT)
    assert f"It asks to wait 2 h 53 min, until {time_words(MOMENT)}." in error_sentence(long)
    assert "next try in 5 min." in error_sentence(RenewalPaused(CLAUDE, "offline", seconds=300))
